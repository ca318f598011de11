"""The report as JSON, schema 1: fields are added, never renamed or removed.

The models below define the document; `schema` is what docs/schema/check.schema.json holds.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from safepublish import report as common
from safepublish.facts import finding as facts
from safepublish.facts.report import Judged, Report
from safepublish.facts.run import Ci, Run
from safepublish.report import escape


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Remedy(_Part):
    """The mend: a sentence and, where there is one, the command or the diff to paste."""

    text: str
    command: str | None
    diff: str | None


class Location(_Part):
    """A place in a file; lines and columns count from 1."""

    path: str
    line: int | None
    column: int | None


class Finding(_Part):
    """What one cause says about a package. `environment.options.waive` names the causes that were waived."""

    id: str
    answer: Literal["fail", "warn", "unknown"]
    message: str
    evidence: tuple[str, ...]
    remedy: Remedy | None
    location: Location | None


class Package(_Part):
    """One package, its verdict and the findings that led there, worst first."""

    name: str | None
    version: str | None
    registry: str | None
    verdict: Literal["pass", "refuse", "unknown"]
    findings: tuple[Finding, ...]


class Npm(_Part):
    """The npm that will run; version is null where it cannot be told."""

    version: str | None
    path: str


class Node(_Part):
    """The node that will run npm."""

    version: str | None
    path: str | None


class Options(_Part):
    """The options of safepublish; `waive` maps the id of a cause to the reason given."""

    allow_token: bool
    probe: bool
    strict: bool
    waive: dict[str, str]
    format: str
    deadline: float


class Environment(_Part):
    """Where the judgement was made; null is what is not there or not known."""

    command: Literal["publish", "stage publish"]
    dry_run: bool
    npm: Npm | None
    node: Node | None
    ci: str | None
    event: str | None
    runner_environment: str | None
    workflow_ref: str | None
    options: Options


class Check(_Part):
    """What `safepublish check --format json` writes. `environment` is null when there is no package to judge."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    verdict: Literal["pass", "refuse", "unknown"]
    environment: Environment | None
    packages: tuple[Package, ...]


def render(report: Report) -> str:
    """The report as a JSON document."""
    return escape.json_text(_document(report).model_dump(mode="json", by_alias=True))


def schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    return Check.model_json_schema(by_alias=True, mode="serialization")


def _document(report: Report) -> Check:
    return Check(
        verdict=report.verdict.value,
        environment=_environment(report.packages[0].run) if report.packages else None,
        packages=tuple(_package(judged) for judged in report.packages),
    )


def _environment(run: Run) -> Environment:
    who, node = run.identity, run.npm and (run.npm.node or run.npm.node_version)
    return Environment(
        command="stage publish" if run.command == "stage publish" else "publish",
        dry_run=run.dry_run,
        npm=Npm(version=text(run.npm.version), path=known(run.npm.path)) if run.npm else None,
        node=Node(version=text(run.npm.node_version), path=text(run.npm.node)) if run.npm and node else None,
        ci=None if who.ci is Ci.NONE else text(who.ci_name or who.ci.value),
        event=text(who.event),
        runner_environment=text(who.runner_environment),
        workflow_ref=text(who.workflow_ref),
        options=Options(
            allow_token=run.options.allow_token,
            probe=run.options.probe,
            strict=run.options.strict,
            waive={known(cause): known(reason) for cause, reason in run.options.waive.items()},
            format=run.options.format,
            deadline=run.options.deadline,
        ),
    )


def _package(judged: Judged) -> Package:
    package = judged.run.package
    return Package(
        name=text(package.name),
        version=text(package.version),
        registry=text(common.registry_url(judged.run)),
        verdict=judged.verdict.value,
        findings=tuple(finding(one) for one in judged.findings),
    )


def finding(found: facts.Finding) -> Finding:
    """A finding as every document of ours shows it."""
    remedy, location = found.remedy, found.location
    return Finding(
        id=found.id,
        answer=found.answer.value,  # causes.judge leaves out what passes or does not apply
        message=known(found.message),
        evidence=tuple(known(seen) for seen in found.evidence),
        remedy=remedy and Remedy(text=known(remedy.text), command=text(remedy.command), diff=text(remedy.diff)),
        location=location and Location(path=known(location.path), line=location.line, column=location.column),
    )


def text(value: object) -> str | None:
    """A value as text that every encoding takes; None stays."""
    return None if value is None else known(value)


def known(value: object) -> str:
    """A value as text that every encoding takes."""
    return escape.encodable(str(value))
