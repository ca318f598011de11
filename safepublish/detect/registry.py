"""What the registry says: whether it takes our identity for a package, and what it holds of that package."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from safepublish.detect import http
from safepublish.detect.files import json_object
from safepublish.detect.http import Client, Response
from safepublish.facts.run import (
    Exchange,
    ExchangeResult,
    Existence,
    Packument,
    PublishedAs,
    Publisher,
    Visibility,
)
from safepublish.npm.git_hosts import github_repository
from safepublish.npm.http_status import may_pass
from safepublish.npm.versions import parse

LARGEST_PACKUMENT = 32 * 1024 * 1024
"""Bytes of an abbreviated packument that are still read, unpacked."""

_TRIES = 3  # of a request that fails for a reason that may pass
_LARGEST = 4 * 1024 * 1024  # of a manifest or of attestations, bytes
_MOST_ATTESTATIONS = 20
_LONGEST = 256  # characters of a version, a tag, a name
_STRICT_START = re.compile(r"\s*v?\d")
_ABBREVIATED = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*"


def exchange(package: str, registry_url: str, id_token: str, client: Client) -> ExchangeResult:
    """Return the outcome of exchanging *id_token* for a token that may publish *package*; that token is dropped."""
    return exchange_for_token(package, registry_url, id_token, client)[0]


def exchange_for_token(
    package: str, registry_url: str, id_token: str, client: Client
) -> tuple[ExchangeResult, str | None]:
    """Return the outcome of exchanging *id_token* for a token that may publish *package*, and that token, masked.

    The request is npm's (12.2.0, lib/utils/oidc.js and npm-registry-fetch 20.0.1): at the root of the registry's host
    whatever its path, and without a body. npm repeats no POST (make-fetch-happen, lib/remote.js); here one that failed
    for a reason that may pass is repeated, because it is the answer that is wanted and not its token.
    """
    headers = {
        "User-Agent": http.USER_AGENT,
        "Accept": "*/*",
        "Authorization": f"Bearer {id_token}",
        "npm-auth-type": "web",
        "npm-command": "publish",
    }
    try:
        url = http.at_root(registry_url, f"/-/npm/v1/oidc/token/exchange/package/{escaped(package)}")
        response = client.request("POST", url, headers, tries=_TRIES)
    except http.NotSentError as error:
        return ExchangeResult(why=error.message), None
    except http.UnreachableError as error:
        return ExchangeResult(Exchange.UNREACHABLE, why=error.message), None
    return _probe(response, id_token, client)


def packument(name: str, registry_url: str, version: str | None, client: Client) -> Packument:
    """Return what the registry shows a stranger of package *name*.

    The abbreviated packument holds every version, which of them are deprecated, and the tags, and npm itself asks for
    it before it publishes (npm 12.2.0, lib/commands/publish.js, `#registryVersions`). The tags and one version's
    manifest would be smaller, but do not tell the highest version, which npm compares with.
    Only where the list is larger than `LARGEST_PACKUMENT` is *version* looked up alone; the full packument never is.
    """
    registry = _Registry(registry_url, client)
    try:
        response = registry.get(f"/{escaped(name)}", accept=_ABBREVIATED, limit=LARGEST_PACKUMENT)
    except http.TooLargeError as error:
        return _version_alone(registry, name, version, error.message)
    except http.UnreachableError as error:
        return Packument(trouble=error.message)
    if response.status == 404:
        return Packument(Existence.ABSENT, status=404)
    if not 200 <= response.status < 300:
        return Packument(status=response.status, trouble=_refusal(response))
    return read_packument(response.document)


def visibility(name: str, registry_url: str, client: Client, token: str | None = None) -> Visibility:
    """Return whether the registry calls package *name* public, asked with *token* where there is one.

    The request is npm's (12.2.0, lib/utils/oidc.js with libnpmaccess, and libnpmpublish, lib/publish.js), which takes
    any answer that is no JSON with a true `public` for no. Without the *token* an answer may be meant for strangers.
    """
    registry = _Registry(registry_url, client)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        response = registry.get(f"/-/package/{escaped(name)}/visibility", accept="*/*", limit=_LARGEST, headers=headers)
    except http.UnreachableError:
        return Visibility.UNKNOWN
    if response.status < 300 and response.document.get("public") not in (None, False, "", 0):
        return Visibility.PUBLIC
    if token is None or 300 <= response.status < 400 or may_pass(response.status):
        return Visibility.UNKNOWN
    return Visibility.NOT_PUBLIC


def with_version(found: Packument, name: str, registry_url: str, version: str | None, client: Client) -> Packument:
    """Return the packument *found* with *version* where its list lacks it, and the version's own document is there.

    The edge may return a packument that is minutes old, but not an old document of one version.
    """
    if version is None or found.existence is Existence.UNKNOWN or version in found.versions:
        return found
    if not _has_version(_Registry(registry_url, client), name, version):
        return found
    return found._replace(existence=Existence.EXISTS, status=200, versions=found.versions | {version}, behind=True)


def publisher(name: str, registry_url: str, version: str, client: Client) -> Publisher | None:
    """Return who published *version* of package *name*, and from which workflow; None without its manifest."""
    found = published_as(name, registry_url, version, client)
    return None if found is None else Publisher(version, found.trusted, found.repository, found.workflow)


def latest(name: str, registry_url: str, client: Client) -> PublishedAs | None:
    """Return how the version of package *name* with the tag `latest` was published, without its workflow."""
    try:
        manifest = _manifest(_Registry(registry_url, client), name, "latest")
    except http.UnreachableError:
        return None
    version = (manifest or {}).get("version")
    if manifest is None or not isinstance(version, str) or not _short(version):
        return None
    return _published_as(version, manifest, None)


def published_as(name: str, registry_url: str, version: str, client: Client) -> PublishedAs | None:
    """Return how *version* of package *name* was published; None without its manifest.

    Two small requests: the version's manifest, which unlike the abbreviated packument names the user, and its
    attestations where it has some.
    """
    registry = _Registry(registry_url, client)
    try:
        manifest = _manifest(registry, name, version)
    except http.UnreachableError:
        return None
    if manifest is None:
        return None
    attestations: object = None
    if _inside(manifest, "dist", "attestations") is not None:
        try:
            attestations = registry.get_at_root(f"/-/npm/v1/attestations/{_both(name, '@', version)}").document
        except http.UnreachableError:
            attestations = None
    return _published_as(version, manifest, attestations)


def _published_as(version: str, manifest: object, attestations: object) -> PublishedAs:
    who = read_publisher(version, manifest, attestations)
    staged = _inside(manifest, "_npmUser", "approver") is not None
    has_provenance = _inside(manifest, "dist", "attestations") is not None
    return PublishedAs(version, who.trusted, staged, has_provenance, who.repository, who.workflow)


def is_installable(name: str, registry_url: str, version: str, client: Client) -> bool | None:
    """Return whether the registry gives *version* of package *name* to a stranger; None where it did not answer.

    npm scans new versions for some minutes, and answers 404 meanwhile.
    """
    return _has_version(_Registry(registry_url, client), name, version)


def escaped(name: str) -> str:
    """The name of a package as it stands in a URL (npm-package-arg 13, `escapedName`)."""
    return quote(name, safe="@/!~*'()", errors="replace").replace("/", "%2f")


def read_packument(document: object) -> Packument:
    """What a packument says to npm, abbreviated or full.

    npm 11 and newer reads all entries or none: at one that is no version, or a release without a manifest, it gives up
    and compares nothing (npm 12.2.0, lib/commands/publish.js, `#registryVersions`).
    """
    versions = _inside(document, "versions")
    if not isinstance(versions, dict):
        return Packument(status=200, trouble="the answer is not a list of versions")
    tags = _inside(document, "dist-tags")
    known: dict[str, object] = {}
    for key, manifest in versions.items():
        version = parse(key) if _STRICT_START.match(key) else None
        if version is None or (manifest is None and not version.prerelease):
            return Packument(Existence.EXISTS, 200, trouble="npm cannot read the list of versions, and compares none")
        known[str(version)] = manifest
    return Packument(
        Existence.EXISTS,
        status=200,
        versions=frozenset(known),
        deprecated=frozenset(version for version, manifest in known.items() if _deprecated(manifest)),
        has_provenance=any(_inside(manifest, "dist", "attestations") is not None for manifest in known.values()),
        tags={tag: version for tag, version in tags.items() if _short(tag) and _short(version)}
        if isinstance(tags, dict)
        else {},
    )


def read_publisher(version: str, manifest: object, attestations: object) -> Publisher:
    """Who published *version*, from its manifest and its attestations.

    `_npmUser.trustedPublisher` marks a trusted publish. After a staged one `_npmUser` is the human who approved it,
    marked by `approver` (pnpm/pnpm#11887), so that it stays open who had staged it.
    """
    user = _inside(manifest, "_npmUser")
    trusted: bool | None = None
    if isinstance(user, dict):
        if isinstance(user.get("trustedPublisher"), dict):
            trusted = True
        elif user.get("approver") is None:
            trusted = False
    repository, workflow = _source(attestations)
    url = _inside(manifest, "repository", "url")
    named = github_repository(url) if isinstance(url, str) else None
    return Publisher(version, trusted, repository, workflow, named)


def _probe(response: Response, id_token: str, client: Client) -> tuple[ExchangeResult, str | None]:
    status = response.status
    if 200 <= status < 300:
        token = response.document.get("token")
        if token in (None, "", False, 0):
            return ExchangeResult(Exchange.FAILED, status, why="the answer has no token"), None
        if not isinstance(token, str) or not http.is_header_value(token):
            # npm takes it, and fails with it.
            why = "the token in the answer is not a string that a header can carry"
            return ExchangeResult(Exchange.FAILED, status, why=why, unusable_token=True, confirmed_by_npm=True), None
        client.mask(token)
        return ExchangeResult(Exchange.ACCEPTED, status), token
    if status < 400:
        why = "the exchange redirects, and a credential is not sent to the new address; npm may still succeed"
        return ExchangeResult(Exchange.UNREACHABLE, status, why=why), None
    message = response.message(id_token)
    if not may_pass(status):
        return ExchangeResult(Exchange.REFUSED, status, message), None
    return ExchangeResult(Exchange.FAILED, status, message, f"the registry answered {status}"), None


class _Registry:
    """One registry, asked as a stranger."""

    def __init__(self, url: str, client: Client) -> None:
        self._url = url
        self._client = client

    def get(self, path: str, *, accept: str, limit: int, headers: Mapping[str, str] | None = None) -> Response:
        """GET *path* below the registry's own."""
        http.hostname(self._url)  # raises where there is none: *path* must not become the host
        return self._get(self._url.strip().removesuffix("/") + path, accept, limit, headers)

    def get_at_root(self, path: str) -> Response:
        """GET *path* at the root of the registry's host."""
        return self._get(http.at_root(self._url, path), "application/json", _LARGEST)

    def _get(self, url: str, accept: str, limit: int, more: Mapping[str, str] | None = None) -> Response:
        headers = {"User-Agent": http.USER_AGENT, "Accept": accept, **(more or {})}
        return self._client.request("GET", url, headers, limit=limit, compressed=True, tries=_TRIES)


def _version_alone(registry: _Registry, name: str, version: str | None, why: str) -> Packument:
    """Return what is known without the list of versions: only whether *version* is published."""
    found = Packument(trouble=why)
    if version is None or not _has_version(registry, name, version):
        return found
    return Packument(Existence.EXISTS, 200, why, frozenset({version}))


def _manifest(registry: _Registry, name: str, version: str) -> dict[str, Any] | None:
    """The document of one version; None where the registry has none. Raises `UnreachableError`."""
    response = registry.get(f"/{_both(name, '/', version)}", accept="application/json", limit=_LARGEST)
    return response.document if response.status == 200 and response.document else None


def _has_version(registry: _Registry, name: str, version: str) -> bool | None:
    """Whether the registry has a document of this very version; None where it did not answer."""
    try:
        manifest = _manifest(registry, name, version)
    except http.UnreachableError:
        return None
    return manifest is not None and manifest.get("version") == version


def _both(name: str, between: str, version: str) -> str:
    return f"{escaped(name)}{between}{quote(version, safe='+', errors='replace')}"


def _refusal(response: Response) -> str:
    if response.status in {401, 403}:
        return f"the registry answered {response.status} without a credential"
    return f"the registry answered {response.status}"


def _deprecated(manifest: object) -> bool:
    """Whether JavaScript takes the `deprecated` of *manifest* for true (npm 12.2.0, lib/commands/publish.js)."""
    deprecated = _inside(manifest, "deprecated")
    return deprecated not in (None, "", 0)


def _source(attestations: object) -> tuple[str | None, str | None]:
    """Repository and workflow file of the provenance among *attestations*."""
    listed = _inside(attestations, "attestations")
    for attestation in listed[:_MOST_ATTESTATIONS] if isinstance(listed, list) else ():
        predicate_type = _inside(attestation, "predicateType")
        if isinstance(predicate_type, str) and predicate_type.startswith("https://slsa.dev/provenance/"):
            return read_provenance(_statement(_inside(attestation, "bundle", "dsseEnvelope", "payload")))
    return None, None


def read_provenance(statement: object) -> tuple[str | None, str | None]:
    """Repository (owner/name) and workflow file that a provenance *statement* names.

    npm 12.2.0, libnpmpublish, provenance.js: SLSA 1 from GitHub, 0.2 from GitLab, and from GitHub with npm 9.
    """
    workflow = _inside(statement, "predicate", "buildDefinition", "externalParameters", "workflow")
    if workflow is not None:
        return _slug(_inside(workflow, "repository")), _file(_inside(workflow, "path"))
    invocation = _inside(statement, "predicate", "invocation")
    slug = _slug(_inside(invocation, "configSource", "uri"))
    build = _inside(statement, "predicate", "buildType")
    if isinstance(build, str) and build.startswith("https://github.com/npm/cli/gitlab"):
        return slug, _file(_inside(invocation, "parameters", "CI_CONFIG_PATH"))  # its entryPoint is the job's name
    return slug, _file(_inside(invocation, "configSource", "entryPoint"))


def _statement(payload: object) -> dict[str, Any]:
    import binascii  # only after a refusal

    if not isinstance(payload, str):
        return {}
    try:
        text = binascii.a2b_base64(payload.encode())
    except ValueError:
        return {}
    return json_object(text) or {}


def _slug(uri: object) -> str | None:
    """owner/name of a repository's URL, whatever its host and the ref behind it."""
    if not isinstance(uri, str):
        return None
    try:
        path = urlsplit(uri.removeprefix("git+")).path
    except ValueError:
        return None
    slug = http.one_line(path.partition("@")[0].strip("/").removesuffix(".git"))
    return slug if "/" in slug else None


def _file(path: object) -> str | None:
    """The file's name: that, not its folder, is what npm compares."""
    return http.one_line(path.rpartition("/")[2]) or None if isinstance(path, str) else None


def _short(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= _LONGEST and text.isprintable()


def _inside(document: object, *keys: str) -> object:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document
