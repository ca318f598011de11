"""Comments in workflow files that let a cause pass on their line: ``# safepublish: ignore[npm-too-old] reason``.

A comment counts for its own line, and one that stands alone for the next line that is no comment.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from safepublish.facts.finding import Location
from safepublish.facts.waiver import Waiver

_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*safepublish:\s*ignore\[([^\]\n]{0,500})\][ \t:]*(.*)$", re.IGNORECASE)
_LONGEST = 2000  # characters of a line that is searched


class Ignore(NamedTuple):
    """One cause of one comment."""

    cause: str
    reason: str
    line: int  # of the comment
    for_line: int  # of what it lets pass


def read(text: str) -> tuple[Ignore, ...]:
    """The comments in the *text* of a workflow file, one for each cause that they name, whether it exists or not."""
    if "safepublish:" not in text.lower():
        return ()
    return tuple(_ignores(text.splitlines()))


def _ignores(lines: list[str]) -> Iterator[Ignore]:
    for index, line in enumerate(lines):
        match = _COMMENT.search(line[:_LONGEST])
        if match is None:
            continue
        target = index
        if not line[: match.start()].strip():
            target = next((at for at in range(index, len(lines)) if not _is_comment(lines[at])), index)
        for cause in match[1].split(","):
            yield Ignore(cause.strip().lower(), match[2].strip(), index + 1, target + 1)


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def reason(ignores: Iterable[Ignore], cause: str, path: str, at: Location) -> str | None:
    """The reason of the comment that lets *cause* pass at *at* in the file *path*; None where there is none."""
    if at.path != path or at.line is None:
        return None
    return next((one.reason for one in ignores if one.cause == cause and one.for_line == at.line), None)


def unused(ignores: Iterable[Ignore], path: str, waived: Iterable[tuple[str, int | None]]) -> tuple[Waiver, ...]:
    """Those of *ignores* that let nothing pass; *waived* are the causes that were waived, each with its line."""
    hidden = set(waived)
    return tuple(
        Waiver(one.cause, one.reason, f"{path}:{one.line}")
        for one in ignores
        if (one.cause, one.for_line) not in hidden
    )
