"""The publish steps of the repository's workflow files, and which of them publish a package."""

import os
from collections.abc import Sequence

from safepublish.detect import workflows
from safepublish.facts.step import File, Step
from safepublish.pipelines import reader
from safepublish.pipelines.packages import publishes


def read(root: str, workflow: str | None, job: str | None) -> list[tuple[File, Step]]:
    """The publish steps of the repository's workflow files, on each leg of their matrix."""
    checkout = workflows.Checkout(root)
    found: list[tuple[File, Step]] = []
    for path in workflows.paths([], root, root):
        shown = os.path.relpath(path, root).replace(os.sep, "/")
        text = checkout.text(shown)
        if text is None:
            continue
        file = reader.read(text, shown, checkout.text, checkout.callers)
        steps = (step for legs in file.steps for step in legs)
        found += [(file, step) for step in steps if _starts(step) and is_named(file, step, workflow, job)]
    return found


def _starts(step: Step) -> bool:
    """Whether the step is in a workflow that GitHub starts, and not only in one that others call."""
    return step.place.reusable != "callee" and not step.place.composite


def is_named(file: File, step: Step, workflow: str | None, job: str | None) -> bool:
    """Whether *workflow* (FILE or FILE:LINE) and *job* name *step*; None names every one."""
    if job is not None and step.place.job != job:
        return False
    if workflow is None:
        return True
    name, _, line = workflow.partition(":")
    paths = (file.path, step.place.entry_path)
    return name in {*paths, *map(os.path.basename, paths)} and (not line or line == str(step.place.at.line))


def of_package(
    steps: Sequence[tuple[File, Step]], directory: str, name: str | None, directories: Sequence[str]
) -> tuple[list[Step], bool]:
    """The steps that publish the package in *directory*, else those that may, and whether the former.

    *directories* are those of all packages, relative to the root of the repository.
    """
    answers = [(step, publishes(step, directory, name, directories)) for _, step in steps]
    certain = [step for step, answer in answers if answer is True]
    return certain or [step for step, answer in answers if answer is None], bool(certain)
