"""What publishing tools other than npm print of a publish: one module a tool.

In: one line, stripped of its CI log format, and the state of the reader. Out: whether the line is a tool's; its facts
are then in the state. What nx and npm-publish print is mostly npm's own. May import what `logs` may.
"""

from safepublish.facts.log import Line
from safepublish.logs.state import State
from safepublish.logs.tools import bun, changesets, common, logins, nx, pnpm, semantic_release, yarn

_READERS = (
    common.reads_unlisted,
    pnpm.read,
    yarn.read_classic,
    yarn.read,
    semantic_release.read,
    changesets.read,
    nx.read,
    logins.read,
    bun.read,
)


def read(state: State, text: str, line: Line) -> bool:
    """Whether the line is one of a tool's, whose facts are then noted; lerna's lines are known by their prefix."""
    return any(reads(state, text, line) for reads in _READERS)
