"""Sends one request at a time: its redirects, its retries, its connection."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from safepublish import __version__
from safepublish.detect import ignore_secret
from safepublish.detect.http.deadline import Deadline
from safepublish.detect.http.errors import NotSentError, UnreachableError
from safepublish.detect.http.proxy import Proxy, credential_exposure, find_proxy
from safepublish.detect.http.response import Response, is_header_value
from safepublish.detect.http.target import Target, read_target, redirect_target
from safepublish.detect.http.traffic import Traffic
from safepublish.npm.config.transport import Transport
from safepublish.npm.http_status import may_pass

if TYPE_CHECKING:
    import socket

LIMIT = 1024 * 1024
"""Bytes of an answer that are read unless the caller needs more."""

USER_AGENT = f"safepublish/{__version__} (+https://github.com/safepublish/safepublish)"

REDIRECTS = 5
"""Redirects that are followed; npm follows 20 (minipass-fetch 6.0.0, lib/request.js)."""

_CREDENTIALS = {"authorization", "cookie", "npm-otp"}
_REDIRECTING = {301, 302, 303, 307, 308}


class Request(NamedTuple):
    """One request: what is sent where, and how much of an answer is read."""

    method: str
    target: Target
    headers: Mapping[str, str]
    limit: int

    def __repr__(self) -> str:
        return f"Request({self.method} {self.target.url})"  # a header may hold a token

    @property
    def has_credential(self) -> bool:
        """Whether a header holds a credential."""
        return any(name.lower() in _CREDENTIALS for name in self.headers)


class Client:
    """Sends the requests of one run, by npm's proxy and TLS settings and until one deadline.

    It also holds `mask`, which is called with every secret that an answer brings before anything else.
    """

    def __init__(
        self,
        transport: Transport,
        deadline: Deadline,
        *,
        mask: Callable[[str], None] = ignore_secret,
        keeps_connections: bool = False,
    ) -> None:
        """With *keeps_connections*, which pays for many requests, a connection is used again until `close`."""
        self.transport = transport
        self.deadline = deadline
        self.mask = mask
        self.traffic = Traffic(keeps_connections=keeps_connections)

    def with_transport(self, transport: Transport) -> "Client":
        """Return a client with another way to the host, and connections of its own."""
        return Client(transport, self.deadline, mask=self.mask)

    def close(self) -> None:
        """Close the connections that are kept."""
        self.traffic.close()

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        limit: int = LIMIT,
        compressed: bool = False,
        tries: int = 1,
    ) -> Response:
        """Return the answer to *method* *url*, whose body has at most *limit* bytes; raises `UnreachableError`.

        With *compressed* the answer may come as gzip; *limit* holds for what it unpacks to.
        Redirects of a GET without credentials are followed, but not from https to http; any other one is returned.
        What fails for a reason that may pass (5xx, a connection that breaks) is tried *tries* times in all; what came
        too early (429) as often as the deadline allows, each time after what the answer asks for.
        """
        headers = {"Accept-Encoding": "gzip" if compressed else "identity", **headers}
        request = Request(method, read_target(url), headers, limit)
        host = request.target.authority
        tried = 0
        while True:
            self.traffic.wait(host, self.deadline)
            tried += 1
            try:
                response = self._follow(request)
            except UnreachableError as error:
                if not error.retry or tried >= tries or not self._back_off(tried):
                    raise
                continue
            if tries == 1 or not may_pass(response.status):
                return response
            from safepublish.detect.http import retry  # only after a failure

            seconds = retry.requested_pause(response, tried, self.deadline.clock)
            if tried >= (retry.MOST_TRIES if response.status == 429 else tries) or seconds >= self.deadline.left():
                return response
            if response.status == 429:
                self.traffic.pause(host, seconds, self.deadline)
            else:
                self.deadline.sleep(seconds)

    def _back_off(self, tried: int) -> bool:
        """Wait before the next try; False where the deadline leaves no time for it."""
        from safepublish.detect.http import retry  # only after a failure

        seconds = retry.backoff(tried)
        if seconds >= self.deadline.left():
            return False
        self.deadline.sleep(seconds)
        return True

    def _follow(self, request: Request) -> Response:
        """Return the answer to *request*, after the redirects that may be followed."""
        for _ in range(REDIRECTS + 1):
            response = self._send(request)
            location = response.headers.get("location")
            if response.status not in _REDIRECTING or location is None:
                return response
            target = redirect_target(request.target, location)
            if target is None or request.method != "GET" or request.has_credential:
                return response
            request = request._replace(target=target)
        raise UnreachableError(f"{request.target.authority} redirects more than {REDIRECTS} times")

    def _send(self, request: Request) -> Response:
        """Return the answer to *request*, over a connection of its own or one that was kept."""
        from http.client import HTTPException  # 40 ms that a check without network saves

        from safepublish.detect.http.connection import connect

        target = request.target
        proxy = find_proxy(target, self.transport)
        if request.has_credential and (why := credential_exposure(target, proxy)):
            raise NotSentError(why)
        if not all(is_header_value(value) for value in request.headers.values()):
            raise UnreachableError("a header would have a character that is not allowed")
        key = (target.secure, target.host, target.port, proxy, self.transport)
        kept = self.traffic.take(key)
        if kept is not None:
            try:
                return self.exchange(request, kept, proxy, key)
            except UnreachableError as error:
                if not error.retry:
                    raise
                # It was closed while idle, as every server may do (RFC 9112, 9.3.1): that says nothing of the peer.
        try:
            sock = connect(target, proxy, self.deadline, self.transport)
        except (OSError, HTTPException, ValueError) as error:
            raise self._unreachable(error, target) from error
        return self.exchange(request, sock, proxy, key)

    def exchange(self, request: Request, sock: "socket.socket", proxy: Proxy | None, key: object) -> Response:
        """Send *request* over *sock* and return the answer; *sock* is kept under *key* or closed then."""
        from http.client import HTTPConnection, HTTPException  # loaded before

        from safepublish.detect.http.body import read_body
        from safepublish.detect.http.stream import LARGEST_HEADERS, DeadlineSocket

        target = request.target
        reusable = False
        try:
            connection = HTTPConnection(target.host, target.port)
            stream = DeadlineSocket(sock, self.deadline, 2 * request.limit + LARGEST_HEADERS)
            connection.sock = stream
            path = target.path
            keeps = self.traffic.keeps_connections
            added = {"Host": target.netloc, "Connection": "keep-alive" if keeps else "close"}
            if proxy is not None and not target.secure:
                path = target.url
                if proxy.authorization:
                    added["Proxy-Authorization"] = proxy.authorization
            connection.request(request.method, path, headers={**added, **request.headers})
            with connection.getresponse() as answer:
                if not stream.is_read_by_node:
                    raise UnreachableError(f"{target.authority} did not answer in HTTP that npm can read")
                body = read_body(answer, request.limit)
                response = Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)
                reusable = answer.isclosed() and not answer.will_close and stream.is_in_step
        except (OSError, HTTPException, ValueError) as error:
            raise self._unreachable(error, target) from error
        else:
            return response
        finally:
            if not (reusable and self.traffic.give(key, sock)):
                sock.close()

    def _unreachable(self, error: Exception, target: Target) -> UnreachableError:
        """Return what *error* means, in words without anything the peer sent."""
        where = target.authority
        if isinstance(error, TimeoutError):
            return UnreachableError(self.deadline.missed(where))
        if isinstance(error, ConnectionRefusedError):
            return UnreachableError(f"{where} refused the connection", retry=True)
        if isinstance(error, ConnectionError):
            return UnreachableError(f"{where} closed the connection before it answered", retry=True)
        if isinstance(error, OSError):
            return UnreachableError(f"{where} could not be reached: {error.strerror or type(error).__name__}")
        return UnreachableError(f"{where} did not answer in HTTP ({type(error).__name__})")
