"""Writes a mended file in place of the old one: whole, or not at all."""

import os
import tempfile


class ChangedError(Exception):
    """The file does not hold what was read from it: another program wrote it, or it is no UTF-8."""


def rewrite(path: str, before: str, after: str) -> None:
    """Replace the file at *path*, which holds *before*, by *after*; mode and symbolic links stay. Raises OSError."""
    target = os.path.realpath(path)
    with open(target, "rb") as file:
        if file.read() != before.encode():
            raise ChangedError(f"{path} does not hold what was read from it, or is no UTF-8")
    mode = os.stat(target).st_mode
    descriptor, beside = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".safepublish-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(after.encode())
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, mode & 0o7777)
        os.replace(beside, target)
    except BaseException:
        os.unlink(beside)
        raise
