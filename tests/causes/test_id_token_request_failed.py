import pytest

from safepublish.causes.id_token_request_failed import IdTokenRequestFailed
from safepublish.facts.finding import Answer
from safepublish.facts.run import ExchangeResult, IdToken, IdTokenRequest, Run
from tests.support import runs as s

EXAMPLE = s.identity(id_token=IdToken(IdTokenRequest.REFUSED, "ACTIONS_ID_TOKEN_REQUEST_URL", 403))
"""A run in which the cause is found."""

MINT_REFUSED = s.package(
    s.identity(id_token=IdToken(IdTokenRequest.REFUSED, None, 403)), exchange_result=ExchangeResult()
)
FAILED = s.package(exchange_result=s.FAILED)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="had"),
        pytest.param(MINT_REFUSED, Answer.FAIL, id="github-refuses"),
        pytest.param(s.id_token(MINT_REFUSED, status=None), Answer.FAIL, id="an-answer-without-a-token"),
        pytest.param(s.id_token(MINT_REFUSED, status=429), Answer.UNKNOWN, id="github-is-busy"),
        pytest.param(s.id_token(MINT_REFUSED, status=500), Answer.UNKNOWN, id="github-fails"),
        pytest.param(
            s.probe(s.id_token(MINT_REFUSED, status=500), confirmed_by_npm=True),
            Answer.FAIL,
            id="github-fails-npm-as-well",
        ),
        pytest.param(
            s.identity(id_token=IdToken(IdTokenRequest.UNREACHABLE, trouble="no answer")),
            Answer.UNKNOWN,
            id="github-is-not-reached",
        ),
        pytest.param(s.probe(MINT_REFUSED, confirmed_by_npm=False), Answer.SKIP, id="github-refuses-us-and-not-npm"),
        pytest.param(FAILED, Answer.UNKNOWN, id="the-exchange-fails"),
        pytest.param(s.probe(FAILED, confirmed_by_npm=True), Answer.FAIL, id="the-exchange-fails-npm-as-well"),
        pytest.param(s.probe(FAILED, confirmed_by_npm=False), Answer.WARN, id="the-exchange-fails-and-npm-s-works"),
        pytest.param(s.allowed(MINT_REFUSED), Answer.WARN, id="a-token-may-publish"),
        pytest.param(s.package(exchange_result=s.NO_PUBLISHER), Answer.PASS, id="refused-is-another-cause"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert IdTokenRequestFailed().in_run(run).answer is answer


def test_github_s_words_are_told() -> None:
    run = s.id_token(MINT_REFUSED, trouble="Service unavailable", status=403)
    assert IdTokenRequestFailed().in_run(run).message == (
        "GitHub (ACTIONS_ID_TOKEN_REQUEST_URL) returned no ID token (HTTP 403): Service unavailable"
    )


def test_that_npm_failed_as_well_is_evidence() -> None:
    assert IdTokenRequestFailed().in_run(s.probe(FAILED, confirmed_by_npm=True)).evidence == (
        "npm's own request failed too.",
    )
