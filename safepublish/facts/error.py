"""The base of the errors that this package raises and catches itself."""


class SafepublishError(Exception):
    """Something that could not be done; the exception that caused it, where there is one, is its `__cause__`."""

    def __init__(self, message: str) -> None:
        """Hold the *message*, which may be shown to people."""
        super().__init__(message)
        self.message = message
