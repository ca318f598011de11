"""Reads how auto, release-it and JS-DevTools/npm-publish say that they have no token."""

from safepublish.facts.log import Line, Tool
from safepublish.logs.state import State
from safepublish.logs.tools import common


def read(state: State, text: str, line: Line) -> bool:
    """Whether the line is such a message, which is then read; that of auto was taken from its source."""
    if "don't have a NPM_TOKEN available" in text:
        state.set_tool(Tool.AUTO)
        state.current.note("publishing", line)
        common.end_publish(state, "ENONPMTOKEN", text, line)
        return True
    if "Not authenticated with npm. Please `npm login`" in text:
        state.set_tool(Tool.RELEASE_IT)
        common.end_publish(state, "ENEEDAUTH", text, line)
        return True
    if "InvalidTokenError: Token must be a non-empty string" in text:
        state.set_tool(Tool.NPM_PUBLISH)
        common.end_publish(state, "ENONPMTOKEN", text, line)
        return True
    return False
