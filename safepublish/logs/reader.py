"""Reads logs: npm's debug log, what npm and other publishing tools print, and all of that as a CI shows it.

One pass over the lines, in bounded memory: of a log of any size only the facts about its publishes are kept.
"""

import itertools
from collections.abc import Iterable

from safepublish.facts.log import Tool
from safepublish.logs import ci_formats, ci_lines, loose_lines, npm_lines, pastes, prefix, signals, tools, wording
from safepublish.logs.log import Transcript
from safepublish.logs.state import State
from safepublish.logs.tools import common, lerna


def read(blocks: Iterable[bytes]) -> Transcript:
    """What failed and what was published in a log, given in blocks of bytes of any size."""
    state = State()
    lines = ci_formats.lines(blocks)
    first = list(itertools.islice(lines, prefix.LINES))
    before_each = prefix.find(ci_formats.strip(raw) for _, raw in first)

    def strip(raw: str) -> str:
        text = ci_formats.strip(raw)
        match = before_each.match(text) if before_each is not None else None
        return ci_formats.strip(text[match.end() :]) if match else text

    for number, raw in pastes.unwrapped(itertools.chain(first, lines), strip):
        state.number = number
        _read_line(state, raw, strip(raw))
    return state.transcript()


def _read_line(state: State, raw: str, text: str) -> None:
    if ci_formats.is_script_line(raw):
        ci_lines.read_command(state, text, in_head=True)
        return
    if not text:
        return
    if state.number < ci_lines.FIRST_LINES and "ci" not in state.shared:
        ci_lines.detect_ci(state, raw)
    if "404 for npm info" in text and common.reads_unlisted(state, text, state.quote(text)):
        return
    match = (wording.NPM.search(text) if wording.NPM_LEVEL.search(text) else None) or wording.DEBUG_LOG.match(text)
    if match:
        npm_lines.read_line(state, wording.LEVELS.get(match[1], match[1]), (match[2] or "").rstrip(), text)
        return
    match = lerna.LINE.search(text) if "lerna " in text else None
    if match:
        level = wording.LEVELS.get(match[1], match[1])
        if level == "http" or match[2].startswith("oidc "):
            state.set_tool(Tool.LERNA)
            state.current.note_level(level)
            npm_lines.read_fact(state, level, match[2], text)
        else:
            lerna.read(state, level, match[2], text)
        return
    _read_other(state, text, raw)


def _read_other(state: State, text: str, raw: str) -> None:
    if text.startswith("Run ") or "##[group]Run " in raw:
        ci_lines.read_step_head(state, text.partition("##[group]")[2] or text)
        return
    if not signals.may_matter(text):
        state.listing = False
        return
    match = wording.TOKEN.match(text)
    if match:
        ci_lines.read_variable(state, match[1], match[2].strip(), state.quote(text))
        return
    ci_lines.read_surroundings(state, text)
    if ci_lines.reads_version(state, text) or ci_lines.reads_command(state, text):
        return
    line = state.quote(text)
    if tools.read(state, text, line):
        return
    match = wording.WENT_OUT.match(text)
    if match and (state.current.has_begun or "publish" in (state.command or "")):
        state.note_published(match[1], match[2], line)
        return
    loose_lines.read_line(state, text, line)
