import pytest

from safepublish.causes.token_conflict import TokenConflict
from safepublish.facts.finding import Answer, Location
from safepublish.facts.run import ExchangeResult, IdTokenRequest, Run
from tests.support import runs as s

EXAMPLE = s.package(exchange_result=s.NO_PUBLISHER, credential=s.TOKEN)
"""A run in which the cause is found."""

HELD = s.package(credential=s.TOKEN)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="none"),
        pytest.param(s.package(credential=s.PLACEHOLDER), Answer.PASS, id="placeholder"),
        pytest.param(s.package(credential=s.EMPTY), Answer.PASS, id="empty"),
        pytest.param(HELD, Answer.WARN, id="the-exchange-works"),
        pytest.param(s.package(HELD, exchange_result=ExchangeResult()), Answer.WARN, id="the-exchange-was-not-asked"),
        pytest.param(s.npm(None, HELD), Answer.WARN, id="npm-of-unknown-version"),
        pytest.param(s.package(HELD, exchange_result=s.NO_PUBLISHER), Answer.FAIL, id="the-exchange-is-refused"),
        pytest.param(
            s.probe(s.package(HELD, exchange_result=s.NO_PUBLISHER), confirmed_by_npm=False),
            Answer.WARN,
            id="npm-s-own-is-accepted",
        ),
        pytest.param(s.npm("10.9.4", HELD), Answer.FAIL, id="npm-is-too-old"),
        pytest.param(s.identity(HELD, request_url=False), Answer.FAIL, id="no-permission"),
        pytest.param(s.identity(HELD, ci_disabled=True), Answer.FAIL, id="ci-false"),
        pytest.param(
            s.npm("11.6.1", s.identity(HELD, ci_disabled=True)),
            Answer.WARN,
            id="ci-false-which-npm-11.6.1-does-not-see",
        ),
        pytest.param(
            s.id_token(HELD, request=IdTokenRequest.REFUSED, status=403), Answer.FAIL, id="the-mint-is-refused"
        ),
        pytest.param(HELD._replace(identity=s.JENKINS), Answer.FAIL, id="another-ci"),
        pytest.param(s.package(s.allowed(s.READY), exchange_result=s.NO_PUBLISHER), Answer.WARN, id="allowed"),
        pytest.param(s.laptop(s.allowed(s.READY)), Answer.WARN, id="allowed-on-a-laptop"),
        pytest.param(
            s.package(credential=s.NEEDS_OIDC, exchange_result=s.NO_PUBLISHER),
            Answer.PASS,
            id="one-that-npm-does-not-publish-with-alone",
        ),
        pytest.param(
            s.package(credential=s.TOKEN._replace(beats_oidc=True)),
            Answer.SKIP,
            id="one-that-goes-before-oidc-is-another-cause",
        ),
        pytest.param(s.predicting(HELD), Answer.SKIP, id="asking-about-the-ci"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert TokenConflict().in_run(run).answer is answer


def test_the_token_is_not_blamed_for_the_exchange() -> None:
    judgement = TokenConflict().in_run(s.package(HELD, exchange_result=s.NO_PUBLISHER))
    assert judgement.evidence == (
        "The token does not keep OIDC from working: npm prefers the token of a successful exchange.",
    )
    assert TokenConflict().in_run(s.npm("10.9.4", HELD)).evidence == ()


def test_allowed_it_says_that_the_token_will_publish() -> None:
    message = TokenConflict().in_run(s.package(s.allowed(s.READY), exchange_result=s.NO_PUBLISHER)).message
    assert "npm will publish with the token from /home/runner/work/_temp/.npmrc, line 1" in message


def test_a_token_in_the_project_has_its_place() -> None:
    run = s.package(credential=s.TOKEN._replace(origin=s.MORE_SPECIFIC))
    assert TokenConflict().in_run(run).location == Location(".npmrc", 3)
    assert TokenConflict().in_run(HELD).location is None
