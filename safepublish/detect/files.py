"""Reads one file of unknown origin: never a device or pipe that would hang, never more than a limit."""

import errno
import os
import stat
from io import BufferedReader
from typing import Any

from safepublish.facts.error import SafepublishError

_DEEPEST = 50  # collections in each other in a YAML file of settings
_MOST_EVENTS = 40_000  # scalars, and beginnings and ends of collections; a second's worth
_MOST_COPIES = 30  # aliases and merges


class UnreadableError(SafepublishError):
    """A file is not read here, though npm may read it: it is not a regular file, or larger than a limit."""


def open_regular(path: str) -> BufferedReader:
    """Open the regular file *path*; raises OSError and ValueError as `open` does, `UnreadableError` for a device.

    A pipe is not even opened: that would let its writer go on, and npm must be the first to read it.
    """
    _require_regular(os.stat(path).st_mode, path)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    try:
        _require_regular(os.fstat(file.fileno()).st_mode, path)  # another file may have come to be there
    except BaseException:
        file.close()
        raise
    return file


def _require_regular(mode: int, path: str) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not stat.S_ISREG(mode):
        raise UnreadableError("it is not a regular file")


def read_bytes(path: str, limit: int, *, truncate: bool = False) -> bytes:
    """Return the content of *path*; above *limit* bytes raises `UnreadableError`, or with *truncate* ends there."""
    with open_regular(path) as file:
        content = file.read(limit + 1)
    if len(content) > limit and not truncate:
        raise UnreadableError(f"it is larger than {limit} bytes")
    return content[:limit]


def read_text(path: str, limit: int) -> str:
    """Return the text of *path* as Node's ``readFile(path, 'utf8')`` decodes it: what is no UTF-8 is replaced.

    Raises as `open_regular` does, and `UnreadableError` above *limit* bytes.
    """
    return read_bytes(path, limit).decode(errors="replace")


def parse_object(text: str | bytes) -> dict[str, Any]:
    """Return the JSON object that *text* holds, a byte order mark before it or not; raises ValueError."""
    import json  # not by a guard that reads no JSON

    try:
        document = json.loads(text.removeprefix("\ufeff") if isinstance(text, str) else text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - as json.loads raises for what it cannot read
    return document


def json_object(text: str | bytes) -> dict[str, Any] | None:
    """Return the JSON object that *text* holds, None where it holds none."""
    try:
        return parse_object(text)
    except ValueError:  # also of numbers without end
        return None


def read_object(path: str, limit: int) -> dict[str, Any] | None:
    """Return the JSON object in the file *path*, None where there is none that can be read here."""
    try:
        return json_object(read_text(path, limit))
    except (OSError, ValueError, UnreadableError):
        return None


def yaml_document(text: str) -> object:
    """Return what the YAML *text* holds; raises ValueError.

    What is nested deeper than any settings is refused, because libyaml overflows the stack.
    """
    import yaml  # only where there is such a file

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = events = copies = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise ValueError("it is nested too deeply")
            events += 1
            # What is merged (`<<: [*a, *a]`) is copied, and copies of copies are beyond all measure.
            copies += isinstance(event, yaml.AliasEvent) or getattr(event, "value", None) == "<<"
            if events > _MOST_EVENTS or copies > _MOST_COPIES:
                raise ValueError("it is too large")
        return yaml.load(text, Loader=loader)  # noqa: S506 - either is safe
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error).replace("\n", " ")) from error
