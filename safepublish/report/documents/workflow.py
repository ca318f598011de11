"""What `safepublish workflow --format json` writes; docs/schema/workflow.schema.json holds its schema."""

from collections.abc import Sequence
from typing import Any, Literal

from safepublish.facts.step import File, Judged
from safepublish.report.documents import finding
from safepublish.report.documents.finding import Document, Finding, Part, known, text


class Npm(Part):
    """The npm that will publish, as far as the files tell; `lowest` and `highest` are null where they do not."""

    lowest: str | None
    highest: str | None
    source: str
    node: str | None
    why: str | None


class Step(Part):
    """One publish step.

    `step` is its index in the job's steps, counted from 0 (the text report counts from 1); null for a job that calls
    a workflow.
    """

    job: str
    step: int | None
    name: str | None
    line: int | None
    command: str
    tool: str
    verdict: Literal["trusted", "token", "broken", "unknown", "waived"]
    npm: Npm
    findings: tuple[Finding, ...]


class Workflow(Part):
    """One file; `trouble` says why it cannot be read."""

    path: str
    trouble: str | None
    line: int | None
    steps: tuple[Step, ...]


class Workflows(Document):
    """The whole document."""

    workflows: tuple[Workflow, ...]


def render(files: Sequence[tuple[File, Sequence[Judged]]]) -> str:
    """The files and their steps as a JSON document."""
    return Workflows(workflows=tuple(_workflow(file, judged) for file, judged in files)).render()


def schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    return finding.schema(Workflows)


def _workflow(file: File, judged: Sequence[Judged]) -> Workflow:
    return Workflow(
        path=known(file.path),
        trouble=text(file.trouble),
        line=file.line,
        steps=tuple(map(_step, judged)),
    )


def _step(judged: Judged) -> Step:
    step = judged.step
    npms = step.toolchain.npm.npms
    return Step(
        job=known(step.place.job),
        step=step.place.position,
        name=text(step.place.name),
        line=step.place.at.line,
        command=known(step.invocation.command),
        tool=step.invocation.tool,
        verdict=judged.verdict.value,
        npm=Npm(
            lowest=text(npms.lowest if npms else None),
            highest=text(npms.highest if npms else None),
            source=step.toolchain.npm.source,
            node=text(step.toolchain.node.version),
            why=text(step.toolchain.npm.why or None),
        ),
        findings=tuple(map(finding.finding, judged.findings)),
    )
