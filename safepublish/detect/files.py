"""Reads one file of unknown origin: never a device or pipe that would hang, never more than a limit."""

import os
import stat
from io import BufferedReader

_DEEPEST = 50  # collections in each other in a YAML file of settings
_MOST_EVENTS = 40_000  # scalars, and beginnings and ends of collections; a second's worth
_MOST_COPIES = 30  # aliases and merges


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


def yaml_document(text: str) -> object:
    """What the YAML *text* holds; raises ValueError. Nested deeper than any setting is, libyaml overflows the stack."""
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
