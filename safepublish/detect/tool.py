"""Reads what publishes in npm's place (``--with``): which tool it is, its version, and what it would publish."""

import json
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from packaging.version import Version

from safepublish.detect import budget, monorepo, npm
from safepublish.detect.files import Unread, read_text
from safepublish.facts.run import PublishTool
from safepublish.npm.floors import Floor
from safepublish.npm.publish_tools import TOOLS, exchanges, starts_npm
from safepublish.npm.tool_versions import parse

_PACKAGES = {"pnpm": "pnpm", "lerna": "lerna", "@changesets/cli": "changesets", "bun": "bun"}
_LIMIT = 2**20
_SECONDS = 20.0  # for a tool to list its packages
_ELSEWHERE = {"-C", "--dir", "-w", "--workspace-root", "--include-workspace-root"}
"""Options of pnpm that publish something else than what lies here."""
_VALUED = {"--tag", "--access", "--otp", "--publish-branch", "--registry", "--loglevel", "--reporter"}
"""Options of pnpm publish that a value follows."""
_SOME = {"--from", "--since", "--include", "--exclude", "--recursive", "--worktree"}
"""Options of `yarn workspaces foreach` with which it leaves some out."""


class Found(NamedTuple):
    """The tool, the words that start it, and the directories of the packages; None where these cannot be told."""

    tool: PublishTool
    words: tuple[str, ...]
    directories: tuple[str, ...] | None = None
    trouble: str | None = None  # why nothing can be told


def read(command: str, *, env: Mapping[str, str], cwd: str) -> Found:
    """What *command*, as a shell would split it, publishes with and what."""
    words = tuple(shlex.split(command))
    path = _executable(words[0], env, cwd)
    if path is None:
        why = f"{words[0]} is neither on PATH nor in a node_modules/.bin from here upwards"
        return Found(PublishTool(words[0], words[0], trouble=why), words, trouble=why)
    words = (path, *words[1:])
    called = _unwrapped([os.path.basename(words[0]).removesuffix(".cmd"), *words[1:]])
    if called[0] != os.path.basename(words[0]).removesuffix(".cmd"):  # npx, pnpm exec, yarn run
        inner = _executable(called[0], env, cwd)
        if inner is None:
            why = f"{called[0]} is not installed, and what would be fetched is not known"
            return Found(PublishTool(called[0], path, trouble=why), words, trouble=why)
        path = inner
    name, version, trouble = _identified(called[0], path, env)
    tool = PublishTool(name, path, version, trouble=trouble)
    if name == "changesets":
        tool = _through_changesets(tool, env, cwd)
    return _told(tool, called, words, env, cwd)


def _executable(word: str, env: Mapping[str, str], cwd: str) -> str | None:
    """The executable: on PATH, else in a node_modules/.bin, as package scripts find it."""
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


def _unwrapped(words: list[str]) -> list[str]:
    """*words* without what only starts another program: npx, pnpm exec, yarn run, npm exec."""
    rest = list(words)
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
    return rest or words


def _identified(word: str, path: str, env: Mapping[str, str]) -> tuple[str, Version | None, str | None]:
    """The tool's name and version, from the package that its executable belongs to, else by asking it."""
    place = os.path.dirname(os.path.realpath(path))
    for _ in range(4):
        try:
            document = json.loads(read_text(os.path.join(place, "package.json"), _LIMIT))
        except (OSError, Unread, ValueError, RecursionError):
            document = None
        if isinstance(document, dict) and isinstance(document.get("version"), str):
            name = _PACKAGES.get(str(document.get("name")))
            if name is not None:
                return name, parse(document["version"]), None
        place = os.path.dirname(place)
    name = {"changeset": "changesets"}.get(word, word)
    if name not in TOOLS:
        return name, None, None
    version, trouble = npm.asked([path, "--version"], env)
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
        return tool._replace(trouble="changesets starts pnpm in this repository, and no pnpm is on PATH")
    name, version, trouble = _identified("pnpm", path, env)
    return PublishTool(name, path, version, skips=True, trouble=trouble)


def _told(tool: PublishTool, called: Sequence[str], words: tuple[str, ...], env: Mapping[str, str], cwd: str) -> Found:
    version = str(tool.version) if tool.version else None
    own = exchanges(tool.name, version)
    tool = tool._replace(
        npm=starts_npm(tool.name, version) is True,
        blind_to_ci=tool.name == "yarn-berry"
        or (tool.name == "pnpm" and tool.version is not None and tool.version in Floor.PNPM_CI_FALSE),
        token_first=tool.name == "yarn-berry",
        provenance=own is True and tool.name in {"pnpm", "lerna"},
    )
    options = called[1:]
    if called[0] == "changeset" and options[:1] == ["publish"]:
        return Found(tool, words, _workspaces(cwd))
    if called[0] == "pnpm":
        return _pnpm(tool, options, words, env, cwd)
    if called[0] == "lerna" and "publish" in options:
        return Found(tool._replace(skips="from-package" in options), words, _workspaces(cwd))
    if called[0] == "yarn":
        return _yarn(tool, options, words, env, cwd)
    return Found(tool, words)


def _pnpm(tool: PublishTool, options: Sequence[str], words: tuple[str, ...], env: Mapping[str, str], cwd: str) -> Found:
    if any(word.partition("=")[0] in _ELSEWHERE for word in options):
        return Found(tool, words)
    recursive = {"-r", "--recursive", "recursive", "m", "multi"} & set(options)
    filtered = any(word.startswith(("--filter", "-F")) for word in options)
    if not recursive and not filtered:
        place = _place([word for word in options if word != "publish"])
        return Found(tool, words, None if place is None else (os.path.normpath(os.path.join(cwd, place)),))
    tool = tool._replace(skips=True)
    if not filtered:
        return Found(tool, words, _workspaces(cwd))
    filters = [
        part
        for at, word in enumerate(options)
        if word.startswith(("--filter", "-F"))
        for part in ((word,) if "=" in word else options[at : at + 2])
    ]
    listed = _listed([words[0], *filters, "ls", "--depth", "-1", "--json"], env, cwd)
    places = [one.get("path") for one in listed or () if isinstance(one, dict)]
    return Found(tool, words, tuple(place for place in places if isinstance(place, str)) if listed else None)


def _place(options: Sequence[str]) -> str | None:
    """The directory or tarball that pnpm is to publish; None where a word may be that as well as an option's value."""
    places = []
    for before, word in zip(("", *options), options, strict=False):
        if word.startswith("-") or before in _VALUED:
            continue
        if before.startswith("-") and "=" not in before and not before.startswith("--no-"):
            return None
        places.append(word)
    return None if len(places) > 1 else next(iter(places), ".")


def _yarn(tool: PublishTool, options: Sequence[str], words: tuple[str, ...], env: Mapping[str, str], cwd: str) -> Found:
    tool = tool._replace(skips="--tolerate-republish" in options)
    if options[:2] == ["npm", "publish"]:
        return Found(tool, words, (cwd,))
    if options[:1] == ["publish"]:  # yarn 1
        return Found(tool, words, (cwd,))
    each = options[:2] == ["workspaces", "foreach"]
    one = options[0:1] == ["workspace"] and len(options) > 3 and list(options[2:4]) == ["npm", "publish"]
    if not one and (not each or not _of_all(options) or "publish" not in options):
        return Found(tool, words)
    # Yarn prints one document a line.
    listed = _listed([words[0], "workspaces", "list", "--json"], env, cwd, lines=True)
    if listed is None:
        return Found(tool, words)
    places = {str(entry.get("name")): str(entry.get("location")) for entry in listed if isinstance(entry, dict)}
    chosen = [places[options[1]]] if one and options[1] in places else [] if one else list(places.values())
    return Found(tool, words, tuple(os.path.normpath(os.path.join(cwd, place)) for place in chosen) or None)


def _of_all(options: Sequence[str]) -> bool:
    """Whether `yarn workspaces foreach` runs in all of them; short options may stand together: -Apt."""
    before = options[: options.index("npm")] if "npm" in options else options
    short = {letter for word in before if word.startswith("-") and not word.startswith("--") for letter in word[1:]}
    long = {word.partition("=")[0] for word in before if word.startswith("--")}
    return ("A" in short or "--all" in long) and not short & {"R", "W"} and not long & _SOME


def _listed(words: Sequence[str], env: Mapping[str, str], cwd: str, *, lines: bool = False) -> list[object] | None:
    """What a tool lists as JSON; None where it does not."""
    from plumbum import local  # only where a tool is to be asked

    try:
        started = local[words[0]].popen(
            list(words[1:]),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            new_session=True,
        )
    except OSError:
        return None
    process = cast("subprocess.Popen[bytes]", started)  # plumbum adds to it, and hides its timeout from mypy
    try:
        with budget.step(" ".join((os.path.basename(words[0]), *words[1:]))):
            output, _ = process.communicate(timeout=budget.left(_SECONDS))
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            npm.kill_all(process.pid)
            process.wait()
    try:
        found = [json.loads(line) for line in output.splitlines() if line] if lines else json.loads(output)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _workspaces(cwd: str) -> tuple[str, ...] | None:
    """The packages of the repository in *cwd*: pnpm's, lerna's, else those in package.json, and the root itself."""
    found = monorepo.packages(cwd) or monorepo.npms(cwd)
    if found is None or found.trouble is not None:
        return (cwd,) if found is None else None
    return tuple(dict.fromkeys((cwd, *found.directories)))
