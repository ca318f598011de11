"""The publish steps of the repository's workflow files, and which of them publish a package."""

import os
import re
from collections.abc import Sequence

from safepublish.detect import workflows
from safepublish.facts.run import Package
from safepublish.facts.step import File, Step
from safepublish.npm.url import parse as parse_url
from safepublish.pipelines import reader
from safepublish.pipelines.packages import publishes

_TRIAL = re.compile(
    r"canary|nightly|snapshot|preview|pre-?release|experimental|insiders|\b(?:next|beta|alpha|rc|dev)\b", re.IGNORECASE
)
_TAG = re.compile(r"--tag[= ](?!latest\b)\S")


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


def rank(step: Step, package: Package) -> tuple[object, ...]:
    """How far *step* is from the release of *package*, the nearest first.

    Its registry decides, then that it is no trial (a canary, another tag than latest), then what starts it.
    """
    triggers = step.context.triggers
    started = 0 if "release" in triggers or step.context.for_tags else 1 if triggers & {"push", "workflow_call"} else 2
    return (_is_elsewhere(step, package), bool(step.context.never_runs), _is_trial(step), started)


def directories(steps: Sequence[tuple[File, Step]], root: str) -> tuple[str, ...]:
    """The directories below *root* that the steps publish with npm, as far as they hold a package.json."""
    found: dict[str, None] = {}
    for _, step in steps:
        directory = _directory(step, root) if step.invocation.tool in {"npm", "safepublish"} else None
        if directory is not None and os.path.isfile(os.path.join(directory, "package.json")):
            found[directory] = None
    return tuple(found)


def workspace_arguments(step: Step, root: str, cwd: str) -> tuple[str, ...]:
    """The arguments with which *step* publishes workspaces of the package in *cwd*; none where it does not."""
    invocation = step.invocation
    at = invocation.working_directory
    if invocation.tool not in {"npm", "safepublish"} or at is None or invocation.opaque:
        return ()
    if os.path.realpath(os.path.join(root, at)) != os.path.realpath(cwd):
        return ()
    words, found = iter(invocation.arguments), []
    for word in words:
        if word in {"--workspaces", "-ws"} or word.startswith("--workspace="):
            found.append(word)
        elif word in {"--workspace", "-w"}:
            found += [word, next(words, "")]
    return tuple(found)


def _directory(step: Step, root: str) -> str | None:
    """The directory that the step publishes, None where that is no directory or unknown."""
    working_directory, arguments = step.invocation.working_directory, step.invocation.arguments
    if working_directory is None:
        return None
    path = next((word for word in arguments if _is_path(word)), ".")
    if "$" in path or "*" in path or path.endswith((".tgz", ".tar.gz")):
        return None
    return os.path.realpath(os.path.join(root, working_directory, path))


def _is_path(argument: str) -> bool:
    return not argument.startswith("-") and ("/" in argument or argument in {".", ".."} or argument.endswith(".tgz"))


def _is_elsewhere(step: Step, package: Package) -> bool:
    """Whether the step publishes to another registry than *package* is meant for."""
    own, there = package.settings.registry, step.credentials.registry.url
    if own is None or there is None:
        return False
    mine, other = parse_url(own.value), parse_url(there)
    return mine is not None and other is not None and mine.hostname != other.hostname


def _is_trial(step: Step) -> bool:
    words: Sequence[str | None] = (step.place.entry_path, step.place.job, step.place.name)
    arguments = " ".join(step.invocation.arguments)
    return bool(_TAG.search(arguments)) or any(_TRIAL.search(word) for word in words if word)
