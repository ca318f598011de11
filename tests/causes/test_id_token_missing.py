import pytest

from safepublish.causes.id_token_missing import IdTokenMissing
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.READY._replace(identity=s.GITLAB._replace(npm_id_token=False))
"""A run in which the cause is found."""

GITLAB = s.READY._replace(identity=s.GITLAB._replace(npm_id_token=False))
CIRCLECI = s.READY._replace(identity=s.CIRCLECI._replace(npm_id_token=False))


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.SKIP, id="github"),
        pytest.param(s.READY._replace(identity=s.GITLAB), Answer.PASS, id="gitlab-with"),
        pytest.param(GITLAB, Answer.FAIL, id="gitlab-without"),
        pytest.param(s.READY._replace(identity=s.CIRCLECI), Answer.PASS, id="circleci-with"),
        pytest.param(CIRCLECI, Answer.FAIL, id="circleci-without"),
        pytest.param(s.allowed(GITLAB), Answer.WARN, id="a-token-may-publish"),
        pytest.param(s.predicting(), Answer.SKIP, id="a-laptop"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert IdTokenMissing().in_run(run).answer is answer


def test_gitlab_gets_the_lines_for_its_job() -> None:
    remedy = IdTokenMissing().in_run(GITLAB).remedy
    assert remedy is not None
    assert "the job publish" in remedy.text
    assert remedy.diff == '+   id_tokens:\n+     NPM_ID_TOKEN:\n+       aud: "npm:registry.npmjs.org"'


def test_a_job_without_a_name_is_the_one_that_publishes() -> None:
    remedy = IdTokenMissing().in_run(s.identity(GITLAB, job=None)).remedy
    assert remedy is not None
    assert "the job that publishes" in remedy.text


def test_the_audience_is_the_registry_s() -> None:
    remedy = IdTokenMissing().in_run(s.package(CIRCLECI, registry=s.PACKAGES)).remedy
    assert remedy is not None
    assert remedy.command == (
        """export NPM_ID_TOKEN=$(circleci run oidc get --claims '{"aud":"npm:npm.pkg.github.com"}')"""
    )
