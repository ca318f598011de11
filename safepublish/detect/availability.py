"""Waits until a version that was published can be installed, and reads how the registry says it was published."""

from collections.abc import Callable, Sequence
from functools import partial

from safepublish.detect import network, registry
from safepublish.detect.http import Client, Deadline
from safepublish.detect.http.deadline import SYSTEM_CLOCK, Clock
from safepublish.facts.availability import Availability
from safepublish.facts.run import Existence, Package, PublishedAs
from safepublish.npm.config.transport import Transport

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 15.0
"""Seconds between two questions: npm scans a new version for minutes, and it may be there at once."""

_GROWTH = 1.5
_ROUND_SECONDS = 15.0  # for the answers to one round of questions

Waiting = Callable[[int, float], None]
"""Called with the number of versions that are not there yet, and the seconds so far."""


def wait(
    packages: Sequence[Package], transport: Transport, seconds: float, waiting: Waiting, clock: Clock = SYSTEM_CLOCK
) -> tuple[Availability, ...]:
    """Return what became of each of *packages* within *seconds*, by the document of its version.

    The packument does not serve: the edge may hold an old one for minutes.
    """
    start = clock.monotonic()
    end = start + seconds
    found = {index: Availability(package) for index, package in enumerate(packages)}
    pending = [index for index, package in enumerate(packages) if shown_to_strangers(package)]
    found |= {index: found[index]._replace(available=False) for index in pending}
    pause = FIRST_PAUSE
    while pending:
        passed = clock.monotonic() - start
        for index, published_as in _ask([packages[index] for index in pending], pending, transport, clock).items():
            found[index] = found[index]._replace(available=True, seconds=passed, published_as=published_as)
        pending = [index for index in pending if not found[index].available]
        left = end - clock.monotonic()
        if not pending or left <= 0:
            break
        waiting(len(pending), clock.monotonic() - start)
        clock.sleep(min(pause, left))
        pause = min(pause * _GROWTH, LONGEST_PAUSE)
    for index in pending:
        found[index] = found[index]._replace(seconds=clock.monotonic() - start)
    return tuple(found[index] for index in range(len(packages)))


def shown_to_strangers(package: Package) -> bool:
    """Whether the registry will show *package* without a login, as far as that is known before it is published.

    A scoped package that the registry did not show is new or private; new ones are private unless `access` says public.
    """
    manifest, settings = package.manifest, package.settings
    if manifest.name is None or manifest.version is None or settings.registry is None:
        return False
    if settings.access == "restricted":
        return False
    is_seen = package.packument.existence is not Existence.ABSENT
    return is_seen or settings.access == "public" or not manifest.name.startswith("@")


def _ask(
    packages: Sequence[Package], indices: Sequence[int], transport: Transport, clock: Clock
) -> dict[int, PublishedAs | None]:
    """Those of *packages*, by their index, whose version is there, and how it was published."""
    deadline = Deadline(_ROUND_SECONDS, clock)
    client = Client(transport, deadline)
    found: dict[int, PublishedAs | None] = {}

    def ask(index: int, name: str, url: str, version: str) -> None:
        if registry.is_installable(name, url, version, client):
            found[index] = registry.published_as(name, url, version, client)

    jobs = [
        partial(ask, index, package.manifest.name, package.settings.registry.value, package.manifest.version)
        for index, package in zip(indices, packages, strict=True)
        if package.manifest.name and package.manifest.version and package.settings.registry
    ]
    network.run_at_once(jobs, deadline)
    return dict(found)
