"""The packages of the embedded registry: their versions, trusted publishers and the permissions of tokens."""

import enum
from collections.abc import Mapping
from typing import Any, NamedTuple

from safepublish.rehearsal import identity


class Grant(enum.Enum):
    """What a token of the registry may do."""

    PUBLISH = "publish"
    READ = "read"
    TWO_FACTOR = "two-factor"  # may publish with a one-time password


class TrustedPublisher(NamedTuple):
    """One trusted publisher of a package, as its settings page or `npm trust` stores it."""

    repository: str  # owner/name; group/project; for CircleCI the vcs-origin, github.com/owner/name
    workflow: str  # the file's name; for CircleCI the pipeline definition's id
    environment: str | None = None  # None matches every environment
    provider: str = "github"  # github, gitlab, circleci

    def matches(self, claims: Mapping[str, Any]) -> bool:
        """Whether an ID token with *claims* is from this publisher.

        Letter case counts. For a reusable workflow the file is the caller's.
        """
        if self.environment is not None and claims.get("environment") != self.environment:
            return False
        issuer = claims.get("iss")
        if self.provider == "github":
            same = issuer == identity.GITHUB_ISSUER and claims.get("repository") == self.repository
            return same and _file_name(claims.get("workflow_ref")) == self.workflow
        if self.provider == "gitlab":
            same = issuer == identity.GITLAB_ISSUER and claims.get("project_path") == self.repository
            return same and _file_name(claims.get("ci_config_ref_uri")) == self.workflow
        same = claims.get("oidc.circleci.com/vcs-origin") == self.repository
        return same and claims.get("oidc.circleci.com/pipeline-definition-id") == self.workflow


def read_publisher(document: Mapping[str, Any]) -> tuple[TrustedPublisher, bool]:
    """The trusted publisher that `npm trust github` or `npm trust gitlab` sends, and whether it may publish directly.

    Raises KeyError and TypeError for anything else.
    """
    claims, provider = document["claims"], document["type"]
    repository, reference = (
        ("repository", "workflow_ref") if provider == "github" else ("project_path", "ci_config_ref_uri")
    )
    publisher = TrustedPublisher(claims[repository], claims[reference]["file"], claims.get("environment"), provider)
    return publisher, "createPackage" in document["permissions"]


def _file_name(reference: object) -> str | None:
    return reference.partition("@")[0].rpartition("/")[2] if isinstance(reference, str) else None


class PublishedVersion(NamedTuple):
    """One version of a package, and how it was published."""

    version: str
    trusted: bool = False  # published by a trusted publisher
    source: tuple[str, str, str] | None = None  # of its provenance: owner/name, workflow path, ref
    deprecated: str | None = None
    staged: bool = False  # approved by a human after `npm stage publish`
    since: float = 0.0  # when the registry accepted it, seconds since 1970


class StagedVersion(NamedTuple):
    """One version that waits for approval, as `npm stage list` shows it."""

    id: str  # a UUID, which npm checks (npm 12.2.0, lib/utils/validate-uuid.js)
    name: str
    version: str
    tag: str
    public: bool
    source: tuple[str, str, str] | None = None

    def item(self) -> dict[str, str]:
        """The version as an item of the list."""
        return {
            "id": self.id,
            "packageName": self.name,
            "version": self.version,
            "tag": self.tag,
            "status": "pending",
            "actor": "octo",
        }


class PublishedPackage(NamedTuple):
    """One package of the registry."""

    versions: tuple[PublishedVersion | str, ...] = ("0.0.1",)
    tags: Mapping[str, str] = {}
    public: bool = True
    publishers: tuple[TrustedPublisher, ...] = ()
    stage_only: bool = False  # a trusted publisher may stage, and not publish directly

    def records(self) -> dict[str, PublishedVersion]:
        """The versions by their number."""
        records = (PublishedVersion(version) if isinstance(version, str) else version for version in self.versions)
        return {record.version: record for record in records}

    def before(self, moment: float) -> "PublishedPackage":
        """The package as it was at *moment*, seconds since 1970."""
        kept = tuple(record for record in self.records().values() if record.since <= moment)
        if len(kept) == len(self.versions):
            return self
        known = {record.version for record in kept}
        return self._replace(
            versions=kept, tags={tag: version for tag, version in self.tags.items() if version in known}
        )

    def dist_tags(self) -> dict[str, str]:
        """The dist-tags; where there are none, `latest` is the last version."""
        if self.tags or not self.versions:
            return dict(self.tags)
        return {"latest": list(self.records())[-1]}
