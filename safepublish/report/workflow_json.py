"""What `safepublish workflow --format json` writes, schema 1: fields are added, never renamed or removed."""

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

from safepublish.facts.step import File, Judged
from safepublish.report import check_json, escape


@dataclasses.dataclass(frozen=True, kw_only=True)
class Npm:
    """The npm that will publish, as far as the files tell; `lowest` and `highest` are null where they do not."""

    lowest: str | None
    highest: str | None
    source: str
    node: str | None
    why: str | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """One publish step. `step` is its index in the job's steps, null for a job that calls a workflow."""

    job: str
    step: int | None
    name: str | None
    line: int | None
    command: str
    tool: str
    verdict: Literal["trusted", "token", "broken", "unknown", "waived"]
    npm: Npm
    findings: tuple[check_json.Finding, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Workflow:
    """One file; `trouble` says why it cannot be read."""

    path: str
    trouble: str | None
    line: int | None
    steps: tuple[Step, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Document:
    """The whole document."""

    schema: Literal[1] = 1
    workflows: tuple[Workflow, ...]


def render(files: Sequence[tuple[File, Sequence[Judged]]]) -> str:
    """The files and their steps as a JSON document."""
    document = Document(workflows=tuple(_workflow(file, judged) for file, judged in files))
    return escape.json_text(dataclasses.asdict(document))


def schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    return check_json.schema_of(Document)


def _workflow(file: File, judged: Sequence[Judged]) -> Workflow:
    return Workflow(
        path=check_json.known(file.path),
        trouble=check_json.text(file.trouble),
        line=file.line,
        steps=tuple(_step(one) for one in judged),
    )


def _step(judged: Judged) -> Step:
    step = judged.step
    npms = step.toolchain.npm.npms
    return Step(
        job=check_json.known(step.place.job),
        step=step.place.position,
        name=check_json.text(step.place.name),
        line=step.place.at.line,
        command=check_json.known(step.invocation.command),
        tool=step.invocation.tool,
        verdict=judged.verdict.value,
        npm=Npm(
            lowest=check_json.text(npms.lowest if npms else None),
            highest=check_json.text(npms.highest if npms else None),
            source=step.toolchain.npm.source,
            node=check_json.text(step.toolchain.node.version),
            why=check_json.text(step.toolchain.npm.why or None),
        ),
        findings=tuple(check_json.finding(one) for one in judged.findings),
    )
