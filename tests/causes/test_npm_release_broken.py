import pytest

from safepublish.causes.npm_release_broken import NpmReleaseBroken
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.npm("12.0.0", broken_sigstore=True)
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.npm("12.2.0"), Answer.PASS, id="whole"),
        pytest.param(s.npm("12.0.0", broken_sigstore=True), Answer.FAIL, id="lacks-sigstore"),
        pytest.param(s.allowed(s.npm("12.0.0", broken_sigstore=True)), Answer.FAIL, id="also-for-a-token"),
        pytest.param(s.npm(None, broken_sigstore=True), Answer.FAIL, id="of-unknown-version"),
        pytest.param(s.npm("12.0.0"), Answer.PASS, id="mended-by-hand"),
        pytest.param(s.READY._replace(npm=None), Answer.SKIP, id="no-npm"),
        pytest.param(s.predicting(s.npm("12.0.0", broken_sigstore=True)), Answer.SKIP, id="the-npm-of-a-laptop"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert NpmReleaseBroken().in_run(run).answer is answer


def test_npm_11_is_what_replaces_it() -> None:
    remedy = NpmReleaseBroken().in_run(s.npm("12.0.0", broken_sigstore=True)).remedy
    assert remedy is not None
    assert remedy.command == "npm install --global npm@11"
