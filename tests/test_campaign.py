"""What the long campaigns share."""

import pytest

from campaigns import campaign

pytestmark = pytest.mark.real_process


def test_everything_is_played() -> None:
    assert sorted(campaign.played(abs, [-1, -2, 3], jobs=2, minutes=1)) == [1, 2, 3]


def test_nothing_begins_once_the_time_is_over() -> None:
    assert list(campaign.played(abs, [-1, -2, 3], jobs=2, minutes=0)) == []


def test_how_far_it_is_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(list(campaign.counted(range(450), 500))) == 450
    assert [line.partition(" after ")[0] for line in capsys.readouterr().out.splitlines()] == [
        "200 of 500",
        "400 of 500",
    ]
