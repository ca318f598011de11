"""Reads what nx prints around npm's own lines."""

import re

from safepublish.facts.log import Line
from safepublish.logs.state import State

_PUBLISHED = re.compile(r"Published to https?://\S+ with tag ")


def read(state: State, text: str, line: Line) -> bool:
    """Whether the line is nx's own; the others are npm's, and of a published package only the tarball is listed."""
    if text == "npm publish error:":
        state.end_publish()
        return True
    last = state.current.last
    if _PUBLISHED.match(text) is None or last.name is None or last.version is None or state.current.code is not None:
        return False
    state.note_published(last.name, last.version, line)
    state.end_publish()
    return True
