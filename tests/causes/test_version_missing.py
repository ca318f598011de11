import pytest

from safepublish.causes.version_missing import VersionMissing
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(version=None)
"""A run in which the cause is found."""

PRIVATE = s.package(version=None, private=True, workspace=True)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="there"),
        pytest.param(s.package(version=None), Answer.FAIL, id="missing"),
        pytest.param(
            s.package(version=None, scripts_may_change_manifest=True), Answer.UNKNOWN, id="a-script-may-write-it"
        ),
        pytest.param(s.package(version=None, trouble="it is no JSON"), Answer.SKIP, id="no-manifest"),
        pytest.param(s.package(version=None, unread="it is too large"), Answer.SKIP, id="not-looked-at"),
        pytest.param(s.npm("11.0.0", PRIVATE), Answer.FAIL, id="npm-11-stops-at-a-private-workspace"),
        pytest.param(s.npm("10.9.9", PRIVATE), Answer.SKIP, id="npm-10-passes-it-by"),
        pytest.param(PRIVATE._replace(force=True), Answer.SKIP, id="so-does-force"),
        pytest.param(s.npm(None, PRIVATE), Answer.UNKNOWN, id="npm-of-unknown-version"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert VersionMissing().in_run(run).answer is answer


def test_a_private_workspace_may_have_any_version() -> None:
    remedy = VersionMissing().in_run(PRIVATE).remedy
    assert remedy is not None
    assert remedy.command == "npm pkg set version=0.0.0"
