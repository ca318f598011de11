"""An internal error: what it is and where, without the values that were involved."""

import traceback
from pathlib import PurePath

from safepublish.npm.secrets import redacted
from safepublish.report import escape

BUG = "internal error in safepublish"
TRACKER = "https://github.com/safepublish/safepublish/issues"
LONGEST = 300
"""Characters of an exception's message that are shown."""

_MOST_PLACES = 6
_PACKAGE = PurePath(__file__).parent.parent


def render(error: Exception, *, npm: str) -> str:
    """What went wrong and where, innermost first; *npm* says what it means for the publish."""
    message = escape.plain(redacted(str(error))[:LONGEST])
    frames = reversed(traceback.extract_tb(error.__traceback__))
    places = [f"{_shown(frame.filename)}:{frame.lineno} ({frame.name})" for frame in frames][:_MOST_PLACES]
    return (
        f"safepublish: {BUG}; it says nothing about your package: {type(error).__name__}: {message}\n"
        f"    at {', '.join(places)}\n"
        + (f"    {npm}\n" if npm else "")
        + f"    Please report it with these lines: {TRACKER}\n"
    )


def _shown(path: str) -> str:
    """The path below the package or the library, without the home it lies in."""
    place = PurePath(path)
    return place.relative_to(_PACKAGE.parent).as_posix() if place.is_relative_to(_PACKAGE) else place.name
