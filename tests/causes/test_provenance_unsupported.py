import pytest

from safepublish.causes.provenance_unsupported import ProvenanceUnsupported
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(s.READY._replace(identity=s.CIRCLECI), provenance=True, provenance_origin=s.CLI_PROVENANCE)
"""A run in which the cause is found."""

ASKED = s.package(provenance=True, provenance_origin=s.CLI_PROVENANCE)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY._replace(identity=s.CIRCLECI), Answer.SKIP, id="not-asked-for"),
        pytest.param(ASKED, Answer.PASS, id="github"),
        pytest.param(ASKED._replace(identity=s.GITLAB), Answer.PASS, id="gitlab"),
        pytest.param(ASKED._replace(identity=s.CIRCLECI), Answer.FAIL, id="circleci"),
        pytest.param(ASKED._replace(identity=s.JENKINS), Answer.FAIL, id="jenkins"),
        pytest.param(s.laptop(ASKED), Answer.FAIL, id="a-laptop"),
        pytest.param(s.predicting(ASKED), Answer.SKIP, id="asking-about-the-ci"),
        pytest.param(s.identity(ASKED, ci_disabled=True), Answer.FAIL, id="ci-false"),
        pytest.param(
            s.npm("11.6.1", s.identity(ASKED, ci_disabled=True)),
            Answer.PASS,
            id="ci-false-which-npm-11.6.1-does-not-see",
        ),
        pytest.param(
            s.package(s.allowed(ASKED._replace(identity=s.JENKINS)), provenance=True),
            Answer.FAIL,
            id="a-token-does-not-help",
        ),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert ProvenanceUnsupported().in_run(run).answer is answer


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (ASKED._replace(identity=s.CIRCLECI), "cannot generate in CircleCI"),
        (ASKED._replace(identity=s.JENKINS), "cannot generate in Jenkins"),
        (ASKED._replace(identity=s.JENKINS._replace(ci_name=None)), "cannot generate in this CI"),
        (s.laptop(ASKED), "cannot generate outside of CI"),
        (s.identity(ASKED, ci_disabled=True), "cannot generate in GitHub Actions while CI is false"),
    ],
    ids=["circleci", "jenkins", "unnamed", "laptop", "ci-false"],
)
def test_the_place_is_named(run: Run, text: str) -> None:
    assert text in ProvenanceUnsupported().in_run(run).message
