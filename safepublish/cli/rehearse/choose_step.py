"""Chooses the publish step to rehearse: the only one of the repository's workflows, or the one that options name.

A step comes with its legs: one for each job of its matrix and each command of its script that publishes.
"""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from safepublish.cli.rehearse.request import RehearsalError, Request
from safepublish.detect import workflows
from safepublish.facts.step import File, Step
from safepublish.pipelines import reader
from safepublish.rehearsal.plan import TOOLS

if TYPE_CHECKING:
    from safepublish.facts.finding import Location

_NO_STEP = "no workflow of this repository has a step that publishes with npm"


def choose_step(request: Request, checkout: workflows.Checkout, root: str) -> tuple[File, tuple[Step, ...]]:
    """The file and the legs of the step to rehearse, the one with the oldest npm first: it is the first to fail.

    Raises `RehearsalError` where there is no step, or more than one.
    """
    chosen: dict[tuple[str, Location], tuple[File, tuple[Step, ...]]] = {}
    not_named: dict[Location, Step] = {}
    other_tools: dict[Location, Step] = {}
    for file in _read_files(request, checkout, root):
        for legs in file.steps:
            known = [leg for leg in legs if leg.invocation.tool in TOOLS]
            ordered = tuple(sorted(known or legs, key=_npm_order))
            step = ordered[0]
            can_simulate = (
                step.invocation.tool in TOOLS and not step.place.composite and step.place.reusable != "callee"
            )
            if not _is_named(request, file, step):
                not_named |= {step.place.at: step} if can_simulate else {}
            elif not can_simulate:
                other_tools[step.place.at] = step
            elif (step.place.entry_path, step.place.at) not in chosen or step.place.position is not None:
                # The step of a called workflow is found in its own file, where it can be fixed, and in its caller's.
                chosen[step.place.entry_path, step.place.at] = file, ordered
    if not chosen:
        raise _no_step(request, tuple(other_tools.values()), tuple(not_named.values()))
    if len(chosen) > 1:
        message = f"{len(chosen)} steps publish with npm; choose one:"
        raise RehearsalError(message, [_options_for(legs[0]) for _, legs in chosen.values()])
    return next(iter(chosen.values()))


def _read_files(request: Request, checkout: workflows.Checkout, root: str) -> Iterator[File]:
    """The repository's workflow files."""
    try:
        paths = [os.path.relpath(path, root) for path in workflows.paths([], root, root)]
    except OSError as error:
        raise RehearsalError(f"{error.filename} could not be read: {error.strerror}") from error
    for path in paths:
        shown = path.replace(os.sep, "/")
        text = checkout.text(shown)
        if text is None:
            continue
        file = reader.read(text, shown, checkout.text, checkout.callers)
        named = request.workflow is not None and request.workflow.partition(":")[0] in {shown, os.path.basename(shown)}
        if file.trouble is not None and named:
            raise RehearsalError(f"{shown}:{file.line}: {file.trouble}")
        yield file


def _npm_order(step: Step) -> tuple[bool, tuple[int, ...]]:
    """The sort key that puts the leg of a matrix with the oldest npm first."""
    known = step.toolchain.npm.npms
    return known is None, known.lowest.release if known else ()


def _is_named(request: Request, file: File, step: Step) -> bool:
    """Whether the options name *step*, or no step."""
    if request.job is not None and step.place.job != request.job:
        return False
    if request.workflow is None:
        return True
    name, _, line = request.workflow.partition(":")
    paths = (file.path, step.place.entry_path)
    return name in {*paths, *map(os.path.basename, paths)} and (not line or line == str(step.place.at.line))


def _no_step(request: Request, other_tools: Sequence[Step], not_named: Sequence[Step]) -> RehearsalError:
    """The error where no step can be rehearsed."""
    condition = " that matches --workflow and --job" if request.job or request.workflow else ""
    if other_tools:
        details = [
            f"{place.at.path}:{place.at.line}, job {place.job}: {invocation.hidden or invocation.tool}"
            for place, invocation, *_ in other_tools
        ]
        return RehearsalError(f"{_NO_STEP}{condition}; these publish in another way:", details)
    if not_named:
        return RehearsalError(f"{_NO_STEP}{condition}; these do:", [_options_for(step) for step in not_named])
    return RehearsalError(f"{_NO_STEP}{condition}")


def _options_for(step: Step) -> str:
    """The options that name *step*, and its command."""
    place = step.place
    options = f"--workflow {os.path.basename(place.entry_path)}:{place.at.line} --job {place.job}"
    return f"{options}   {step.invocation.command}"
