"""Reads workflow files and what of their repository they refer to."""

import os
import re
import stat
from collections.abc import Iterator, Sequence

from safepublish.detect.files import UnreadableError, read_text

_LIMIT = 2**20
_WORKFLOWS = os.path.join(".github", "workflows")
_ENDINGS = (".yml", ".yaml")
_CALLS = re.compile(r"uses:\s*['\"]?[.$]/(\.github/workflows/[^'\"\s#@]+)")
_MOST_KEPT = 4096


class Checkout:
    """The files of one repository, by their path from its root; each is read once, and none from outside it."""

    def __init__(self, root: str) -> None:  # noqa: D107 - the class says it
        self.root = root
        self._inside = os.path.realpath(root).rstrip(os.sep) + os.sep
        self._texts: dict[str, str | None] = {}
        self._directories: dict[str, bool] = {}
        self._callers: dict[str, list[tuple[str, str]]] | None = None

    def text(self, path: str) -> str | None:
        """The text of the file *path*, None where it cannot be had."""
        if path not in self._texts:
            if len(self._texts) > _MOST_KEPT:
                self._texts.clear()
            self._texts[path] = self._read(path)
        return self._texts[path]

    def callers(self, path: str) -> Sequence[tuple[str, str]]:
        """The workflows that name the workflow *path* as one that they call, with their texts."""
        if self._callers is None:
            self._callers = {}
            where = os.path.join(self.root, _WORKFLOWS)
            for name in _names(where) if os.path.isdir(where) else ():
                caller = f".github/workflows/{name}"
                text = self.text(caller)
                for called in set(_CALLS.findall(text)) if text and "/.github/workflows/" in text else ():
                    self._callers.setdefault(called, []).append((caller, text or ""))
        return self._callers.get(path, ())

    def _read(self, path: str) -> str | None:
        full = os.path.join(self.root, *path.split("/"))
        try:
            return read_text(full, _LIMIT) if self._is_inside(full) else None
        except (OSError, UnreadableError, ValueError):
            return None

    def _is_inside(self, full: str) -> bool:
        """Whether the file is in the repository behind all links; what its directory is behind them is asked once."""
        directory, name = os.path.split(full)
        if name in {"", ".", ".."} or stat.S_ISLNK(os.lstat(full).st_mode):
            return os.path.realpath(full).startswith(self._inside)
        if directory not in self._directories:
            self._directories[directory] = (os.path.realpath(directory) + os.sep).startswith(self._inside)
        return self._directories[directory]


def paths(given: Sequence[str], cwd: str, root: str | None) -> Iterator[str]:
    """The files that *given* paths mean: of a directory its workflows, of nothing those of the repository."""
    for path in given or [root or cwd, *_of_others(root or cwd)]:
        full = os.path.join(cwd, path)
        yield from _inside(full) if os.path.isdir(full) else [os.path.normpath(full)]


def _of_others(directory: str) -> Iterator[str]:
    """The files of GitLab and CircleCI in *directory*."""
    for name in (".gitlab-ci.yml", os.path.join(".circleci", "config.yml")):
        if os.path.isfile(os.path.join(directory, name)):
            yield os.path.join(directory, name)


def _inside(directory: str) -> Iterator[str]:
    workflows = os.path.join(directory, _WORKFLOWS)
    where = workflows if os.path.isdir(workflows) else directory
    for name in _names(where):
        yield os.path.normpath(os.path.join(where, name))


def _names(directory: str) -> list[str]:
    return sorted(name for name in os.listdir(directory) if name.endswith(_ENDINGS))


def root_of(path: str, cwd: str, root: str | None) -> str:
    """The root of the repository that the workflow file *path* belongs to."""
    before, found, _ = path.rpartition(os.sep + _WORKFLOWS + os.sep)
    if found:
        return before or os.sep
    return root if root is not None and path.startswith(root + os.sep) else cwd
