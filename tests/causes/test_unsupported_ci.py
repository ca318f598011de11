import pytest

from safepublish.causes.unsupported_ci import UnsupportedCi
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.READY._replace(identity=s.JENKINS)
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="github"),
        pytest.param(s.READY._replace(identity=s.JENKINS), Answer.FAIL, id="jenkins"),
        pytest.param(s.laptop(), Answer.PASS, id="a-laptop"),
        pytest.param(s.allowed(s.READY)._replace(identity=s.JENKINS), Answer.SKIP, id="a-token-may-publish"),
        pytest.param(
            s.package(credential=s.TOKEN)._replace(identity=s.JENKINS), Answer.FAIL, id="a-token-without-leave"
        ),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert UnsupportedCi().in_run(run).answer is answer


def test_it_is_named() -> None:
    assert "Jenkins" in UnsupportedCi().in_run(s.READY._replace(identity=s.JENKINS)).message


def test_one_without_a_name_is_this_ci() -> None:
    run = s.READY._replace(identity=s.JENKINS._replace(ci_name=None, npm_id_token=True))
    judgement = UnsupportedCi().in_run(run)
    assert "in this CI" in judgement.message
    assert judgement.evidence == ("NPM_ID_TOKEN is set, but npm ignores it here.",)


@pytest.mark.parametrize(("run", "said"), [(s.READY, False), (s.package(credential=s.TOKEN), True)])
def test_allow_token_is_offered_where_there_is_one(run: Run, *, said: bool) -> None:
    remedy = UnsupportedCi().in_run(run._replace(identity=s.JENKINS)).remedy
    assert remedy is not None
    assert ("--allow-token" in remedy.text) is said
