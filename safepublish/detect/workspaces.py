"""Finds the workspaces that a package.json declares, as npm's own globs find them, and those that `-w` chooses."""

import os
from collections.abc import Iterable, Mapping, Sequence

from safepublish.detect import budget
from safepublish.detect.files import UnreadableError, parse_object, read_text
from safepublish.facts.error import SafepublishError
from safepublish.npm import globs

LARGEST_MANIFEST = 4 * 2**20
"""Bytes of a package.json that are read; npm has no limit."""
LARGEST_TREE = 20_000
"""Directories that the search for workspaces looks into; npm has no limit."""

_COLLATION = {char: place for place, char in enumerate("_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789")}


class BrokenWorkspacesError(SafepublishError):
    """The workspaces are declared in a way that @npmcli/map-workspaces throws at."""


def read_manifest(directory: str) -> dict[str, object]:
    """Return the package.json in *directory*; raises OSError, ValueError and `UnreadableError`."""
    return parse_object(read_text(os.path.join(directory, "package.json"), LARGEST_MANIFEST))


def find_workspaces(root: str, declared: object) -> dict[str, str]:
    """Return the directory of each workspace by name, in npm's order, for the value of "workspaces" in package.json.

    @npmcli/map-workspaces 3.0.6 to 6.0.0, lib/index.js. Raises `BrokenWorkspacesError` where that throws, and
    `UnreadableError`.
    """
    if isinstance(declared, dict):
        declared = declared.get("packages", declared)
    if not isinstance(declared, list) or not all(isinstance(glob, str) for glob in declared):
        raise BrokenWorkspacesError('"workspaces" in package.json is not a list of strings')
    try:
        with budget.share("the search for workspaces"):
            return _find(root, declared)
    except (budget.TooSlowError, globs.TooInvolvedError) as why:
        raise UnreadableError(str(why)) from why


def _find(root: str, declared: Sequence[str]) -> dict[str, str]:
    patterns, negated = _patterns(declared)
    found: dict[str, str] = {}
    tree = _Tree(root, ["**/node_modules/**", *negated])
    for pattern in patterns:
        for place in sorted(tree.matches(pattern), key=_collated):
            budget.check()
            path = os.path.normpath(os.path.join(root, place))
            name = _workspace_name(path)
            if name is not None and found.setdefault(name, path) != path:
                raise BrokenWorkspacesError(f"two workspaces are both named {name}")
    return found


def _workspace_name(path: str) -> str | None:
    """The name of the package in *path*, or None when there is none."""
    try:
        name = read_manifest(path).get("name")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise BrokenWorkspacesError(f"{path}/package.json cannot be read") from error
    if name and isinstance(name, str):
        return name
    scope = os.path.basename(os.path.dirname(path))
    return f"{scope}/{os.path.basename(path)}" if scope.startswith("@") else os.path.basename(path)


def _patterns(declared: Iterable[str]) -> tuple[list[str], list[str]]:
    """The globs and the negated globs, each negation undone by a later glob that it matches."""
    patterns: list[str] = []
    negated: list[str] = []
    for glob in declared:
        bare = glob.lstrip("!")
        negates = (len(glob) - len(bare)) % 2 == 1
        bare = bare.removeprefix(".") if bare.startswith("./") else bare
        bare = bare.lstrip("/")
        if negates:
            negated.append(bare)
        else:
            negated = [each for each in negated if not _matches(bare, each)]
            patterns.append(bare)
    return [pattern for pattern in patterns if not any(_matches(pattern, each) for each in negated)], negated


def _matches(path: str, glob: str) -> bool:
    budget.check()
    return globs.matches(path, glob)


def _collated(path: str) -> tuple[list[int], str]:
    """A key that sorts ASCII as JavaScript's `localeCompare` does for English."""
    return [_COLLATION.get(char, 100 + ord(char)) for char in path.lower()], path.swapcase()


class _Tree:
    """The directories under a root, as the package glob finds them."""

    def __init__(self, root: str, ignored: Sequence[str]) -> None:
        self._root = root
        self._ignored: list[list[str]] = []
        for glob in ignored:
            budget.check()
            self._ignored += globs.alternatives(glob)
            if len(self._ignored) > globs.MOST_ALTERNATIVES:
                raise globs.TooInvolvedError(f"more than {globs.MOST_ALTERNATIVES} globs are negated")
        self._left = LARGEST_TREE
        self._found: dict[str, None] = {}
        self._visited: set[tuple[str, int]] = set()  # the places, with the number of segments left of one glob

    def matches(self, glob: str) -> list[str]:
        """The directories below the root that *glob* matches; raises `UnreadableError` when there are too many."""
        self._found = {}
        for segments in globs.alternatives(glob.replace("\\", "/")):
            self._visited = set()
            self._walk("", [segment for segment in segments if segment not in {"", "."}])
        return list(self._found)

    def _walk(self, place: str, segments: Sequence[str]) -> None:
        step = (place, len(segments))
        if step in self._visited or (place and self._is_ignored(place)):
            return
        self._visited.add(step)
        if not segments:
            if os.path.isdir(os.path.join(self._root, place)):
                self._found[place or "."] = None
            return
        head, *rest = segments
        if head == "**":
            self._walk(place, rest)
            for entry in self._entries(place):
                if not entry.name.startswith(".") and not entry.is_symlink():
                    self._walk(_join(place, entry.name), segments)
        elif not globs.is_magic(head):
            self._walk(_join(place, head), rest)
        else:
            for entry in self._entries(place):
                budget.check()
                if globs.match_segment(entry.name, head):
                    self._walk(_join(place, entry.name), rest)

    def _entries(self, place: str) -> list["os.DirEntry[str]"]:
        self._left -= 1
        if self._left < 0:
            raise UnreadableError(f"there are more than {LARGEST_TREE} directories")
        try:
            with os.scandir(os.path.join(self._root, place)) as entries:
                return [entry for entry in entries if entry.is_dir()]
        except OSError:
            return []

    def _is_ignored(self, place: str) -> bool:
        budget.check()
        parts = place.split("/")
        return any(
            globs.match_segments(parts, segments, dot=True) or globs.match_segments([*parts, ""], segments, dot=True)
            for segments in self._ignored
        )


def _join(place: str, name: str) -> str:
    return f"{place}/{name}" if place else name


def filter_workspaces(wanted: str, named: Mapping[str, str], *, base: str, cwd: str, prefix: str) -> dict[str, str]:
    """Return those of the *named* workspaces that ``-w`` *wanted* chooses (lib/utils/get-workspaces.js).

    npm asks this of each in turn. A filter without a glob can only name a workspace, or the directory of one or just
    above one. *base* is what filters are relative to, *prefix* npm's local prefix.
    """
    path = os.path.normpath(os.path.join(base, wanted))
    below = _relative(os.path.join(cwd, wanted), prefix)
    patterns = (f"{below}/*", f"{wanted}/*".replace("\\", "/"))
    dot = "./" if wanted.startswith("./") else ""
    plain = not any(char in wanted for char in "*?[]{}()!#+@\\")
    places = {path, os.path.normpath(os.path.join(base, below))}
    return {
        name: place
        for name, place in named.items()
        if name == wanted
        or place == path
        or (
            (not plain or os.path.dirname(place) in places)
            and any(globs.matches(dot + _relative(place, base), glob) for glob in patterns)
        )
    }


def _relative(path: str, base: str) -> str:
    """Return Node's `path.relative`: empty for the same place."""
    relative = os.path.relpath(path, base)
    return "" if relative == "." else relative.replace(os.sep, "/")
