"""Notices what a rehearsal's scripts change in the working tree itself, which is only read otherwise."""

import os
from collections.abc import Iterable, Iterator

MOST_FILES = 20_000
"""Files whose time and size are compared; a file behind the last of them is not watched."""

MOST_NAMES = 5
"""Changed files that are named."""

_Tree = dict[str, tuple[int, int]]


def snapshot(root: str) -> _Tree:
    """The time and size of each file below *root*, `.git` left out, by its path."""
    found: _Tree = {}
    for path in _files(root):
        try:
            status = os.lstat(path)
        except OSError:
            continue
        found[os.path.relpath(path, root)] = (status.st_mtime_ns, status.st_size)
        if len(found) >= MOST_FILES:
            break
    return found


def changed(root: str, before: _Tree) -> list[str]:
    """The files below *root* that were written, made or removed since *before*, sorted."""
    after = snapshot(root)
    names = before.keys() | after.keys() if len(before) < MOST_FILES else before.keys()
    return sorted(name for name in names if before.get(name) != after.get(name))


def not_utf8(names: Iterable[str]) -> list[str]:
    """Those of *names* that are not UTF-8, which Node cannot open: npm then fails with ENOENT."""
    return sorted(name for name in names if any("\udc80" <= char <= "\udcff" for char in name))


def _files(root: str) -> Iterator[str]:
    for directory, below, names in os.walk(root):
        below[:] = sorted(name for name in below if name != ".git")
        yield from (os.path.join(directory, name) for name in sorted(names))
