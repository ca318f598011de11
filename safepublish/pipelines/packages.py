"""Which packages of the repository a publish step publishes."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from safepublish.facts.step import Step
from safepublish.shell.publish_commands.publish import parsed_as_npm

_OF_ALL = frozenset({"lerna", "lerna-lite", "changesets", "nx", "auto", "rush", "beachball", "release-plan", "publib"})
"""The tools that publish each package whose version is new."""

_RECURSIVE = frozenset({"-r", "--recursive", "-A", "--all", "foreach", "-ws", "--workspaces"})

_WORKSPACE = (("yarn",), "workspace")
_PLAIN = re.compile(r"(?:@[\w.~-]+/)?[\w./~-]+")
"""The name or the directory of one package, without a pattern or a variable."""


def publishes(step: Step, directory: str, name: str | None, others: Sequence[str]) -> bool | None:
    """Whether *step* publishes the package *name* in *directory*; None where the files do not say it.

    *directory* and *others*, those of all packages of the repository, are relative to its root; the root itself is ".".
    """
    invocation = step.invocation
    if invocation.hidden is not None:
        return None
    if invocation.tool in _OF_ALL or _RECURSIVE & set(invocation.argv):
        return True
    values, positionals = parsed_as_npm(("publish", *invocation.arguments))
    if values.get("workspaces") is True:
        return True
    chosen = _chosen(step, values)
    if chosen:
        named = {workspace.removeprefix("/").removeprefix("./").rstrip("/") for workspace in chosen}
        if name in named or directory in named:
            return True
        return None if any(not _PLAIN.fullmatch(workspace) for workspace in named) else False
    if invocation.working_directory is None:
        return None
    place = invocation.working_directory
    spec = next(iter(positionals[1:]), None)
    if spec is not None:
        if "$" in spec or "*" in spec:
            return None
        place = posixpath.join(place, spec if not spec.endswith(".tgz") else posixpath.dirname(spec) or ".")
    if "$" in place:
        return None
    return _nearest(posixpath.normpath(place), others) == directory


def _chosen(step: Step, values: Mapping[str, object]) -> list[str]:
    """The packages that npm's -w, pnpm's --filter or `yarn workspace` choose."""
    argv = step.invocation.argv
    workspaces = values.get("workspace")
    chosen = [str(workspace) for workspace in workspaces] if isinstance(workspaces, list) else []
    chosen += [after for word, after in pairwise(argv) if word in {"--filter", "-F"} or (argv[:1], word) == _WORKSPACE]
    return chosen + [word.partition("=")[2] for word in argv if word.startswith(("--filter=", "-F="))]


def _nearest(place: str, directories: Sequence[str]) -> str | None:
    """The package that *place* is, or is in: `packages/a/dist` is built from packages/a."""
    while True:
        if place in directories:
            return place
        if place in {"", ".", "/"}:
            return "." if "." in directories else None
        place = posixpath.dirname(place) or "."
