"""How the registry checks the provenance of a publish against its package.json."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from safepublish.rehearsal.upload import Upload

SELF_HOSTED = (
    'Unsupported GitHub Actions runner environment: "self-hosted". '
    'Only "github-hosted" runners are supported when publishing with provenance.'
)
SOURCE_VISIBILITY = (
    'Unsupported GitHub Actions source repository visibility: "{}". '
    "Only public source repositories are supported when publishing with provenance."
)
REPOSITORY_MISMATCH = (
    'Failed to validate repository information: package.json: "repository.url" is "{}", '
    'expected to match "{}" from provenance'
)
_PREFIX = "Error verifying sigstore provenance bundle: "
GITHUB = "https://github.com/"
_REPOSITORY_URL = re.compile(
    r"(?:git\+)?(?:(?:https?|ssh|git)://(?:[^@/]*@)?([^/:]+)/|git@([^/:]+):)(.+?)(?:\.git)?/?(?:#.*)?"
)


def provenance_error(upload: Upload) -> str | None:
    """Why the registry refuses the provenance in *upload*; None where it accepts it or there is none."""
    if upload.bundle is None:
        return None
    statement = _statement(upload.bundle)
    if statement is None:
        return f"{_PREFIX}the bundle has no statement"
    certificate = _certificate(upload.bundle)
    if "self-hosted" in (certificate.get("runner_environment"), _builder(statement).rpartition("/")[2]):
        return _PREFIX + SELF_HOSTED
    visibility = certificate.get("repository_visibility", "public")
    if visibility != "public":
        return _PREFIX + SOURCE_VISIBILITY.format(visibility)
    repository = _workflow(statement).get("repository")
    if isinstance(repository, str) and _normalized(upload.repository) != repository:
        return _PREFIX + REPOSITORY_MISMATCH.format(upload.repository, repository)
    return None


def same_repository(url: str | None, repository: str) -> bool:
    """Whether the repository.url *url* of a package.json names GitHub's *repository*, as provenance needs it."""
    return url is not None and _normalized(url) == f"{GITHUB}{repository}"


def source_of(bundle: Mapping[str, Any] | None) -> tuple[str, str, str] | None:
    """The repository, workflow path and ref in a provenance bundle."""
    workflow = _workflow(_statement(bundle or {}) or {})
    try:
        return (str(workflow["repository"]).removeprefix(GITHUB), str(workflow["path"]), str(workflow["ref"]))
    except KeyError:
        return None


def _statement(bundle: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    except (KeyError, TypeError, ValueError):
        return None
    return statement if isinstance(statement, dict) else None


def _certificate(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """The claims in the signing certificate; in a rehearsal's bundle they are plain JSON."""
    try:
        claims = json.loads(base64.b64decode(bundle["verificationMaterial"]["certificate"]["rawBytes"]))
    except (KeyError, TypeError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _workflow(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        workflow: Mapping[str, Any] = statement["predicate"]["buildDefinition"]["externalParameters"]["workflow"]
    except (KeyError, TypeError):
        return {}
    return workflow


def _builder(statement: Mapping[str, Any]) -> str:
    try:
        return str(statement["predicate"]["runDetails"]["builder"]["id"])
    except (KeyError, TypeError):
        return ""


def _normalized(url: str) -> str:
    """A repository's URL as the registry compares it: https, without `.git`, letter case unchanged."""
    match = _REPOSITORY_URL.fullmatch(url)
    return f"https://{match[1] or match[2]}/{match[3]}" if match else url
