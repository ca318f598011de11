"""What `safepublish check --format json` writes; docs/schema/check.schema.json holds its schema."""

from typing import Any, Literal

from safepublish.facts.kinds import Ci
from safepublish.facts.report import Judged, Report
from safepublish.facts.run import Run
from safepublish.npm.publish_rules import is_listed
from safepublish.report import checked
from safepublish.report.documents import finding
from safepublish.report.documents.finding import Document, Finding, Part, known, text


class Package(Part):
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


class Npm(Part):
    """The npm that will run; version is null where it cannot be told."""

    version: str | None
    path: str


class Node(Part):
    """The node that will run npm."""

    version: str | None
    path: str | None


class Options(Part):
    """The options of safepublish; `waive` maps the id of a cause to the reason given."""

    allow_token: bool
    probe: bool
    strict: bool
    waive: dict[str, str]
    format: str
    deadline: float
    already_published: str | None


class Environment(Part):
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


class Check(Document):
    """What `safepublish check --format json` writes. `environment` is null when there is no package to judge."""

    verdict: Literal["pass", "refuse", "unknown"]
    environment: Environment | None
    packages: tuple[Package, ...]


def render(report: Report) -> str:
    """The report as a JSON document."""
    return _document(report).render()


def schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    return finding.schema(Check)


def _document(report: Report) -> Check:
    return Check(
        verdict=report.verdict.value,
        environment=_environment(report.packages[0].run) if report.packages else None,
        packages=tuple(_package(judged) for judged in report.packages),
    )


def _environment(run: Run) -> Environment:
    who, node = run.identity, run.npm and (run.npm.node or run.npm.node_version)
    return Environment(
        command="stage publish" if run.command.name == "stage publish" else "publish",
        dry_run=run.command.dry_run,
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
        name=text(package.manifest.name),
        version=text(package.manifest.version),
        registry=text(checked.registry_url(judged.run)),
        already_published=is_listed(package),
        left_out=package.skip_published,
        verdict=judged.verdict.value,
        findings=tuple(map(finding.finding, judged.findings)),
    )
