"""The state of a shell while its script is interpreted: variables, exports, directory, options, functions."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from safepublish.shell.command import NOTHING, Redirect
from safepublish.shell.syntax_tree import Compound

# What a shell holds besides its variables is kept beside them, under names that no variable has.
DIRECTORY, ERREXIT, PIPEFAIL, EXPORTS, STACK = " cd", " -e", " pipefail", " export", " pushd"

MOST_ITEMS = 200
_MOST_EXPORTS = 500
_LONGEST_STACK = 50
_LONGEST_DIRECTORY = 4_096  # Linux's PATH_MAX
_BUDGET = 2_000_000

Item = tuple[str, bool]
"""An item of a list, and whether it is opaque."""

Value = str | tuple[Item, ...] | Mapping[str, str | None] | Compound | None
"""Of a variable: its text or list; of EXPORTS a mapping; of a function its definition. None is unknown."""


class Context(NamedTuple):
    """What surrounds a command."""

    tail: bool = False  # its status is that of the script
    certain: bool = False  # it runs exactly once, in the script's own shell
    conditional: bool = False
    loop: bool = False
    function: str | None = None
    redirects: tuple[Redirect, ...] = ()
    piped_from: tuple[str, ...] | None = None
    swallowed: str | None = None
    captured: bool = False
    gives_status: bool = False  # what is substituted gives an assignment its status
    calls: int = 0
    wrappers: tuple[str, ...] = ()
    other_system: str | None = None
    own: bool = True  # the text is the script's own, so its words have places there
    assigned: tuple[tuple[str, str | None], ...] = ()


class ShellState:
    """The variables of a shell, and a budget for the whole interpretation.

    Changes are recorded in frames, so that a branch costs what it changes and not what there is.
    """

    def __init__(self, variables: Mapping[str, str | None], directory: str | None, *, windows: bool) -> None:
        """Begin with *variables*, which are exported, in *directory*."""
        self.values: dict[str, Value] = dict(variables)
        self.values[DIRECTORY] = directory
        self.values[EXPORTS] = NOTHING
        self.values[STACK] = ()
        self.windows = windows
        self.ended = False
        self._inherited = frozenset(variables)
        self._changes: list[dict[str, Value]] = []
        self._budget = _BUDGET

    # The budget counts characters: of the commands that run, the values that are expanded, the scripts that are read.

    def spend(self, characters: int) -> None:
        """Take *characters* from the budget."""
        self._budget -= characters

    @property
    def exhausted(self) -> bool:
        """Whether the budget is used up: then no more commands run, and no more values are expanded."""
        return self._budget <= 0

    # Values

    def set(self, name: str, value: Value) -> None:
        """Give a variable another value."""
        if self._changes:
            self._changes[-1].setdefault(name, self.values.get(name))
        self.values[name] = value

    def assign(self, name: str, value: Value) -> None:
        """Give a variable another value, which is exported if the variable is."""
        self.set(name, value)
        if name in self._inherited or name in self.exports or name == "PATH":
            self.export(name)

    @property
    def exports(self) -> Mapping[str, str | None]:
        """What the script has exported."""
        exports = self.values.get(EXPORTS)
        return exports if isinstance(exports, Mapping) else NOTHING

    def export(self, name: str) -> None:
        """Export a variable."""
        exports, value = self.exports, self.values.get(name)
        if len(exports) < _MOST_EXPORTS or name in exports:
            self.set(EXPORTS, MappingProxyType({**exports, name: value if isinstance(value, str) else None}))

    def function(self, name: str) -> Compound | None:
        """The function *name*; None where there is none."""
        function = self.values.get(_function_key(name))
        return function if isinstance(function, Compound) else None

    def define(self, function: Compound) -> None:
        """Define a function."""
        self.set(_function_key(function.name), function)

    # The directory

    @property
    def directory(self) -> str | None:
        """The current directory, relative to where the script starts; None where it is unknown."""
        directory = self.values.get(DIRECTORY)
        return directory if isinstance(directory, str) else None

    def directory_from_here(self, target: str) -> str | None:
        """The directory *target* as seen from the current one; None where it is unknown."""
        if target.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", target):
            return target.rstrip("/") or "/"
        if self.directory is None or len(self.directory) > _LONGEST_DIRECTORY:
            return None
        return join(self.directory, target.replace("\\", "/") if self.windows else target)

    def push_directory(self) -> None:
        """Put the current directory on the stack."""
        entry = ("", True) if self.directory is None else (self.directory, False)
        self.set(STACK, (*items(self.values.get(STACK)), entry)[-_LONGEST_STACK:])

    def pop_directory(self) -> None:
        """Go back to the directory on top of the stack."""
        stack = items(self.values.get(STACK))
        directory, unknown = stack[-1] if stack else ("", True)
        self.set(DIRECTORY, None if unknown else directory)
        self.set(STACK, stack[:-1])

    # Branches

    def begin_branch(self) -> None:
        """Record what changes from here on."""
        self._changes.append({})

    def end_branch(self) -> dict[str, Value]:
        """What has changed since the branch began; the variables are put back."""
        before = self._changes.pop()
        changed = {name: self.values.get(name) for name in before}
        self.values.update(before)
        return changed

    def join(self, branches: Sequence[dict[str, Value]], *, complete: bool) -> None:
        """Continue after *branches*: what differs between them is unknown from here on.

        Unless *complete*, it may also be that none of them has run.
        """
        outcomes: dict[str, list[Value]] = {}
        last: dict[str, int] = {}
        kept: set[str] = set()  # the names of which a branch keeps the value
        for index, branch in enumerate(branches):
            for name, value in branch.items():
                if last.get(name, -1) < index - 1 and name not in kept:
                    outcomes.setdefault(name, []).append(self.values.get(name))
                    kept.add(name)
                outcomes.setdefault(name, []).append(value)
                last[name] = index
        for name, values in outcomes.items():
            if name not in kept and (last[name] < len(branches) - 1 or not complete):
                values.append(self.values.get(name))
            if name == EXPORTS:
                self.set(name, _common_exports([value for value in values if isinstance(value, Mapping)]))
            else:
                self.set(name, values[0] if all(value == values[0] for value in values) else _common(values))


def _function_key(name: str) -> str:
    return f" function {name}"


def items(value: Value) -> tuple[Item, ...]:
    """A list's items; none for every other value."""
    return tuple(value) if isinstance(value, tuple) and not isinstance(value, Compound) else ()


def _common(values: Sequence[Value]) -> Value:
    """What several branches leave of one variable: of command lines their common beginning, with what some add."""
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) < len(values):
        return _common_list(values)
    texts.sort(key=len)
    shortest = texts[0]
    if " " not in shortest or not all(
        text.startswith((f"{shortest} ", f"{shortest}\n")) or text == shortest for text in texts
    ):
        return None
    added = " ".join(dict.fromkeys(word for text in texts for word in text[len(shortest) :].split()))
    return f"{shortest} ${{{{ {added.replace('}', '').replace('{', '')} }}}}"


def _common_list(values: Sequence[Value]) -> Value:
    """What several branches leave of one list: its common beginning, and the rest of the longest as opaque."""
    lists = [value for value in values if isinstance(value, tuple) and not isinstance(value, Compound)]
    if len(lists) < len(values):
        return None
    same = 0
    for row in zip(*lists, strict=False):
        if any(item != row[0] for item in row):
            break
        same += 1
    longest = max(lists, key=len)
    return (*longest[:same], *((text, True) for text, _ in longest[same:])) if same else None


def _common_exports(exports: Sequence[Mapping[str, str | None]]) -> Mapping[str, str | None]:
    """What several branches have exported: a value that differs is unknown."""
    common: dict[str, str | None] = {}
    counts: dict[str, int] = {}
    for exported in exports:
        for name, value in exported.items():
            counts[name] = counts.get(name, 0) + 1
            if common.setdefault(name, value) != value:
                common[name] = None
    common.update((name, None) for name, count in counts.items() if count < len(exports))
    return MappingProxyType(common)


def join(here: str, target: str) -> str:
    """The directory *target* as seen from *here*, both written with slashes."""
    if target.startswith(("/", "~")):
        return target
    parts: list[str] = [] if here == "." else here.split("/")
    for part in target.split("/"):
        if part == ".." and parts and parts[-1] not in {"..", "", "~"}:
            parts.pop()
        elif part == ".." or part not in {"", "."}:
            parts.append(part)
    return "/".join(parts) or "."
