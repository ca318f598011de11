import pytest

from safepublish.causes.id_token_expired import IdTokenExpired
from safepublish.facts.finding import Answer
from safepublish.facts.run import ExchangeResult, Run
from tests.support import runs as s

EXAMPLE = s.id_token(s.package(exchange_result=s.UNAUTHORIZED), expires=s.NOW - 1)
"""A run in which the cause is found."""

REFUSED = s.package(exchange_result=s.UNAUTHORIZED)
BROKEN = s.id_token(REFUSED, expires=s.NOW)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="whole"),
        pytest.param(s.id_token(REFUSED, expires=s.NOW + 1), Answer.PASS, id="just-right"),
        pytest.param(BROKEN, Answer.FAIL, id="expired"),
        pytest.param(s.package(BROKEN, exchange_result=ExchangeResult()), Answer.FAIL, id="not-asked"),
        pytest.param(
            s.package(BROKEN, exchange_result=s.READY.package.exchange_result), Answer.PASS, id="but-accepted"
        ),
        pytest.param(s.probe(BROKEN, confirmed_by_npm=False), Answer.PASS, id="but-npm-s-own-is-accepted"),
        pytest.param(s.allowed(BROKEN), Answer.WARN, id="a-token-may-publish"),
        pytest.param(BROKEN._replace(identity=s.JENKINS), Answer.SKIP, id="npm-ignores-it-elsewhere"),
        pytest.param(s.predicting(), Answer.SKIP, id="a-laptop"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert IdTokenExpired().in_run(run).answer is answer


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h")]
)
def test_it_says_how_long_ago(seconds: int, text: str) -> None:
    assert f"expired {text} ago" in IdTokenExpired().in_run(s.id_token(REFUSED, expires=s.NOW - seconds)).message


def test_without_a_time_nothing_is_said() -> None:
    assert IdTokenExpired().in_run(s.id_token(REFUSED, expires=None)).answer is Answer.PASS


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (s.id_token(REFUSED, expires=s.NOW, variable="NPM_ID_TOKEN"), "Remove NPM_ID_TOKEN"),
        (s.id_token(REFUSED, expires=s.NOW), "Get the ID token in this step"),
        (s.id_token(REFUSED._replace(identity=s.GITLAB), expires=s.NOW), "Get the ID token in this step"),
    ],
    ids=["github-with-npm-id-token", "github", "gitlab"],
)
def test_the_mend_fits_the_ci(run: Run, text: str) -> None:
    remedy = IdTokenExpired().in_run(run).remedy
    assert remedy is not None
    assert remedy.text.startswith(text)
