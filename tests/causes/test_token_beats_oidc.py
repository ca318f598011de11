import pytest
from causes import situations as s

from safepublish.causes import token_beats_oidc
from safepublish.facts.finding import Answer, Location
from safepublish.facts.kinds import Kind
from safepublish.facts.run import Credential, Run


def beating(kind: Kind) -> Run:
    return s.package(credential=Credential(kind, s.MORE_SPECIFIC, "NODE_AUTH_TOKEN", beats_oidc=True))


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="none"),
        pytest.param(s.package(credential=s.TOKEN), Answer.PASS, id="a-usual-token"),
        pytest.param(beating(Kind.SET), Answer.FAIL, id="a-token-goes-before"),
        pytest.param(beating(Kind.SET)._replace(options=s.ALLOWED), Answer.WARN, id="a-token-that-may-publish"),
        pytest.param(beating(Kind.PLACEHOLDER), Answer.FAIL, id="a-placeholder-goes-before"),
        pytest.param(beating(Kind.UNRESOLVED), Answer.FAIL, id="an-unset-variable-goes-before"),
        pytest.param(beating(Kind.EMPTY), Answer.PASS, id="an-empty-value-does-not"),
        pytest.param(
            beating(Kind.PLACEHOLDER)._replace(options=s.ALLOWED),
            Answer.FAIL,
            id="allow-token-does-not-mend-a-dead-one",
        ),
        pytest.param(s.predicting(beating(Kind.SET)), Answer.SKIP, id="a-laptop"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert token_beats_oidc.in_run(run).answer is answer


def test_the_key_and_its_file_are_named() -> None:
    judgement = token_beats_oidc.in_run(beating(Kind.SET))
    assert judgement.message == (
        "npm prefers //registry.npmjs.org/left:_authToken to the token that OIDC gives it, and would publish with the"
        " token from .npmrc, line 3"
    )
    assert judgement.location == Location(".npmrc", 3)


def test_without_an_origin_it_is_a_more_specific_key() -> None:
    run = s.package(credential=Credential(Kind.SET, beats_oidc=True))
    assert "a more specific key" in token_beats_oidc.in_run(run).message
