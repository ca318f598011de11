"""Chooses, of all steps of a repository that publish, the one that publishes a package: for `safepublish check`."""

import os
import re
from collections.abc import Iterable, Sequence

from safepublish.facts.run import Package, Workflow
from safepublish.facts.step import Step
from safepublish.npm.url import parse as parse_url

_TRIAL = re.compile(
    r"canary|nightly|snapshot|preview|pre-?release|experimental|insiders|\b(?:next|beta|alpha|rc|dev)\b", re.IGNORECASE
)
_TAG = re.compile(r"--tag[= ](?!latest\b)\S")
_ALL = re.compile(r"(?:^| )(?:--workspaces|-ws|-r|--recursive|-w|--workspace|--filter|-F|foreach)\b")
_MANY = frozenset({"changesets", "lerna", "nx", "semantic-release", "auto", "release-it", "np", "release-please"})
"""Tools that publish more than the package of their working directory."""


def choose(workflows: Iterable[Workflow], package: Package, root: str) -> Workflow | None:
    """The one of *workflows* whose step most probably publishes *package*; None where there is none.

    Its directory and registry decide, then that it is no trial (a canary, another tag than latest), then what starts
    it, and last its place in the files.
    """
    return min(workflows, key=lambda workflow: _order(workflow.step, package, root), default=None)


def directories(workflows: Iterable[Workflow], root: str) -> tuple[str, ...]:
    """The directories below *root* that the steps publish with npm, as far as they hold a package.json."""
    found: dict[str, None] = {}
    for workflow in workflows:
        step = workflow.step
        if step is None or step.invocation.tool not in {"npm", "safepublish"} or step.place.reusable == "callee":
            continue
        directory = _directory(step, root)
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


def _order(step: Step | None, package: Package, root: str) -> tuple[object, ...]:
    if step is None:
        return (True, 9)
    triggers = step.context.triggers
    started = 0 if "release" in triggers or step.context.for_tags else 1 if triggers & {"push", "workflow_call"} else 2
    return (
        step.place.reusable == "callee",
        _distance(step, package, root),
        _is_elsewhere(step, package),
        step.context.never_runs,
        _is_trial(step),
        started,
    )


def _distance(step: Step, package: Package, root: str) -> int:
    """0 where the step publishes the directory of *package*, 1 where it may, 2 where it publishes another."""
    invocation = step.invocation
    command = " ".join(invocation.arguments) or invocation.command
    if invocation.tool in _MANY or invocation.hidden is not None or invocation.opaque or _ALL.search(command):
        return 1
    directory = _directory(step, root)
    if directory is None or package.path is None or package.source != "directory":
        return 1
    published = os.path.realpath(package.path)
    if directory == published:
        return 0
    return 1 if directory.startswith(os.path.join(published, "")) else 2  # ./dist is the package, built


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
