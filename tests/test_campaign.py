"""What the long campaigns share."""

import time

import campaign
import pytest

pytestmark = pytest.mark.real_process


def test_everything_is_played() -> None:
    assert sorted(campaign.played(abs, [-1, -2, 3], jobs=2, until=time.monotonic() + 60)) == [1, 2, 3]


def test_nothing_begins_once_the_time_is_over() -> None:
    assert list(campaign.played(abs, [-1, -2, 3], jobs=2, until=time.monotonic())) == []
