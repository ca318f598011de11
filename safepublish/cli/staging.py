"""What follows from a staged publish: its stage ids, from npm's stdout, or from `npm stage list` on a terminal."""

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safepublish.cli.stdout_copy import StdoutCopy
    from safepublish.detect import Detected
    from safepublish.facts.run import Run
    from safepublish.logs.staged import Staged
    from safepublish.run_npm import NpmResult

_SECONDS = 10.0
"""How long `npm stage list` may take; on a terminal the stage id is on the screen already."""

_MOST_LISTED = 20
"""Packages of which `npm stage list` is asked."""


def stages(detected: "Detected") -> bool:
    """Whether npm, or the tool in its place, stages versions for a later approval."""
    return any(run.command.name == "stage publish" and not run.command.dry_run for run in detected.runs)


@contextlib.contextmanager
def copied_stdout(detected: "Detected") -> "Iterator[StdoutCopy | None]":
    """A copy of npm's stdout while it stages versions, where that is no terminal; else None."""
    if not stages(detected) or os.isatty(1):
        yield None
        return
    from safepublish.cli.stdout_copy import StdoutCopy  # only where something is staged

    with StdoutCopy() as copy:
        yield copy


def staged_versions(detected: "Detected", result: "NpmResult", copy: "StdoutCopy | None") -> "tuple[Staged, ...]":
    """The versions that wait for approval now, each with its stage id, as far as npm or the registry says it."""
    if not stages(detected) or result.exit_code < 0:
        return ()
    from safepublish.logs import staged  # only where something is staged

    if copy is not None:
        found = staged.read(copy.printed())
    elif result.exit_code == 0 and detected.npm is not None:
        found = tuple(filter(None, (_listed(detected, run) for run in detected.runs[:_MOST_LISTED])))
    else:
        return ()
    names = {run.package.manifest.name for run in detected.runs}
    if len(detected.runs) == 1 and len(found) == 1 and found[0].name is None:  # yarn names no package
        manifest = detected.runs[0].package.manifest
        return (found[0]._replace(name=manifest.name, version=manifest.version),)
    return tuple(version for version in found if version.name is None or None in names or version.name in names)


def _listed(detected: "Detected", run: "Run") -> "Staged | None":
    """The stage id of the package of *run* by `npm stage list`, which needs a login; None where it does not say it."""
    import json

    from safepublish import run_npm
    from safepublish.detect.programs import NoOutputError, output
    from safepublish.logs import staged

    manifest, registry = run.package.manifest, run.package.settings.registry
    if manifest.name is None or manifest.version is None or registry is None or detected.npm is None:
        return None
    words = ["stage", "list", manifest.name, "--json", f"--registry={registry.value}"]
    try:
        printed, _ = output(
            [*run_npm.command(detected.npm), *words], env=detected.command.env, seconds=_SECONDS, name="npm stage list"
        )
        return staged.read_list(json.loads(printed), manifest.name, manifest.version)
    except (NoOutputError, ValueError, RecursionError):
        return None
