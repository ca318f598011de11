import pytest

from safepublish.causes.npm_missing import NpmMissing
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.READY._replace(npm=None)
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="found"),
        pytest.param(s.READY._replace(npm=None), Answer.FAIL, id="none-on-path"),
        pytest.param(s.allowed(s.READY)._replace(npm=None), Answer.FAIL, id="a-token-does-not-help"),
        pytest.param(s.predicting()._replace(npm=None), Answer.FAIL, id="nor-does-a-laptop"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert NpmMissing().in_run(run).answer is answer


def test_in_github_actions_the_mend_is_a_step_to_paste() -> None:
    remedy = NpmMissing().in_run(s.READY._replace(npm=None)).remedy
    assert remedy is not None
    assert remedy.diff is not None
    assert 'node-version: "24"' in remedy.diff


def test_elsewhere_there_is_no_such_step() -> None:
    remedy = NpmMissing().in_run(s.READY._replace(npm=None, identity=s.GITLAB)).remedy
    assert remedy is not None
    assert remedy.diff is None
