import pytest

from safepublish.causes.version_not_latest import VersionNotLatest, highest_release
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(version="1.0.1")
"""A run in which the cause is found."""

LOWER = s.package(version="1.0.1")


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="higher"),
        pytest.param(LOWER, Answer.FAIL, id="lower"),
        pytest.param(s.package(version="1.2.9"), Answer.PASS, id="lower-than-a-pre-release-only"),
        pytest.param(
            s.package(LOWER, packument=s.EXISTS._replace(deprecated=frozenset({"1.1.0"}))),
            Answer.PASS,
            id="lower-than-a-deprecated-one-only",
        ),
        pytest.param(
            s.package(LOWER, packument=s.EXISTS._replace(versions=frozenset({"0.1.0-a", "new"}))),
            Answer.PASS,
            id="nothing-to-compare-with",
        ),
        pytest.param(s.package(version="1.0.0"), Answer.SKIP, id="published-is-another-cause"),
        pytest.param(s.package(version="1.0.1-beta"), Answer.SKIP, id="a-pre-release-is-another-cause"),
        pytest.param(s.package(LOWER, dist_tag_given=True), Answer.SKIP, id="a-tag-is-given"),
        pytest.param(s.command(LOWER, force=True), Answer.SKIP, id="force"),
        pytest.param(s.npm("10.9.9", LOWER), Answer.SKIP, id="npm-10-does-not-look"),
        pytest.param(s.npm("11.0.0", LOWER), Answer.FAIL, id="npm-11.0.0-does"),
        pytest.param(s.npm(None, LOWER), Answer.UNKNOWN, id="npm-of-unknown-version"),
        pytest.param(s.package(LOWER, scripts_may_change_manifest=True), Answer.UNKNOWN, id="a-script-may-change-it"),
        pytest.param(
            s.predicting(s.npm("10.9.4", LOWER)), Answer.UNKNOWN, id="asking-about-the-ci-whatever-npm-is-here"
        ),
        pytest.param(s.package(version=None), Answer.SKIP, id="no-version"),
        pytest.param(s.package(LOWER, packument=s.ABSENT), Answer.SKIP, id="absent"),
        pytest.param(s.allowed(LOWER), Answer.FAIL, id="a-token-does-not-help"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert VersionNotLatest().in_run(run).answer is answer


@pytest.mark.parametrize(
    ("command", "pasted"),
    [("publish", "safepublish --tag release-1.x"), ("stage publish", "safepublish stage --tag release-1.x")],
)
def test_the_tag_is_named_after_the_line(command: str, pasted: str) -> None:
    judgement = VersionNotLatest().in_run(s.command(LOWER, name=command))
    assert "1.0.1 is lower than the published left@1.1.0" in judgement.message
    assert judgement.remedy is not None
    assert judgement.remedy.command == pasted


def test_versions_are_compared_as_numbers() -> None:
    packument = s.EXISTS._replace(versions=frozenset({"1.9.0", "1.10.0", "1.2.0"}))
    assert str(highest_release(s.package(packument=packument).package)) == "1.10.0"
