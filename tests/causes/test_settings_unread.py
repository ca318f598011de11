import pytest

from safepublish.causes.settings_unread import SettingsUnread
from safepublish.facts.finding import Answer
from safepublish.facts.run import Problem, Run
from tests.support import runs as s

EXAMPLE = s.command(s.READY, problems=(Problem("not-read", ".npmrc could not be read: it is too large", s.USER_NPMRC),))
"""A run in which the cause is found."""

UNREAD = Problem("not-read", "/home/runner/.npmrc could not be read: it is too large", s.USER_NPMRC)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="all-read"),
        pytest.param(s.command(s.READY, problems=(UNREAD,)), Answer.UNKNOWN, id="one-was-not"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert SettingsUnread().in_run(run).answer is answer


def test_the_others_are_evidence() -> None:
    judgement = SettingsUnread().in_run(s.command(s.READY, problems=(UNREAD, UNREAD._replace(text="another"))))
    assert judgement.evidence == ("also: another",)
