"""What the embedded registry contains: the packages to publish, as the real registry has them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from safepublish.cli.rehearse.request import DEFAULT_VERSION, Request
from safepublish.detect import network
from safepublish.detect.http import Deadline
from safepublish.facts.run import Existence
from safepublish.npm.versions import parse
from safepublish.rehearsal.identity import GitHubJob
from safepublish.rehearsal.packages import PublishedPackage, PublishedVersion, TrustedPublisher


class Entry(NamedTuple):
    """A package of the embedded registry, None where it has none, and a description that says where that comes from."""

    package: PublishedPackage | None
    description: str


class RegistryContents:
    """The packages of the embedded registry; the real registry is queried once for each."""

    def __init__(self, request: Request, env: Mapping[str, str], root: str) -> None:
        """Contents as *request* asks for them; *env* and *root* are this machine's environment and the repository."""
        self._request, self._env, self._root = request, env, root
        self.entries: dict[str, Entry] = {}

    def packages(self, names: Iterable[str | None], job: GitHubJob) -> dict[str, PublishedPackage]:
        """The packages with *names* that exist, each with one trusted publisher, by default the workflow of *job*."""
        found = {name: self.entry(name, job).package for name in names if name is not None}
        return {name: package for name, package in found.items() if package is not None}

    def entry(self, name: str, job: GitHubJob) -> Entry:
        """The entry of the package *name*."""
        if name not in self.entries:
            self.entries[name] = self._new_entry(name, job)
        return self.entries[name]

    def _new_entry(self, name: str, job: GitHubJob) -> Entry:
        assumed = self._request.assumed_version
        if assumed is not None:
            package = self._package((PublishedVersion(assumed),), None, job)
            return Entry(package, f"{name} {assumed} (assumed)")
        packument = network.fetch_packument(
            name, env=self._env, cwd=self._root, deadline=Deadline(self._request.seconds)
        )
        if packument.existence is Existence.ABSENT:
            return Entry(None, f"no package {name}, as in the real registry")
        if packument.existence is Existence.UNKNOWN or not packument.versions:
            package = self._package((PublishedVersion(DEFAULT_VERSION),), None, job)
            reason = f"the real registry could not be queried: {packument.trouble}"
            return Entry(package, f"{name} {DEFAULT_VERSION} (assumed; {reason})")
        versions = sorted(packument.versions, key=_version_order)
        last = packument.tags.get("latest", versions[-1])
        publisher = packument.publisher
        previous = None
        if publisher and publisher.repository and publisher.workflow:
            previous = TrustedPublisher(publisher.repository, publisher.workflow)
        records = tuple(
            PublishedVersion(version, deprecated="it is" if version in packument.deprecated else None)
            for version in versions
        )
        package = self._package(records, previous, job)._replace(tags=packument.tags)
        return Entry(package, f"{name}, latest {last}, as in the real registry")

    def _package(
        self, versions: tuple[PublishedVersion, ...], previous: TrustedPublisher | None, job: GitHubJob
    ) -> PublishedPackage:
        """A package of *versions*; its publisher is that of the option, else *previous*, else the workflow of *job*."""
        publisher = self._request.publisher or previous
        if publisher is not None:  # it has published these versions
            source = (publisher.repository, f".github/workflows/{publisher.workflow}", "refs/heads/main")
            versions = tuple(version._replace(trusted=True, source=source) for version in versions)
        default = TrustedPublisher(job.repository, job.workflow)
        return PublishedPackage(versions, publishers=(publisher or default,))


def _version_order(version: str) -> tuple[object, ...]:
    """A sort key in the order of semver; text that is not a version comes first."""
    parsed = parse(version)
    return (0,) if parsed is None else (1, *parsed.order)
