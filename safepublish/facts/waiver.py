"""A cause that the configuration file or a comment in a workflow file lets pass."""

from typing import NamedTuple


class Waiver(NamedTuple):
    """One waiver, and where it is written."""

    cause: str  # the id
    reason: str
    place: str  # safepublish.toml, .github/workflows/publish.yml:18
    expired: str | None = None  # the day on which it expired: then it lets nothing pass
