"""What `safepublish trust` knows of one package: how it was published, and which step publishes it."""

import enum
from typing import NamedTuple

from safepublish.facts.run import Existence, PublishedAs


class Match(enum.Enum):
    """Whether the last version was published by this repository's workflow."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Publishing(NamedTuple):
    """The step that publishes a package, as npmjs.com compares it."""

    provider: str  # github, gitlab
    repository: str  # owner/name, group/project
    file: str  # the name of the workflow that is started
    environment: str | None
    staged: bool
    place: str  # .github/workflows/publish.yml:18, job publish


class TrustedPackage(NamedTuple):
    """One package of the repository."""

    name: str
    directory: str  # relative to the root of the repository
    version: str | None  # in package.json
    access: str | None
    registry: str | None
    dependencies: frozenset[str] = frozenset()
    existence: Existence = Existence.UNKNOWN
    trouble: str | None = None  # why nothing is known
    published_as: PublishedAs | None = None  # the version with the tag `latest`
    publishings: tuple[Publishing, ...] = ()
    uncertain: bool = False  # which of these steps publish it could not be determined

    @property
    def match(self) -> Match:
        """Whether the last version came from one of `publishings`."""
        found = self.published_as
        if self.existence is Existence.ABSENT or (found is not None and not found.staged and found.trusted is False):
            return Match.NO
        if found is None or found.workflow is None or found.repository is None:
            return Match.UNKNOWN
        source = (found.repository.lower(), found.workflow)
        same = any((one.repository.lower(), one.file) == source for one in self.publishings)
        return Match.YES if same else Match.NO
