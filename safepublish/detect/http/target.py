"""Where a request goes: the host that Node reads in a URL, and no other."""

import re
from typing import NamedTuple
from urllib.parse import quote

from safepublish.detect.http.errors import UnreachableError
from safepublish.npm.url import Url, join, parse

_HOST = re.compile(r"[A-Za-z0-9._~-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_LOOPBACK = re.compile(r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1")


class Target(NamedTuple):
    """The parts of a URL without its userinfo, which is never sent and never shown."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """Host and port as the Host header has them."""
        return self._bracketed if self.port == (443 if self.secure else 80) else self.authority

    @property
    def authority(self) -> str:
        """Host and port as CONNECT and messages have them."""
        return f"{self._bracketed}:{self.port}"

    @property
    def url(self) -> str:
        """The URL again."""
        return f"{'https' if self.secure else 'http'}://{self.netloc}{self.path}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def read_target(url: str) -> Target:
    """Return the parts of *url* as Node reads it, so that no other host is asked than npm would ask.

    Raises `UnreachableError`.
    """
    return target_of(parse(url), "the address")


def target_of(parsed: Url | None, what: str) -> Target:
    """Return the parts of a URL that was *parsed* as Node does, with a host in ASCII; *what* names it in messages."""
    if parsed is None or parsed.scheme not in {"http", "https"}:
        raise UnreachableError(f"{what} is not a valid http or https URL")
    if not parsed.certain:
        raise UnreachableError(
            f"npm's reading of the host in {what} could not be determined: it is not written in ASCII"
        )
    host = parsed.hostname.strip("[]")
    if not _HOST.fullmatch(host):
        raise UnreachableError(f"{what} has no host")
    secure = parsed.scheme == "https"
    port = parsed.host[len(parsed.hostname) :].removeprefix(":")
    path, mark, query = parsed.href.partition("#")[0].split("/", 3)[3].partition("?")
    path = quote(f"/{path}{mark + query if query else ''}", safe="!$%&'()*+,/:;=?@[]~|^")
    return Target(secure, host, int(port or (443 if secure else 80)), path)


def redirect_target(target: Target, location: str) -> Target | None:
    """Return where the *location* of a redirect leads, None where that is nowhere, or down from https to http."""
    try:
        redirected = target_of(join(location, target.url), "the address")
    except UnreachableError:
        return None
    return redirected if redirected.secure or not target.secure else None


def hostname(url: str) -> str:
    """Return the host of *url* as Node gives it, an IPv6 address in brackets; raises `UnreachableError`."""
    host = read_target(url).host
    return f"[{host}]" if ":" in host else host


def at_root(url: str, path: str) -> str:
    """Return the URL of *path* on the host of *url*, whatever the path of that: Node's `new URL(path, url)`."""
    return read_target(url)._replace(path=path).url


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine, without a look-up."""
    return _LOOPBACK.fullmatch(host) is not None
