"""The word after ``npm publish``: a directory, a tarball, or something npm fetches (npm-package-arg 14.0.0, npa.js)."""

import posixpath
import re
from typing import NamedTuple

from safepublish.npm import git_hosts
from safepublish.npm.manifest import name_trouble

_URL = re.compile(r"(?:git[+])?[a-z]+:", re.IGNORECASE)
_SCP = re.compile(r"[^@]+@[^:.]+\.[^:]+:.+", re.IGNORECASE)
_TARBALL = re.compile(r"[.](?:tgz|tar\.gz|tar)$", re.IGNORECASE)
_POSIX_PATH = re.compile(r"[.]|~/|/|[a-zA-Z]:")
_WINDOWS_PATH = re.compile(r"[.]|~/|[/\\]|[a-zA-Z]:")


class Spec(NamedTuple):
    """What npm takes a word for."""

    kind: str  # directory, file, git, remote, registry, alias, unsupported
    name: str | None = None
    path: str | None = None  # of a directory or file: absolute, relative to the working directory, or ~/…


def read(word: str, *, windows: bool = False) -> Spec:
    """What npm takes *word* for; a word npm stops at is `unsupported`.

    ``dir/`` and ``./dir`` are directories, but ``dir`` is a package of the registry and ``a/b`` a GitHub repository.
    """
    name, text = _name_and_rest(word, windows=windows)
    if name is not None and name_trouble(name) is not None:
        return Spec("unsupported")
    slashes = "\\/" if windows else "/"
    is_path = (_WINDOWS_PATH if windows else _POSIX_PATH).match(text) is not None
    if is_path or text.lower().startswith("file:"):
        return _file(text, name)
    if text.lower().startswith("npm:"):
        return Spec("alias", name)
    if git_hosts.read(text) is not None:
        return Spec("git", name)
    if _URL.match(text):
        return Spec(_remote(text), name)
    if any(slash in text for slash in slashes) or _TARBALL.search(text):
        return _file(text, name)
    return Spec("registry", name)


def _name_and_rest(word: str, *, windows: bool) -> tuple[str | None, str]:
    at = word.find("@", 1)
    name = word[:at] if at > 0 else word
    if _URL.match(word):
        return None, word
    if _SCP.fullmatch(word):
        return None, f"git+ssh://{word}"
    slashed = "/" in name or (windows and "\\" in name)
    if not name.startswith("@") and (slashed or _TARBALL.search(name)):
        return None, word
    if at > 0:
        return name, word[at + 1 :] or "*"
    if name_trouble(word) is None:
        return word, "*"
    return None, word


def _file(text: str, name: str | None) -> Spec:
    """A path; npm reads `/../x` as `../x`, and `~` as the home wherever it is the first name (npa.js, `fromFile`)."""
    path = text.removeprefix("file:")
    if path.startswith("/"):
        bare = path.lstrip("/")
        path = bare if bare.partition("/")[0] in {".", ".."} else f"/{bare}"
    below_root = posixpath.normpath(f"/{path}")
    if below_root == "/~" or below_root.startswith("/~/"):
        path = below_root[1:]
    elif path.startswith("~"):
        path = f"./{path}"
    return Spec("file" if _TARBALL.search(text) else "directory", name, path)


def _remote(text: str) -> str:
    scheme = text.partition(":")[0].lower()
    if scheme in {"http", "https"}:
        return "remote"
    git = {"git", "git+http", "git+https", "git+rsync", "git+ftp", "git+file", "git+ssh"}
    return "git" if scheme in git else "unsupported"
