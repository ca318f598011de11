"""How long to wait before a request is sent again; imported only after a failure."""

import random

from safepublish.detect.http.deadline import Clock
from safepublish.detect.http.response import Response

MOST_TRIES = 8
"""Tries of a request that came too early (429)."""


def backoff(tries: int) -> float:
    """Return the seconds before the next try, longer each time, and never the same for all that wait."""
    return float(min(0.25 * 3 ** (tries - 1), 8.0) * random.uniform(0.75, 1.25))  # noqa: S311 - no secret


def requested_pause(response: Response, tries: int, clock: Clock) -> float:
    """Return the seconds that *response* asks to wait for (RFC 9110, Retry-After), as a number or a date.

    Without a usable header it is `backoff`.
    """
    header = response.headers.get("retry-after", "").strip()
    if header.isascii() and header.isdecimal():
        return float(header) if len(header) < 7 else float("inf")
    if header:
        from email.utils import parsedate_to_datetime  # only where there is a date

        try:
            return max(0.0, parsedate_to_datetime(header).timestamp() - clock.now())
        except (ValueError, OverflowError, TypeError):
            pass
    return backoff(tries)
