"""The loopback server of a rehearsal: a registry and an identity endpoint on 127.0.0.1, gone with the command."""

import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple, Self

from safepublish.rehearsal.identity import GitHubJob
from safepublish.rehearsal.registry import Answer, Registry, Request, route

_LARGEST_BODY = 512 * 1024 * 1024
_FOREVER = 3600.0


class Fault(NamedTuple):
    """What an endpoint does amiss: it waits, and then answers something else, hangs up, or answers as it should."""

    status: int | None = None  # None: the true answer
    body: bytes = b""
    headers: Mapping[str, str] = {}
    delay: float = 0.0  # seconds before anything is answered
    hangs_up: bool = False  # closes the connection without an answer
    raw: bytes | None = None  # these bytes, and then closes the connection
    times: int | None = None  # only the first so many requests


HANG = Fault(delay=_FOREVER, hangs_up=True)
"""Never answers."""


class Server:
    """Serves *registry* on a free port of 127.0.0.1 while its context is open.

    *faults* maps an endpoint's name (`Received.endpoint`) to what it does amiss, and may be changed while it runs.
    With *tls* it speaks https.
    """

    def __init__(
        self,
        registry: Registry | None = None,
        *,
        faults: Mapping[str, Fault] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Bind the port; requests are served once the context is entered."""
        self.registry = registry or Registry()
        self.faults = dict(faults or {})
        self.closing = threading.Event()
        self._struck: dict[str, int] = {}
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
        """The port, chosen by the system."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """The registry's url, with the slash at its end."""
        return f"{self._scheme}://127.0.0.1:{self.port}/"

    @property
    def request_url(self) -> str:
        """What ACTIONS_ID_TOKEN_REQUEST_URL holds."""
        return f"{self.url}_apis/idtoken?api-version=2.0"

    def variables(self) -> dict[str, str]:
        """What the CI puts into the environment of the job that publishes."""
        job = self.registry.job
        if isinstance(job, GitHubJob):
            return job.variables(request_url=self.request_url, request_token=self.registry.request_token)
        return job.variables(npm_id_token=self.registry.id_token("npm:127.0.0.1"))

    def fault(self, endpoint: str) -> Fault | None:
        """The fault that strikes this request to *endpoint*; it is counted."""
        fault = self.faults.get(endpoint)
        if fault is None:
            return None
        with self._lock:
            struck = self._struck[endpoint] = self._struck.get(endpoint, 0) + 1
        return None if fault.times is not None and struck > fault.times else fault


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
            self._send(rehearsal.registry.answer(request))
            return
        rehearsal.registry.remember(request, fault.status or 0)
        if fault.status is not None:
            self._send(Answer(fault.status, fault.body, fault.headers))
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

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for key, value in answer.headers.items():
            self.send_header(key, value)
        if answer.status not in {204, 304} and "content-length" not in answer.headers:
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else answer.body)
