"""Reports as the causes give them, one for each situation that every form must render well."""

from collections.abc import Mapping

from packaging.version import Version

from safepublish.causes import judge
from safepublish.facts.finding import Location
from safepublish.facts.report import Report
from safepublish.facts.run import Options, Publisher, Run, Workflow
from tests.support import runs, steps

WORKFLOW = Workflow(
    ".github/workflows/publish.yml",
    node_version="22",
    node_version_at=Location(".github/workflows/publish.yml", 14, 11),
    node_version_line='          node-version: "22"',
    publish_at=Location(".github/workflows/publish.yml", 20),
)
PREDICTED = WORKFLOW._replace(step=steps.read(steps.changed(('"24"', '"22"'))).steps[0][0])
READY = runs.claims(environment="npm")
OLD = runs.npm("10.9.4", READY, node_version=Version("22.20.0"))
OTHER_WORKFLOW = runs.EXISTS._replace(publisher=Publisher("1.1.0", repository="octo/left", workflow="release.yml"))
MISMATCH = runs.package(
    READY,
    exchange_result=runs.NO_PUBLISHER,
    packument=OTHER_WORKFLOW,
    credential=runs.TOKEN,
)
SELF_HOSTED = runs.claims(runs.identity(READY, runner_environment="self-hosted"), runner_environment="self-hosted")
WAIVED = SELF_HOSTED._replace(options=Options(waive={"self-hosted-runner": "provenance is off"}))
WARNED = runs.package(WAIVED, credential=runs.TOKEN, provenance=True, provenance_origin=runs.CLI_PROVENANCE)
UNREACHABLE = runs.package(READY, exchange_result=runs.UNREACHABLE)


def _several() -> tuple[Run, ...]:
    """Four packages of one run: one of them is already published, and one could not be checked."""
    changes: tuple[dict[str, object], ...] = (
        {"name": "@octo/docs"},
        {"name": "@octo/core", "version": "1.1.0", "credential": runs.TOKEN},
        {"name": "@octo/cli", "credential": runs.TOKEN},
        {"name": "@octo/net", "exchange_result": runs.UNREACHABLE},
    )
    several = (runs.package(WAIVED, **change) for change in changes)
    return tuple(run._replace(options=run.options._replace(already_published="refuse")) for run in several)


def _report(*judged: Run, goes_on: bool = False) -> Report:
    return judge.report(judged, goes_on=goes_on)


SITUATIONS: Mapping[str, Report] = {
    "npm too old": _report(OLD._replace(repository=OLD.repository._replace(workflow=WORKFLOW)), goes_on=True),
    "several packages": _report(*_several(), goes_on=True),
    "publisher mismatch": _report(MISMATCH),
    "unknown": _report(UNREACHABLE, goes_on=True),
    "unknown, strict": _report(UNREACHABLE._replace(options=Options(strict=True)), goes_on=True),
    "warned": _report(WARNED, goes_on=True),
    "laptop": _report(runs.predicting(READY, PREDICTED)),
    "checked and fine": _report(READY),
    "silent": _report(READY, goes_on=True),
    "no package": _report(goes_on=True),
}
