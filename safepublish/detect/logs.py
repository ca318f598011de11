"""Reads logs from files, standard input, and the directory where npm leaves its debug logs."""

import os
import stat
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from safepublish.detect import config, npm
from safepublish.detect.files import UnreadableError, open_regular

BLOCK = 256 * 1024
"""Bytes that are read at once."""

_HEAD = 16 * 1024
_MOST_LOOKED_AT = 50
_PUBLISHES = (b"verbose title npm pub", b"verbose title npm stage")


def blocks(file: BinaryIO) -> Iterator[bytes]:
    """The bytes of *file*, block by block."""
    while block := file.read(BLOCK):
        yield block


def newest(env: Mapping[str, str], cwd: str) -> tuple[str | None, str | None]:
    """Npm's newest debug log of a publish, else its newest of any command; and the directory that was searched.

    The directory is npm's own `logs-dir`, resolved as npm resolves it; the names begin with the time (npm 12.2.0,
    lib/utils/log-file.js).
    """
    directory = config.logs_dir(config.read(("publish",), env=env, cwd=cwd, npm=npm.find(env)))
    if directory is None:
        return None, None
    try:
        names = sorted((name for name in os.listdir(directory) if name.endswith("-debug-0.log")), reverse=True)
    except OSError:
        return None, directory
    paths = [os.path.join(directory, name) for name in names]
    publish = next((path for path in paths[:_MOST_LOOKED_AT] if _is_publish(path)), None)
    return publish or next(iter(paths), None), directory


def is_piped(descriptor: int) -> bool:
    """Whether something was piped or redirected into *descriptor*, rather than a terminal or nothing."""
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _is_publish(path: str) -> bool:
    try:
        with open_regular(path) as file:
            head = file.read(_HEAD)
    except (OSError, UnreadableError):
        return False
    return any(title in head for title in _PUBLISHES)
