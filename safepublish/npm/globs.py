"""Matches paths with globs as npm does (minimatch and brace-expansion), in bounded time whatever the glob.

A glob comes from a file of somebody: where it is too involved, `TooInvolvedError` says so, and the answer is unknown.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from safepublish.facts.error import SafepublishError

LONGEST = 4096
"""Characters of a glob that is read."""
MOST_ALTERNATIVES = 5_000
"""Globs that the braces of one glob may stand for; npm has no limit, or one of 100,000."""
MOST_STEPS = 20_000
"""Steps of matching one name with one segment; usual globs take a dozen."""
_DEEPEST = 30  # braces or groups in each other


class TooInvolvedError(SafepublishError):
    """What the glob matches could only be found with more effort than is spent on it."""


def matches(path: str, glob: str) -> bool:
    """Whether *path* matches *glob* by minimatch's rules, its options at their defaults."""
    if glob.startswith("#"):
        return False
    return any(match_segments(path.split("/"), segments, dot=False) for segments in alternatives(glob))


def match_segments(parts: Sequence[str], segments: Sequence[str], *, dot: bool) -> bool:
    """Whether the *parts* of a path match the *segments* of a glob; with *dot* a wildcard matches a leading dot."""
    reached = {0}  # the parts that the segments so far may have matched
    for index, head in enumerate(segments):
        if not reached:
            return False
        if head == "**":
            reached = _below(parts, reached, dot=dot, last=index == len(segments) - 1)
        else:
            reached = {at + 1 for at in reached if at < len(parts) and match_segment(parts[at], head, dot=dot)}
    return len(parts) in reached


def _below(parts: Sequence[str], reached: set[int], *, dot: bool, last: bool) -> set[int]:
    """What ``**`` reaches: any number of parts, none with a dot at its start; at the end of a glob at least one."""
    found: set[int] = set()
    for start in sorted(reached):
        if start in found:
            continue  # what follows was reached from an earlier start
        if not last:
            found.add(start)
        for at in range(start, len(parts)):
            part = parts[at]
            if (not last and part in {".", ".."}) or (part.startswith(".") and not dot):
                break
            found.add(at + 1)
    return found


def is_magic(segment: str) -> bool:
    """Whether *segment* is more than a name."""
    return any(char in segment for char in "*?[(")


def match_segment(name: str, glob: str, *, dot: bool = False) -> bool:
    """Whether *name* matches one segment of a glob: `*`, `?`, `[…]`, `@(a|b)`; a dot at the start only literally."""
    if not is_magic(glob):
        return name == glob
    if not name or (name.startswith(".") and not glob.startswith(".") and not dot) or name in {".", ".."}:
        return False
    parsed = _parsed(glob)
    if parsed is None:
        return name == glob
    return bool(_Matching(name).after(parsed, 1) >> len(name) & 1)


class _Group(NamedTuple):
    """``@(a|b)`` and its like, by the character before the parenthesis."""

    kind: str
    choices: list[list["_Node"]]


_Node = str | re.Pattern[str] | _Group
"""A character, `*` or `?` as themselves with a NUL before them, a class, or a group."""
_STAR, _ANY = "\0*", "\0?"


class _Matching:
    """Matches one name; sets of places in it are the bits of a number."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._all = (1 << (len(name) + 1)) - 1
        self._chars: dict[str, int] = {}  # where each character stands
        for at, char in enumerate(name):
            self._chars[char] = self._chars.get(char, 0) | 1 << at
        self._left = MOST_STEPS

    def after(self, nodes: Sequence[_Node], places: int) -> int:
        """The places at which *nodes* may end that begin at one of *places*."""
        for index, node in enumerate(nodes):
            if not places:
                break
            if isinstance(node, _Group) and node.kind == "!":
                places = self._after_other_than(node, nodes[index + 1 :], places)
            else:
                places = self._after_one(node, places)
        return places

    def _after_other_than(self, group: _Group, rest: Sequence["_Node"], places: int) -> int:
        """Anything that is not a choice of *group* with the *rest* of the glob behind it (minimatch, `fillNegs`)."""
        found = 0
        for at in range(len(self._name) + 1):
            if places >> at & 1 and not self.after(rest, self._choose(group, 1 << at)) >> len(self._name) & 1:
                found |= self._all & ~((1 << at) - 1)
        return found

    def _after_one(self, node: _Node, places: int) -> int:
        self._left -= 1
        if self._left < 0:
            raise TooInvolvedError("a glob is too involved")
        if isinstance(node, _Group):
            return self._after_group(node, places)
        if node == _STAR:
            return self._all & ~((places & -places) - 1)
        if node == _ANY:
            return places << 1 & self._all
        if isinstance(node, re.Pattern):
            return sum((places & at) << 1 for char, at in self._chars.items() if node.fullmatch(char))
        return (places & self._chars.get(node, 0)) << 1

    def _choose(self, group: _Group, places: int) -> int:
        found = 0
        for choice in group.choices:
            found |= self.after(choice, places)
        return found

    def _after_group(self, group: _Group, places: int) -> int:
        found = self._choose(group, places)
        new = found if group.kind in "*+" else 0
        while new:
            new = self._choose(group, new) & ~found
            found |= new
        return found | places if group.kind in "?*" else found


@lru_cache(maxsize=512)
def _parsed(glob: str) -> list[_Node] | None:
    """*glob* as what it consists of; None where it is no pattern, and stands for itself."""
    whole: list[_Node] = []
    stack: list[_Group] = []
    nodes = whole
    at = 0
    while at < len(glob):
        char = glob[at]
        end = glob.find("]", at + 2) if char == "[" else -1
        if char in "@?*+!" and glob[at + 1 : at + 2] == "(":
            group = _Group(char, [[]])
            nodes.append(group)
            stack.append(group)
            if len(stack) > _DEEPEST:
                raise TooInvolvedError("a glob is nested too deeply")
            nodes = group.choices[0]
            at += 1
        elif stack and char == "|":
            nodes = []
            stack[-1].choices.append(nodes)
        elif stack and char == ")":
            stack.pop()
            nodes = stack[-1].choices[-1] if stack else whole
        elif end > 0:
            made = _class(glob[at + 1 : end])
            if made is None:
                return None
            nodes.append(made)
            at = end
        else:
            nodes.append({"*": _STAR, "?": _ANY}.get(char, char))
        at += 1
    return None if stack else whole


def _class(inside: str) -> re.Pattern[str] | None:
    """The characters between brackets; None where they are no class."""
    escaped = inside.replace("\\", "\\\\").replace("[", "\\[")
    try:
        with warnings.catch_warnings(
            action="ignore", category=FutureWarning
        ):  # of brackets that a later Python may read otherwise
            return re.compile(f"[^{escaped[1:]}]" if escaped[0] in "!^" else f"[{escaped}]", re.DOTALL)
    except re.error:
        return None


def alternatives(glob: str) -> list[list[str]]:
    """The segments of each glob that the braces of *glob* stand for."""
    if len(glob) > LONGEST:
        raise TooInvolvedError(f"a glob has more than {LONGEST} characters")
    return [one.split("/") for one in _braces(glob, 0)]


def _braces(glob: str, depth: int) -> list[str]:
    """Expand `{a,b}` and `{1..3}` (brace-expansion)."""
    if depth > _DEEPEST:
        raise TooInvolvedError("the braces of a glob are nested too deeply")
    made = [""]
    at = 0
    for start, end, parts in _groups(glob):
        chosen = (
            [glob[start : end + 1]] if parts is None else _few(one for part in parts for one in _inner(part, depth))
        )
        made = _few(before + glob[at:start] + one for before in made for one in chosen)
        at = end + 1
    return [one + glob[at:] for one in made]


def _inner(part: str, depth: int) -> list[str]:
    return _braces(part, depth + 1) if "{" in part else [part]


def _few(globs: Iterator[str]) -> list[str]:
    found = []
    for one in globs:
        found.append(one)
        if len(found) > MOST_ALTERNATIVES:
            raise TooInvolvedError(f"the braces of a glob stand for more than {MOST_ALTERNATIVES} globs")
    return found


def _groups(glob: str) -> Iterator[tuple[int, int, Sequence[str] | None]]:
    """Where each outermost pair of braces begins and ends, and its parts; None for parts where it stands for itself."""
    depth, start, commas = 0, 0, [0]
    for at, char in enumerate(glob):
        if char == "{":
            if depth == 0:
                start, commas = at, [at]
            depth += 1
        elif char == "}" and depth:
            depth -= 1
            if depth == 0:
                parts = [glob[a + 1 : b] for a, b in pairwise([*commas, at])]
                yield start, at, _range(parts[0]) if len(parts) == 1 else parts
        elif char == "," and depth == 1:
            commas.append(at)


def _range(part: str) -> list[str] | None:
    """The numbers of `1..3`; None for anything else."""
    low, dots, high = part.partition("..")
    if not (dots and low.isdecimal() and high.isdecimal()):
        return None
    if len(low) > 9 or len(high) > 9 or abs(int(high) - int(low)) >= MOST_ALTERNATIVES:
        raise TooInvolvedError(f"the braces of a glob stand for more than {MOST_ALTERNATIVES} globs")
    step = 1 if int(high) >= int(low) else -1
    return [str(number) for number in range(int(low), int(high) + step, step)]
