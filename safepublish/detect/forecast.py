"""On a laptop: the workflow step that will publish each package in CI."""

import os
from collections.abc import Mapping, Sequence

from safepublish.detect import publish_steps, repository, workflows
from safepublish.facts.run import Package, Repository, Run, Workflow
from safepublish.facts.step import File, Step
from safepublish.pipelines import github


def with_repository(runs: Sequence[Run], env: Mapping[str, str], cwd: str) -> tuple[Run, ...]:
    """*runs*, each with the repository and the workflow that publishes its package.

    Of several steps the first counts that is known to publish it. A package that every step leaves out has none.
    """
    found = repository.read(env, cwd)
    if found.root is None:
        return tuple(run._replace(repository=found) for run in runs)
    root, options = found.root, runs[0].options if runs else None
    named = options is not None and (options.workflow is not None or options.job is not None)
    try:
        steps = publish_steps.read(root, *((options.workflow, options.job) if options else (None, None)))
    except OSError:
        steps = []
    steps = [(file, step) for file, step in steps if file.path.startswith(".github/workflows/")]
    directories = [".", *(_relative(run.package, root) for run in runs)]
    return tuple(
        run._replace(repository=_chosen(found, root, run.package, steps, directories, named=named)) for run in runs
    )


def _chosen(
    found: Repository,
    root: str,
    package: Package,
    steps: Sequence[tuple[File, Step]],
    directories: Sequence[str],
    *,
    named: bool,
) -> Repository:
    place = _relative(package, root)
    matching, _ = publish_steps.of_package(steps, place, package.manifest.name, directories)
    if named and not matching:
        matching = [step for _, step in steps]
    if matching:
        return found._replace(workflow=_workflow(root, matching[0]))
    others = repository.publishing_workflows(root) if not steps and not named else ()
    started = [workflow for workflow in others if workflow.step is None or workflow.step.place.reusable != "callee"]
    return found._replace(workflow=next(iter(started or others), None))


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
