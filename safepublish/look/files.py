"""Reads one file of unknown origin: never a device or pipe that would hang, never more than a limit."""

import os
import stat


class Unread(Exception):  # noqa: N818 - it says what became of the file
    """What lies there is not read here: it is no regular file, or larger than a limit."""


def read_bytes(path: str, limit: int) -> bytes:
    """The content of *path*; OSError or ValueError as `open` raises them, `Unread` above *limit* bytes."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unread("it is no regular file")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise Unread(f"it is larger than {limit} bytes")
    return content


def read_text(path: str, limit: int) -> str:
    """The text of *path* as Node's ``readFile(path, 'utf8')`` decodes it: what is no UTF-8 is replaced."""
    return read_bytes(path, limit).decode(errors="replace")
