"""Git URLs as npm reads and rewrites them (hosted-git-info 10.1.1 of npm 12.2.0: from-url.js, parse-url.js, hosts.js).

npm rewrites the repository of a manifest before it sends it: ``o/r`` and ``https://github.com/o/r`` both become
``git+https://github.com/o/r.git``. Credentials inside a URL are never kept.
"""

import functools
import re
from typing import NamedTuple

from safepublish.npm.secrets import STARS

_DOMAINS = {
    "github.com": "github",
    "bitbucket.org": "bitbucket",
    "gitlab.com": "gitlab",
    "gist.github.com": "gist",
    "git.sr.ht": "sourcehut",
}
_HOSTS = {host: domain for domain, host in _DOMAINS.items()}
_SSH_OR_HTTPS = frozenset({"git+ssh", "git+https", "ssh", "https"})
_SCHEMES = {
    "github": _SSH_OR_HTTPS | {"git", "http"},
    "bitbucket": _SSH_OR_HTTPS,
    "gitlab": _SSH_OR_HTTPS,
    "gist": _SSH_OR_HTTPS | {"git"},
    "sourcehut": frozenset({"git+ssh", "https"}),
}
_KNOWN = frozenset({"git+ssh", "ssh", "git+https", "git", "http", "https", "git+http", *_HOSTS})
_FORMS = {"git+ssh": "ssh", "ssh": "ssh", "git+https": "https", "https": "https", "git": "git", "http": "ssh"}
"""How npm writes a URL of each scheme back: http has no template of its own, so it falls to ssh."""
_MAY_HOLD_CREDENTIALS = frozenset({"git+https", "git", "http", "https", "git+http"})
_SPECIAL = frozenset({"http", "https", "ws", "wss", "ftp", "file"})
_FORBIDDEN = re.compile(r"[\0-\x20#/<>?@\[\\\]^|\x7f]")
_CREDENTIALS = re.compile(
    r"^((?:(?:git\+)?https?|git):/*)[^/?#]+@|^([a-z][a-z0-9+.-]*://[^/?#:@]*:)[^/?#@]+@", re.IGNORECASE
)


class Hosted(NamedTuple):
    """A repository on one of the hosts that npm knows."""

    host: str  # github, gitlab, bitbucket, gist, sourcehut
    user: str | None
    project: str
    committish: str = ""
    form: str = "https"  # as npm writes it back: https, ssh, git; or shortcut
    credentials: bool = False  # the URL held some; they are dropped


class _Url(NamedTuple):
    scheme: str
    hostname: str
    path: str
    fragment: str
    credentials: bool


@functools.lru_cache(maxsize=64)  # the packages of one repository all name it
def read(url: str) -> Hosted | None:
    """The repository that *url* names, when npm knows its host (hosted-git-info 10.1.1, from-url.js)."""
    if not url:
        return None
    parsed = _parse(f"github:{url}" if _is_github_shorthand(url) else url)
    if parsed is None:
        return None
    try:
        return _shortcut(parsed) if parsed.scheme in _HOSTS else _on_a_domain(parsed)
    except ValueError:  # a % that escapes nothing: decodeURIComponent throws
        return None


def rewritten(url: str) -> str:
    """*url* as npm sends it in a manifest, without credentials (@npmcli/package-json 8.0.0, `fixRepositoryField`)."""
    hosted = read(url)
    return without_credentials(url) if hosted is None else _written(hosted)


def without_credentials(url: str) -> str:
    """*url* with ``***`` where it holds a password or token."""
    return _CREDENTIALS.sub(lambda match: f"{match.group(1) or match.group(2)}{STARS}@", url, count=1)


def github_repository(url: str) -> str | None:
    """The ``owner/name`` on github.com that *url* names, without any ``.git``; the letter case stays."""
    hosted = read(url)
    if hosted is None or hosted.host != "github" or not hosted.user:
        return None
    return f"{hosted.user}/{hosted.project}"


def _written(hosted: Hosted) -> str:
    """*hosted* as hosted-git-info's toString() gives it; of a shortcut, as https() does."""
    domain = _HOSTS[hosted.host]
    path = hosted.project if hosted.host == "gist" else f"{hosted.user or 'null'}/{hosted.project}"
    fragment = hosted.committish and f"#{hosted.committish}"
    auth = f"{STARS}@" if hosted.credentials and hosted.host != "gist" else ""
    if hosted.form == "ssh":
        return f"git+ssh://git@{domain}/{path}.git{fragment}"
    if hosted.host == "sourcehut":
        return f"https://{domain}/{path}{fragment}"
    if hosted.form == "git":
        return f"git://{auth}{domain}/{path}.git{fragment}"
    return f"git+https://{auth}{domain}/{path}.git{fragment}"


def _is_github_shorthand(text: str) -> bool:
    """Whether *text* is like ``owner/name`` (from-url.js, `isGitHubShorthand`): only the slash may stand behind a #."""
    before, hash_, _ = text.partition("#")
    if "/" not in text or text.startswith(("/", ".")) or before.count("/") > 1 or re.search(r"[\s:@]", before):
        return False
    return not (before if hash_ else text).endswith("/")


def _shortcut(url: _Url) -> Hosted:
    """``github:owner/name`` and the like."""
    path = url.path.removeprefix("/")
    path = path[path.find("@") + 1 :]
    user, _, project = path.rpartition("/")
    return Hosted(
        host=url.scheme,
        user=_decoded(user) or None,
        project=_decoded(project).removesuffix(".git"),
        committish=_decoded(url.fragment),
        form="shortcut",
    )


def _on_a_domain(url: _Url) -> Hosted | None:
    host = _DOMAINS.get(url.hostname.removeprefix("www."))
    if host is None or url.scheme not in _SCHEMES[host]:
        return None
    found = _segments(host, url)
    if found is None:
        return None
    user, project, committish = found
    return Hosted(
        host=host,
        user=_decoded(user) if user else None,
        project=_decoded(project),
        committish=_decoded(committish),
        form=_FORMS[url.scheme],
        credentials=url.credentials and url.scheme in _MAY_HOLD_CREDENTIALS,
    )


def _segments(host: str, url: _Url) -> tuple[str | None, str, str] | None:
    """User, project and committish of a path (hosts.js, each host's `extract`)."""
    if host == "gitlab":
        path = url.path[1:]
        user, _, project = path.rpartition("/")
        project = project.removesuffix(".git")
        if "/-/" in path or "/archive.tar.gz" in path or not user or not project:
            return None
        return user, project, url.fragment
    first, project, more, committish = (*url.path.split("/")[1:5], "", "", "", "")[:4]
    if host == "github":
        if more not in {"", "tree"}:
            return None
        if more == "tree" and url.path.count("/") == 3:  # /owner/name/tree: npm writes undefined
            committish = "undefined"
    elif more == {"bitbucket": "get", "gist": "raw", "sourcehut": "archive"}[host]:
        return None
    fragment = committish if host == "github" and more else url.fragment
    if host == "gist" and not project:
        return (None, first.removesuffix(".git"), fragment) if first else None
    if host == "gist":
        return first, project.removesuffix(".git"), fragment
    project = project.removesuffix(".git")
    return (first, project, fragment) if first and project else None


def _decoded(text: str) -> str:
    """JavaScript's decodeURIComponent; ValueError where that throws."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise ValueError("a % that escapes nothing")
    if "%" not in text:
        return text
    from urllib.parse import unquote  # seldom

    return unquote(text, errors="strict")


def _parse(text: str) -> _Url | None:
    """What hosted-git-info makes of a URL or of git's own ``user@host:path`` (parse-url.js)."""
    corrected = _with_slashes(text)
    return _split(corrected) or _split(_without_scp(corrected))


def _with_slashes(text: str) -> str:
    colon, at = text.find(":"), text.find("@")
    if (colon >= 0 and text[:colon] in _KNOWN) or text[colon : colon + 3] == "://":
        return text
    if at >= 0:
        return f"git+ssh://{text}" if at > colon else text
    return f"{text[: colon + 1]}//{text[colon + 1 :]}"


def _without_scp(text: str) -> str:
    """``git@github.com:o/r`` with the colon made a slash, so that it reads as a URL."""
    hash_ = text.find("#")
    end = len(text) if hash_ < 0 else hash_ + 1
    at, colon = text.rfind("@", 0, end), text.rfind(":", 0, end)
    if colon > at:
        text = f"{text[:colon]}/{text[colon + 1 :]}"
        colon = text.rfind(":", 0, end)
    if colon < 0 and "//" not in text:
        return f"git+ssh://{text}"
    return text


def _split(text: str) -> _Url | None:
    """What WHATWG's ``new URL(text)`` says, as far as hosted-git-info looks at it; None where it throws."""
    text = re.sub(r"[\t\n\r]", "", text.strip("".join(map(chr, range(0x21)))))
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", text)
    if match is None:
        return None
    scheme = match.group(1).lower()
    rest, _, fragment = text[match.end() :].partition("#")
    rest = rest.partition("?")[0]
    if scheme in _SPECIAL:
        rest = "//" + rest.replace("\\", "/").lstrip("/")
    if not rest.startswith("//"):
        return _Url(scheme, "", _collapsed(rest) if rest.startswith("/") else rest, fragment, credentials=False)
    authority, slash, path = rest[2:].partition("/")
    userinfo, at, host = authority.rpartition("@")
    hostname = _hostname(host, special=scheme in _SPECIAL)
    if hostname is None or (at and not hostname):
        return None
    return _Url(scheme, hostname, _collapsed(slash + path), fragment, credentials=bool(userinfo.strip(":")))


def _hostname(host: str, *, special: bool) -> str | None:
    name, colon, port = host.partition(":")
    if colon and (not re.fullmatch(r"[0-9]{0,9}", port) or int(port or 0) > 65535 or not name):
        return None
    if not special:
        return None if _FORBIDDEN.search(name) else name
    try:
        name = _decoded(name).lower()
    except ValueError:
        return None
    return None if not name or _FORBIDDEN.search(name) or "%" in name else name


def _collapsed(path: str) -> str:
    """*path* without its dot segments."""
    kept: list[str] = []
    segments = path.split("/")
    for index, segment in enumerate(segments):
        plain = segment.lower().replace("%2e", ".")
        if plain == "..":
            del kept[max(1, len(kept) - 1) :]
        elif plain != ".":
            kept.append(segment)
        if plain in {".", ".."} and index == len(segments) - 1:
            kept.append("")
    return "/".join(kept)
