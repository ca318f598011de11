"""The statuses of an answer that may pass, after which npm sends the same request again."""

_MAY_PASS = frozenset({408, 420, 425, 429})
"""npm's own, beside 5xx, are 408, 420 and 429 (make-fetch-happen of npm 9.9.4 to 12.2.0, lib/remote.js, `isRetriable`).

425 is added: it asks to send the request again (RFC 8470, 5.2), so it decides nothing either.
"""


def may_pass(status: int) -> bool:
    """Whether *status* is of a fault that may pass, so that it decides nothing. npm repeats no POST all the same."""
    return status in _MAY_PASS or status >= 500
