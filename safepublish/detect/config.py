"""Reads npm's configuration from where npm reads it: the command line, the environment, the .npmrc files.

The order, the places and what is passed over in silence are those of @npmcli/config (npm 9 to 12, lib/index.js).
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence

from packaging.version import Version

from safepublish.detect.config_places import check_places
from safepublish.detect.files import UnreadableError, read_text
from safepublish.facts.run import Npm, Origin
from safepublish.npm import secrets
from safepublish.npm.arguments import Arguments, Places, command, parse, resolve, text, truthy
from safepublish.npm.config.checks import check
from safepublish.npm.config.ini import parse_ini
from safepublish.npm.config.layers import Layers
from safepublish.npm.config.transport import Transport, transport_of
from safepublish.npm.config.values import replace_variables
from safepublish.npm.floors import Floor

LARGEST_FILE = 4 * 2**20
"""Bytes of an .npmrc that are read; npm has no limit."""
MOST_LINES = 60_000
"""Lines of an .npmrc that are read, which takes a fifth of a second; npm has no limit."""


class Configuration(Layers):
    """npm's configuration for one command line. Holds secrets, and does not show them."""

    def __init__(
        self,
        version: Version | None,
        *,
        env: Mapping[str, str],
        places: Places,
        routes: Mapping[str, int] | None = None,
    ) -> None:
        """Start with npm's defaults; `read` fills in the rest. *routes* are those of a rehearsal (`Transport`)."""
        super().__init__(version, env=env, places=places)
        self.routes = None if routes is None else tuple(routes.items())
        self.positionals: tuple[str, ...] = ()  # behind the command itself
        self.misplaced: Mapping[str, str] = {}  # those that were meant as the value of an unknown option
        self.local_prefix = places.cwd
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
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str,
    npm: Npm | None,
    several: bool = False,
    routes: Mapping[str, int] | None = None,
) -> Configuration:
    """Return the configuration that `npm` *arguments* has in *cwd*; with *several*, for each positional by itself.

    *routes* are those of a rehearsal (`Transport`).
    """
    cwd = os.path.realpath(cwd)
    places = Places(cwd, env.get("HOME") or os.path.expanduser("~"), windows=sys.platform == "win32")
    found = Configuration(npm.version if npm else None, env=env, places=places, routes=routes)
    default = found.layers["default"].values
    prefix = _global_prefix(env, npm, windows=places.windows)
    default["prefix"] = prefix and resolve(replace_variables(prefix, env, found.version), places)
    default["cache"] = _cache(env, places)
    parsed = parse(arguments, found.version, places)
    if npm is not None and npm.cli is not None:
        _load(found, "builtin", os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(npm.cli))), "npmrc"))
    found.load_arguments(parsed)
    found.load_environment()
    _load_project(found)
    _load(found, "user", text(found.unvalidated("userconfig")))
    if found.unvalidated("globalconfig") is None and truthy(found.unvalidated("prefix")):
        default["globalconfig"] = resolve(os.path.join(text(found.unvalidated("prefix")), "etc", "npmrc"), places)
    if found.unvalidated("globalconfig") is not None:
        _load(found, "global", text(found.unvalidated("globalconfig")))
    check(found, parsed)
    check_places(found)
    _take_positionals(found, parsed, several=several)
    return found


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
        found.stop("not-read", f"{path} could not be read: {why}", Origin(name, path, ""), stops=False)
        content = None
    except (OSError, ValueError):
        content = None  # npm passes over what it cannot read
    if content is not None and content.count("\n") + content.count("\r") > MOST_LINES:
        found.stop(
            "not-read",
            f"{path} could not be read: it has more than {MOST_LINES} lines",
            Origin(name, path, ""),
            stops=False,
        )
        content = None
    if content is None:
        found.load(name, path, None)
        return
    ini = parse_ini(content)
    found.load(name, path, ini.values, lines=ini.lines)


def _content(path: str) -> str:
    """Return the file's text as Node reads it; raises `UnreadableError`, OSError, and ValueError for a NUL."""
    if path == os.devnull:
        return ""
    return read_text(path, LARGEST_FILE)


# The project


def _load_project(found: Configuration) -> None:
    """Find the local prefix and load its .npmrc (lib/index.js, `loadProjectConfig`)."""
    _find_local_prefix(found)
    if found.unvalidated("global") is True or found.unvalidated("location") == "global":
        return
    path = resolve(os.path.join(found.local_prefix, ".npmrc"), found.places)
    if path != found.unvalidated("userconfig"):
        _load(found, "project", path)


def _find_local_prefix(found: Configuration) -> None:
    """Find the nearest directory with a package.json or node_modules, or the root of the workspace it is in.

    (lib/index.js, `loadLocalPrefix`.)
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
        elif manifest:
            workspaces = _declared_workspaces(place, found)
            if workspaces is None:
                return
            if local in workspaces:
                found.layers["default"].values["workspace"] = [local]
                found.local_prefix = place
                return


def _upwards(place: str) -> Iterator[str]:
    while True:
        yield place
        above = os.path.dirname(place)
        if above == place:
            return
        place = above


def _declared_workspaces(root: str, found: Configuration) -> Sequence[str] | None:
    """Return the directories of the workspaces that the package.json in *root* declares; none where it is unreadable.

    Return None where the search for them fails, which is then among the problems.
    """
    from safepublish.detect.workspaces import BrokenWorkspacesError, find_workspaces, read_manifest

    try:
        declared = read_manifest(root).get("workspaces")
    except (OSError, ValueError):
        return ()
    except UnreadableError as error:
        found.stop("not-read", f"the workspaces could not be determined: {error}", stops=False)
        return None
    if not declared:
        return ()
    try:
        return tuple(find_workspaces(root, declared).values())
    except BrokenWorkspacesError as error:
        found.stop("usage", error.message)
    except UnreadableError as error:
        found.stop("not-read", f"the workspaces could not be determined: {error}", stops=False)
    return None


# The command


def _take_positionals(found: Configuration, arguments: Arguments, *, several: bool) -> None:
    """Split the command from what it is given, and say what npm would answer to that."""
    names = command(arguments.remain, found.version)
    if names:
        found.command = names
    found.positionals = arguments.remain[max(1, len(names)) :]
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
        found.stop("usage", f"npm publishes one package, but the command has {len(found.positionals)}: {given}")


def _choose_workspaces(found: Configuration) -> None:
    """Set the workspaces that the filters choose (lib/utils/get-workspaces.js)."""
    from safepublish.detect.workspaces import BrokenWorkspacesError, filter_workspaces, find_workspaces, read_manifest
    from safepublish.npm.globs import TooInvolvedError

    root = found.local_prefix
    try:
        manifest = read_manifest(root)
        named = find_workspaces(root, manifest.get("workspaces", []))
    except BrokenWorkspacesError as why:
        found.stop("usage", str(why))
        return
    except UnreadableError as why:
        found.stop("not-read", f"the workspaces could not be determined: {why}", stops=False)
        return
    except (OSError, ValueError):
        found.stop("usage", f"{root}/package.json cannot be read, so no workspaces are found")
        return
    chosen: dict[str, str] = {}
    if truthy(found.get("include-workspace-root")):
        chosen[text(manifest.get("name"))] = root
    filters = found.workspace_filters
    if not filters:
        chosen |= named
    base = filters_base(found)
    try:
        for wanted in filters:
            chosen |= filter_workspaces(wanted, named, base=base, cwd=found.places.cwd, prefix=root)
    except TooInvolvedError as why:
        found.stop("not-read", f"the workspaces could not be selected: {why}", stops=False)
        return
    if not chosen:
        options = " ".join(f"--workspace={wanted}" for wanted in filters) or "--workspaces"
        found.stop(
            "usage", f"no workspaces found for {options}", found.origin("workspace" if filters else "workspaces")
        )
    found.chosen_workspaces = tuple(chosen.values())


def filters_base(found: Configuration) -> str:
    """Return the directory that what `-w` names is relative to (lib/base-cmd.js, `setWorkspaces`)."""
    outside = os.path.relpath(found.places.cwd, found.local_prefix).startswith("..")
    return found.local_prefix if outside else found.places.cwd
