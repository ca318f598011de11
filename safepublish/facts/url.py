"""URLs as Node reads them, which is not as Python's urllib does: npm compares what Node makes of them.

`parse` is WHATWG's `new URL(text)`, `legacy` the older `url.parse(text)` that npm validates with up to version 11.
Both are exact for http and https; of other schemes only what npm's configuration needs is told.
"""

import functools
from typing import NamedTuple

_DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
_FORBIDDEN_IN_HOST = frozenset("\0\t\n\r #/:<>?@[\\]^|%\x7f") | {chr(code) for code in range(0x20)}
_ESCAPED_IN_PATH = frozenset(' "#<>?^`{}')
_ESCAPED_IN_USERINFO = _ESCAPED_IN_PATH | frozenset("/:;=@[\\]|")
_ESCAPED_IN_QUERY = frozenset(" \"#<>'")
_DOTS = {".": 1, "%2e": 1, "..": 2, ".%2e": 2, "%2e.": 2, "%2e%2e": 2}
_LEGACY_ENDS_HOST = frozenset("\t\n\r \"#%/;<>?\\^`{|}'")
_LEGACY_ESCAPED = frozenset("\t\n\r \"'<>\\^`{|}")


class Url(NamedTuple):
    """What `new URL(text)` says: the parts that npm looks at."""

    scheme: str
    host: str  # with its port, where that is not the scheme's own
    hostname: str
    path: str
    href: str


@functools.lru_cache(maxsize=1024)  # of many packages each asks about the same few registries
def parse(text: str) -> Url | None:
    """The URL that *text* is for Node's `new URL`, or None where that throws (WHATWG URL, basic URL parser)."""
    text = text.strip("".join(map(chr, range(0x21)))).replace("\t", "").replace("\n", "").replace("\r", "")
    scheme, colon, rest = text.partition(":")
    if not colon or not _is_scheme(scheme):
        return None
    scheme = scheme.lower()
    rest, hash_, fragment = rest.partition("#")
    rest, mark, query = rest.partition("?")
    tail = (mark and "?" + _escape(query, _ESCAPED_IN_QUERY)) + (hash_ and "#" + _escape(fragment, frozenset(' "<>`')))
    if scheme not in _DEFAULT_PORTS:
        return _other(scheme, rest, tail)
    rest = rest.replace("\\", "/").lstrip("/")
    authority, slash, path = rest.partition("/")
    userinfo, at, host = authority.rpartition("@")
    found = _host(host, scheme)
    if found is None:
        return None
    hostname, port = found
    path = _path(slash + path)
    where = hostname + port
    user = _userinfo(userinfo) if at else ""
    return Url(scheme, where, hostname, path, f"{scheme}://{user}{where}{path}{tail}")


def legacy(text: str) -> str | None:  # noqa: C901 - it follows Node's parser step by step
    """The `href` of Node's `url.parse(text)`, or None where that has no host (lib/url.js, `Url.prototype.parse`)."""
    text = text.strip(" \t\n\r\f\v\xa0\ufeff")
    head, mark, query = text.partition("?")
    if "#" in head:
        head, query, mark = text, "", ""
    text = head.replace("\\", "/") + mark + query
    scheme, colon, rest = text.partition(":")
    if not colon or not scheme or not all(char.isalnum() or char in "+-." for char in scheme) or not scheme.isascii():
        return None
    scheme = scheme.lower()
    slashed = scheme in _DEFAULT_PORTS or scheme in {"gopher", "file"}
    slashes = rest.startswith("//")
    if scheme == "javascript" or (slashed and not slashes):
        return None
    rest = rest[2:] if slashes else rest
    at, end = -1, len(rest)
    for index, char in enumerate(rest):
        if char in "#/?":
            end = index
            break
        if char == "@":
            at = index
    host_end = next((i for i in range(at + 1, end) if rest[i] in _LEGACY_ENDS_HOST), end)
    userinfo, host, path = rest[: max(at, 0)], rest[at + 1 : host_end], rest[host_end:]
    hostname, port = _legacy_port(host)
    if not hostname.startswith("["):
        hostname, colon, rest = hostname.partition(":")
        path = (colon and f"/:{rest}") + path
    hostname = hostname.lower() if len(hostname) <= 255 else ""
    if not hostname.isascii():
        try:
            hostname = hostname.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    if not hostname and not port:
        return None
    path = "".join(_percent(char) if char in _LEGACY_ESCAPED else char for char in path)
    if (slashed and hostname and (not path or path[0] in "?#")) or (path and path[0] not in "/?#"):
        path = "/" + path
    user = userinfo + "@" if at >= 0 else ""
    where = f"{hostname}:{port}" if port else hostname
    return f"{scheme}:{'//' if slashes or slashed else ''}{user}{where}{path}"


def _legacy_port(host: str) -> tuple[str, str]:
    hostname, colon, port = host.rpartition(":")
    if colon and all(char in "0123456789" for char in port):
        return hostname, port
    return host, ""


def _is_scheme(text: str) -> bool:
    return (
        text.isascii()
        and text[:1].isalpha()
        and (text.isalnum() or all(char.isalnum() or char in "+-." for char in text))
    )


def _other(scheme: str, rest: str, tail: str) -> Url | None:
    """A URL of a scheme that is not special: opaque, or with an authority taken as it stands."""
    if not rest.startswith("//"):
        return Url(scheme, "", "", rest, f"{scheme}:{rest}{tail}")
    authority, slash, path = rest[2:].partition("/")
    host = authority.rpartition("@")[2]
    hostname, colon, port = host.partition(":")
    if host.startswith("["):
        bracket, colon, port = host.partition("]:")
        hostname = bracket + (colon and "]")
    if colon and (not all(char in "0123456789" for char in port) or int(port or "0") > 65535 or not hostname):
        return None
    if any(char in _FORBIDDEN_IN_HOST - {"%", "[", "]", ":"} for char in hostname):
        return None
    path = _path(slash + path) if slash else ""
    return Url(
        scheme, hostname + (colon and port and f":{port}"), hostname, path, f"{scheme}://{authority}{path}{tail}"
    )


def _host(text: str, scheme: str) -> tuple[str, str] | None:
    """The host and ``:port`` of a special URL, or None where Node refuses them."""
    if text.startswith("["):
        inside, bracket, after = text[1:].partition("]")
        hostname = _ipv6(inside) if bracket else None
        port = after[1:]
        if hostname is None or (after and not after.startswith(":")):
            return None
    else:
        host, _, port = text.partition(":")
        hostname = _domain(host)
        if not hostname:
            return None
    if not port:
        return hostname, ""
    if not port.isascii() or not port.isdigit() or len(port.lstrip("0")) > 5 or int(port) > 65535:
        return None
    port = str(int(port))
    return hostname, "" if port == _DEFAULT_PORTS[scheme] else f":{port}"


def _domain(text: str) -> str | None:
    """*text* as a host: lowered, decoded, in ASCII, an IPv4 address in its usual form (WHATWG URL, host parser)."""
    if "%" in text:
        from urllib.parse import unquote

        text = unquote(text, errors="replace")
    if not text.isascii():
        try:
            text = text.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    text = text.lower()
    if not text or not _FORBIDDEN_IN_HOST.isdisjoint(text):
        return None
    labels = text.removesuffix(".").split(".")
    last = labels[-1]
    if last.isdigit() or (last.startswith("0x") and all(char in "0123456789abcdef" for char in last[2:])):
        return _ipv4(labels)
    return text


def _ipv4(labels: list[str]) -> str | None:
    numbers = []
    for label in labels:
        try:
            if label.startswith("0x"):
                numbers.append(int(label[2:] or "0", 16))
            else:
                numbers.append(int(label, 8 if len(label) > 1 and label.startswith("0") else 10))
        except ValueError:
            return None
    *front, last = numbers
    if len(numbers) > 4 or any(number > 255 for number in front) or last >= 256 ** (5 - len(numbers)):
        return None
    value = last + sum(number * 256 ** (3 - place) for place, number in enumerate(front))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _ipv6(text: str) -> str | None:
    from ipaddress import AddressValueError, IPv6Address

    try:
        return f"[{IPv6Address(text.partition('%')[0] if '%' not in text else '').compressed}]"
    except AddressValueError:
        return None


def _path(text: str) -> str:
    """The path of a URL: backslashes are slashes already, dot segments resolved, odd characters escaped."""
    if not text:
        return "/"
    kept: list[str] = []
    segments = text[1:].split("/")
    for place, segment in enumerate(segments):
        dots = _DOTS.get(segment.lower(), 0)
        last = place == len(segments) - 1
        if dots == 2 and kept:
            kept.pop()
        if not dots:
            kept.append(_escape(segment, _ESCAPED_IN_PATH))
        elif last:
            kept.append("")
    return "/" + "/".join(kept)


def _userinfo(text: str) -> str:
    name, colon, password = text.partition(":")
    told = _escape(name, _ESCAPED_IN_USERINFO) + (colon and password and ":" + _escape(password, _ESCAPED_IN_USERINFO))
    return told and f"{told}@"


def _escape(text: str, odd: frozenset[str]) -> str:
    if text.isascii() and text.isprintable() and odd.isdisjoint(text):
        return text
    return "".join(_percent(char) if char in odd or not " " <= char <= "~" else char for char in text)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode(errors="replace"))
