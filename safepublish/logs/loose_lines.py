"""Reads loose lines of npm: pasted without its prefix, broken where they wrapped, or printed as JSON."""

import json

from safepublish.facts.log import Line, Tool
from safepublish.logs import sentences, wording
from safepublish.logs.state import LONGEST, State
from safepublish.logs.tools import pnpm


def read_line(state: State, text: str, line: Line) -> None:
    """Read one loose line."""
    match = wording.CODE.match(text) or wording.JSON_CODE.match(text.strip())
    if match:
        publish = state.current
        repeated = publish.is_repeated and match[1] == publish.code
        if publish.code is not None and publish.errors and not repeated:
            state.end_publish()
        state.current.fail(match[1], line)
        return
    if text.strip() == "npm publish stdout:":  # nx prints npm's JSON below its own summary of it
        state.current.is_repeated = True
        return
    match = wording.JSON_TEXT.match(text.strip())
    if match:
        _read_json_text(state, match[1], line)
        return
    if wording.NPM_MISSING.search(text):
        state.end_publish()
        state.current.fail("npm-missing", line)
        state.current.add_error(line)
        state.end_publish()
        return
    if _reads_exchange(state, text, line) or wording.QUOTES_ITSELF.match(text):
        return
    if wording.SENTENCE.search(text) or _is_answer(text):
        sentences.read(state, text, line)
        state.current.add_error(line)
        return
    match = wording.PREPUBLISH.match(text)
    if match:
        state.start_package(match[1], match[2], line)
        state.current.note("publishing", line)
        return
    match = wording.TARBALL.search(text) if "📦" in text or "package: " in text else None
    if match:
        state.start_package(match[1], match[2], line)


_ANSWERS = (wording.STATUS, wording.WORD_STATUS, wording.PUT, wording.SHORT_PUT, wording.PUT_BEHIND, wording.FAILED_PUT)


def _is_answer(text: str) -> bool:
    """Whether the line quotes an HTTP answer."""
    return any(method in text for method in _METHODS) and any(answer.search(text) for answer in _ANSWERS)


_METHODS = ("GET ", "PUT ", "POST ", "DELETE ")


def _read_json_text(state: State, text: str, line: Line) -> None:
    """Read the summary or detail of `npm publish --json`."""
    try:
        message = json.loads(text, strict=False)
    except ValueError:
        return
    for part in message.splitlines()[:20]:
        quote = Line(line.number, part)
        sentences.read(state, part, quote)
        state.current.add_error(quote)


def _reads_exchange(state: State, text: str, line: Line) -> bool:
    """Whether the line is about the exchange only; what it shows of it is noted."""
    match = wording.EXCHANGED.search(text)
    if match:
        state.note_exchange("exchange", line, exchange_status=int(match[1]))
    if "Access token expired or revoked" in text:
        state.current.add_notice(line)
    if "Signed provenance statement" in text:
        state.current.note("signed", line, signed=True)
    match = wording.OIDC.search(text)
    if match and not state.current.last.exchanged:
        state.note_exchange("oidc", line, oidc=match[1][:LONGEST])
        status = pnpm.STATUS.search(match[1]) if state.tool is Tool.PNPM else None
        if status:
            state.note_exchange("exchange", line, exchange_status=int(status[1]), minted=True)
        return True
    return False
