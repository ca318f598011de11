"""What a request can end in other than an answer."""

from safepublish.facts.error import SafepublishError


class UnreachableError(SafepublishError):
    """No usable answer came."""

    def __init__(self, message: str, *, retry: bool = False) -> None:
        """Set *retry* where a second try may succeed, because the peer hung up or refused."""
        super().__init__(message)
        self.retry = retry


class TooLargeError(UnreachableError):
    """The answer is larger than the caller's limit."""


class NotSentError(UnreachableError):
    """A credential would have crossed a network in plain text, so nothing was sent."""
