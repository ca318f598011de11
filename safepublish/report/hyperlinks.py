"""Hyperlinks of a terminal, from the ids of causes to their manual pages."""

import re

from safepublish.causes import BY_ID
from safepublish.report import diagnostics

_ID = re.compile(r"(?:(?<=safepublish explain )|(?<=\[)|(?<=[✗!?x] ))[a-z0-9]+(?:-[a-z0-9]+)+(?![a-z0-9-])")
"""An id where it names a cause: in a heading, and in the command that prints its page."""


def link_causes(text: str) -> str:
    """*text*, which is safe for terminals, with a hyperlink (OSC 8) on each id of a cause that it names."""
    return _ID.sub(lambda match: _link(match[0]) if match[0] in BY_ID else match[0], text)


def _link(cause: str) -> str:
    return f"\x1b]8;;{diagnostics.url(cause)}\x1b\\{cause}\x1b]8;;\x1b\\"
