import pytest

from safepublish.causes.provenance_redundant import ProvenanceRedundant
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(provenance=True, provenance_origin=s.CLI_PROVENANCE)
"""A run in which the cause is found."""

ASKED = s.package(provenance=True, provenance_origin=s.CLI_PROVENANCE)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.SKIP, id="not-asked-for"),
        pytest.param(ASKED, Answer.WARN, id="asked-for"),
        pytest.param(s.claims(ASKED, repository_visibility="private"), Answer.PASS, id="a-private-repository"),
        pytest.param(s.npm("10.9.4", ASKED), Answer.PASS, id="npm-10-signs-without-oidc"),
        pytest.param(s.package(ASKED, exchange_result=s.NO_PUBLISHER), Answer.PASS, id="the-exchange-is-refused"),
        pytest.param(s.package(ASKED, packument=s.ABSENT), Answer.PASS, id="a-new-package"),
        pytest.param(s.predicting(ASKED), Answer.PASS, id="asking-about-the-ci"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert ProvenanceRedundant().in_run(run).answer is answer


def test_the_setting_is_named() -> None:
    assert ProvenanceRedundant().in_run(ASKED).message.startswith("the command line (--provenance) requests provenance")
