"""One HTTP request at a time, under a deadline that nothing outlasts.

Over `http.client` and not urllib3, whose import costs more than the whole guard; `http.client`, `ssl` and `socket` are
imported by the first request that needs them.

What a publish guard needs is here and nothing more: one deadline over the whole exchange (name lookup, handshakes and
every byte of a slow answer), capped answers, no credential that follows a redirect or crosses a network in plain text,
and npm's proxy and TLS settings. For one package no connection is kept: minting, exchanging and asking for it go to
different hosts, or at the same time. For many, `Traffic` keeps them, and the pause that a registry asked for.
"""

import functools
import io
import re
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote

from safepublish import __version__
from safepublish.detect.files import Unread, open_regular
from safepublish.npm.config.transport import Transport, proxy_for
from safepublish.npm.url import Url, join, parse

if TYPE_CHECKING:
    import http.client
    import socket
    import ssl
    import zlib

LIMIT = 1024 * 1024
"""Bytes of an answer that are read unless the caller needs more."""

USER_AGENT = f"safepublish/{__version__} (+https://github.com/safepublish/safepublish)"

REDIRECTS = 5
"""Redirects that are followed; npm follows 20 (minipass-fetch 6.0.0, lib/request.js)."""

_PASSING = frozenset({408, 425, 500, 502, 503, 504, 520, 522, 524})
"""Statuses of a fault that may pass; npm gets again after 408, 420, 429 and 5xx (make-fetch-happen, lib/remote.js)."""
_MOST_TRIES = 8  # of a request that came too early
_CHUNK = 64 * 1024
_MOST_HEADERS = 256 * 1024  # bytes
_FIRST_ADDRESS = 2.0  # seconds for each address of a host but the last, which gets what is left
_LARGEST_CA = 4 * 1024 * 1024  # bytes
_CREDENTIALS = {"authorization", "cookie", "npm-otp"}
_HOST = re.compile(r"[A-Za-z0-9._~-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_LOOPBACK = re.compile(r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class Unreachable(Exception):  # noqa: N818 - it reads as the fact it becomes
    """No usable answer came: *why*, in words that may be shown.

    `again` is set where the peer hung up or refused, so that asking once more may help.
    """

    def __init__(self, why: str, *, again: bool = False) -> None:
        """Say *why*."""
        super().__init__(why)
        self.why = why
        self.again = again


class TooLarge(Unreachable):
    """The answer is larger than was asked for."""


class NotSent(Unreachable):
    """A credential would have crossed a network in plain text, so nothing was sent."""


class Response(NamedTuple):
    """An answer. The body of a good one (below 300) came whole, that of another may be cut short."""

    status: int
    headers: Mapping[str, str]  # names in lower case; of a repeated one the last
    body: bytes

    def __repr__(self) -> str:
        return f"Response({self.status})"  # a body may hold a token


class Deadline:
    """A point in time, *seconds* from now, by the clock that never jumps."""

    def __init__(self, seconds: float) -> None:
        """Start now."""
        self.seconds = seconds
        self._ends = time.monotonic() + seconds
        self._slowest = ("", 0.0)
        self._ended_in: str | None = None

    def note(self, name: str, seconds: float) -> None:
        """Remember that *name*, which is no request, took *seconds*."""
        self._slowest = max(self._slowest, (name, seconds), key=lambda step: step[1])
        if self.left() <= 0 and self._ended_in is None:
            self._ended_in = name

    def missed(self, where: str) -> str:
        """That *where* did not answer in time, and what else took the time, where that was most of it."""
        if self._ended_in is not None:
            return f"{where} was not asked: {self._ended_in} took all that was left of {self.seconds:g} s"
        name, took = self._slowest
        because = f", of which {name} took {took:.1f} s" if took > 0.3 * self.seconds else ""
        return f"{where} did not answer within {self.seconds:g} s{because}"

    def left(self) -> float:
        """Seconds left; negative once it has passed."""
        return self._ends - time.monotonic()

    def extend(self, seconds: float) -> None:
        """Leave *seconds* more."""
        self.seconds += seconds
        self._ends += seconds

    def arm(self, sock: "socket.socket", longest: float | None = None) -> None:
        """Give the next operation of *sock* what is left, at most *longest* seconds; `TimeoutError` when none is."""
        left = self.left()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left if longest is None else min(left, longest))


class _Target(NamedTuple):
    """Where a request goes: the parts of a URL without its userinfo, which is never sent and never shown."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def authority(self) -> str:
        """Host and port as CONNECT has them, and as people are told."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL again."""
        return f"{'https' if self.secure else 'http'}://{self.netloc}{self.path}"


class _Proxy(NamedTuple):
    """A proxy that is spoken to in plain HTTP."""

    host: str
    port: int
    authorization: str | None

    def __repr__(self) -> str:
        return f"_Proxy({self.host}:{self.port})"


class Traffic:
    """What the requests of one run share: the connections that are kept, and how long a host wants to be left alone."""

    def __init__(self, *, keep: bool = False) -> None:
        """With *keep*, a connection whose answer came whole is used again."""
        self._keep = keep
        self._idle: dict[object, list[socket.socket]] = {}
        self._resume: dict[str, float] = {}  # by host, when it may be asked again, by `time.monotonic`
        self._lock = threading.Lock()

    def take(self, key: object) -> "socket.socket | None":
        """A kept connection, which nobody else has then."""
        with self._lock:
            kept = self._idle.get(key)
            return kept.pop() if kept else None

    def give(self, key: object, sock: "socket.socket") -> bool:
        """Keep *sock* for the next request; False where none is kept."""
        if self._keep:
            with self._lock:
                self._idle.setdefault(key, []).append(sock)
        return self._keep

    @property
    def keeps(self) -> bool:
        """Whether connections are kept."""
        return self._keep

    def pause(self, host: str, seconds: float) -> None:
        """Let nobody ask *host* for so long."""
        with self._lock:
            self._resume[host] = max(self._resume.get(host, 0.0), time.monotonic() + seconds)

    def wait(self, host: str, deadline: Deadline) -> None:
        """Wait until *host* may be asked; not past *deadline*."""
        left = self._resume.get(host, 0.0) - time.monotonic()
        if left > 0:
            time.sleep(max(0.0, min(left, deadline.left())))

    def close(self) -> None:
        """Close what is kept."""
        with self._lock:
            kept = [sock for socks in self._idle.values() for sock in socks]
            self._idle.clear()
            self._keep = False
        for sock in kept:
            sock.close()


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    deadline: Deadline,
    transport: Transport,
    limit: int = LIMIT,
    packed: bool = False,
    traffic: Traffic | None = None,
    tries: int = 1,
) -> Response:
    """The answer to *method* *url*, whose body has at most *limit* bytes; raises `Unreachable`.

    With *packed* the answer may come as gzip; *limit* holds for what it unpacks to.
    Redirects of a GET without credentials are followed, but not from https to http; any other redirect is handed back.
    What fails for a reason that may pass (5xx, a connection that breaks) is tried *tries* times in all; what came too
    early (429) as often as the deadline allows, each time after what the answer asks for (RFC 9110, Retry-After).
    """
    traffic = traffic or Traffic()
    target = _target(url)
    host = target.authority
    tried = 0
    while True:
        traffic.wait(host, deadline)
        tried += 1
        try:
            response = _request(method, target, headers, deadline, transport, limit, packed=packed, traffic=traffic)
        except Unreachable as error:
            if not error.again or not _waits(_backoff(tried), deadline, tried < tries):
                raise
            continue
        if response.status == 429 and tries > 1:
            seconds = _asked_to_wait(response, tried)
            if tried < _MOST_TRIES and seconds < deadline.left():
                traffic.pause(host, seconds)
                continue
        elif response.status in _PASSING and _waits(_asked_to_wait(response, tried), deadline, tried < tries):
            continue
        return response


def _waits(seconds: float, deadline: Deadline, again: bool) -> bool:
    """Wait *seconds* where it is to be tried *again* and the deadline leaves time for that; whether it was."""
    if not again or seconds >= deadline.left():
        return False
    time.sleep(seconds)
    return True


def _backoff(tried: int) -> float:
    """Seconds before the next try, longer each time, and never the same for all that wait."""
    import random  # only after a failure

    return float(min(0.25 * 3 ** (tried - 1), 8.0) * random.uniform(0.75, 1.25))  # noqa: S311 - no secret


def _asked_to_wait(response: Response, tried: int) -> float:
    """Seconds that *response* asks to wait for, as a number or a date; without a word `_backoff`."""
    asked = response.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdecimal():
        return float(asked) if len(asked) < 7 else float("inf")
    if asked:
        from email.utils import parsedate_to_datetime  # only where a date stands

        try:
            return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
        except (ValueError, OverflowError, TypeError):
            pass
    return _backoff(tried)


def _request(
    method: str,
    target: _Target,
    headers: Mapping[str, str],
    deadline: Deadline,
    transport: Transport,
    limit: int,
    *,
    packed: bool,
    traffic: Traffic,
) -> Response:
    credentialed = any(name.lower() in _CREDENTIALS for name in headers)
    headers = {"Accept-Encoding": "gzip" if packed else "identity", **headers}
    for _ in range(REDIRECTS + 1):
        asked = _Asked(method, target, headers, limit, credentialed=credentialed)
        response = _ask(asked, deadline, transport, traffic)
        onward = _onward(target, response)
        if onward is None or method != "GET" or credentialed:
            return response
        target = onward
    raise Unreachable(f"{target.authority} redirects more than {REDIRECTS} times")


def hostname(url: str) -> str:
    """The host of *url* as Node gives it, an IPv6 address in brackets; raises `Unreachable` where nothing is sent."""
    host = _target(url).host
    return f"[{host}]" if ":" in host else host


def at_root(url: str, path: str) -> str:
    """The URL of *path* on the host of *url*, whatever the path of that: Node's `new URL(path, url)`."""
    return _target(url)._replace(path=path).url


def document(response: Response) -> dict[str, Any]:
    """The JSON object that *response* holds, empty when it holds something else."""
    import json  # not without network

    try:
        found = json.loads(response.body)
    except (ValueError, RecursionError):  # also of numbers and nestings without end
        return {}
    return found if isinstance(found, dict) else {}


def said(response: Response, *secrets: str) -> str | None:
    """What *response* says in words: the `message` or `error` of its JSON, or its text, but no web page.

    *secrets* are taken out of it.
    """
    answer = document(response)
    error = answer.get("error")
    for told in (answer.get("message"), error.get("message") if isinstance(error, dict) else error):
        if isinstance(told, str):
            return words(told, *secrets) or None
    if answer or response.body.lstrip()[:1] == b"<":
        return None
    return words(response.body.decode("utf-8", "replace"), *secrets) or None


def words(text: str, *secrets: str) -> str:
    """Foreign *text* fit to be kept: without *secrets*, on one line, printable, at most 300 characters."""
    from safepublish.npm.secrets import redacted, without  # most answers say nothing

    shown = without(text, secrets)[: 8 * 300]
    line = redacted(" ".join("".join(one if one.isprintable() else " " for one in shown).split()))
    return line if len(line) <= 300 else f"{line[:299]}…"


def header_value(text: str) -> bool:
    """Whether a header may carry *text* (minipass-fetch 6.0.0, lib/headers.js, `validateValue`)."""
    return _HEADER_VALUE.fullmatch(text) is not None


def _target(url: str) -> _Target:
    """The parts of *url* as Node reads it, so that no other host is asked than npm would ask."""
    return _parts(parse(url), "the address")


def _parts(parsed: Url | None, what: str) -> _Target:
    """The parts of a URL that Node has *parsed*; *what* it is in words. Its host is plain ASCII."""
    if parsed is None or parsed.scheme not in {"http", "https"}:
        raise Unreachable(f"{what} is no http or https URL")
    if not parsed.certain:
        raise Unreachable(f"npm's reading of the host in {what} could not be determined: it is not written in ASCII")
    host = parsed.hostname.strip("[]")
    if not _HOST.fullmatch(host):
        raise Unreachable(f"{what} names no host")
    secure = parsed.scheme == "https"
    port = parsed.host[len(parsed.hostname) :].removeprefix(":")
    path, mark, query = parsed.href.partition("#")[0].split("/", 3)[3].partition("?")
    path = quote(f"/{path}{mark + query if query else ''}", safe="!$%&'()*+,/:;=?@[]~|^")
    return _Target(secure, host, int(port or (443 if secure else 80)), path)


def _onward(target: _Target, response: Response) -> _Target | None:
    """Where *response* redirects to, None where that is nowhere, or down from https to http."""
    location = response.headers.get("location")
    if response.status not in {301, 302, 303, 307, 308} or location is None:
        return None
    try:
        onward = _parts(join(location, target.url), "the address")
    except Unreachable:
        return None
    return onward if onward.secure or not target.secure else None


def _proxy(target: _Target, transport: Transport) -> _Proxy | None:
    """The proxy for *target*, by npm's rules (@npmcli/agent 5.0.2, lib/proxy.js)."""
    url = proxy_for(target.url, transport) if transport.routes is None else None
    if not url:
        return None
    parsed = parse(url)
    if parsed is not None and parsed.certain and parsed.hostname and parsed.scheme != "http":
        # npm speaks https and socks to a proxy (@npmcli/agent 5.0.2, lib/proxy.js, getProxyAgent).
        raise Unreachable(f"the proxy {parsed.hostname} is no http proxy; npm may still get through")
    parts = _parts(parsed, "the configured proxy")
    authorization = None
    if parsed is not None and parsed.userinfo:
        name, _, password = parsed.userinfo.partition(":")
        authorization = f"Basic {_base64(f'{unquote(name)}:{unquote(password)}')}"
    return _Proxy(parts.host, parts.port, authorization)


def _base64(text: str) -> str:
    import binascii  # only for a proxy with a password

    return binascii.b2a_base64(text.encode(errors="replace"), newline=False).decode("ascii")


def _exposed(target: _Target, proxy: _Proxy | None) -> str | None:
    if target.secure:
        return None
    if not _LOOPBACK.fullmatch(target.host):
        return f"{target.authority} is plain http, and a credential is not sent unencrypted"
    if proxy is not None and not _LOOPBACK.fullmatch(proxy.host):
        return f"the proxy {proxy.host}:{proxy.port} would read the credential for {target.authority}"
    return None


class _Asked(NamedTuple):
    """One request: what is sent where, and how much of an answer is read."""

    method: str
    target: _Target
    headers: Mapping[str, str]
    limit: int
    credentialed: bool

    def __repr__(self) -> str:
        return f"_Asked({self.method} {self.target.url})"  # a header may hold a token


def _ask(asked: _Asked, deadline: Deadline, transport: Transport, traffic: Traffic) -> Response:
    """One request and its answer, over a connection of its own or one that was kept."""
    from http.client import HTTPException  # 40 ms that a check without network saves

    target = asked.target
    proxy = _proxy(target, transport)
    if asked.credentialed and (why := _exposed(target, proxy)):
        raise NotSent(why)
    if not all(header_value(value) for value in asked.headers.values()):
        raise Unreachable("a header would hold a character that no header may carry")
    key = (target.secure, target.host, target.port, proxy, transport) if traffic.keeps else None
    kept = traffic.take(key)
    if kept is not None:
        try:
            return _over(kept, key, asked, proxy, deadline, traffic)
        except Unreachable as error:
            if not error.again:
                raise
            # It was closed while it lay idle, as every server may do (RFC 9112, 9.3.1): that says nothing of the peer.
    try:
        sock = _connect(target, proxy, deadline, transport)
    except (OSError, HTTPException, ValueError) as error:
        raise _unreachable(error, target, deadline) from error
    return _over(sock, key, asked, proxy, deadline, traffic)


def _over(
    sock: "socket.socket", key: object, asked: _Asked, proxy: _Proxy | None, deadline: Deadline, traffic: Traffic
) -> Response:
    """One request and its answer over *sock*, which is kept or closed then."""
    from http.client import HTTPConnection, HTTPException  # loaded before

    target = asked.target
    whole = False
    try:
        connection = HTTPConnection(target.host, target.port)
        wire = _Wire(sock, deadline, 2 * asked.limit + _MOST_HEADERS)
        connection.sock = wire
        path = target.path
        more = {"Host": target.netloc, "Connection": "keep-alive" if traffic.keeps else "close"}
        if proxy is not None and not target.secure:
            path = target.url
            if proxy.authorization:
                more["Proxy-Authorization"] = proxy.authorization
        connection.request(asked.method, path, headers={**more, **asked.headers})
        with connection.getresponse() as answer:
            body = _body(answer, asked.limit)
            response = Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)
            whole = answer.isclosed() and not answer.will_close and wire.clean()
    except (OSError, HTTPException, ValueError) as error:
        raise _unreachable(error, target, deadline) from error
    else:
        return response
    finally:
        if not (whole and traffic.give(key, sock)):
            sock.close()


def _unreachable(error: Exception, target: _Target, deadline: Deadline) -> Unreachable:
    """What *error* means, in words without anything the peer sent."""
    where = target.authority
    if isinstance(error, TimeoutError):
        return Unreachable(deadline.missed(where))
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"{where} refuses the connection", again=True)
    if isinstance(error, ConnectionError):
        return Unreachable(f"{where} closed the connection before it had answered", again=True)
    if isinstance(error, OSError):
        return Unreachable(f"{where} cannot be reached: {error.strerror or type(error).__name__}")
    return Unreachable(f"{where} does not answer in HTTP ({type(error).__name__})")


# Connecting


def _connect(target: _Target, proxy: _Proxy | None, deadline: Deadline, transport: Transport) -> "socket.socket":
    """A socket on which *target* can be asked: through the proxy's tunnel and with TLS where they are due."""
    if transport.routes is not None:
        sock = _dial("127.0.0.1", _routed(target, dict(transport.routes)), deadline)
    elif proxy is None:
        sock = _dial(target.host, target.port, deadline)
    else:
        try:
            sock = _dial(proxy.host, proxy.port, deadline)
        except OSError as error:
            why = error.strerror or "no answer in time"
            raise Unreachable(f"the proxy {proxy.host}:{proxy.port} cannot be reached: {why}") from error
    if not target.secure:
        return sock
    try:
        if proxy is not None:
            _tunnel(sock, target, proxy, deadline)
        return _encrypt(sock, target, deadline, transport)
    except BaseException:
        sock.close()
        raise


def _routed(target: _Target, routes: Mapping[str, int]) -> int:
    """The port of this machine that stands for *target* in a rehearsal, from which nothing leaves."""
    port = target.port if _LOOPBACK.fullmatch(target.host) else routes.get(target.authority)
    if port is None:
        raise Unreachable(f"{target.authority} is not asked in a rehearsal")
    return port


def _dial(host: str, port: int, deadline: Deadline) -> "socket.socket":
    """A connected socket to the first address of *host* that takes one."""
    import socket  # not without network

    addresses = _addresses(host, port, deadline)
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        last = index == len(addresses) - 1
        sock = socket.socket(family, kind, protocol)
        try:
            deadline.arm(sock, None if last else _FIRST_ADDRESS)
            sock.connect(address)
        except OSError:
            sock.close()
            if last:
                raise
            continue
        return sock
    raise Unreachable(f"the name {host} has no address")


def _addresses(host: str, port: int, deadline: Deadline) -> list[tuple[int, int, int, str, tuple[str, int]]]:
    """The addresses of *host*. Looked up in a thread of its own: the system's resolver knows no deadline."""
    import socket  # not without network

    found: list[list[tuple[int, int, int, str, tuple[str, int]]]] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM))  # type: ignore[arg-type] # every socket address starts so
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline.left()))
    if found:
        return found[0]
    if failed:
        raise Unreachable(f"the name {host} cannot be looked up: {failed[0].strerror}") from failed[0]
    raise TimeoutError


def _tunnel(sock: "socket.socket", target: _Target, proxy: _Proxy, deadline: Deadline) -> None:
    """Have the proxy connect *sock* through to *target* (https-proxy-agent of @npmcli/agent 5.0.2)."""
    from http.client import HTTPResponse  # loaded before

    lines = [f"CONNECT {target.authority} HTTP/1.1", f"Host: {target.authority}", "Proxy-Connection: close"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    wire = _Wire(sock, deadline, _MOST_HEADERS)
    wire.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
    answer = HTTPResponse(wire, method="CONNECT")  # type: ignore[arg-type] # all that it takes of a socket
    try:
        answer.begin()
    finally:
        answer.close()
    if answer.status != 200:
        what = "asks for a user and password" if answer.status == 407 else f"answers {answer.status}"
        raise Unreachable(f"the proxy {proxy.host}:{proxy.port} {what} when asked for {target.authority}")


def _encrypt(sock: "socket.socket", target: _Target, deadline: Deadline, transport: Transport) -> "ssl.SSLSocket":
    import ssl  # only for https

    try:
        with _LOADING:
            context = _context(
                transport.ca,
                transport.cafile,
                transport.extra_ca_certs,
                transport.cert,
                transport.key,
                strict=transport.strict_ssl,
            )
        deadline.arm(sock)
        # Bytes, since Python maps a text by IDNA 2003, which is not what Node does.
        return context.wrap_socket(sock, server_hostname=target.host.encode("ascii"))
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message or "the certificate is not trusted"
        raise Unreachable(f"TLS: the certificate of {target.authority} is not trusted: {why}") from error
    except ssl.SSLError as error:
        reason = (error.reason or "handshake failed").replace("_", " ").lower()
        raise Unreachable(f"TLS with {target.authority} fails: {reason}") from error


_LOADING = threading.Lock()  # loading the system's certificates costs 50 ms: once is enough, and not in every thread


@functools.lru_cache(maxsize=4)
def _context(
    ca: tuple[str, ...], cafile: str | None, extra: str | None, cert: str | None, key: str | None, *, strict: bool
) -> "ssl.SSLContext":
    """What npm's TLS settings mean here; raises `ssl.SSLError` and `Unreachable`.

    `cafile` wins over `ca`, and either replaces the known authorities, NODE_EXTRA_CA_CERTS adds to them
    (@npmcli/config, definitions.js, `cafile`; Node's `tls.createSecureContext`).
    """
    import ssl  # only for https

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks names and certificates, and no stricter than Node does
    context.set_alpn_protocols(["http/1.1"])
    own = _certificates(_read(cafile)) if cafile else ""
    own = own or _certificates("\n".join(ca))
    if own:
        context.load_verify_locations(cadata=own)
    else:
        context.load_default_certs()
        added = _certificates(_read(extra)) if extra else ""
        if added:
            context.load_verify_locations(cadata=added)
    if not strict:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert and key:
        _present(context, cert, key)
    return context


def _certificates(text: str) -> str:
    return "\n".join(_CERTIFICATE.findall(text))


def _read(path: str) -> str:
    """The file, or "" when it cannot be read, as npm treats a missing `cafile` (definitions.js, maybeReadFile).

    A pipe is not waited for, and npm must be the first to read it.
    """
    try:
        with open_regular(path) as file:
            return file.read(_LARGEST_CA).decode("latin-1")
    except (OSError, ValueError, Unread):
        return ""


def _present(context: "ssl.SSLContext", cert: str, key: str) -> None:
    """Load a client certificate. The ssl module takes it from files only, so they exist for as long as that takes."""
    import tempfile  # client certificates are rare

    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for name, text in (("cert", cert), ("key", key)):
            paths.append(f"{directory}/{name}")
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.write(text)
        try:
            context.load_cert_chain(paths[0], paths[1], password=_no_password)
        except (OSError, ValueError) as error:
            raise Unreachable("the client certificate in npm's `cert` and `key` cannot be loaded") from error


def _no_password() -> str:
    """Answer the question for the key's passphrase, which would otherwise be asked on the terminal."""
    return ""


# Reading


class _Wire:
    """A socket as `http.client` uses one: each read and write gets what the deadline leaves, and reading has an end."""

    def __init__(self, sock: "socket.socket", deadline: Deadline, most: int) -> None:
        """Of *sock*, at most *most* bytes will be read."""
        self._sock = sock
        self._deadline = deadline
        self._most = most
        self._answer: _Answer | None = None

    def sendall(self, data: bytes) -> None:
        """Send all of *data*."""
        self._deadline.arm(self._sock)
        self._sock.sendall(data)

    def makefile(self, *_: object) -> io.BufferedReader:
        """The answer, as a file."""
        self._answer = _Answer(_Bytes(self._sock, self._deadline, self._most))
        return self._answer

    def clean(self) -> bool:
        """Whether nothing came behind the answer, which would be taken for the beginning of the next one."""
        return self._answer is not None and self._answer.ended_where_it_should

    def close(self) -> None:
        """Nothing: who opened the socket closes it."""


class _Answer(io.BufferedReader):
    """An answer as a file, which knows once it is closed whether more had come than was read."""

    raw: "_Bytes"
    ended_where_it_should = False

    def close(self) -> None:
        """Close it, and look at what is left."""
        if not self.closed:
            self.raw.over = True
            self.ended_where_it_should = not self.peek(1)
        super().close()


class _Bytes(io.RawIOBase):
    """What arrives on a socket, at most *most* bytes of it.

    That cap is the last one: `http.client` takes a chunk of negative size for "all there is".
    """

    def __init__(self, sock: "socket.socket", deadline: Deadline, most: int) -> None:
        """Read at most *most* bytes of *sock*."""
        self._sock = sock
        self._deadline = deadline
        self._left = most
        self.over = False  # nothing more is read

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override] # what a BufferedReader hands over
        """Read what is there."""
        if self.over:
            return 0
        self._deadline.arm(self._sock)
        count = self._sock.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise OSError(0, "the answer is too large")
        return count


def _body(answer: "http.client.HTTPResponse", limit: int) -> bytes:
    """The body of *answer*, unpacked. Of one that is not good, what came of it: only its words are of interest."""
    import zlib
    from http.client import HTTPException

    body = bytearray()
    try:
        _fill(body, answer, limit)
    except zlib.error as error:
        if answer.status < 300:
            raise Unreachable("the answer cannot be unpacked") from error
    except (OSError, ValueError, HTTPException, Unreachable):
        if answer.status < 300:
            raise
    return bytes(body[:limit])


def _fill(body: bytearray, answer: "http.client.HTTPResponse", limit: int) -> None:
    unpack = _unpacker(answer)
    while piece := answer.read(_CHUNK):
        body += unpack.decompress(piece, limit + 1 - len(body)) if unpack else piece
        if len(body) > limit:
            raise TooLarge(f"the answer is larger than {limit} bytes")
    if answer.length or (unpack and not unpack.eof):  # http.client ends in silence where the connection does
        raise Unreachable("the answer breaks off", again=True)


def _unpacker(answer: "http.client.HTTPResponse") -> "zlib._Decompress | None":
    import zlib

    encoding = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if encoding == "identity":
        return None
    if encoding in {"gzip", "x-gzip"}:
        return zlib.decompressobj(wbits=31)
    raise Unreachable("the answer comes in an encoding that was not asked for")
