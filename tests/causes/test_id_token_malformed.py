import pytest

from safepublish.causes.id_token_malformed import IdTokenMalformed
from safepublish.facts.finding import Answer
from safepublish.facts.run import ExchangeResult, Run
from tests.support import runs as s

EXAMPLE = s.id_token(
    s.package(exchange_result=s.UNAUTHORIZED), malformed=True, trouble="it is not three parts joined by dots"
)
"""A run in which the cause is found."""

REFUSED = s.package(exchange_result=s.UNAUTHORIZED)
BROKEN = s.id_token(REFUSED, malformed=True, trouble="it is not three parts joined by dots")


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="whole"),
        pytest.param(s.id_token(REFUSED, malformed=False), Answer.PASS, id="just-right"),
        pytest.param(BROKEN, Answer.FAIL, id="malformed"),
        pytest.param(s.package(BROKEN, exchange_result=ExchangeResult()), Answer.FAIL, id="not-asked"),
        pytest.param(
            s.package(BROKEN, exchange_result=s.READY.package.exchange_result), Answer.PASS, id="but-accepted"
        ),
        pytest.param(s.probe(BROKEN, confirmed_by_npm=False), Answer.PASS, id="but-npm-s-own-is-accepted"),
        pytest.param(s.allowed(BROKEN), Answer.WARN, id="a-token-may-publish"),
        pytest.param(BROKEN._replace(identity=s.JENKINS), Answer.SKIP, id="npm-ignores-it-elsewhere"),
        pytest.param(s.predicting(), Answer.SKIP, id="a-laptop"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert IdTokenMalformed().in_run(run).answer is answer


def test_in_github_actions_the_variable_is_to_go() -> None:
    judgement = IdTokenMalformed().in_run(s.id_token(BROKEN, variable="NPM_ID_TOKEN"))
    assert judgement.message == "NPM_ID_TOKEN is not an ID token: it is not three parts joined by dots"
    assert judgement.remedy is not None
    assert judgement.remedy.text.startswith("Remove NPM_ID_TOKEN")


def test_elsewhere_it_is_to_be_set_right() -> None:
    run = s.package(s.READY._replace(identity=s.GITLAB), exchange_result=s.UNAUTHORIZED)
    judgement = IdTokenMalformed().in_run(s.id_token(run, malformed=True, trouble=None, variable=None))
    assert judgement.message == "NPM_ID_TOKEN is not an ID token: it is not a JSON Web Token"
    assert judgement.remedy is not None
    assert judgement.remedy.text == "Set it to the ID token and nothing else."
