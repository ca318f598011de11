"""Reads what yarn prints of a publish, of yarn 1.22 and 4 as the real tools printed it."""

import re

from safepublish.facts.log import Line, Tool
from safepublish.logs import sentences
from safepublish.logs.state import State

_LINE = re.compile(r"➤?\s*(YN\d{4}): ?[│┌└· ]*(.*)")
_ANSWER = re.compile(r"Response Code: (\d{3})\b")
_URL = re.compile(r"Request URL: (https?://\S+)")
_RELEASE = re.compile(r"\bYarn (\d{1,3}\.\d{1,4}\.\d{1,4})")
_CLASSIC_CODES = {"not found": "E404", "unauthorized": "E401", "forbidden": "E403"}
_CLASSIC_STATUS = re.compile(r": (Not found|Unauthorized|Forbidden)", re.IGNORECASE)


def read_classic(state: State, text: str, line: Line) -> bool:
    """Whether the line is one of yarn 1's, which is then read."""
    if text.startswith("yarn publish v1."):
        state.set_tool(Tool.YARN_CLASSIC, version=text[14:], line=line)
    elif "Couldn't publish package" in text or "No token found and can't prompt" in text:
        if state.current.has_code_line:  # npm's own publish, above
            state.end_publish()
        state.set_tool(Tool.YARN_CLASSIC)
        status = _CLASSIC_STATUS.search(text)
        state.current.fail(_CLASSIC_CODES[status[1].lower()] if status else "ENEEDAUTH", line)
        state.current.add_error(line)
    else:
        return False
    state.current.note("publishing", line)
    return True


def read(state: State, text: str, line: Line) -> bool:
    """Whether the line is one of yarn 2's or newer, which is then read."""
    match = _LINE.match(text)
    if match is None:
        return False
    code, message = match[1], match[2]
    release = _RELEASE.search(message)
    if release and state.tool in {Tool.NPM, Tool.YARN}:
        state.shared.pop("npm_hint", None)
        state.set_tool(Tool.YARN, version=release[1], line=line)
    elif message.startswith(("Publishing to ", "Error while publishing")):
        state.set_tool(Tool.YARN)
        state.current.note("publishing", line)
    elif code in {"YN0033", "YN0041"} or "No authentication configured" in message:
        _end_publish(state, "ENEEDAUTH", line)
    elif code == "YN0035" and state.tool is Tool.YARN and state.current.has_begun:
        _read_answer(state, message, line)
    elif "Package archive published" in message or "staged for approval" in message:
        state.set_tool(Tool.YARN)
        state.current.note("published", line, published=True)
        state.end_publish()
    return True


def _read_answer(state: State, message: str, line: Line) -> None:
    """Read one of the lines that yarn prints of an answer: that there is one, its status, its URL."""
    _end_publish(state, "E404", line)
    status, url = _ANSWER.search(message), _URL.search(message)
    if status:
        state.current.fields["code"] = f"E{status[1]}"
        state.current.note("put", line, put_status=int(status[1]))
    elif url:
        sentences.set_registry(state, url[1], line)
        if state.current.last.name is None:
            state.current.note("name", line, name=sentences.package_of(url[1]))


def _end_publish(state: State, code: str, line: Line) -> None:
    state.set_tool(Tool.YARN)
    state.current.note("publishing", line)
    state.current.fail(code, line)
    state.current.add_error(line)
