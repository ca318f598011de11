"""What `safepublish workflow --format json` writes, schema 1: fields are added, never renamed or removed."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from safepublish.facts.step import File, Judged
from safepublish.report import escape, json


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Npm(_Part):
    """The npm that will publish, as far as the files tell; `lowest` and `highest` are null where they do not."""

    lowest: str | None
    highest: str | None
    source: str
    node: str | None
    why: str | None


class Step(_Part):
    """One publish step. `step` is its index in the job's steps, null for a job that calls a workflow."""

    job: str
    step: int | None
    name: str | None
    line: int | None
    command: str
    tool: str
    verdict: Literal["trusted", "token", "broken", "unknown"]
    npm: Npm
    findings: tuple[json.Finding, ...]


class Workflow(_Part):
    """One file; `trouble` says why it cannot be read."""

    path: str
    trouble: str | None
    line: int | None
    steps: tuple[Step, ...]


class Document(_Part):
    """The whole document."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    workflows: tuple[Workflow, ...]


def render(files: Sequence[tuple[File, Sequence[Judged]]]) -> str:
    """The files and their steps as a JSON document."""
    document = Document(workflows=tuple(_workflow(file, judged) for file, judged in files))
    return escape.json_text(document.model_dump(mode="json", by_alias=True))


def schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    return Document.model_json_schema(by_alias=True, mode="serialization")


def _workflow(file: File, judged: Sequence[Judged]) -> Workflow:
    return Workflow(
        path=json.known(file.path),
        trouble=json.text(file.trouble),
        line=file.line,
        steps=tuple(_step(one) for one in judged),
    )


def _step(judged: Judged) -> Step:
    step = judged.step
    npms = step.npm.npms
    return Step(
        job=json.known(step.job),
        step=step.position,
        name=json.text(step.name),
        line=step.at.line,
        command=json.known(step.command),
        tool=step.tool,
        verdict=judged.verdict.value,
        npm=Npm(
            lowest=json.text(npms.lowest if npms else None),
            highest=json.text(npms.highest if npms else None),
            source=step.npm.source,
            node=json.text(step.node.asked),
            why=json.text(step.npm.why or None),
        ),
        findings=tuple(json.finding(one) for one in judged.findings),
    )
