"""The point in time by which every check has to be done, and the clock that tells it."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket


class Clock:
    """The system's clock; tests put one in its place that does not sleep."""

    def monotonic(self) -> float:
        """Return the seconds of the clock that never jumps."""
        return time.monotonic()

    def now(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Sleep for *seconds*."""
        time.sleep(seconds)


SYSTEM_CLOCK = Clock()


class Deadline:
    """A point in time, *seconds* after it was made."""

    def __init__(self, seconds: float, clock: Clock = SYSTEM_CLOCK) -> None:
        """Start now, by *clock*."""
        self.seconds = seconds
        self.clock = clock
        self._ends = clock.monotonic() + seconds
        self._slowest = ("", 0.0)
        self._ended_in: str | None = None

    def record(self, name: str, seconds: float) -> None:
        """Remember that *name*, which is no request, took *seconds*."""
        self._slowest = max(self._slowest, (name, seconds), key=lambda step: step[1])
        if self.left() <= 0 and self._ended_in is None:
            self._ended_in = name

    def missed(self, where: str) -> str:
        """Return the message that *where* did not answer in time, and what else took most of the time."""
        if self._ended_in is not None:
            return f"{where} was not contacted: {self._ended_in} used what was left of {self.seconds:g} s"
        name, seconds = self._slowest
        because = f", of which {name} took {seconds:.1f} s" if seconds > 0.3 * self.seconds else ""
        return f"{where} did not answer within {self.seconds:g} s{because}"

    def left(self) -> float:
        """Return the seconds left; negative once the deadline has passed."""
        return self._ends - self.clock.monotonic()

    def extend(self, seconds: float) -> None:
        """Leave *seconds* more."""
        self.seconds += seconds
        self._ends += seconds

    def sleep(self, seconds: float) -> None:
        """Sleep for *seconds*, but not past the deadline."""
        self.clock.sleep(max(0.0, min(seconds, self.left())))

    def arm(self, sock: "socket.socket", longest: float | None = None) -> None:
        """Give the next operation of *sock* what is left, at most *longest* seconds; `TimeoutError` when none is."""
        left = self.left()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left if longest is None else min(left, longest))
