"""Reads lerna's log, of lerna 8 to 10 as the real tool printed it."""

import re

from safepublish.facts.log import Line, Tool
from safepublish.logs import sentences
from safepublish.logs.state import State
from safepublish.logs.tools import common
from safepublish.logs.wording import NAME

LINE = re.compile(r"(?<![\w/@.-])lerna (ERR!|WARN|notice|http|verb|sill|info|success)(?= |$) ?(.*)")
_CODE = re.compile(r"(E[A-Z0-9_]{2,40})\b ?(.*)")
_PUBLISHED = re.compile(rf"published ({NAME}) (\d+\.\d+\.\d+\S*)")
_FAILED = "notice Package failed to publish: "


def read(state: State, level: str, rest: str, text: str) -> None:
    """Read a line of lerna's own log, with its level in npm's words; its http lines are npm's."""
    line = state.quote(text)
    state.set_tool(Tool.LERNA)
    state.current.note_level("http" if level == "info" else level)  # lerna's log has http above info
    common.reads_unlisted(state, rest, line)
    if rest.startswith("cli v"):
        state.set_tool(Tool.LERNA, version=rest[5:], line=line)
    elif rest.startswith(_FAILED):
        state.start_next_package(rest.removeprefix(_FAILED).strip(), None, line)
    elif level == "success":
        match = _PUBLISHED.match(rest)
        if match:
            state.note_published(match[1], match[2], line)
    elif level == "error":
        _read_error(state, rest, line)
    elif level in {"verbose", "silly"}:
        sentences.read(state, rest, line)


def _read_error(state: State, rest: str, line: Line) -> None:
    match = _CODE.match(rest)
    if match:
        if state.current.code is not None:
            state.start_next_package(None, None, line)
        state.current.fail(match[1], line)
        state.attach_exchange()
    sentences.read(state, rest, line)
    state.current.add_error(line)
