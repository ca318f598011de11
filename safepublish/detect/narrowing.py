"""The arguments with which npm publishes some of the packages that it was to publish, and no other."""

import os
from collections.abc import Sequence

from safepublish.detect import Command, Detected, config
from safepublish.detect.config import Configuration
from safepublish.facts.run import Npm, Package
from safepublish.npm.arguments import POSITIONALS, truthy, without

_KEYS = frozenset({"workspace", "workspaces", "include-workspace-root"})


def narrow(detected: Detected, packages: Sequence[Package]) -> tuple[str, ...] | None:
    """Return the arguments with which npm publishes *packages* and no other of those detected; None without any."""
    if len(packages) == sum(not run.package.skip_published for run in detected.runs):
        return detected.arguments
    configuration = detected.configuration
    if all(not run.package.workspace for run in detected.runs):
        bare = without(detected.arguments, frozenset({POSITIONALS}), configuration.version)
        return None if bare is None or len(packages) > 1 else (*configuration.command, *bare, packages[0].spec)
    command = detected.command._replace(arguments=detected.arguments)
    return workspace_arguments(command, packages, configuration, detected.npm)


def workspace_arguments(
    command: Command, packages: Sequence[Package], configuration: Configuration, npm: Npm | None
) -> tuple[str, ...] | None:
    """Return the arguments of *command*, changed so that npm publishes the workspaces *packages* alone; None without.

    Each workspace is named by itself, in npm's order. What npm would make of the new arguments is then worked out as it
    was for the given ones: `-w a` also chooses what lies just below `a`, and a directory may have another one's name.
    """
    bare = without(command.arguments, _KEYS, configuration.version)
    places = [package.path for package in packages if package.path is not None]
    if bare is None or len(places) != len(packages):
        return None
    root = configuration.local_prefix
    base = config.filters_base(configuration)
    names = {package.path: package.manifest.name for package in packages}
    for filter_of in (lambda place: os.path.relpath(place, base), names.get, str):
        added = [f"--workspace={filter_of(place)}" for place in places if place != root]
        if root in places:
            added.append("--include-workspace-root" if added else "--workspaces=false")
        elif truthy(configuration.get("include-workspace-root")):
            added.append("--include-workspace-root=false")
        end = bare.index("--") if "--" in bare else len(bare)
        arguments = (*bare[:end], *added, *bare[end:])
        if _published_directories(command._replace(arguments=arguments), npm) == places:
            return arguments
    return None


def _published_directories(command: Command, npm: Npm | None) -> list[str]:
    """Return the directories that npm publishes by *command*."""
    found = config.read(command.arguments, env=command.env, cwd=command.cwd, npm=npm)
    if found.workspace_dirs() or found.workspace_filters:
        return list(found.workspace_dirs())
    return [os.path.realpath(command.cwd)]
