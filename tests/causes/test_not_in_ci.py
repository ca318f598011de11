import pytest

from safepublish.causes.not_in_ci import NotInCi
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.laptop()
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="github"),
        pytest.param(s.READY._replace(identity=s.JENKINS), Answer.PASS, id="another-ci"),
        pytest.param(s.laptop(), Answer.FAIL, id="a-laptop"),
        pytest.param(s.laptop(s.package(credential=s.TOKEN)), Answer.FAIL, id="a-laptop-with-a-token"),
        pytest.param(s.laptop(s.allowed(s.READY)), Answer.SKIP, id="the-token-may-publish"),
        pytest.param(s.laptop(s.READY._replace(options=s.ALLOWED)), Answer.FAIL, id="allowed-but-there-is-none"),
        pytest.param(
            s.laptop(s.package(credential=s.PLACEHOLDER)._replace(options=s.ALLOWED)),
            Answer.FAIL,
            id="allowed-but-dead",
        ),
        pytest.param(s.predicting(), Answer.SKIP, id="asking-about-the-ci"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert NotInCi().in_run(run).answer is answer


def test_a_token_in_reach_is_named() -> None:
    judgement = NotInCi().in_run(s.laptop(s.package(credential=s.TOKEN)))
    assert judgement.evidence == ("npm would use the token from /home/runner/work/_temp/.npmrc, line 1.",)
    assert judgement.remedy is not None
    assert "--allow-token" in judgement.remedy.text


def test_without_one_npm_login_comes_first() -> None:
    remedy = NotInCi().in_run(s.laptop()).remedy
    assert remedy is not None
    assert "npm login" in remedy.text
