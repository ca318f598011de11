"""The lines that differ between two texts: the fewest there are, also where a file is long and full of equal lines.

Python's difflib ignores frequent lines in long texts, and needs quadratic time where it does not. This is the algorithm
of Myers, whose time grows with the number of differences.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_MOST_DIFFERENCES = 2000
"""Beyond that the whole stretch is shown as changed."""


class Hunk(NamedTuple):
    """Lines from *start* up to *end* before, that give way to those from *new_start* up to *new_end*."""

    start: int
    end: int
    new_start: int
    new_end: int


def hunks(before: Sequence[str], after: Sequence[str]) -> list[Hunk]:
    """The stretches of lines that differ, in order."""
    first = _common(before, after)
    last = _common(before[first:][::-1], after[first:][::-1])
    old, new = before[first : len(before) - last], after[first : len(after) - last]
    found: list[Hunk] = []
    row = column = 0
    for match_row, match_column in [*_matches(old, new), (len(old), len(new))]:
        if (row, column) != (match_row, match_column):
            found.append(Hunk(first + row, first + match_row, first + column, first + match_column))
        row, column = match_row + 1, match_column + 1
    return found


def unified(before: Sequence[str], after: Sequence[str], context: int) -> Iterator[str]:
    """The body of a unified diff; *before* and *after* are lines, which keep their ends."""
    group: list[Hunk] = []
    for hunk in hunks(before, after):
        if group and hunk.start - group[-1].end > 2 * context:
            yield from _group(before, after, group, context)
            group = []
        group.append(hunk)
    if group:
        yield from _group(before, after, group, context)


def _group(before: Sequence[str], after: Sequence[str], group: Sequence[Hunk], context: int) -> Iterator[str]:
    top = max(0, group[0].start - context)
    bottom = min(len(before), group[-1].end + context)
    new_top = group[0].new_start - (group[0].start - top)
    new_bottom = group[-1].new_end + (bottom - group[-1].end)
    yield f"@@ -{_range(top, bottom)} +{_range(new_top, new_bottom)} @@\n"
    at = top
    for hunk in group:
        yield from (f" {line}" for line in before[at : hunk.start])
        yield from (f"-{line}" for line in before[hunk.start : hunk.end])
        yield from (f"+{line}" for line in after[hunk.new_start : hunk.new_end])
        at = hunk.end
    yield from (f" {line}" for line in before[at:bottom])


def _range(start: int, end: int) -> str:
    """The lines of a hunk as the unified format writes them."""
    length = end - start
    if length == 1:
        return f"{start + 1}"
    return f"{start + 1 if length else start},{length}"


def _common(some: Sequence[str], others: Sequence[str]) -> int:
    """How many lines two texts have in common at their beginning."""
    count = 0
    for one, other in zip(some, others, strict=False):
        if one != other:
            break
        count += 1
    return count


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of equal lines that stay, in order; none where the texts differ in too many lines to compare them."""
    furthest = {1: 0}  # of each diagonal (row minus column), the row that was reached with as few differences
    reached: list[dict[int, int]] = []
    for depth in range(min(len(old) + len(new), _MOST_DIFFERENCES) + 1):
        current: dict[int, int] = {}
        for diagonal in range(-depth, depth + 1, 2):
            row = furthest[diagonal + 1] if _is_down(furthest, depth, diagonal) else furthest[diagonal - 1] + 1
            while row < len(old) and row - diagonal < len(new) and old[row] == new[row - diagonal]:
                row += 1
            current[diagonal] = row
            if row >= len(old) and row - diagonal >= len(new):
                return _path(reached, current, len(old) - len(new))
        reached.append(current)
        furthest = current
    return []


def _is_down(furthest: Mapping[int, int], depth: int, diagonal: int) -> bool:
    """Whether a diagonal is best reached by an added line, and not by one that is taken away."""
    if diagonal in {-depth, depth}:
        return diagonal == -depth
    return furthest[diagonal - 1] < furthest[diagonal + 1]


def _path(reached: Sequence[Mapping[int, int]], last: Mapping[int, int], diagonal: int) -> list[tuple[int, int]]:
    """The pairs of equal lines on the way to the end of both texts, which is on *diagonal*."""
    pairs: list[tuple[int, int]] = []
    row = last[diagonal]
    for depth in range(len(reached), -1, -1):
        furthest = reached[depth - 1] if depth else {1: 0}
        down = _is_down(furthest, depth, diagonal)
        before = furthest[diagonal + 1] if down else furthest[diagonal - 1]
        start = before if down else before + 1
        pairs += [(at, at - diagonal) for at in range(row - 1, start - 1, -1)]
        row, diagonal = before, diagonal + 1 if down else diagonal - 1
    return pairs[::-1]
