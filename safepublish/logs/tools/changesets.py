"""Reads what changesets 2 and 3 and changesets/action print of a publish, as the real tools printed it."""

import re

from safepublish.facts.kinds import Ci
from safepublish.facts.log import Line, Tool
from safepublish.logs import wording
from safepublish.logs.state import State
from safepublish.logs.tools import common
from safepublish.logs.wording import NAME, SPEC

_FAILED = re.compile(rf"(?:error )?an error occurred while publishing ({NAME}): (\S+) ?(.*)")
_FAILED_3 = re.compile(r"└ ([A-Z][A-Z0-9_]{2,50}): ?(.*)")
_NO_IDENTITY = "No NPM_TOKEN or OIDC available"  # changesets/action: neither that nor the id token's variables
_IDENTITY = "OIDC is available - using npm trusted publishing"  # the same, which found those variables
_ONLY_SPEC = re.compile(rf"{SPEC}$")


def read(state: State, text: str, line: Line) -> bool:
    """Whether the line is one of changesets' or of changesets/action's, which is then read."""
    match = _FAILED.search(text) if "while publishing" in text else None
    if match:
        state.set_tool(Tool.CHANGESETS)
        state.start_next_package(match[1], None, line)
        common.end_publish(state, match[2] if wording.CODE_WORD.fullmatch(match[2]) else "E", text, line)
        return True
    if text.startswith(_NO_IDENTITY):
        state.quotes["no_identity"] = line
        return True
    if _IDENTITY in text:
        state.quotes["identity"] = line
        state.shared["ci"] = Ci.GITHUB
        return True
    if text.startswith(("changeset v", "info Publishing ")):
        state.set_tool(Tool.CHANGESETS, version=text[11:] if text.startswith("changeset v") else None)
        return True
    if "packages published successfully" in text or text.endswith("Successfully published:"):
        state.listing = True
        return True
    match = _ONLY_SPEC.match(text)
    if match:
        state.spec = (match[1], match[2])
        if state.listing:
            state.note_published(match[1], match[2], line)
        return True
    match = _FAILED_3.match(text)
    if match:
        state.set_tool(Tool.CHANGESETS)
        name, version = state.spec or (None, None)
        state.start_next_package(name, version, line)
        common.end_publish(state, match[1], text, line)
        return True
    state.listing = state.listing and text.startswith("New tag")
    return False
