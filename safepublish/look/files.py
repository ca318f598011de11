"""Reads one file of unknown origin: never a device or pipe that would hang, never more than a limit."""

import os
import stat
from io import BufferedReader


class Unread(Exception):  # noqa: N818 - it says what became of the file
    """What lies there is not read here: it is no regular file, or larger than a limit."""


def open_regular(path: str) -> BufferedReader:
    """The regular file *path*; `Unread` for what is none, OSError and ValueError as `open` raises them."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise Unread("it is no regular file")
    return file


def read_text(path: str, limit: int) -> str:
    """The text of *path* as Node's ``readFile(path, 'utf8')`` decodes it: what is no UTF-8 is replaced.

    `Unread` above *limit* bytes.
    """
    with open_regular(path) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise Unread(f"it is larger than {limit} bytes")
    return content.decode(errors="replace")
