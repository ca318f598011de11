"""The npm in node_modules that a publish starts instead of the one that the Node brings.

npx, `npm run` and their like put node_modules/.bin before PATH; a script may do so itself, or call npm by its path.
"""

import posixpath
import re
from collections.abc import Iterator

from safepublish.facts.step import Npm
from safepublish.npm import upgrades
from safepublish.pipelines.lock_files import version_of
from safepublish.pipelines.machine import Machine
from safepublish.pipelines.scope import Scope, joined_path, placed
from safepublish.shell import publish_commands

_BINARIES = re.compile(r"(?P<directory>[^:;]*?)/?node_modules/\.bin/?")


def local_npm(
    machine: Machine, publish: publish_commands.Publish, program: str, path: str | None, scope: Scope
) -> Npm | None:
    """The npm that *publish* starts with the PATH *path*, or called as *program*; None of the one of the Node."""
    if publish.npm or publish.manager is not None:
        return None
    called = publish.npm_directory if publish.tool == "npm" else None
    variable = scope.env.get("PATH")
    path = path or (variable.value if variable is not None else None)
    if publish.tool == "pnpm" and machine.installed.pnpm_starts is not None:
        path = posixpath.dirname(machine.installed.pnpm_starts)
        if "node_modules" not in path:
            return Npm(None, "unknown", "the setting npm-path of pnpm chooses it")
    named = [posixpath.dirname(program)] if publish.tool == "npm" and program.endswith("/bin/npm") else []
    for entry in (*named, *re.split("[:;]", path or "")):
        if _BINARIES.fullmatch(entry) and entry not in named:
            return _installed(machine, placed(scope.directory, _BINARIES.sub(r"\g<directory>", entry) or "."))
        prefix = placed(scope.directory, entry.removesuffix("/bin")) if entry.endswith("/bin") else None
        if prefix in machine.installed.local:
            return _installed(machine, prefix)
    if publish.npm is not None:
        return None
    if called not in {None, "."}:
        found = _installed(machine, placed(scope.directory, called))
        return found or Npm(None, "unknown", f"{called}/node_modules is filled by what is not in these files")
    directory = publish.npm_directory or scope.package_directory
    if directory is None:
        return None
    here = joined_path(scope.directory, publish.npm_directory) if publish.npm_directory else scope.package_directory
    return next((found for parent in _parents(here) if (found := _installed(machine, parent))), None)


def _parents(directory: str | None) -> Iterator[str]:
    """*directory* and those above it, up to the root of the repository."""
    while directory:
        yield directory
        if directory == "." or directory.startswith(("/", "..", "~")):
            return
        directory = posixpath.dirname(directory) or "."


def _installed(machine: Machine, directory: str | None) -> Npm | None:
    """The npm in the node_modules of *directory*: what a command put there, else what package.json requires."""
    if directory is None:
        return None
    spec = machine.installed.local.get(directory)
    if spec is None:
        spec = version_of(machine.job.files, machine.manifest(directory) or {}, "npm")
        if spec is None or "npm" not in _required(machine, directory):
            return None
    where = "node_modules/.bin/npm" if directory == "." else f"{directory}/node_modules/.bin/npm"
    npms = upgrades.upgraded(spec, None, None).npms if spec else None
    if npms is None:
        return Npm(None, "unknown", f"the version of {where} is not in these files")
    return Npm(npms._replace(why=where), "node_modules")


def _required(machine: Machine, directory: str) -> set[str]:
    """The packages that package.json in *directory* requires."""
    manifest = machine.manifest(directory) or {}
    blocks = (manifest.get(name) for name in ("devDependencies", "dependencies", "optionalDependencies"))
    return {name for block in blocks if isinstance(block, dict) for name in block}
