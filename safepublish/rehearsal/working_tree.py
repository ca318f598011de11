"""Detects what the scripts of a rehearsal change in the working tree itself, where a rehearsal writes nothing."""

import os
from collections.abc import Iterable, Iterator

MOST_FILES = 20_000
"""The number of files whose time and size are compared; further files are not watched."""

MOST_NAMES = 5
"""The number of changed files that are named."""

_Tree = dict[str, tuple[int, int]]


def snapshot(root: str) -> _Tree:
    """The time and size of each file below *root*, without `.git`, by its path."""
    files: _Tree = {}
    for path in _paths(root):
        try:
            status = os.lstat(path)
        except OSError:
            continue
        files[os.path.relpath(path, root)] = (status.st_mtime_ns, status.st_size)
        if len(files) >= MOST_FILES:
            break
    return files


def changed_files(root: str, before: _Tree) -> list[str]:
    """The files below *root* that were written, created or removed since *before*, sorted."""
    after = snapshot(root)
    names = before.keys() | after.keys() if len(before) < MOST_FILES else before.keys()
    return sorted(name for name in names if before.get(name) != after.get(name))


def names_not_utf8(names: Iterable[str]) -> list[str]:
    """The *names* that are not UTF-8. Node cannot open such a file: npm then fails with ENOENT."""
    return sorted(name for name in names if any("\udc80" <= char <= "\udcff" for char in name))


def _paths(root: str) -> Iterator[str]:
    for directory, subdirectories, names in os.walk(root):
        subdirectories[:] = sorted(name for name in subdirectories if name != ".git")
        yield from (os.path.join(directory, name) for name in sorted(names))
