"""On a laptop: the workflow step that will publish each package in CI."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from safepublish.detect import config, publish_steps, repository, workflows
from safepublish.detect import package as packages_of
from safepublish.facts.run import Npm, Options, Package, Repository, Run, Workflow
from safepublish.facts.step import File, Step
from safepublish.pipelines import github

if TYPE_CHECKING:
    from safepublish.detect import Command
    from safepublish.detect.config import Configuration


def read(options: Options, env: Mapping[str, str], cwd: str) -> "Steps":
    """The repository around *cwd*, and its publish steps in GitHub's workflows that *options* let count."""
    found = repository.read(env, cwd)
    if found.root is None:
        return Steps(found)
    try:
        steps = publish_steps.read(found.root, options.workflow, options.job)
    except OSError:
        steps = []
    here = tuple((file, step) for file, step in steps if file.path.startswith(".github/workflows/"))
    return Steps(found, here, named=options.workflow is not None or options.job is not None)


class Steps(NamedTuple):
    """A repository and its publish steps; *named* says that options choose among them."""

    repository: Repository
    steps: Sequence[tuple[File, Step]] = ()
    named: bool = False


def published(
    packages: tuple[Package, ...], steps: Steps, configuration: "Configuration", command: "Command", npm: Npm | None
) -> tuple[Package, ...]:
    """The packages that the steps publish: workspaces, or those of other directories; else *packages*.

    The latter only where none of *packages*, those of the working directory, can be published.
    """
    root = steps.repository.root
    if root is None:
        return packages
    step = _step(steps, root, packages[0], [".", _relative(packages[0], root)]) if len(packages) == 1 else None
    if step is not None and not configuration.workspace_dirs():
        added = publish_steps.workspace_arguments(step, root, command.cwd)
        if added:
            words = (*command.arguments, *added)
            changed = config.read(words, env=command.env, cwd=command.cwd, npm=npm, several=True)
            return packages_of.read(changed, cwd=command.cwd, checking=True)
    if not all(one.manifest.private or one.manifest.trouble is not None for one in packages):
        return packages
    directories = publish_steps.directories(steps.steps, root)
    found = packages_of.of_directories(directories, configuration, cwd=command.cwd)
    return tuple(one for one in found if not one.manifest.private) or packages


def with_repository(runs: Sequence[Run], steps: Steps) -> tuple[Run, ...]:
    """*runs*, each with the repository and the workflow that publishes its package.

    Of several steps one counts that is known to publish it, and is no trial. A package that every step leaves out has
    none.
    """
    found, root = steps.repository, steps.repository.root
    if root is None:
        return tuple(run._replace(repository=found) for run in runs)
    directories = [".", *(_relative(run.package, root) for run in runs)]
    return tuple(run._replace(repository=_chosen(steps, root, run.package, directories)) for run in runs)


def _chosen(steps: Steps, root: str, package: Package, directories: Sequence[str]) -> Repository:
    step = _step(steps, root, package, directories)
    if step is not None:
        return steps.repository._replace(workflow=_workflow(root, step))
    others = repository.publishing_workflows(root) if not steps.steps and not steps.named else ()
    started = [workflow for workflow in others if workflow.step is None or workflow.step.place.reusable != "callee"]
    return steps.repository._replace(workflow=next(iter(started or others), None))


def _step(steps: Steps, root: str, package: Package, directories: Sequence[str]) -> Step | None:
    """The step that most probably publishes *package*."""
    matching, _ = publish_steps.of_package(steps.steps, _relative(package, root), package.manifest.name, directories)
    if steps.named and not matching:
        matching = [step for _, step in steps.steps]
    return min(matching, key=lambda step: publish_steps.rank(step, package), default=None)


def _workflow(root: str, step: Step) -> Workflow | None:
    """The facts about *step* in the workflow that GitHub starts."""
    checkout = workflows.Checkout(root)
    path = step.place.entry_path
    text = checkout.text(path)
    return None if text is None else github.read_step(text, path, checkout.text, step.place.at)


def _relative(package: Package, root: str) -> str:
    """The directory of *package*, or of its tarball, from the root of the repository."""
    path = package.path or root
    directory = path if package.source == "directory" else os.path.dirname(path)
    return os.path.normpath(os.path.relpath(os.path.realpath(directory), os.path.realpath(root))).replace(os.sep, "/")
