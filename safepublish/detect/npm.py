"""Finds the npm on PATH and its version; npm is not started where its files have the version."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from packaging.version import Version

from safepublish.detect.files import UnreadableError, open_regular, read_object, read_text
from safepublish.detect.node import check as check_node
from safepublish.facts.run import Npm
from safepublish.npm.floors import Floor
from safepublish.npm.tool_versions import parse

SECONDS = 10.0
"""Seconds that npm or Node may take to print its version."""

_LIMIT = 2**20
_WRAPPER = "npm-prefix.js"
_MANAGERS = (
    ("volta", ("/.volta/", "/volta/", "volta-shim")),
    ("corepack", ("/corepack/",)),
    ("nvm", ("/.nvm/", "/nvm/")),
    ("fnm", ("/fnm_multishells/", "/.fnm/", "/fnm/")),
    ("asdf", ("/.asdf/", "/asdf/")),
    ("mise", ("/mise/",)),
    ("nodenv", ("/.nodenv/", "/nodenv/")),
    ("proto", ("/.proto/",)),
    ("setup-node", ("/hostedtoolcache/", "/_tool/node/")),
    ("homebrew", ("/homebrew/", "/linuxbrew/", "/cellar/")),
    ("nix", ("/nix/store/",)),
    ("snap", ("/snap/",)),
)
"""What a path holds that belongs to each way of installing Node."""

_COREPACK_NPM = re.compile(r"npm@\d+\.\d+\.\d+")
_VERSION_SEGMENT = re.compile(r"(?:^|[/\\])(?:node-)?v?(\d+\.\d+\.\d+)(?:_\d+|-[a-z0-9-]+)?(?=[/\\])")
_NODE_MACRO = re.compile(r"^#define NODE_(MAJOR|MINOR|PATCH)_VERSION (\d{1,9})$", re.MULTILINE)


def find(env: Mapping[str, str], command: str = "npm") -> Npm | None:
    """Return the npm that *env*'s PATH has for *command*, or None where it has none.

    Where npm's own files do not have its version (a shim of volta, asdf, corepack …) it is asked for it, in the working
    directory, since such a shim answers by project.
    """
    path = which(command, env)
    if path is None:
        return None
    real = os.path.realpath(path)
    cli, node, trouble = _behind(path, real, env)
    version = _npm_version(cli)
    node_trouble = None
    if version is None and trouble is None:
        version, trouble = ask_version([path, "--version"], env)
        if version is None and _manager(path, real, node) == "corepack":
            node_trouble = _corepack_trouble(env)
    manager = _manager(path, real, node)
    found = Npm(
        path=path,
        cli=cli,
        version=version,
        node=node,
        node_version=_node_version_on_disk(node),
        manager=manager,
        trouble=trouble,
        node_trouble=node_trouble,
        is_wrapper=cli is None and manager is None,
        broken_sigstore=cli is not None and version is not None and _lacks_sigstore(cli, version, env),
    )
    return check_node(found, env)


def node_version(npm: Npm) -> Version | None:
    """Return the version of the Node that runs *npm*; Node is started where its files lack it (for a refusal only)."""
    if npm.node_version is not None or npm.node is None:
        return npm.node_version
    return ask_version([npm.node, "--version"], os.environ)[0]


def which(command: str, env: Mapping[str, str]) -> str | None:
    """The absolute path of the executable that the system's own search takes for *command*."""
    directories = [""] if os.path.dirname(command) else env.get("PATH", os.defpath).split(os.pathsep)
    for directory in directories:
        for name in _names(command, env):
            path = os.path.join(directory, name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return os.path.abspath(path)
    return None


def _names(command: str, env: Mapping[str, str]) -> Sequence[str]:
    """*command* as a file may be called; on Windows with each extension of PATHEXT."""
    if os.name != "nt":
        return (command,)
    extensions = [extension for extension in env.get("PATHEXT", ".COM;.EXE;.BAT;.CMD").split(";") if extension]
    if os.path.splitext(command)[1].upper() in {extension.upper() for extension in extensions}:
        return (command,)
    return tuple(command + extension for extension in extensions)


def _behind(path: str, real: str, env: Mapping[str, str]) -> tuple[str | None, str | None, str | None]:
    """The npm-cli.js that *path* runs, the node that runs it, and the trouble; each None where not known."""
    if os.path.basename(real) == "npm-cli.js":
        return real, _node_of_shebang(real, env), None
    beside = os.path.join(os.path.dirname(path), "node_modules", "npm", "bin")
    if os.path.basename(path).lower() not in {"npm", "npm.cmd"} or not os.path.isfile(os.path.join(beside, _WRAPPER)):
        return None, None, None
    # The wrapper that Node's installers put beside node: it takes the npm of the global prefix where there is one
    # (npm 12.2.0, bin/npm and bin/npm.cmd). npm's own script tells that prefix; only npm can.
    node = _node_beside(path) or which("node", env)
    if node is None:
        return None, None, "no node on PATH"
    prefix, trouble = _last_line([node, os.path.join(beside, _WRAPPER)], env)
    if prefix is None:
        return None, node, trouble
    upgraded = os.path.join(prefix, "node_modules", "npm", "bin", "npm-cli.js")
    return upgraded if os.path.isfile(upgraded) else os.path.join(beside, "npm-cli.js"), node, None


def _corepack_trouble(env: Mapping[str, str]) -> str | None:
    """Why corepack starts no npm in this directory, which it was seen to refuse; None where it may have other reasons.

    It takes the nearest package.json with a `packageManager` (corepack 0.34, sources/specUtils.ts, `loadSpec`).
    """
    if env.get("COREPACK_ENABLE_STRICT") == "0" or env.get("COREPACK_ENABLE_PROJECT_SPEC") == "0":
        return None
    try:
        place = os.getcwd()
    except OSError:
        return None
    while True:
        wanted = (read_object(os.path.join(place, "package.json"), _LIMIT) or {}).get("packageManager")
        if wanted is not None:
            break
        if os.path.dirname(place) == place:
            return None
        place = os.path.dirname(place)
    if isinstance(wanted, str) and _COREPACK_NPM.match(wanted):
        return None
    named = wanted if isinstance(wanted, str) else "not a string"
    return f"corepack starts no npm here, because `packageManager` in package.json is {named:.60}"


def _node_beside(npm: str) -> str | None:
    candidates = (os.path.join(os.path.dirname(npm), name) for name in ("node.exe", "node"))
    return next((path for path in candidates if os.path.isfile(path) and os.access(path, os.X_OK)), None)


def _node_of_shebang(cli: str, env: Mapping[str, str]) -> str | None:
    """The node that the first line of *cli* names: npm's own says ``#!/usr/bin/env node``."""
    program = _first_line(cli).removeprefix("#!").split()[:1]
    if program and os.path.basename(program[0]) != "env":
        node: str | None = program[0] if os.path.isfile(program[0]) else None
    else:
        node = which("node", env)
    if node is None:
        return None
    real = os.path.realpath(node)
    # A shim is one program under many names: by its real path it would not know that it is node.
    return real if os.path.basename(real) in {"node", "nodejs", "node.exe"} else node


def _first_line(path: str) -> str:
    try:
        with open_regular(path) as file:
            return file.readline(256).decode(errors="replace")
    except (OSError, UnreadableError):
        return ""


def _npm_version(cli: str | None) -> Version | None:
    if cli is None:
        return None
    document = _package(os.path.dirname(os.path.dirname(cli)))
    version = document.get("version")
    return parse(version) if document.get("name") == "npm" and isinstance(version, str) else None


def _package(directory: str) -> Mapping[str, object]:
    """The package.json of *directory*, or an empty one."""
    return read_object(os.path.join(directory, "package.json"), _LIMIT) or {}


def _node_version_on_disk(node: str | None) -> Version | None:
    """The version of *node* by the header that is installed with it, or by the directory it lies in."""
    if node is None:
        return None
    real = os.path.realpath(node)
    home = os.path.dirname(real)
    for parent in (os.path.dirname(home), home):
        try:
            header = read_text(os.path.join(parent, "include", "node", "node_version.h"), _LIMIT)
        except (OSError, UnreadableError):
            continue
        numbers = dict(_NODE_MACRO.findall(header))
        return parse(".".join(numbers.get(part, "") for part in ("MAJOR", "MINOR", "PATCH")))
    segments = _VERSION_SEGMENT.findall(real)
    return parse(segments[-1]) if segments else None


def _manager(*paths: str | None) -> str | None:
    text = "\n".join(path.replace("\\", "/").lower() for path in paths if path)
    return next((manager for manager, marks in _MANAGERS if any(mark in text for mark in marks)), None)


def _lacks_sigstore(cli: str, version: Version, env: Mapping[str, str]) -> bool:
    """Whether `require('sigstore')` fails in libnpmpublish, which npm 12.0.0 does: publishing then ends at once.

    Looked for as Node resolves it: in every node_modules above, then in NODE_PATH.
    """
    home = os.path.dirname(os.path.dirname(cli))
    publisher = os.path.join(home, "node_modules", "libnpmpublish")
    if version not in Floor.PROVENANCE or not os.path.isdir(publisher):
        return False
    places = [*_node_modules(publisher), *env.get("NODE_PATH", "").split(os.pathsep)]
    if any(os.path.isdir(os.path.join(place, "sigstore")) for place in places if place):
        return False
    needed = _package(publisher).get("dependencies")
    return isinstance(needed, dict) and "sigstore" in needed


def _node_modules(directory: str) -> Iterator[str]:
    while True:
        if os.path.basename(directory) != "node_modules":
            yield os.path.join(directory, "node_modules")
        parent = os.path.dirname(directory)
        if parent == directory:
            return
        directory = parent


def ask_version(arguments: Sequence[str], env: Mapping[str, str]) -> tuple[Version | None, str | None]:
    """Return the version that a program prints as the last line, or why there is none."""
    line, trouble = _last_line(arguments, env)
    if line is None:
        return None, trouble
    version = parse(line)
    return version, None if version else f"{_shown(arguments)} printed no version"


def _last_line(arguments: Sequence[str], env: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the last line that a program prints, or why there is none."""
    from safepublish.detect.programs import NoOutputError, output

    name = _shown(arguments)
    # npm would leave a compile cache in the temporary directory.
    env = {**env, "NODE_DISABLE_COMPILE_CACHE": "1"}
    try:
        printed, status = output(arguments, env=env, seconds=SECONDS, name=name)
    except NoOutputError as error:
        return None, error.message
    if status:
        return None, f"{name} exited with code {status}"
    lines = printed.decode(errors="replace").strip().splitlines()
    return (lines[-1].strip(), None) if lines else (None, f"{name} printed nothing")


def _shown(arguments: Sequence[str]) -> str:
    return " ".join((arguments[0], *(os.path.basename(argument) for argument in arguments[1:])))
