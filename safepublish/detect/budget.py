"""What is left of the time for all checks, for whatever is started, read or expanded before the verdict.

The time is that of the command at hand, as a context, so that every reader of this package keeps to it without a
parameter of its own.
"""

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from safepublish.facts.error import SafepublishError

if TYPE_CHECKING:
    from safepublish.detect.http import Deadline

ALONE = 15.0
"""Seconds for an expansion where no deadline is set."""


class TooSlowError(SafepublishError):
    """Something was not finished in its share of the deadline."""


class _Step(NamedTuple):
    """One thing that takes its time, and when it has to be done, by `time.monotonic`."""

    name: str
    ends: float


_deadline: ContextVar["Deadline | None"] = ContextVar("deadline", default=None)
_step: ContextVar[_Step | None] = ContextVar("step", default=None)


@contextlib.contextmanager
def within(deadline: "Deadline") -> Iterator[None]:
    """Let *deadline* be that of everything in this context."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def left(most: float) -> float:
    """Seconds that something may take: at most *most*, and no more than the deadline leaves; 0 where it has passed."""
    deadline = _deadline.get()
    return most if deadline is None else max(0.0, min(most, deadline.left()))


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Let the deadline know what *name* took of it, so that nobody else is blamed."""
    began = time.monotonic()
    try:
        yield
    finally:
        deadline = _deadline.get()
        if deadline is not None:
            deadline.record(name, time.monotonic() - began)


@contextlib.contextmanager
def share(name: str) -> Iterator[None]:
    """Give *name* half of what is left: `check` raises `TooSlowError` behind that. A share inside one is the same."""
    if _step.get() is not None:
        yield
        return
    token = _step.set(_Step(name, time.monotonic() + left(ALONE * 2) / 2))
    try:
        with step(name):
            yield
    finally:
        _step.reset(token)


def check() -> None:
    """Raise `TooSlowError` where the share that is under way has been used up."""
    current = _step.get()
    if current is not None and time.monotonic() > current.ends:
        raise TooSlowError(f"{current.name} took too long")
