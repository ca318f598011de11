"""The report as JSON, schema 1: fields are added, never renamed or removed.

The models below define the document; `schema` is what docs/schema/check.schema.json holds.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from safepublish import report as common
from safepublish.facts import finding as facts
from safepublish.facts.published import listed
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
    """One package, its verdict and the findings that led there, worst first.

    `published` says whether the registry lists this version already, null where it cannot be told; `left_out` that npm
    is told to publish the others only.
    """

    name: str | None
    version: str | None
    registry: str | None
    published: bool | None
    left_out: bool
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
    already_published: Literal["skip", "refuse"] | None


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
        npm=Npm(version=_text(run.npm.version), path=_known(run.npm.path)) if run.npm else None,
        node=Node(version=_text(run.npm.node_version), path=_text(run.npm.node)) if run.npm and node else None,
        ci=None if who.ci is Ci.NONE else _text(who.ci_name or who.ci.value),
        event=_text(who.event),
        runner_environment=_text(who.runner_environment),
        workflow_ref=_text(who.workflow_ref),
        options=Options(
            allow_token=run.options.allow_token,
            probe=run.options.probe,
            strict=run.options.strict,
            waive={_known(cause): _known(reason) for cause, reason in run.options.waive.items()},
            format=run.options.format,
            deadline=run.options.deadline,
            already_published=run.options.already_published,
        ),
    )


def _package(judged: Judged) -> Package:
    package = judged.run.package
    return Package(
        name=_text(package.name),
        version=_text(package.version),
        registry=_text(common.registry_url(judged.run)),
        published=listed(package),
        left_out=package.left_out,
        verdict=judged.verdict.value,
        findings=tuple(_finding(finding) for finding in judged.findings),
    )


def _finding(finding: facts.Finding) -> Finding:
    remedy, location = finding.remedy, finding.location
    return Finding(
        id=finding.id,
        answer=finding.answer.value,  # causes.judge leaves out what passes or does not apply
        message=_known(finding.message),
        evidence=tuple(_known(seen) for seen in finding.evidence),
        remedy=remedy and Remedy(text=_known(remedy.text), command=_text(remedy.command), diff=_text(remedy.diff)),
        location=location and Location(path=_known(location.path), line=location.line, column=location.column),
    )


def _text(value: object) -> str | None:
    return None if value is None else _known(value)


def _known(value: object) -> str:
    return escape.encodable(str(value))
