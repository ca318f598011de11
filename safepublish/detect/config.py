"""Reads npm's configuration from where npm reads it: the command line, the environment, the .npmrc files.

The order, the places and what is passed over in silence are those of @npmcli/config (npm 9 to 12, lib/index.js).
"""

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.version import Version

from safepublish.detect import budget
from safepublish.facts.run import Npm, Origin
from safepublish.npm import globs, secrets
from safepublish.npm.arguments import Arguments, Places, command, parse, resolve, text, truthy
from safepublish.npm.config.checks import check
from safepublish.npm.config.ini import parse_ini
from safepublish.npm.config.layers import Layers
from safepublish.npm.config.transport import Transport, transport_of
from safepublish.npm.config.values import replace_variables
from safepublish.npm.floors import Floor

LARGEST_FILE = 4 * 2**20
"""Bytes of an .npmrc or package.json that are read; npm has no limit."""
MOST_LINES = 60_000
"""Lines of an .npmrc that are read, which takes a fifth of a second; npm has no limit."""
LARGEST_TREE = 20_000
"""Directories that the search for workspaces looks into; npm has no limit."""


_COLLATION = {char: place for place, char in enumerate("_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789")}


class UnreadableError(Exception):
    """A file that npm reads and this does not: too large, or a pipe that can be read once only."""


class BrokenWorkspacesError(Exception):
    """What @npmcli/map-workspaces throws at, as one sentence."""


class Configuration(Layers):
    """npm's configuration for one command line. Holds secrets, and does not show them."""

    def __init__(
        self, version: Version | None, *, env: Mapping[str, str], places: Places, routes: Mapping[str, int] | None
    ) -> None:
        """Start with npm's defaults; `read` fills in the rest. *routes* are those of a rehearsal."""
        super().__init__(version, env=env, places=places)
        self.routes = None if routes is None else tuple(routes.items())
        self.positionals: tuple[str, ...] = ()  # behind the words of the command
        self.misplaced: Mapping[str, str] = {}  # those that were meant as the value of an unknown option
        self.local_prefix = places.cwd
        self.implicit_workspace: str | None = None  # the directory, when the working directory is in a workspace
        self.chosen_workspaces: tuple[str, ...] = ()

    @property
    def transport(self) -> Transport:
        """How npm reaches a registry."""
        return transport_of(self, self.routes)

    def shown(self, word: str) -> str:
        """A positional as it may be shown: with stars where it is, or was meant as, a secret."""
        if word in self.misplaced and not os.path.exists(os.path.join(self.places.cwd, word)):
            return secrets.STARS
        return secrets.word(word)

    @property
    def workspace_filters(self) -> tuple[str, ...]:
        """What `-w` names; the workspace's own directory when the working directory is in one."""
        filters = self.get("workspace")
        if isinstance(filters, list):
            return tuple(map(text, filters))
        return tuple(filters) if isinstance(filters, str) else ()  # npm takes a lone text for a list of letters

    @property
    def workspaces(self) -> bool | None:
        """What `-ws` says."""
        chosen = self.get("workspaces")
        return chosen if isinstance(chosen, bool) else None

    def workspace_dirs(self) -> tuple[str, ...]:
        """The directories that npm publishes, in its order; () when no workspaces apply.

        Filters that match nothing are among the problems.
        """
        return self.chosen_workspaces


def read(
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str,
    npm: Npm | None,
    several: bool = False,
    routes: Mapping[str, int] | None = None,
) -> Configuration:
    """The configuration that `npm` *words* would have in *cwd*; with *several*, for each positional by itself."""
    cwd = os.path.realpath(cwd)
    places = Places(cwd, env.get("HOME") or os.path.expanduser("~"), windows=sys.platform == "win32")
    found = Configuration(npm.version if npm else None, env=env, places=places, routes=routes)
    default = found.layers["default"].values
    prefix = _global_prefix(env, npm, windows=places.windows)
    default["prefix"] = prefix and resolve(replace_variables(prefix, env, found.version), places)
    default["cache"] = _cache(env, places)
    arguments = parse(words, found.version, places)
    if npm is not None and npm.cli is not None:
        _load(found, "builtin", os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(npm.cli))), "npmrc"))
    found.load_arguments(arguments)
    found.load_environment()
    _load_project(found)
    _load(found, "user", text(found.unvalidated("userconfig")))
    if found.unvalidated("globalconfig") is None and truthy(found.unvalidated("prefix")):
        default["globalconfig"] = resolve(os.path.join(text(found.unvalidated("prefix")), "etc", "npmrc"), places)
    if found.unvalidated("globalconfig") is not None:
        _load(found, "global", text(found.unvalidated("globalconfig")))
    check(found, arguments)
    _check_authorities(found)
    _check_places(found)
    _take_positionals(found, arguments, several=several)
    return found


def _check_authorities(found: Configuration) -> None:
    """A `cafile`, in any layer, that is there and no file: npm stops at it (@npmcli/config, definitions.js)."""
    for name, layer in found.layers.items():
        path = layer.values.get("cafile")
        if not isinstance(path, str) or not path:
            continue
        try:
            readable = not stat.S_ISDIR(os.stat(path).st_mode)
        except (FileNotFoundError, ValueError):
            continue
        except OSError:
            readable = False
        if not readable:
            found.stop("usage", "`cafile` names what cannot be read as a file", found.as_origin(name, "cafile"))


def _check_places(found: Configuration) -> None:
    """A `cache` that npm cannot make, at which it stops, and places in /proc, where it tries without an end.

    Run with npm 10.9.4, 11.5.1 and 12.2.0 on Node 20, 24 and 26: the `mkdir` of Node repeats itself where the system
    answers ENOENT below a directory that is there. A `logs-dir` that cannot be written otherwise is passed over.
    """
    if found.version not in Floor.KNOWN_PLACES or found.places.windows:
        return
    cache = found.get("cache")
    if truthy(cache):
        trouble = _cannot_be_made(text(cache))
        if trouble is not None:
            found.stop("usage", f"npm's `cache` cannot be made: {trouble}", found.origin("cache"))
    for key, path in (("cache", cache), ("logs-dir", found.get("logs-dir"))):
        if truthy(path) and _never_ends(text(path)):
            found.stop("usage", f"npm never ends where `{key}` names a directory in /proc", found.origin(key))


def _nearest(path: str) -> str:
    """The nearest place above *path*, or itself, that is there."""
    while not os.path.lexists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _cannot_be_made(path: str) -> str | None:
    """Why the directory *path* cannot be made; None where it is there, or nothing is known to be in the way."""
    near = _nearest(path)
    try:
        directory = stat.S_ISDIR(os.stat(near).st_mode)
    except (OSError, ValueError):
        return None
    if not directory:
        return f"{near} is no directory"
    if near != path and not os.access(near, os.W_OK | os.X_OK):
        return f"{near} cannot be written"
    return None


def _never_ends(path: str) -> bool:
    near = _nearest(path)
    real = os.path.realpath(near)
    return near != path and os.path.isdir(real) and os.path.join(real, "").startswith("/proc/")


def logs_dir(configuration: Configuration) -> str | None:
    """Where npm writes its debug logs (lib/npm.js, `#logsDir`)."""
    given = configuration.get("logs-dir")
    if truthy(given):
        return text(given)
    cache = configuration.get("cache")
    return os.path.join(text(cache), "_logs") if truthy(cache) else None


def _global_prefix(env: Mapping[str, str], npm: Npm | None, *, windows: bool) -> str:
    """The default of `prefix`, or "" where the node that runs npm is not known (lib/index.js, `loadGlobalPrefix`)."""
    if env.get("PREFIX"):
        return env["PREFIX"]
    if npm is None or npm.node is None:
        return ""
    prefix = os.path.dirname(os.path.realpath(npm.node))
    if windows:
        return prefix
    prefix = os.path.dirname(prefix)
    return os.path.join(env["DESTDIR"], prefix.lstrip("/")) if env.get("DESTDIR") else prefix


def _cache(env: Mapping[str, str], places: Places) -> str:
    if places.windows:
        return os.path.join(env.get("LOCALAPPDATA") or places.home, "npm-cache")
    return os.path.join(places.home, ".npm")


# Files


def _load(found: Configuration, name: str, path: str) -> None:
    try:
        content = _content(path)
    except UnreadableError as why:
        found.stop("not-read", f"{path} was not read: {why}", Origin(name, path, ""), stops=False)
        content = None
    except (OSError, ValueError):
        content = None  # npm passes over what it cannot read
    if content is not None and content.count("\n") + content.count("\r") > MOST_LINES:
        found.stop(
            "not-read", f"{path} was not read: it has more than {MOST_LINES} lines", Origin(name, path, ""), stops=False
        )
        content = None
    if content is None:
        found.load(name, path, None)
        return
    ini = parse_ini(content)
    found.load(name, path, ini.values, lines=ini.lines)


def _content(path: str) -> str:
    """The file's text as Node reads it; raises `UnreadableError`, OSError, and ValueError for a path with a NUL."""
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(path)
        if path == os.devnull:
            return ""
        raise UnreadableError("it is no regular file, and npm must be the first to read it")
    if status.st_size > LARGEST_FILE:
        raise UnreadableError(f"it is larger than {LARGEST_FILE} bytes")
    with open(path, "rb") as file:
        return file.read(LARGEST_FILE).decode(errors="replace")


def _manifest(path: str) -> dict[str, object]:
    """The package.json in the directory *path*; raises OSError, ValueError and `UnreadableError`."""
    import json  # only where there are workspaces

    content = _content(os.path.join(path, "package.json"))
    found = json.loads(content.removeprefix("\ufeff"))
    if not isinstance(found, dict):
        raise ValueError("it holds no object")  # noqa: TRY004 - as json.loads raises for what it cannot read
    return found


# The project


def _load_project(found: Configuration) -> None:
    """Find the local prefix and load its .npmrc (lib/index.js, `loadProjectConfig`)."""
    try:
        _find_local_prefix(found)
    except BrokenWorkspacesError as why:
        found.stop("usage", str(why))
    except UnreadableError as why:
        found.stop("not-read", f"the workspaces were not looked for: {why}", stops=False)
    if found.unvalidated("global") is True or found.unvalidated("location") == "global":
        return
    path = resolve(os.path.join(found.local_prefix, ".npmrc"), found.places)
    if path != found.unvalidated("userconfig"):
        _load(found, "project", path)


def _find_local_prefix(found: Configuration) -> None:
    """The nearest directory with a package.json or node_modules, or the root of the workspace it is in.

    lib/index.js, `loadLocalPrefix`; raises `BrokenWorkspacesError` and `UnreadableError`.
    """
    given = found.given("cli", "prefix")
    if truthy(given):
        found.local_prefix = text(given)
        return
    alone = found.given("cli", "workspaces") is False
    alone = alone or truthy(found.unvalidated("global")) or found.unvalidated("location") == "global"
    local = None
    for place in _upwards(found.places.cwd):
        manifest = os.path.isfile(os.path.join(place, "package.json"))
        if local is None:
            if manifest or os.path.isdir(os.path.join(place, "node_modules")):
                local = found.local_prefix = place
                if alone:
                    return
        elif manifest and local in _workspaces_of(place).values():
            found.layers["default"].values["workspace"] = [local]
            found.implicit_workspace = local
            found.local_prefix = place
            return


def _upwards(place: str) -> Iterator[str]:
    while True:
        yield place
        above = os.path.dirname(place)
        if above == place:
            return
        place = above


def _workspaces_of(root: str) -> dict[str, str]:
    """The workspaces that the package.json in *root* names; none where it cannot be read."""
    try:
        declared = _manifest(root).get("workspaces")
    except (OSError, ValueError, RecursionError):
        return {}
    return workspaces(root, declared) if declared else {}


# Workspaces


def workspaces(root: str, declared: object) -> dict[str, str]:
    """The directory of each workspace by name, in npm's order, for the value of "workspaces" in package.json.

    @npmcli/map-workspaces 3.0.6 to 6.0.0, lib/index.js. Raises `BrokenWorkspacesError` where that throws, and
    `UnreadableError`.
    """
    if isinstance(declared, dict):
        declared = declared.get("packages", declared)
    if not isinstance(declared, list) or not all(isinstance(glob, str) for glob in declared):
        raise BrokenWorkspacesError('"workspaces" in package.json is no list of texts')
    try:
        with budget.share("the search for workspaces"):
            return _found_workspaces(root, declared)
    except (budget.TooSlowError, globs.TooInvolvedError) as why:
        raise UnreadableError(str(why)) from why


def _found_workspaces(root: str, declared: Sequence[str]) -> dict[str, str]:
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
        name = _manifest(path).get("name")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
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


# The command


def _take_positionals(found: Configuration, arguments: Arguments, *, several: bool) -> None:
    """Split the command from what it is given, and say what npm would answer to that."""
    words = command(arguments.remain, found.version)
    if words:
        found.command = words
    found.positionals = arguments.remain[max(1, len(words)) :]
    found.misplaced = arguments.misplaced
    if several and len(found.positionals) > 1:
        return
    if not truthy(found.get("workspaces")) and not found.workspace_filters:
        applies = False
    else:
        applies = found.version not in Floor.SPEC_BEFORE_WORKSPACES or not found.positionals or "." in found.positionals
        if truthy(found.get("global")) or found.get("location") == "global":
            found.stop("usage", "workspaces cannot be published with `--global`", found.origin("global"))
            return
    if applies:
        _choose_workspaces(found)
    elif len(found.positionals) > 1:
        given = " ".join(map(found.shown, found.positionals))
        found.stop("usage", f"npm publishes one package, and {len(found.positionals)} are given: {given}")


def _choose_workspaces(found: Configuration) -> None:
    """The workspaces that the filters choose (lib/utils/get-workspaces.js)."""
    root = found.local_prefix
    try:
        manifest = _manifest(root)
        named = workspaces(root, manifest.get("workspaces", []))
    except BrokenWorkspacesError as why:
        found.stop("usage", str(why))
        return
    except UnreadableError as why:
        found.stop("not-read", f"the workspaces were not looked for: {why}", stops=False)
        return
    except (OSError, ValueError, RecursionError):
        found.stop("usage", f"{root}/package.json cannot be read, so no workspaces are found")
        return
    chosen: dict[str, str] = {}
    if truthy(found.get("include-workspace-root")):
        chosen[text(manifest.get("name"))] = root
    filters = found.workspace_filters
    if not filters:
        chosen |= named
    try:
        for wanted in filters:
            chosen |= _chosen(wanted, named, found)
    except globs.TooInvolvedError as why:
        found.stop("not-read", f"the workspaces were not chosen: {why}", stops=False)
        return
    if not chosen:
        told = " ".join(f"--workspace={wanted}" for wanted in filters) or "--workspaces"
        found.stop("usage", f"no workspaces found for {told}", found.origin("workspace" if filters else "workspaces"))
    found.chosen_workspaces = tuple(chosen.values())


def filters_base(found: Configuration) -> str:
    """The directory that what `-w` names is relative to (lib/base-cmd.js, `setWorkspaces`)."""
    outside = os.path.relpath(found.places.cwd, found.local_prefix).startswith("..")
    return found.local_prefix if outside else found.places.cwd


def _chosen(wanted: str, named: Mapping[str, str], found: Configuration) -> dict[str, str]:
    """The workspaces that ``-w`` *wanted* chooses (lib/utils/get-workspaces.js), which asks this of each in turn.

    A filter without a glob can only name a workspace, or the directory of one or just above one.
    """
    base = filters_base(found)
    path = os.path.normpath(os.path.join(base, wanted))
    below = _relative(os.path.join(found.places.cwd, wanted), found.local_prefix)
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
    """Node's `path.relative`: empty for the same place."""
    told = os.path.relpath(path, base)
    return "" if told == "." else told.replace(os.sep, "/")
