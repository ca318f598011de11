import pytest

from safepublish.causes.self_hosted_runner import SelfHostedRunner
from safepublish.facts.finding import Answer
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run, Visibility
from tests.support import runs as s

EXAMPLE = s.claims(runner_environment="self-hosted")
"""A run in which the cause is found."""

OWN = s.claims(runner_environment="self-hosted")


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="hosted"),
        pytest.param(OWN, Answer.FAIL, id="self-hosted"),
        pytest.param(
            s.identity(s.id_token(claims={}), runner_environment="self-hosted"), Answer.FAIL, id="by-the-variable-alone"
        ),
        pytest.param(s.package(OWN, provenance=False), Answer.WARN, id="without-provenance"),
        pytest.param(s.package(OWN, packument=s.UNKNOWN), Answer.UNKNOWN, id="perhaps-with-provenance"),
        pytest.param(s.package(OWN, offline=True), Answer.WARN, id="offline"),
        pytest.param(s.package(OWN, visibility=Visibility.PUBLIC), Answer.FAIL, id="called-public"),
        pytest.param(s.package(OWN, visibility=Visibility.NOT_PUBLIC), Answer.WARN, id="not-called-public"),
        pytest.param(s.package(OWN, visibility=Visibility.UNKNOWN), Answer.UNKNOWN, id="not-known-to-be-public"),
        pytest.param(s.identity(OWN, also=frozenset({Ci.CIRCLECI})), Answer.WARN, id="also-circleci"),
        pytest.param(s.identity(OWN, also=frozenset({Ci.GITLAB})), Answer.UNKNOWN, id="also-gitlab"),
        pytest.param(s.claims(OWN, repository_visibility="private"), Answer.WARN, id="a-private-repository"),
        pytest.param(s.identity(s.id_token(claims={}), runner_environment=None), Answer.PASS, id="unknown"),
        pytest.param(s.READY._replace(identity=s.GITLAB), Answer.SKIP, id="gitlab"),
        pytest.param(s.package(s.allowed(OWN), provenance=True), Answer.FAIL, id="a-token-with-provenance"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert SelfHostedRunner().in_run(run).answer is answer
