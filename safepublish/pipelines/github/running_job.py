"""What a workflow says about the job in which safepublish runs, for the guard's messages."""

from safepublish.facts.run import Workflow
from safepublish.facts.step import Step
from safepublish.pipelines.document import Map, UnreadableError, compose, source, span
from safepublish.pipelines.github.workflow_file import WorkflowFile
from safepublish.pipelines.scope import Files


def read_job(text: str, path: str, files: Files, job: str) -> Workflow | None:
    """What the workflow *text* says about the running *job*.

    None where the text is no workflow or has no such job. A job inside a called workflow is not in its caller's text;
    there it is about the calling job, if there is only one.
    """
    origin = source(text, path)
    try:
        file = WorkflowFile(Map(compose(text), origin), files)
        return _job(file, job)
    except UnreadableError:
        return None


def read_publishing_steps(text: str, path: str, files: Files) -> tuple[Workflow, ...]:
    """What the workflow *text* says about each of its steps that publish."""
    try:
        file = WorkflowFile(Map(compose(text), source(text, path)), files)
        return tuple(_workflow(file, legs[0]) for legs in file.steps()) if file.jobs else ()
    except UnreadableError:
        return ()


def _job(file: WorkflowFile, key: str) -> Workflow | None:
    job = file.jobs.map(key)
    if "steps" not in job:
        return _calling_job(file, key)
    legs = list(file.read_legs(key, job.maps("steps")))
    published = [step for leg in legs for step in leg.found]
    shown = next((step for step in published if step.invocation.hidden is None), None) or next(iter(published), None)
    if shown is not None:
        return _workflow(file, shown)
    return _workflow(file, legs[0].machine.at_end())._replace(publish_at=None, step=None) if legs else None


def _calling_job(file: WorkflowFile, key: str) -> Workflow | None:
    """The job *key* where it calls a workflow, else the only one that does."""
    callers = [name for name in file.jobs if "uses" in file.jobs.map(name)]
    if key not in callers and len(callers) != 1:
        return Workflow(file.path, reusable_caller=True) if callers else None
    chosen = key if key in callers else callers[0]
    place = span(file.jobs.pairs[chosen][0], file.path)
    block = file.permission(file.jobs.map(chosen)).block
    return Workflow(
        file.path,
        permissions_at=block.key.at if block else None,
        permissions_line=_line(file, block.key.line) if block else None,
        job_at=place.at,
        job_line=_line(file, place.line),
        reusable_caller=True,
    )


def _workflow(file: WorkflowFile, step: Step) -> Workflow:
    """The facts of *step* in the form that the guard's causes take."""
    place = step.place
    block, node = step.context.permission.block, step.toolchain.node.entry
    return Workflow(
        path=place.path,
        node_version=step.toolchain.node.version,
        node_version_at=node.value.at if node else None,
        node_version_line=node.line if node else None,
        permissions_at=block.key.at if block else None,
        permissions_line=_line(file, block.key.line) if block and block.key.path == file.path else None,
        publish_at=place.at,
        job_at=place.job_key.at if place.job_key else None,
        job_line=_line(file, place.job_key.line) if place.job_key else None,
        step=step,
    )


def _line(file: WorkflowFile, number: int) -> str:
    return file.source.lines[number - 1]
