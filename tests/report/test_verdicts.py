"""The sentences about a whole run."""

import pytest

from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import (
    Identity,
    Package,
    PublishCommand,
    Run,
)
from safepublish.report import verdicts
from tests.support import runs


def _run(**changes: object) -> Run:
    return Run(None, Identity(), Package("./dist"))._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("package", "spec"),
    [
        (Package("./dist"), "./dist"),
        (runs.a_package(name="left-pad"), "left-pad"),
        (runs.a_package(name="left-pad", version="1.2.3"), "left-pad@1.2.3"),
        (runs.a_package("x.tgz", version="1.2.3"), "x.tgz"),
    ],
)
def test_a_package_is_named_as_npm_names_it(package: Package, spec: str) -> None:
    assert verdicts.spec(_run(package=package)) == spec


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({}, "npm publish"),
        ({"command": PublishCommand("stage publish")}, "npm stage publish"),
        ({"command": PublishCommand(dry_run=True)}, "npm publish --dry-run"),
    ],
)
def test_the_command_under_judgement(changes: dict[str, object], command: str) -> None:
    assert verdicts.command(_run(**changes)) == command


@pytest.mark.parametrize(
    ("verdict", "goes_on", "sentence"),
    [
        (Verdict.REFUSE, False, "left-pad cannot be published from CI"),
        (Verdict.UNKNOWN, False, "npm publish in CI may fail for left-pad: a check was inconclusive"),
        (Verdict.PASS, False, "no error was found with npm publish in CI for left-pad"),
        (Verdict.PASS, True, "starting npm publish --dry-run for left-pad"),
    ],
)
def test_on_a_laptop_the_verdict_is_about_the_publish_in_ci(verdict: Verdict, goes_on: bool, sentence: str) -> None:
    judged = Judged(_run(is_forecast=True, command=PublishCommand(dry_run=True)), (), verdict)
    assert verdicts.summary(Report((judged,), verdict, goes_on), (), "left-pad")[1] == sentence
