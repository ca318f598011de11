"""Finds what stands before every line of a log: line numbers, time stamps and names that no known CI writes.

An editor numbers lines, a monorepo tool writes the package before each, a cloud its step: the forms are without end,
but all lines of a paste have the same one.
"""

import re
from collections import Counter
from collections.abc import Iterable

LINES = 120
"""Lines from the start that are looked at."""
LONGEST = 80
"""Characters of a prefix, at most."""
_FEWEST = 2  # lines
_SHARE = 0.6  # of the lines

_END = re.compile(r"[\s|│:\])>.-]+(?=[^\s|│:\])>.-])")
_OWN = re.compile(
    r"npm|lerna|YN\d|ERR[!_]|WARN|[Ee]rror|warn|notice|verbose|semantic-release|bun|➤|📦|[{}$]"
    r"|\b[45]\d\d [A-Z]|\bE[A-Z\d]{3,}\b(?<!ERROR)"
)
"""What belongs to a line of a tool, so that it is no prefix."""
_LEVEL = re.compile(r"\d{1,9} (?:silly|verbose|info|timing|http|notice|warn|error)\b")
_BLANKS = re.compile(r"\s+")
_DIGITS = re.compile(r"\d+")


def find(lines: Iterable[str]) -> "re.Pattern[str] | None":
    """What most of the first *lines* start with, numbers taken for equal; None where they have nothing in common."""
    texts = [line for line in lines if line.strip()]
    if len(texts) < _FEWEST:
        return None
    shapes = Counter(shape for text in texts for shape in _shapes(text))
    needed = max(_FEWEST, _SHARE * len(texts))
    shape, count = max(shapes.items(), key=lambda item: (item[1], len(item[0])), default=("", 0))
    if count < needed:
        return None
    return re.compile(_DIGITS.sub(r"\\d+", re.escape(shape)).replace(r"\ ", r"\s+"))


def _shapes(text: str) -> set[str]:
    """The prefixes that *text* may have, with 0 for every number and one blank for several."""
    level = _LEVEL.match(text)
    own = _OWN.search(text)
    last = min(LONGEST, level.start() if level else LONGEST, own.start() if own else LONGEST)
    debug = _LEVEL.search(text, 1, LONGEST)
    if debug and re.match(r"\s", text[debug.start() - 1]):
        last = min(last, debug.start())
    found = set()
    for match in _END.finditer(text, 0, LONGEST + 8):
        if match.end() > last:
            break
        found.add(_DIGITS.sub("0", _BLANKS.sub(" ", text[: match.end()])))
    return found
