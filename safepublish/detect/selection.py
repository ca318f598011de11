"""The words with which npm publishes some of the workspaces that it was told to publish, and no other."""

import os
from collections.abc import Mapping, Sequence

from safepublish.detect import config
from safepublish.detect.config import Configuration
from safepublish.facts.run import Npm, Package
from safepublish.npm.arguments import truthy, without

_KEYS = frozenset({"workspace", "workspaces", "include-workspace-root"})


def words(
    given: Sequence[str],
    keep: Sequence[Package],
    configuration: Configuration,
    *,
    env: Mapping[str, str],
    cwd: str,
    npm: Npm | None,
) -> tuple[str, ...] | None:
    """*given*, which choose workspaces, changed so that npm publishes *keep* alone; None where no words do.

    Each workspace is named by itself, in npm's order. What npm would make of the new words is then worked out as it
    was for the given ones: `-w a` also takes what lies just below `a`, and a directory may have another one's name.
    """
    bare = without(given, _KEYS, configuration.version)
    places = [package.path for package in keep if package.path is not None]
    if bare is None or len(places) != len(keep):
        return None
    root = configuration.local_prefix
    base = config.filters_base(configuration)
    names = {package.path: package.name for package in keep}
    for called in (lambda place: os.path.relpath(place, base), names.get, str):
        added = [f"--workspace={called(place)}" for place in places if place != root]
        if root in places:
            added.append("--include-workspace-root" if added else "--workspaces=false")
        elif truthy(configuration.get("include-workspace-root")):
            added.append("--include-workspace-root=false")
        end = bare.index("--") if "--" in bare else len(bare)
        chosen = (*bare[:end], *added, *bare[end:])
        if _published(chosen, env=env, cwd=cwd, npm=npm) == places:
            return chosen
    return None


def _published(chosen: Sequence[str], *, env: Mapping[str, str], cwd: str, npm: Npm | None) -> list[str]:
    """The directories that npm publishes with the words *chosen*."""
    found = config.read(chosen, env=env, cwd=cwd, npm=npm)
    if found.workspace_dirs() or found.workspace_filters:
        return list(found.workspace_dirs())
    return [os.path.realpath(cwd)]
