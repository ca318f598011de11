"""Reads what bun prints of a publish, of bun 1.4 as the real tool printed it."""

import re

from safepublish.facts.log import Line, Tool
from safepublish.logs.state import State
from safepublish.logs.tools import common
from safepublish.logs.wording import SPEC

_START = re.compile(r"bun publish v(\d{1,3}\.\d{1,4}\.\d{1,4})")
_STATUS = re.compile(r"([45]\d\d) [A-Z][\w ]{1,30}: https?://\S+$")
_SPEC = re.compile(rf"- '{SPEC}' does not exist in this registry")


def read(state: State, text: str, line: Line) -> bool:
    """Whether the line is one of bun's, which is then read."""
    match = _START.match(text)
    if match:
        state.set_tool(Tool.BUN, version=match[1], line=line)
        state.current.note("publishing", line)
        return True
    if "missing authentication (run `bunx npm login`)" in text:
        state.set_tool(Tool.BUN)
        state.current.note("publishing", line)
        common.end_publish(state, "ENEEDAUTH", text, line)
        return True
    return state.tool is Tool.BUN and _reads_answer(state, text, line)


def _reads_answer(state: State, text: str, line: Line) -> bool:
    match = _SPEC.search(text)
    if match:
        state.current.note("name", line, name=match[1], version=match[2])
        return True
    match = _STATUS.match(text)
    if match:
        state.current.note("put", line, put_status=int(match[1]))
        common.end_publish(state, f"E{match[1]}", text, line)
    return match is not None
