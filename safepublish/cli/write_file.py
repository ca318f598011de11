"""Writes an edited file in place of the old one: whole, or not at all."""

import contextlib
import os
import stat
import tempfile


class NotWrittenError(Exception):
    """The file was not written and is as it was before; the text is the reason."""


def rewrite(path: str, before: str, after: str) -> None:
    """Replace the file at *path*, which contains *before*, by *after*; mode, owner and symbolic links stay.

    Raises `NotWrittenError`, also where the file is read-only or has changed since it was read.
    """
    target = os.path.realpath(path)
    try:
        with open(target, "rb") as file:
            content = file.read()
        status = os.stat(target)
        _check(content, before, writable=bool(status.st_mode & 0o222) and os.access(target, os.W_OK))
        _replace(target, after.encode(), status)
    except OSError as error:
        raise NotWrittenError(error.strerror or str(error)) from error


def _check(content: bytes, before: str, *, writable: bool) -> None:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise NotWrittenError("the file is not UTF-8") from error
    if content != before.encode():
        raise NotWrittenError("the file changed after it was read")
    if not writable:
        raise NotWrittenError("the file is read-only")


def _replace(target: str, content: bytes, status: os.stat_result) -> None:
    """Write *content* to a new file in the same directory, then put that in place of *target*."""
    descriptor, new = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".safepublish-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):  # only root can give a file to somebody else
                os.chown(new, status.st_uid, status.st_gid)
        os.chmod(new, stat.S_IMODE(status.st_mode))
        os.replace(new, target)
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the reason
            os.unlink(new)
        raise
