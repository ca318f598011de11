"""Serves the embedded registry and the identity endpoint on 127.0.0.1, for as long as the command runs."""

import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple, Self

from safepublish.rehearsal.identity import GitHubJob
from safepublish.rehearsal.messages import Request, Response, route
from safepublish.rehearsal.registry import Registry

_LARGEST_BODY = 512 * 1024 * 1024
_FOREVER = 3600.0


class Fault(NamedTuple):
    """A fault of an endpoint: it waits, then sends another response, closes the connection, or responds as usual."""

    status: int | None = None  # None: the usual response
    body: bytes = b""
    headers: Mapping[str, str] = {}
    delay: float = 0.0  # seconds before the response
    hangs_up: bool = False  # closes the connection without a response
    raw: bytes | None = None  # sends these bytes, then closes the connection
    times: int | None = None  # the number of requests that it affects; None: all


HANG = Fault(delay=_FOREVER, hangs_up=True)
"""Never responds."""


class Server:
    """Serves *registry* on a free port of 127.0.0.1 while its context is open.

    *faults* maps an endpoint's name (`ReceivedRequest.endpoint`) to its fault, and may be changed while it runs.
    With *tls* it serves HTTPS.
    """

    def __init__(
        self,
        registry: Registry | None = None,
        *,
        faults: Mapping[str, Fault] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Bind the port; requests are served once the context is open."""
        self.registry = registry or Registry()
        self.faults = dict(faults or {})
        self.closing = threading.Event()
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()
        self._http = _HTTP(("127.0.0.1", 0), _Handler)
        self._http.rehearsal = self
        self._scheme = "https" if tls else "http"
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def port(self) -> int:
        """The port, which the system chooses."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """The registry's URL, with a slash at its end."""
        return f"{self._scheme}://127.0.0.1:{self.port}/"

    @property
    def request_url(self) -> str:
        """The value of ACTIONS_ID_TOKEN_REQUEST_URL."""
        return f"{self.url}_apis/idtoken?api-version=2.0"

    def variables(self) -> dict[str, str]:
        """The environment variables that CI sets for the job."""
        job = self.registry.job
        if isinstance(job, GitHubJob):
            return job.variables(request_url=self.request_url, request_token=self.registry.request_token)
        return job.variables(npm_id_token=self.registry.id_token("npm:127.0.0.1"))

    def fault(self, endpoint: str) -> Fault | None:
        """The fault for this request to *endpoint*, None where there is none; the request is counted."""
        fault = self.faults.get(endpoint)
        if fault is None:
            return None
        with self._lock:
            count = self._counts[endpoint] = self._counts.get(endpoint, 0) + 1
        return None if fault.times is not None and count > fault.times else fault


class _HTTP(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    rehearsal: Server

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _HTTP

    def handle(self) -> None:
        """Serve the connection's requests until either side closes it."""
        try:
            super().handle()
        except (OSError, ssl.SSLError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the standard library's
        """Say nothing: what was received is in `Registry.received`."""

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            self.send_error(413)
            return
        headers = {key.lower(): value for key, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        rehearsal = self.server.rehearsal
        fault = rehearsal.fault(route(request.method, request.target)[0])
        if fault is not None and fault.delay:
            rehearsal.closing.wait(fault.delay)
        if fault is None or (fault.status is None and fault.raw is None and not fault.hangs_up):
            self._send(rehearsal.registry.respond(request))
            return
        rehearsal.registry.record(request, fault.status or 0)
        if fault.status is not None:
            self._send(Response(fault.status, fault.body, fault.headers))
            return
        self.close_connection = True
        if fault.raw is not None:
            self.wfile.write(fault.raw)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815 - the names are the standard library's

    def _body(self) -> bytes | None:
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._chunks()
        length = self.headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > _LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _chunks(self) -> bytes | None:
        body = bytearray()
        while True:
            try:
                size = int(self.rfile.readline(32).partition(b";")[0], 16)
            except ValueError:
                return None
            if size < 0 or len(body) + size > _LARGEST_BODY:
                return None
            body += self.rfile.read(size)
            self.rfile.readline(32)
            if size == 0:
                return bytes(body)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for key, value in response.headers.items():
            self.send_header(key, value)
        if response.status not in {204, 304} and "content-length" not in response.headers:
            self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else response.body)
