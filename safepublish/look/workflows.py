"""Reads workflow files and what of their repository they refer to."""

import os
from collections.abc import Iterator, Sequence

from safepublish.look.files import Unread, read_text

_LIMIT = 2**20
_WORKFLOWS = os.path.join(".github", "workflows")
_ENDINGS = (".yml", ".yaml")
_MOST_KEPT = 4096


class Checkout:
    """The files of one repository, by their path from its root; each is read once, and none from outside it."""

    def __init__(self, root: str) -> None:  # noqa: D107 - the class says it
        self.root = root
        self._inside = os.path.realpath(root) + os.sep
        self._texts: dict[str, str | None] = {}

    def text(self, path: str) -> str | None:
        """The text of the file *path*, None where it cannot be had."""
        if path not in self._texts:
            if len(self._texts) > _MOST_KEPT:
                self._texts.clear()
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> str | None:
        full = os.path.join(self.root, *path.split("/"))
        if not os.path.realpath(full).startswith(self._inside):
            return None
        try:
            return read_text(full, _LIMIT)
        except (OSError, Unread, ValueError):
            return None


def paths(given: Sequence[str], cwd: str, root: str | None) -> Iterator[str]:
    """The files that *given* paths mean: of a directory its workflows, of nothing those of the repository."""
    for one in given or [root or cwd]:
        full = os.path.join(cwd, one)
        yield from _inside(full) if os.path.isdir(full) else [os.path.normpath(full)]


def _inside(directory: str) -> Iterator[str]:
    workflows = os.path.join(directory, _WORKFLOWS)
    where = workflows if os.path.isdir(workflows) else directory
    for name in sorted(os.listdir(where)):
        if name.endswith(_ENDINGS):
            yield os.path.normpath(os.path.join(where, name))


def root_of(path: str, cwd: str, root: str | None) -> str:
    """The root of the repository that the workflow file *path* belongs to."""
    before, found, _ = path.rpartition(os.sep + _WORKFLOWS + os.sep)
    if found:
        return before or os.sep
    return root if root is not None and path.startswith(root + os.sep) else cwd
