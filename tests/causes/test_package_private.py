import pytest

from safepublish.causes.package_private import PackagePrivate
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(private=True)
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="public"),
        pytest.param(s.package(private=True), Answer.FAIL, id="private"),
        pytest.param(s.package(private=True, workspace=True), Answer.SKIP, id="a-workspace-is-passed-by"),
        pytest.param(
            s.package(private=True, scripts_may_change_manifest=True), Answer.UNKNOWN, id="a-script-may-remove-it"
        ),
        pytest.param(s.allowed(s.package(private=True)), Answer.FAIL, id="a-token-does-not-help"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert PackagePrivate().in_run(run).answer is answer
