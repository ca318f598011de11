"""npm's proxy: which one a request goes through, and the tunnel that it opens for https."""

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from safepublish.detect.http.errors import UnreachableError
from safepublish.detect.http.target import Target, is_loopback, target_of
from safepublish.npm.config.transport import Transport, proxy_for
from safepublish.npm.url import parse

if TYPE_CHECKING:
    from safepublish.detect.http.stream import DeadlineSocket


class Proxy(NamedTuple):
    """A proxy that takes plain HTTP."""

    host: str
    port: int
    authorization: str | None

    def __repr__(self) -> str:
        return f"Proxy({self.host}:{self.port})"  # not the authorization


def find_proxy(target: Target, transport: Transport) -> Proxy | None:
    """Return the proxy for *target*, by npm's rules (@npmcli/agent 5.0.2, lib/proxy.js); none in a rehearsal."""
    url = proxy_for(target.url, transport) if transport.routes is None else None
    if not url:
        return None
    parsed = parse(url)
    if parsed is not None and parsed.certain and parsed.hostname and parsed.scheme != "http":
        # npm speaks https and socks to a proxy (@npmcli/agent 5.0.2, lib/proxy.js, getProxyAgent).
        raise UnreachableError(f"the proxy {parsed.hostname} is not an http proxy; npm may still be able to use it")
    parts = target_of(parsed, "the configured proxy")
    authorization = None
    if parsed is not None and parsed.userinfo:
        name, _, password = parsed.userinfo.partition(":")
        authorization = f"Basic {_base64(f'{unquote(name)}:{unquote(password)}')}"
    return Proxy(parts.host, parts.port, authorization)


def _base64(text: str) -> str:
    import binascii  # only for a proxy with a password

    return binascii.b2a_base64(text.encode(errors="replace"), newline=False).decode("ascii")


def credential_exposure(target: Target, proxy: Proxy | None) -> str | None:
    """Return who could read a credential for *target* on its way, as a message; None where nobody could."""
    if target.secure:
        return None
    if not is_loopback(target.host):
        return f"{target.authority} is plain http, and a credential is not sent unencrypted"
    if proxy is not None and not is_loopback(proxy.host):
        return f"the proxy {proxy.host}:{proxy.port} would read the credential for {target.authority}"
    return None


def open_tunnel(sock: "DeadlineSocket", target: Target, proxy: Proxy) -> None:
    """Let the *proxy* at the other end of *sock* connect it to *target* (https-proxy-agent of @npmcli/agent 5.0.2)."""
    from http.client import HTTPResponse  # loaded before

    lines = [f"CONNECT {target.authority} HTTP/1.1", f"Host: {target.authority}", "Proxy-Connection: close"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
    answer = HTTPResponse(sock, method="CONNECT")  # type: ignore[arg-type] # all that it takes of a socket
    try:
        answer.begin()
    finally:
        answer.close()
    if answer.status != 200:
        what = "requires a user and password" if answer.status == 407 else f"answered {answer.status}"
        raise UnreachableError(f"the proxy {proxy.host}:{proxy.port} {what} for a connection to {target.authority}")
