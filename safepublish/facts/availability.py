"""What the registry answers about a version after its publish."""

from typing import NamedTuple

from safepublish.facts.run import Package, PublishedAs


class Availability(NamedTuple):
    """Whether one version can be installed."""

    package: Package
    available: bool | None = None  # None: the registry does not show this package to a stranger
    seconds: float = 0.0  # after the publish
    published_as: PublishedAs | None = None
