"""URLs as Node reads them, which is not as Python's urllib does: npm compares what Node makes of them.

`parse` is WHATWG's `new URL(text)`, `legacy` the older `url.parse(text)` that npm validates with up to version 11.
Both are exact for http and https, except for a host that Node maps by Unicode's tables: they differ between releases of
Node, and Python has none of them. Such a host stays as written, and the URL is not `certain`.
"""

import functools
import re
from typing import NamedTuple

_DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
_STRIPPED = "".join(map(chr, range(0x21)))
_FORBIDDEN_IN_HOST = frozenset("\0\t\n\r #/:<>?@[\\]^|%\x7f") | {chr(code) for code in range(0x20)}
_ESCAPED_IN_PATH = frozenset(' "#<>?^`{}')
_ESCAPED_IN_USERINFO = _ESCAPED_IN_PATH | frozenset("/:;=@[\\]|")
_ESCAPED_IN_QUERY = frozenset(" \"#<>'")
_DOTS = {".": 1, "%2e": 1, "..": 2, ".%2e": 2, "%2e.": 2, "%2e%2e": 2}
_FORBIDDEN_IN_LEGACY = frozenset("\0\t\n\r #%/:<>?@[\\]^|")
_BRACKETS = frozenset("[:]")
_LEGACY_ENDS_HOST = frozenset("\t\n\r \"#%/;<>?\\^`{|}'")
_LEGACY_ESCAPED = frozenset("\t\n\r \"'<>\\^`{|}")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ")
"""Letters that every version of Unicode's tables leaves as they are (UTS #46, non-transitional)."""
_DIGITS = {8: frozenset("01234567"), 10: frozenset("0123456789"), 16: frozenset("0123456789abcdef")}
_SURROGATE = re.compile("[\ud800-\udfff]")


class Url(NamedTuple):
    """What `new URL(text)` says: the parts that npm looks at."""

    scheme: str
    host: str  # with its port, where that is not the scheme's own
    hostname: str
    path: str
    href: str
    certain: bool = True  # False: how Node reads the host is unknown, so it stays as written and nothing is sent to it
    userinfo: str = ""  # escaped; may hold a password

    def __repr__(self) -> str:
        return f"Url({self.scheme}://{self.host}{self.path})"


@functools.lru_cache(maxsize=1024)  # of many packages each asks about the same few registries
def parse(text: str) -> Url | None:
    """The URL that *text* is for Node's `new URL`, or None where that throws (WHATWG URL, basic URL parser)."""
    text = _clean(text)
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
    hostname, port, certain = found
    path = _path(slash + path)
    where = hostname + port
    user = _userinfo(userinfo) if at else ""
    href = f"{scheme}://{user}{where}{path}{tail}"
    return Url(scheme, where, hostname, path, href, certain, user.removesuffix("@"))


def join(text: str, base: str) -> Url | None:
    """Node's `new URL(text, base)`, where *base* is an http or https URL: where a redirect goes."""
    start = parse(base)
    text = _clean(text)
    scheme, colon, rest = text.partition(":")
    absolute = bool(colon) and _is_scheme(scheme)
    if start is None or (absolute and (scheme.lower() != start.scheme or rest[:2].replace("\\", "/") == "//")):
        return parse(text)
    text = rest if absolute else text
    end = min((place for mark in "?#" if (place := text.find(mark)) >= 0), default=len(text))
    path, tail = text[:end].replace("\\", "/"), text[end:]
    if path.startswith("//"):
        return parse(f"{start.scheme}:{path}{tail}")
    if not path.startswith("/"):
        here = start.href.partition("#")[0]
        before, mark, query = here.partition("?")
        directory = before[: before.rfind("/") + 1]
        path = directory + path if path else before + (mark + query if not tail.startswith("?") else "")
        return parse(path + tail)
    return parse(f"{start.scheme}://{start.userinfo}{'@' if start.userinfo else ''}{start.host}{path}{tail}")


def without_userinfo(text: str) -> str:
    """*text* without the user and password that Node finds in it; as it stands where it has none."""
    parsed = parse(text)
    if parsed is not None:
        return parsed.href.replace(f"//{parsed.userinfo}@", "//", 1) if parsed.userinfo else text
    scheme, slashes, rest = text.partition("://")  # nothing is sent there, but it may be shown
    authority, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}"


def legacy(text: str) -> str | None:  # noqa: C901 - it follows Node's parser step by step
    """The `href` of Node's `url.parse(text)`, or None where that has no host (lib/url.js, `Url.prototype.parse`)."""
    text = _SURROGATE.sub("\ufffd", text).strip(_STRIPPED + "\xa0\ufeff")
    head, mark, query = text.partition("?")
    if "#" in head:
        head, query, mark = text, "", ""
    text = head.replace("\\", "/") + mark + query
    scheme, colon, rest = text.partition(":")
    if not colon or not scheme or not all(char.isalnum() or char in "+-." for char in scheme) or not scheme.isascii():
        return None
    slashed = scheme in _DEFAULT_PORTS or scheme in {"gopher", "file"}  # as written: HTTP: needs no slashes
    scheme = scheme.lower()
    slashes = rest.startswith("//")
    if scheme == "javascript" or (slashed and not slashes):
        return None
    rest = rest[2:] if slashes else rest
    start = next((place for place, char in enumerate(rest) if char in "#/?"), len(rest))
    rest = rest[:start].replace("\t", "").replace("\n", "").replace("\r", "") + rest[start:]
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
    if not (hostname.startswith("[") and hostname.endswith("]")):
        hostname, colon, rest = hostname.partition(":")
        path = (colon and f"/:{rest}") + path
    if _is_ascii_domain(hostname):
        hostname = hostname.lower() if len(hostname) <= 255 else ""
        brackets = hostname.startswith("[") and hostname.endswith("]")
        if not (_FORBIDDEN_IN_LEGACY - _BRACKETS if brackets else _FORBIDDEN_IN_LEGACY).isdisjoint(hostname):
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


def _clean(text: str) -> str:
    """*text* as JavaScript hands it to the parser, without what that drops wherever it stands."""
    text = _SURROGATE.sub("\ufffd", text)  # of an environment that is not UTF-8
    return text.strip(_STRIPPED).replace("\t", "").replace("\n", "").replace("\r", "")


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
    userinfo, at, host = authority.rpartition("@")
    hostname, colon, port = host.partition(":")
    if host.startswith("["):
        bracket, colon, port = host.partition("]:")
        hostname = bracket + (colon and "]")
    if colon and (not _DIGITS[10].issuperset(port) or len(port.lstrip("0")) > 5 or int(port or "0") > 65535):
        return None
    if not hostname and (colon or at):
        return None
    if any(char in _FORBIDDEN_IN_HOST - {"%", "[", "]", ":"} for char in hostname):
        return None
    path = _path(slash + path) if slash else ""
    user = _userinfo(userinfo) if at else ""
    where = hostname + (colon and port and f":{port}")
    return Url(scheme, where, hostname, path, f"{scheme}://{user}{where}{path}{tail}", userinfo=user.removesuffix("@"))


def _host(text: str, scheme: str) -> tuple[str, str, bool] | None:
    """The host and ``:port`` of a special URL and whether they are certain, or None where Node refuses them."""
    certain = True
    if text.startswith("["):
        inside, bracket, after = text[1:].partition("]")
        hostname = _ipv6(inside) if bracket else None
        port = after[1:]
        if hostname is None or (after and not after.startswith(":")):
            return None
    else:
        host, _, port = text.partition(":")
        decoded = _decoded(host)
        certain = _is_ascii_domain(decoded)
        hostname = _domain(decoded.lower()) if certain else host
        if not hostname:
            return None
    if not port:
        return hostname, "", certain
    if not _DIGITS[10].issuperset(port) or len(port.lstrip("0")) > 5 or int(port) > 65535:
        return None
    port = str(int(port))
    return hostname, "" if port == _DEFAULT_PORTS[scheme] else f":{port}", certain


def _decoded(host: str) -> str:
    if "%" not in host:
        return host
    from urllib.parse import unquote

    return unquote(host, errors="replace")


def _is_ascii_domain(host: str) -> bool:
    """Whether every Node maps *host* by its ASCII letters alone.

    Others go through Unicode's tables, and a label in Punycode through a check that Node 20 makes and Node 24 does not.
    """
    return host.isascii() and all(map(_is_plain, host.lower().split(".")))


def _is_plain(label: str) -> bool:
    """Whether *label* is not in Punycode, or so written that every Node leaves it as it stands."""
    if not label.startswith("xn--"):
        return True
    try:
        letters = label[4:].encode("ascii").decode("punycode")
        again = letters.encode("punycode").decode("ascii")
    except (UnicodeError, OverflowError, ValueError):
        return False
    return again == label[4:] and not letters.isascii() and _LATIN.issuperset(letters)


def _domain(text: str) -> str | None:
    """The ASCII host *text*, lowered, in the form that Node gives it; an IPv4 address in its usual one."""
    if not text or not _FORBIDDEN_IN_HOST.isdisjoint(text):
        return None
    labels = text.removesuffix(".").split(".")
    last = labels[-1]
    if last and (_DIGITS[10].issuperset(last) or (last.startswith("0x") and _DIGITS[16].issuperset(last[2:]))):
        return _ipv4(labels)
    return text


def _ipv4(labels: list[str]) -> str | None:
    """The four numbers of an address that may be written with fewer, in octal or in hexadecimal."""
    numbers = []
    for label in labels:
        base, digits = 10, label
        if label.startswith("0x"):
            base, digits = 16, label[2:] or "0"
        elif len(label) > 1 and label.startswith("0"):
            base, digits = 8, label[1:]
        significant = digits.lstrip("0")
        if not digits or len(significant) > 11 or not _DIGITS[base].issuperset(digits):  # 32 bits have 11 octal digits
            return None
        numbers.append(int(significant or "0", base))
    *front, last = numbers
    if len(numbers) > 4 or any(number > 255 for number in front) or last >= 256 ** (5 - len(numbers)):
        return None
    value = last + sum(number * 256 ** (3 - place) for place, number in enumerate(front))
    return _dotted(value)


def _dotted(value: int) -> str:
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _ipv6(text: str) -> str | None:
    """An IPv6 address in brackets, in the form that Node gives it (WHATWG URL, IPv6 parser and serializer)."""
    head, colon, tail = text.lower().rpartition(":")
    if colon and "." in tail:
        numbers = tail.split(".")
        fit = (_DIGITS[10].issuperset(one) and 0 < len(one) < 4 and str(int(one)) == one for one in numbers)
        if len(numbers) != 4 or not all(fit) or any(int(one) > 255 for one in numbers):
            return None
        high, low, *rest = (int(one) for one in numbers)
        tail = f"{high << 8 | low:x}:{rest[0] << 8 | rest[1]:x}"
    left, gap, right = f"{head}{colon}{tail}".partition("::")
    pieces = [half.split(":") if half else [] for half in (left, right)]
    given = len(pieces[0]) + len(pieces[1])
    if not all(0 < len(one) < 5 and _DIGITS[16].issuperset(one) for one in (*pieces[0], *pieces[1])):
        return None
    if given > 7 if gap else given != 8:
        return None
    values = [int(one, 16) for one in (*pieces[0], *["0"] * (8 - given), *pieces[1])]
    zeros = [0] * 9  # how many follow from each place on
    for place in range(7, -1, -1):
        zeros[place] = zeros[place + 1] + 1 if values[place] == 0 else 0
    longest = max(zeros)
    written = [f"{value:x}" for value in values]
    if longest > 1:
        start = zeros.index(longest)
        return f"[{':'.join(written[:start])}::{':'.join(written[start + longest :])}]"
    return f"[{':'.join(written)}]"


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
    user = _escape(name, _ESCAPED_IN_USERINFO) + (colon and password and ":" + _escape(password, _ESCAPED_IN_USERINFO))
    return user and f"{user}@"


def _escape(text: str, odd: frozenset[str]) -> str:
    if text.isascii() and text.isprintable() and odd.isdisjoint(text):
        return text
    return "".join(_percent(char) if char in odd or not " " <= char <= "~" else char for char in text)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode(errors="replace"))
