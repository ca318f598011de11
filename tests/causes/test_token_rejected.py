import pytest

from safepublish.causes.token_rejected import TokenRejected
from safepublish.facts.finding import Answer
from safepublish.facts.log import Attempt, Line
from safepublish.facts.run import ExchangeResult, Run
from safepublish.logs.log import Log
from tests.support import runs as s

EXAMPLE = s.package(exchange_result=s.NO_PUBLISHER, credential=s.UNRESOLVED)
"""A run in which the cause is found."""

REFUSED = s.package(exchange_result=s.NO_PUBLISHER)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.package(credential=s.PLACEHOLDER), Answer.SKIP, id="oidc-works"),
        pytest.param(
            s.package(credential=s.PLACEHOLDER, exchange_result=ExchangeResult()), Answer.SKIP, id="oidc-may-work"
        ),
        pytest.param(s.package(REFUSED, credential=s.PLACEHOLDER), Answer.WARN, id="placeholder"),
        pytest.param(s.package(REFUSED, credential=s.UNRESOLVED), Answer.WARN, id="unresolved"),
        pytest.param(s.package(REFUSED, credential=s.EMPTY), Answer.PASS, id="empty"),
        pytest.param(REFUSED, Answer.PASS, id="absent"),
        pytest.param(s.command(REFUSED, unread_tokens=("NPM_TOKEN",)), Answer.WARN, id="absent-with-npm-token"),
        pytest.param(s.package(REFUSED, credential=s.TOKEN), Answer.PASS, id="a-token"),
        pytest.param(s.predicting(REFUSED), Answer.SKIP, id="asking-about-the-ci"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert TokenRejected().in_run(run).answer is answer


def test_it_says_what_would_be_sent_and_answered() -> None:
    message = TokenRejected().in_run(s.package(REFUSED, credential=s.UNRESOLVED)).message
    assert "the literal text ${NODE_AUTH_TOKEN}" in message
    assert "Access token expired or revoked" in message


def test_what_nothing_reads_is_named() -> None:
    run = s.command(REFUSED, unread_tokens=("NPM_TOKEN", "NODE_AUTH_TOKEN"))
    assert TokenRejected().in_run(run).message == (
        "without OIDC npm would send no token: NPM_TOKEN and NODE_AUTH_TOKEN are set, but nothing in npm's"
        " configuration reads it"
    )
    assert TokenRejected().in_run(s.package(run, credential=s.PLACEHOLDER)).evidence


DEAD = (Line(3, "Access token expired or revoked. Please try logging in again."),)


@pytest.mark.parametrize(
    ("log", "answer"),
    [
        (Log(code="E404", attempts=(Attempt(put_status=404),), notices=DEAD), Answer.WARN),
        (Log(code="E404", attempts=(Attempt(put_status=404, signed=True),), notices=DEAD), Answer.UNKNOWN),
        (Log(code="E404", attempts=(Attempt(put_status=404),), notices=DEAD, level="silly"), Answer.UNKNOWN),
        (Log(code="E404", attempts=(Attempt(put_status=404),)), Answer.UNKNOWN),
    ],
)
def test_a_dead_token_is_the_likeliest_where_nothing_tells_of_an_id_token(log: Log, answer: Answer) -> None:
    assert TokenRejected().in_log(log).answer is answer
