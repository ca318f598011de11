"""Reads what several publishing tools print alike."""

import re

from safepublish.facts.log import Line
from safepublish.logs import sentences
from safepublish.logs.state import State
from safepublish.logs.wording import NAME

_UNLISTED = re.compile(
    rf"Received 404 for npm info \"({NAME})\"|Package ({NAME}) was not found in the registry\.$"
    rf"|Unable to determine published version, assuming \"({NAME})\" unpublished"
)


def reads_unlisted(state: State, text: str, line: Line) -> bool:
    """Whether the line says that the registry did not find a package for the tool, which is then noted."""
    match = _UNLISTED.search(text) if "found in" in text or "npm info" in text or "unpublished" in text else None
    if match:
        state.note_unlisted(match[1] or match[2] or match[3], line)
    return match is not None


def end_publish(state: State, code: str, text: str, line: Line) -> None:
    """Note that the current publish ended with *code*, and what *text* shows of the reason."""
    state.current.fail(code, line)
    sentences.read(state, text, line)
    state.current.add_error(line)
