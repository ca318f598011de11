import pytest

from safepublish.causes.id_token_rejected import IdTokenRejected
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(exchange_result=s.UNAUTHORIZED)
"""A run in which the cause is found."""

REFUSED = s.package(exchange_result=s.UNAUTHORIZED)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="accepted"),
        pytest.param(s.package(exchange_result=s.NO_PUBLISHER), Answer.PASS, id="no-publisher"),
        pytest.param(REFUSED, Answer.FAIL, id="unauthorized"),
        pytest.param(
            s.probe(REFUSED, status=400, message="OIDC token exchange error - bad request"),
            Answer.FAIL,
            id="bad-request",
        ),
        pytest.param(s.probe(REFUSED, confirmed_by_npm=False), Answer.WARN, id="npm-s-own-is-accepted"),
        pytest.param(s.probe(REFUSED, confirmed_by_npm=True), Answer.FAIL, id="npm-s-own-is-refused"),
        pytest.param(s.id_token(REFUSED, expires=s.NOW), Answer.SKIP, id="expired-says-so-itself"),
        pytest.param(s.id_token(REFUSED, malformed=True), Answer.SKIP, id="malformed-says-so-itself"),
        pytest.param(s.id_token(REFUSED, audiences=("sigstore",)), Answer.SKIP, id="wrong-audience-says-so-itself"),
        pytest.param(
            s.id_token(REFUSED, audiences=(), expires=None, claims={}), Answer.FAIL, id="nothing-is-known-of-the-token"
        ),
        pytest.param(s.allowed(REFUSED), Answer.WARN, id="a-token-may-publish"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert IdTokenRejected().in_run(run).answer is answer


def test_the_issuer_is_named() -> None:
    assert IdTokenRejected().in_run(REFUSED).evidence == (
        "The ID token was issued by https://token.actions.githubusercontent.com.",
    )


def test_without_claims_it_is_not() -> None:
    assert IdTokenRejected().in_run(s.id_token(REFUSED, claims={})).evidence == ()
