"""A clock on which a sleep takes no time, so that back-off and pauses are tested without waiting."""

import time

from safepublish.detect.http import Clock


class SkippingClock(Clock):
    """The system's clock, put forward by every sleep."""

    def __init__(self) -> None:
        self.sleeps: list[float] = []

    @property
    def skipped(self) -> float:
        """Seconds that were slept in all."""
        return sum(self.sleeps)

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped

    def now(self) -> float:
        return time.time() + self.skipped

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
