"""The report as JSON, schema 1: fields are added, never renamed or removed.

The types below define the document; `schema` is what docs/schema/check.schema.json holds.
"""

import dataclasses
from typing import Any, Literal

from safepublish import report as common
from safepublish.facts import finding as facts
from safepublish.facts.kinds import Ci
from safepublish.facts.report import Judged, Report
from safepublish.facts.run import Run
from safepublish.npm.publish_rules import is_listed
from safepublish.npm.secrets import redacted
from safepublish.report import escape


@dataclasses.dataclass(frozen=True, kw_only=True)
class Remedy:
    """The mend: a sentence and, where there is one, the command or the diff to paste."""

    text: str
    command: str | None
    diff: str | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Location:
    """A place in a file; lines and columns count from 1."""

    path: str
    line: int | None
    column: int | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """What one cause says about a package. `environment.options.waive` names the causes that were waived."""

    id: str
    answer: Literal["fail", "warn", "unknown"]
    message: str
    evidence: tuple[str, ...]
    remedy: Remedy | None
    location: Location | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Package:
    """One package, its verdict and the findings that led there, worst first.

    `already_published` says whether the registry lists this version, null where it cannot be told; `left_out` that npm
    is told to publish the others only.
    """

    name: str | None
    version: str | None
    registry: str | None
    already_published: bool | None
    left_out: bool
    verdict: Literal["pass", "refuse", "unknown"]
    findings: tuple[Finding, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Npm:
    """The npm that will run; version is null where it cannot be told."""

    version: str | None
    path: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Node:
    """The node that will run npm."""

    version: str | None
    path: str | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """The options of safepublish; `waive` maps the id of a cause to the reason given."""

    allow_token: bool
    probe: bool
    strict: bool
    waive: dict[str, str]
    format: str
    deadline: float
    already_published: str | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Environment:
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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Check:
    """What `safepublish check --format json` writes. `environment` is null when there is no package to judge."""

    schema: Literal[1] = 1
    verdict: Literal["pass", "refuse", "unknown"]
    environment: Environment | None
    packages: tuple[Package, ...]


def render(report: Report) -> str:
    """The report as a JSON document."""
    return escape.json_text(dataclasses.asdict(_document(report)))


def schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    return schema_of(Check)


def schema_of(document: type) -> dict[str, Any]:
    """The JSON schema of a document that is made of dataclasses."""
    from pydantic import TypeAdapter  # for the documentation and the tests: no run needs it

    schema = TypeAdapter(document).json_schema(mode="serialization")
    for part in (schema, *schema["$defs"].values()):
        part["additionalProperties"] = False
    return schema


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
            already_published=run.options.already_published,
        ),
    )


def _package(judged: Judged) -> Package:
    package = judged.run.package
    return Package(
        name=text(package.name),
        version=text(package.version),
        registry=text(common.registry_url(judged.run)),
        already_published=is_listed(package),
        left_out=package.skip_published,
        verdict=judged.verdict.value,
        findings=tuple(finding(one) for one in judged.findings),
    )


def finding(found: facts.Finding) -> Finding:
    """A finding as every document of ours shows it."""
    remedy, location = found.remedy, found.location
    return Finding(
        id=found.id,
        answer=found.answer.value,  # type: ignore[arg-type]  # causes.judge leaves out what passes or is skipped
        message=known(found.message),
        evidence=tuple(known(seen) for seen in found.evidence),
        remedy=remedy and Remedy(text=known(remedy.text), command=_code(remedy.command), diff=_code(remedy.diff)),
        location=location and Location(path=known(location.path), line=location.line, column=location.column),
    )


def _code(text: str | None) -> str | None:
    return None if text is None else known(redacted(text))


def text(value: object) -> str | None:
    """A value as text that every encoding takes; None stays."""
    return None if value is None else known(value)


def known(value: object) -> str:
    """A value as text that every encoding takes."""
    return escape.encodable(str(value))
