import pytest

from safepublish.causes.oidc_disabled import OidcDisabled
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.identity(ci_disabled=True)
"""A run in which the cause is found."""

DISABLED = s.identity(ci_disabled=True)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="not-disabled"),
        pytest.param(s.npm("11.6.1", DISABLED), Answer.PASS, id="npm-11.6.1-does-not-look"),
        pytest.param(s.npm("11.6.2", DISABLED), Answer.FAIL, id="npm-11.6.2-does"),
        pytest.param(s.npm("11.6.2-pre.1", DISABLED), Answer.PASS, id="a-pre-release-of-it-is-older"),
        pytest.param(s.npm("12.2.0", DISABLED), Answer.FAIL, id="npm-12-does"),
        pytest.param(s.npm(None, DISABLED), Answer.UNKNOWN, id="npm-of-unknown-version"),
        pytest.param(s.allowed(DISABLED), Answer.WARN, id="a-token-may-publish"),
        pytest.param(DISABLED._replace(identity=s.JENKINS._replace(ci_disabled=True)), Answer.SKIP, id="another-ci"),
        pytest.param(s.laptop(), Answer.SKIP, id="a-laptop"),
        pytest.param(DISABLED._replace(is_forecast=True), Answer.SKIP, id="asking-about-the-ci"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert OidcDisabled().in_run(run).answer is answer
