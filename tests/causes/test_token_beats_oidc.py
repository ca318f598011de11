import pytest

from safepublish.causes.arguments_refused import ArgumentsRefused
from safepublish.causes.token_beats_oidc import TokenBeatsOidc
from safepublish.facts.finding import Answer, Location
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Credential, Origin, Problem, Run
from tests.support import runs as s

EXAMPLE = s.package(credential=Credential(CredentialKind.PLACEHOLDER, s.MORE_SPECIFIC, beats_oidc=True))
"""A run in which the cause is found."""


def beating(kind: CredentialKind) -> Run:
    return s.package(credential=Credential(kind, s.MORE_SPECIFIC, "NODE_AUTH_TOKEN", beats_oidc=True))


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="none"),
        pytest.param(s.package(credential=s.TOKEN), Answer.PASS, id="a-usual-token"),
        pytest.param(beating(CredentialKind.SET), Answer.FAIL, id="a-token-goes-before"),
        pytest.param(
            beating(CredentialKind.SET)._replace(options=s.ALLOWED), Answer.WARN, id="a-token-that-may-publish"
        ),
        pytest.param(beating(CredentialKind.PLACEHOLDER), Answer.FAIL, id="a-placeholder-goes-before"),
        pytest.param(beating(CredentialKind.UNRESOLVED), Answer.FAIL, id="an-unset-variable-goes-before"),
        pytest.param(beating(CredentialKind.EMPTY), Answer.PASS, id="an-empty-value-does-not"),
        pytest.param(
            beating(CredentialKind.PLACEHOLDER)._replace(options=s.ALLOWED),
            Answer.FAIL,
            id="allow-token-does-not-mend-a-dead-one",
        ),
        pytest.param(s.predicting(beating(CredentialKind.SET)), Answer.SKIP, id="a-laptop"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert TokenBeatsOidc().in_run(run).answer is answer


HIDDEN = Problem(
    "empty-token",
    "`//registry.npmjs.org/:_authToken` is empty, and npm before 11.21.0 looks no further",
    Origin("project", ".npmrc", "//registry.npmjs.org/:_authToken", 2),
    stops_npm=True,
)


def test_an_empty_key_that_hides_the_exchanged_token() -> None:
    run = s.package(problems=(HIDDEN,))
    judgement = TokenBeatsOidc().in_run(run)
    assert judgement.answer is Answer.FAIL
    assert judgement.message == f"{HIDDEN.text}, so npm is not logged in (ENEEDAUTH)"
    assert judgement.location == Location(".npmrc", 2)
    assert ArgumentsRefused().in_run(run).answer is Answer.PASS
    started = s.package(run, problems=(HIDDEN._replace(stops_npm=False),))
    assert TokenBeatsOidc().in_run(started).answer is Answer.PASS


def test_the_key_and_its_file_are_named() -> None:
    judgement = TokenBeatsOidc().in_run(beating(CredentialKind.SET))
    assert judgement.message == (
        "npm prefers //registry.npmjs.org/left:_authToken to the token from OIDC; it would publish with the token"
        " from .npmrc, line 3"
    )
    assert judgement.location == Location(".npmrc", 3)


def test_without_an_origin_it_is_a_more_specific_key() -> None:
    run = s.package(credential=Credential(CredentialKind.SET, beats_oidc=True))
    assert "a more specific key" in TokenBeatsOidc().in_run(run).message
