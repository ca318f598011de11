"""Finds what publishes instead of npm (``--with``): which tool it is, its version, and what it would publish."""

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from packaging.version import Version

from safepublish.detect import monorepo, npm
from safepublish.detect.files import read_object
from safepublish.facts.run import PublishTool
from safepublish.npm.floors import Floor
from safepublish.npm.publish_tools import TOOLS, exchanges, starts_npm
from safepublish.npm.tool_versions import parse
from safepublish.shell.options import anywhere
from safepublish.shell.publish_commands.publish import PUBLISH_VALUED
from safepublish.shell.publish_commands.staging import stages

_PACKAGES = {"pnpm": "pnpm", "lerna": "lerna", "@changesets/cli": "changesets", "bun": "bun"}
_LIMIT = 2**20
_SECONDS = 20.0  # for a tool to list its packages
_OTHER_DIRECTORY = {"-C", "--dir", "-w", "--workspace-root", "--include-workspace-root"}
"""Options of pnpm that publish something else than the working directory."""
_VALUED = {"--tag", "--access", "--otp", "--publish-branch", "--registry", "--loglevel", "--reporter"}
"""Options of pnpm publish that a value follows."""
_FILTERS = {"--from", "--since", "--include", "--exclude", "--recursive", "--worktree"}
"""Options of `yarn workspaces foreach` with which it skips some."""


class FoundTool(NamedTuple):
    """The tool, the arguments that start it, and the directories of the packages; None where these are unknown."""

    tool: PublishTool
    arguments: tuple[str, ...]
    directories: tuple[str, ...] | None = None
    trouble: str | None = None  # why nothing is known
    stages: bool = False  # it stages versions for a later approval


def read(command: str, *, env: Mapping[str, str], cwd: str) -> FoundTool:
    """Return what *command*, as a shell would split it, publishes, and with which tool."""
    arguments = tuple(shlex.split(command))
    path = _executable(arguments[0], env, cwd)
    if path is None:
        why = f"{arguments[0]} is neither on PATH nor in a node_modules/.bin of this directory or one above"
        return FoundTool(PublishTool(arguments[0], arguments[0], trouble=why), arguments, trouble=why)
    arguments = (path, *arguments[1:])
    called = _unwrapped([os.path.basename(arguments[0]).removesuffix(".cmd"), *arguments[1:]])
    if called[0] != os.path.basename(arguments[0]).removesuffix(".cmd"):  # npx, pnpm exec, yarn run
        inner = _executable(called[0], env, cwd)
        if inner is None:
            why = f"{called[0]} is not installed, and the version that would be fetched is unknown"
            return FoundTool(PublishTool(called[0], path, trouble=why), arguments, trouble=why)
        path = inner
    name, version, trouble = _identified(called[0], path, env)
    tool = PublishTool(name, path, version, trouble=trouble)
    if name == "changesets":
        tool = _through_changesets(tool, env, cwd)
    found = _described(tool, called, arguments, env, cwd)
    flags = anywhere(tuple(called[1:]), PUBLISH_VALUED)
    return found._replace(stages=stages(found.tool.name, flags.positionals, flags.values))


def _executable(word: str, env: Mapping[str, str], cwd: str) -> str | None:
    """Return the executable: on PATH, else in a node_modules/.bin, as package scripts find it."""
    if os.path.dirname(word):
        word = os.path.join(cwd, word)
    places = []
    place = cwd
    while True:
        places.append(os.path.join(place, "node_modules", ".bin"))
        above = os.path.dirname(place)
        if above == place:
            break
        place = above
    path = os.pathsep.join([*places, env.get("PATH", os.defpath)])
    return npm.which(word, {**env, "PATH": path})


def _unwrapped(arguments: list[str]) -> list[str]:
    """Return *arguments* without what only starts another program: npx, pnpm exec, yarn run, npm exec."""
    rest = list(arguments)
    if rest[0] == "npx":
        rest = rest[1:]
    elif rest[:2] in (["pnpm", "exec"], ["npm", "exec"], ["yarn", "run"], ["yarn", "exec"], ["pnpm", "run"]):
        rest = rest[2:]
    elif len(rest) > 1 and rest[0] in {"pnpm", "yarn"} and rest[1] in {"lerna", "changeset"}:
        rest = rest[1:]
    else:
        return rest
    while rest and rest[0].startswith("-"):
        rest = rest[1:]
    return rest or arguments


def _identified(word: str, path: str, env: Mapping[str, str]) -> tuple[str, Version | None, str | None]:
    """Return the tool's name and version, from the package of its executable, else by asking it."""
    place = os.path.dirname(os.path.realpath(path))
    for _ in range(4):
        document = read_object(os.path.join(place, "package.json"), _LIMIT) or {}
        if isinstance(document.get("version"), str):
            name = _PACKAGES.get(str(document.get("name")))
            if name is not None:
                return name, parse(document["version"]), None
        place = os.path.dirname(place)
    name = {"changeset": "changesets"}.get(word, word)
    if name not in TOOLS:
        return name, None, None
    version, trouble = npm.ask_version([path, "--version"], env)
    if name == "yarn" and version is not None and version in Floor.YARN_BERRY:
        name = "yarn-berry"
    return name, version, trouble


def _through_changesets(tool: PublishTool, env: Mapping[str, str], cwd: str) -> PublishTool:
    """What changesets starts for each package: pnpm where the repository is one of pnpm's, else npm.

    (@changesets/cli 3.0.3, `publish`: it asks package-manager-detector, which goes by pnpm's files first.)
    """
    pnpms = ("pnpm-lock.yaml", "pnpm-workspace.yaml")
    if not any(os.path.exists(os.path.join(cwd, file)) for file in pnpms):
        return tool._replace(skips=True)
    path = _executable("pnpm", env, cwd)
    if path is None:
        return tool._replace(trouble="changesets runs pnpm in this repository, but pnpm is not on PATH")
    name, version, trouble = _identified("pnpm", path, env)
    return PublishTool(name, path, version, skips=True, trouble=trouble)


def _described(
    tool: PublishTool, called: Sequence[str], arguments: tuple[str, ...], env: Mapping[str, str], cwd: str
) -> FoundTool:
    version = str(tool.version) if tool.version else None
    own = exchanges(tool.name, version)
    tool = tool._replace(
        npm=starts_npm(tool.name, version) is True,
        blind_to_ci=tool.name == "yarn-berry"
        or (tool.name == "pnpm" and tool.version is not None and tool.version in Floor.PNPM_CI_FALSE),
        provenance=own is True and tool.name in {"pnpm", "lerna"},
    )
    options = called[1:]
    if called[0] == "changeset" and options[:1] == ["publish"]:
        return FoundTool(tool, arguments, _workspaces(cwd))
    if called[0] == "pnpm":
        return _pnpm(tool, options, arguments, env, cwd)
    if called[0] == "lerna" and "publish" in options:
        return FoundTool(tool._replace(skips="from-package" in options), arguments, _workspaces(cwd))
    if called[0] == "yarn":
        return _yarn(tool, options, arguments, env, cwd)
    return FoundTool(tool, arguments)


def _pnpm(
    tool: PublishTool, options: Sequence[str], arguments: tuple[str, ...], env: Mapping[str, str], cwd: str
) -> FoundTool:
    if any(word.partition("=")[0] in _OTHER_DIRECTORY for word in options):
        return FoundTool(tool, arguments)
    recursive = {"-r", "--recursive", "recursive", "m", "multi"} & set(options)
    filtered = any(word.startswith(("--filter", "-F")) for word in options)
    if not recursive and not filtered:
        verbs = ["stage", "publish"] if list(options[:2]) == ["stage", "publish"] else ["publish"]
        place = _directory([word for word in options if word not in verbs])
        return FoundTool(tool, arguments, None if place is None else (os.path.normpath(os.path.join(cwd, place)),))
    tool = tool._replace(skips=True)
    if not filtered:
        return FoundTool(tool, arguments, _workspaces(cwd))
    filters = [
        part
        for at, word in enumerate(options)
        if word.startswith(("--filter", "-F"))
        for part in ((word,) if "=" in word else options[at : at + 2])
    ]
    listed = _list_json([arguments[0], *filters, "ls", "--depth", "-1", "--json"], env, cwd)
    places = [package.get("path") for package in listed or () if isinstance(package, dict)]
    return FoundTool(tool, arguments, tuple(place for place in places if isinstance(place, str)) if listed else None)


def _directory(options: Sequence[str]) -> str | None:
    """Return the directory or tarball that pnpm would publish; None where it may as well be an option's value."""
    places = []
    for before, word in zip(("", *options), options, strict=False):
        if word.startswith("-") or before in _VALUED:
            continue
        if before.startswith("-") and "=" not in before and not before.startswith("--no-"):
            return None
        places.append(word)
    return None if len(places) > 1 else next(iter(places), ".")


def _yarn(
    tool: PublishTool, options: Sequence[str], arguments: tuple[str, ...], env: Mapping[str, str], cwd: str
) -> FoundTool:
    tool = tool._replace(skips="--tolerate-republish" in options)
    if options[:2] == ["npm", "publish"]:
        return FoundTool(tool, arguments, (cwd,))
    if options[:1] == ["publish"]:  # yarn 1
        return FoundTool(tool, arguments, (cwd,))
    each = options[:2] == ["workspaces", "foreach"]
    single = options[0:1] == ["workspace"] and len(options) > 3 and list(options[2:4]) == ["npm", "publish"]
    if not single and (not each or not _chooses_all(options) or "publish" not in options):
        return FoundTool(tool, arguments)
    # Yarn prints one document a line.
    listed = _list_json([arguments[0], "workspaces", "list", "--json"], env, cwd, lines=True)
    if listed is None:
        return FoundTool(tool, arguments)
    places = {str(entry.get("name")): str(entry.get("location")) for entry in listed if isinstance(entry, dict)}
    chosen = [places[options[1]]] if single and options[1] in places else [] if single else list(places.values())
    return FoundTool(tool, arguments, tuple(os.path.normpath(os.path.join(cwd, place)) for place in chosen) or None)


def _chooses_all(options: Sequence[str]) -> bool:
    """Whether `yarn workspaces foreach` runs in all of them; short options may stand together: -Apt."""
    before = options[: options.index("npm")] if "npm" in options else options
    short = {letter for word in before if word.startswith("-") and not word.startswith("--") for letter in word[1:]}
    long = {word.partition("=")[0] for word in before if word.startswith("--")}
    return ("A" in short or "--all" in long) and not short & {"R", "W"} and not long & _FILTERS


def _list_json(
    arguments: Sequence[str], env: Mapping[str, str], cwd: str, *, lines: bool = False
) -> list[object] | None:
    """Return what a tool lists as JSON, or with *lines* as a document a line; None where it does not."""
    from safepublish.detect.programs import NoOutputError, output

    name = " ".join((os.path.basename(arguments[0]), *arguments[1:]))
    try:
        printed, _ = output(arguments, env=env, cwd=cwd, seconds=_SECONDS, name=name)
        found = [json.loads(line) for line in printed.splitlines() if line] if lines else json.loads(printed)
    except (NoOutputError, ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _workspaces(cwd: str) -> tuple[str, ...] | None:
    """The packages of the repository in *cwd*: pnpm's, lerna's, else those in package.json, and the root itself."""
    found = monorepo.packages(cwd) or monorepo.npms(cwd)
    if found is None or found.trouble is not None:
        return (cwd,) if found is None else None
    return tuple(dict.fromkeys((cwd, *found.directories)))
