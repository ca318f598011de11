"""The base of the errors that this package raises and catches itself."""


class SafepublishError(Exception):
    """Something that could not be done; the exception that caused it, where there is one, is its `__cause__`."""

    def __init__(self, message: str, *, help: str | None = None) -> None:  # noqa: A002 - the word of a finding
        """Hold the *message* for people, and the *help* that says what to do, where that is known."""
        super().__init__(message)
        self.message = message
        self.help = help
