import pytest

from safepublish.causes.provenance_without_sigstore_token import ProvenanceWithoutSigstoreToken
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(s.READY._replace(identity=s.GITLAB._replace(sigstore_id_token=False)), provenance=True)
"""A run in which the cause is found."""

BARE = s.package(s.READY._replace(identity=s.GITLAB._replace(sigstore_id_token=False)), provenance=True)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.package(provenance=True), Answer.SKIP, id="github"),
        pytest.param(s.package(BARE, provenance=None), Answer.SKIP, id="not-asked-for"),
        pytest.param(BARE, Answer.FAIL, id="missing"),
        pytest.param(s.package(s.READY._replace(identity=s.GITLAB), provenance=True), Answer.PASS, id="there"),
        pytest.param(s.identity(BARE, ci_disabled=True), Answer.SKIP, id="ci-false-is-another-cause"),
        pytest.param(s.package(s.allowed(BARE), provenance=True), Answer.FAIL, id="a-token-does-not-help"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert ProvenanceWithoutSigstoreToken().in_run(run).answer is answer
