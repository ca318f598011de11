"""The registry of a rehearsal: what it holds, and how it answers npm, without a socket.

The answers are npmjs.com's as far as its API description and npm's own sources state them; where a publish is refused
they carry the words that npm prints.
Everything is in memory, and a publish is seen by the requests that follow it.
"""

import base64
import enum
import io
import json
import re
import secrets
import tarfile
import threading
import time
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from safepublish.facts.run import PLACEHOLDER
from safepublish.rehearsal import identity

TOKEN_NOTICE = "Access token expired or revoked. Please try logging in again."  # noqa: S105 - a notice, not a password
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
_BUNDLE = "Error verifying sigstore provenance bundle: "
_SLSA = "https://slsa.dev/provenance/v1"
_ABBREVIATED = "application/vnd.npm.install-v1+json"
_EXCHANGED_FOR = 3600  # seconds


class Grant(enum.Enum):
    """What a token that the registry knows may do."""

    PUBLISH = "publish"
    READ = "read"
    TWO_FACTOR = "two-factor"  # may publish with a one-time password


class TrustedPublisher(NamedTuple):
    """One trusted publisher of a package, as its settings page or `npm trust` stores it."""

    repository: str  # owner/name; group/project; for CircleCI the vcs-origin, github.com/owner/name
    workflow: str  # the file's name; for CircleCI the pipeline definition's id
    environment: str | None = None  # None matches every environment
    provider: str = "github"  # github, gitlab, circleci


class PublishedVersion(NamedTuple):
    """One version that the registry holds, and how it came there."""

    version: str
    trusted: bool = False  # published by a trusted publisher
    source: tuple[str, str, str] | None = None  # of its provenance: owner/name, workflow path, ref
    deprecated: str | None = None
    staged: bool = False  # approved by a human after `npm stage publish`


class PublishedPackage(NamedTuple):
    """One package that the registry holds. A tag defaults to `latest` on the last version."""

    versions: tuple[PublishedVersion | str, ...] = ("0.0.1",)
    tags: Mapping[str, str] = {}
    public: bool = True
    publishers: tuple[TrustedPublisher, ...] = ()
    stage_only: bool = False  # a trusted publisher may stage, and not publish directly

    def records(self) -> dict[str, PublishedVersion]:
        """The versions by their number."""
        records = (PublishedVersion(one) if isinstance(one, str) else one for one in self.versions)
        return {record.version: record for record in records}

    def dist_tags(self) -> dict[str, str]:
        """The tags, with `latest` where none is given."""
        if self.tags or not self.versions:
            return dict(self.tags)
        return {"latest": list(self.records())[-1]}


class Request(NamedTuple):
    """What a client sent. Not for logs: the authorization is a secret."""

    method: str
    target: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""

    @property
    def bearer(self) -> str | None:
        """The bearer token, None where there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def __repr__(self) -> str:
        return f"Request({self.method} {self.target})"


class Answer(NamedTuple):
    """What goes back to the client."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


class Received(NamedTuple):
    """One request as it is remembered: what was sent and with which kind of credential, never the credential."""

    endpoint: str  # one of ENDPOINTS
    method: str
    path: str
    credential: str  # oidc, id-token, token, placeholder, unresolved, dead, basic, request-token, none
    status: int
    name: str | None = None
    version: str | None = None
    tag: str | None = None
    access: str | None = None
    provenance: bool = False
    audience: str | None = None
    agent: str = ""
    repository: str | None = None  # repository.url of the manifest that was sent
    files: tuple[tuple[str, int], ...] = ()  # of the tarball that was sent: path below its top directory, bytes
    said: str | None = None  # why it was refused, in the registry's words


class _Exchanged(NamedTuple):
    name: str
    expires: float


class Registry:
    """An npm registry in memory: packages, the tokens it knows, and the identities that CI jobs present."""

    def __init__(
        self,
        packages: Mapping[str, PublishedPackage] | None = None,
        *,
        tokens: Mapping[str, Grant] | None = None,
        job: identity.Job | None = None,
        paid: bool = False,
        without_oidc: frozenset[str] = frozenset(),
        one_time_password: str = "123456",  # noqa: S107 - of an embedded registry
    ) -> None:
        """A registry with *packages*; *job* is whose id token the identity endpoint hands out."""
        self.packages = dict(packages or {})
        self.tokens = dict(tokens or {})
        self.job = job or identity.GitHubJob()
        self.paid = paid  # for private packages
        self.without_oidc = without_oidc  # hosts at which this is a registry that has no exchange
        self.one_time_password = one_time_password
        self.request_token = secrets.token_hex(16)
        self.claims: dict[str, Any] = {}  # laid over the job's, for what a test wants otherwise
        self.lifetime = identity.LIFETIME  # of the id token, seconds
        self.staged: set[tuple[str, str]] = set()
        self.received: list[Received] = []
        self._exchanged: dict[str, _Exchanged] = {}
        self._lock = threading.Lock()

    def id_token(self, audience: str) -> str:
        """The CI's id token for *audience*, as the identity endpoint hands it out or NPM_ID_TOKEN holds it."""
        return identity.id_token({**self.job.claims(), **self.claims}, audience=audience, lifetime=self.lifetime)

    def published(self) -> list[Received]:
        """The publishes and stages that were accepted, in order."""
        return [one for one in self.received if one.endpoint in {"publish", "stage"} and one.status < 300]

    def answer(self, request: Request) -> Answer:
        """Answer *request*, and remember it."""
        endpoint, name, version = route(request.method, request.target)
        with self._lock:
            answer = self._dispatch(endpoint, request, name, version)
            self.remember(request, answer.status, answer)
        return answer

    def remember(self, request: Request, status: int, answer: Answer | None = None) -> None:
        """Remember *request* without its secrets, and of its *answer* the words."""
        endpoint, name, version = route(request.method, request.target)
        received = Received(
            endpoint,
            request.method,
            urlsplit(request.target).path,
            self.credential(request),
            status,
            name,
            version,
            agent=request.headers.get("user-agent", "")[:200],
        )
        if endpoint == "id-token":
            received = received._replace(audience=_audience(request.target))
        elif endpoint in {"publish", "stage"}:
            upload = _upload(request.body)
            if upload is not None:
                received = received._replace(
                    version=upload.version,
                    tag=upload.tag,
                    access=upload.access,
                    provenance=upload.bundle is not None,
                    repository=upload.repository or None,
                    files=upload.files,
                )
            if status >= 400 and answer is not None:
                received = received._replace(said=json.loads(answer.body)["error"])
        self.received.append(received)

    def credential(self, request: Request) -> str:
        """Which kind of credential *request* carries."""
        if "authorization" not in request.headers:
            return "none"
        token = request.bearer
        if token is None:
            return "basic"
        if token in self._exchanged:
            return "oidc"
        if token in self.tokens:
            return "token"
        if token == self.request_token:
            return "request-token"
        if token == PLACEHOLDER:
            return "placeholder"
        if token.startswith("${"):
            return "unresolved"
        return "id-token" if identity.claims_of(token) else "dead"

    def _dispatch(self, endpoint: str, request: Request, name: str | None, version: str | None) -> Answer:
        if endpoint == "id-token":
            return self._id_token(request)
        if endpoint == "ping":
            return reply(200, {})
        if endpoint == "whoami":
            known = self.tokens.get(request.bearer or "")
            return reply(200, {"username": "octo"}) if known else _unauthorized()
        if name is None:
            return _not_found()
        if endpoint == "exchange":
            return self._exchange(request, name)
        if endpoint in {"publish", "stage"}:
            return self._publish(request, name, stage=endpoint == "stage")
        return self._read(endpoint, request, name, version)

    def _id_token(self, request: Request) -> Answer:
        if request.bearer != self.request_token:
            return reply(401, {"message": "Unauthorized"})
        audience = _audience(request.target) or "https://github.com/octo-org"
        return reply(200, {"count": 1, "value": self.id_token(audience)})

    def _exchange(self, request: Request, name: str) -> Answer:
        claims = identity.claims_of(request.bearer or "")
        called = request.headers.get("host", "")
        host = urlsplit(f"//{called}").hostname
        if host in self.without_oidc:
            return Answer(404, b"404 page not found\n", {"content-type": "text/plain"})
        own = {f"npm:{host}", f"npm:{called}"}  # npm names no port, yarn 4.18.1 does
        expires = claims.get("exp") if claims else None
        audience = claims.get("aud") if claims else None
        audiences = audience if isinstance(audience, list) else [audience]
        if claims is None or not own.intersection(one for one in audiences if isinstance(one, str)):
            return _refused(401, "unauthorized")
        if not isinstance(expires, int) or expires <= time.time():
            return _refused(401, "unauthorized")
        package = self.packages.get(name)
        if package is None or not any(trusts(publisher, claims) for publisher in package.publishers):
            return _refused(404, "package not found")
        token = f"npm_{secrets.token_urlsafe(27)}"
        now = time.time()
        self._exchanged[token] = _Exchanged(name, now + _EXCHANGED_FOR)
        return reply(
            201,
            {"token_type": "oidc", "token": token, "created": _stamp(now), "expires": _stamp(now + _EXCHANGED_FOR)},
        )

    def _read(self, endpoint: str, request: Request, name: str, version: str | None) -> Answer:
        package = self.packages.get(name)
        knows = self._knows(request, name)
        if package is None or not (package.public or knows):
            return _not_found()
        if endpoint == "visibility":
            return reply(200, {"public": package.public})
        if endpoint == "dist-tags":
            return reply(200, package.dist_tags())
        if endpoint == "attestations":
            record = package.records().get(version or "")
            return reply(200, attestations(name, record)) if record and record.source else _not_found()
        full = endpoint == "manifest" or _ABBREVIATED not in request.headers.get("accept", "")
        document = packument(name, package, host=request.headers.get("host", "localhost"), full=full)
        if endpoint == "manifest":
            manifest = document["versions"].get(version)
            return reply(200, manifest) if manifest else _not_found()
        return reply(200, document)

    def _knows(self, request: Request, name: str) -> bool:
        exchanged = self._exchanged.get(request.bearer or "")
        return (request.bearer or "") in self.tokens or (exchanged is not None and exchanged.name == name)

    def _publish(self, request: Request, name: str, *, stage: bool) -> Answer:
        package = self.packages.get(name)
        refusal = self._refusal(request, name, package, stage=stage)
        if refusal is not None:
            return refusal
        upload = _upload(request.body)
        if upload is None or upload.name != name:
            return reply(400, {"error": "Bad request"})
        if package is not None and upload.version in package.records():
            text = f"You cannot publish over the previously published versions: {upload.version}."
            return reply(403, {"error": text})
        if stage and (name, upload.version) in self.staged:
            return reply(409, {"error": f"Version {upload.version} of {name} is already staged."})
        public = package.public if package else upload.access == "public" or not name.startswith("@")
        if not public and not self.paid and package is None:
            return reply(402, {"error": "You must sign up for private packages"})
        trouble = provenance_trouble(upload)
        if trouble is not None:
            return reply(422, {"error": trouble})
        if stage:
            self.staged.add((name, upload.version))
            return reply(201, {"stageId": secrets.token_hex(8)})
        self._accept(upload, package or PublishedPackage(versions=(), public=public), self.credential(request))
        return reply(201, {"success": True})

    def _refusal(self, request: Request, name: str, package: PublishedPackage | None, *, stage: bool) -> Answer | None:
        token = request.bearer
        if token is None:
            return reply(401, {"error": "You must be logged in to publish packages."})
        exchanged = self._exchanged.get(token)
        if exchanged is not None:
            if exchanged.expires <= time.time():
                return _dead_token()
            if exchanged.name != name or (package is not None and package.stage_only and not stage):
                return reply(403, {"error": "OIDC permission denied for this action"})
            return None
        grant = self.tokens.get(token)
        if grant is None:
            return _dead_token()
        if grant is Grant.READ:
            text = f'You do not have permission to publish "{name}". Are you logged in as the correct user?'
            return reply(403, {"error": text})
        if grant is Grant.TWO_FACTOR and not stage and request.headers.get("npm-otp") != self.one_time_password:
            text = "This operation requires a one-time password from your authenticator."
            return reply(401, {"error": text}, {"www-authenticate": "OTP"})
        return None

    def _accept(self, upload: "Upload", package: PublishedPackage, credential: str) -> None:
        record = PublishedVersion(upload.version, trusted=credential == "oidc", source=source_of(upload.bundle))
        self.packages[upload.name] = package._replace(
            versions=(*package.versions, record), tags=package.dist_tags() | {upload.tag: upload.version}
        )


class Upload(NamedTuple):
    """What of a publish's body decides about it (libnpmpublish, lib/publish.js, `buildMetadata`)."""

    name: str
    version: str
    tag: str
    access: str | None
    repository: str
    bundle: Mapping[str, Any] | None  # the sigstore bundle, where provenance is attached
    files: tuple[tuple[str, int], ...] = ()  # of its tarball


def _upload(body: bytes) -> Upload | None:
    try:
        document = json.loads(body)
        ((version, manifest),) = document["versions"].items()
        tag = next(iter(document["dist-tags"]))
        bundles = [one["data"] for key, one in document["_attachments"].items() if key.endswith(".sigstore")]
        repository = manifest.get("repository") or {}
        url = str(repository if isinstance(repository, str) else repository.get("url", ""))
        bundle = json.loads(bundles[0]) if bundles else None
        tarballs = [one["data"] for key, one in document["_attachments"].items() if key.endswith(".tgz")]
        files = _files(base64.b64decode(tarballs[0])) if tarballs else ()
        return Upload(document["name"], version, tag, document.get("access"), url, bundle, files)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError):
        return None


def _files(tarball: bytes) -> tuple[tuple[str, int], ...]:
    """The files of *tarball*, by their path below its top directory; none where it cannot be read."""
    try:
        with tarfile.open(fileobj=io.BytesIO(tarball)) as archive:
            return tuple((one.name.partition("/")[2], one.size) for one in archive if one.isfile())
    except (tarfile.TarError, EOFError, OSError, zlib.error):
        return ()


def route(method: str, target: str) -> tuple[str, str | None, str | None]:
    """The endpoint that *method* and *target* name, with the package's name and version where they hold one."""
    path = unquote(urlsplit(target).path)
    for verb, pattern, endpoint in _ROUTES:
        match = re.fullmatch(pattern, path)
        if method == verb and match:
            found = match.groupdict()
            return endpoint, found.get("name"), found.get("version")
    return "none", None, None


_NAME = r"(?P<name>(?:@[^/@]+/)?[^/@_-][^/@]*)"
_ROUTES = (
    ("GET", r"/_apis/idtoken", "id-token"),
    ("POST", rf"/-/npm/v1/oidc/token/exchange/package/{_NAME}", "exchange"),
    ("GET", rf"/-/npm/v1/attestations/{_NAME}@(?P<version>[^/@]+)", "attestations"),
    ("GET", rf"/-/package/{_NAME}/visibility", "visibility"),
    ("GET", rf"/-/package/{_NAME}/dist-tags", "dist-tags"),
    ("POST", rf"/-/stage/package/{_NAME}", "stage"),
    ("GET", r"/-/whoami", "whoami"),
    ("GET", r"/-/ping", "ping"),
    ("GET", rf"/{_NAME}", "packument"),
    ("GET", rf"/{_NAME}/(?P<version>[^/@]+)", "manifest"),
    ("PUT", rf"/{_NAME}", "publish"),
)
ENDPOINTS = (*(endpoint for _, _, endpoint in _ROUTES), "none")


def trusts(publisher: TrustedPublisher, claims: Mapping[str, Any]) -> bool:
    """Whether *publisher* is who *claims* say; letter case counts, and for a reusable workflow the caller's file."""
    if publisher.environment is not None and claims.get("environment") != publisher.environment:
        return False
    issuer = claims.get("iss")
    if publisher.provider == "github":
        same = issuer == identity.GITHUB_ISSUER and claims.get("repository") == publisher.repository
        return same and _file(claims.get("workflow_ref")) == publisher.workflow
    if publisher.provider == "gitlab":
        same = issuer == identity.GITLAB_ISSUER and claims.get("project_path") == publisher.repository
        return same and _file(claims.get("ci_config_ref_uri")) == publisher.workflow
    same = claims.get("oidc.circleci.com/vcs-origin") == publisher.repository
    return same and claims.get("oidc.circleci.com/pipeline-definition-id") == publisher.workflow


def _file(reference: object) -> str | None:
    return reference.partition("@")[0].rpartition("/")[2] if isinstance(reference, str) else None


def provenance_trouble(upload: Upload) -> str | None:
    """Why the registry does not accept the provenance that *upload* carries; None where it does or there is none."""
    if upload.bundle is None:
        return None
    statement = _statement(upload.bundle)
    if statement is None:
        return f"{_BUNDLE}the bundle holds no statement"
    certificate = _certificate(upload.bundle)
    if "self-hosted" in (certificate.get("runner_environment"), _builder(statement).rpartition("/")[2]):
        return _BUNDLE + SELF_HOSTED
    visibility = certificate.get("repository_visibility", "public")
    if visibility != "public":
        return _BUNDLE + SOURCE_VISIBILITY.format(visibility)
    repository = _repository(statement)
    if repository is not None and _plain(upload.repository) != repository:
        return _BUNDLE + REPOSITORY_MISMATCH.format(upload.repository, repository)
    return None


def _statement(bundle: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    except (KeyError, TypeError, ValueError):
        return None
    return statement if isinstance(statement, dict) else None


def _certificate(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """The claims that a signing certificate repeats; a rehearsal's bundle holds them as they stand."""
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


def _repository(statement: Mapping[str, Any]) -> str | None:
    value = _workflow(statement).get("repository")
    return value if isinstance(value, str) else None


def _builder(statement: Mapping[str, Any]) -> str:
    try:
        return str(statement["predicate"]["runDetails"]["builder"]["id"])
    except (KeyError, TypeError):
        return ""


_GITHUB = "https://github.com/"
_REPOSITORY_URL = re.compile(
    r"(?:git\+)?(?:(?:https?|ssh|git)://(?:[^@/]*@)?([^/:]+)/|git@([^/:]+):)(.+?)(?:\.git)?/?(?:#.*)?"
)


def same_repository(url: str | None, repository: str) -> bool:
    """Whether a manifest's repository.url *url* names GitHub's *repository*, as provenance needs it."""
    return url is not None and _plain(url) == f"{_GITHUB}{repository}"


def _plain(url: str) -> str:
    """A repository's url as the registry compares it: https, without `.git`, letter case as it stands."""
    match = _REPOSITORY_URL.fullmatch(url)
    return f"https://{match[1] or match[2]}/{match[3]}" if match else url


def source_of(bundle: Mapping[str, Any] | None) -> tuple[str, str, str] | None:
    """The repository, workflow path and ref that a provenance bundle states."""
    workflow = _workflow(_statement(bundle or {}) or {})
    try:
        return (str(workflow["repository"]).removeprefix(_GITHUB), str(workflow["path"]), str(workflow["ref"]))
    except KeyError:
        return None


def packument(name: str, package: PublishedPackage, *, host: str, full: bool) -> dict[str, Any]:
    """The document about *package*; the abbreviated one lacks `_npmUser` and `time`."""
    records = package.records()
    versions = {version: _version(name, record, host=host, full=full) for version, record in records.items()}
    document = {"name": name, "dist-tags": package.dist_tags(), "versions": versions}
    stamp = "2026-01-01T00:00:00.000Z"
    if not full:
        return document | {"modified": stamp}
    times = {"created": stamp, "modified": stamp} | dict.fromkeys(records, stamp)
    return {"_id": name, "_rev": "1-rehearsal"} | document | {"time": times, "maintainers": [_HUMAN]}


_HUMAN = {"name": "octo", "email": "octo@example.com"}
_TRUSTED = {
    "name": "GitHub Actions",
    "email": "npm-oidc-no-reply@github.com",
    "trustedPublisher": {"id": "github", "oidcConfigId": "oidc:00000000-0000-4000-8000-000000000000"},
}


def _version(name: str, record: PublishedVersion, *, host: str, full: bool) -> dict[str, Any]:
    base = name.rpartition("/")[2]
    dist: dict[str, Any] = {
        "tarball": f"http://{host}/{name}/-/{base}-{record.version}.tgz",
        "shasum": "0" * 40,
        "integrity": "sha512-" + base64.b64encode(b"\0" * 64).decode(),
    }
    if record.source is not None:
        url = f"http://{host}/-/npm/v1/attestations/{name.replace('/', '%2f')}@{record.version}"
        dist["attestations"] = {"url": url, "provenance": {"predicateType": _SLSA}}
    document: dict[str, Any] = {"name": name, "version": record.version, "dist": dist}
    if record.deprecated is not None:
        document["deprecated"] = record.deprecated
    if full:
        user = _HUMAN | {"approver": _HUMAN["name"]} if record.staged else _HUMAN
        document["_id"] = f"{name}@{record.version}"
        document["_npmUser"] = _TRUSTED if record.trusted else user
    return document


def attestations(name: str, record: PublishedVersion) -> dict[str, Any]:
    """The attestations of one version: the publish statement of the registry, and the provenance."""
    repository, path, ref = record.source or ("", "", "")
    workflow = {"ref": ref, "repository": f"{_GITHUB}{repository}", "path": path}
    subject = [{"name": f"pkg:npm/{name.replace('@', '%40')}@{record.version}", "digest": {"sha512": "0" * 128}}]
    provenance = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject,
        "predicateType": _SLSA,
        "predicate": {
            "buildDefinition": {
                "externalParameters": {"workflow": workflow},
                "internalParameters": {
                    "github": {"event_name": "push", "repository_id": "1", "repository_owner_id": "2"}
                },
            },
            "runDetails": {"builder": {"id": "https://github.com/actions/runner/github-hosted"}},
        },
    }
    publish_type = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
    publish = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "subject": subject,
        "predicateType": publish_type,
        "predicate": {"name": name, "version": record.version},
    }
    return {
        "attestations": [
            {"predicateType": publish_type, "bundle": _bundle(publish)},
            {"predicateType": _SLSA, "bundle": _bundle(provenance)},
        ]
    }


def _bundle(statement: Mapping[str, Any]) -> dict[str, Any]:
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"tlogEntries": [{"logIndex": "1"}]},
        "dsseEnvelope": {
            "payload": payload,
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": "", "keyid": ""}],
        },
    }


def reply(status: int, document: object, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer whose body is *document* as JSON."""
    return Answer(status, json.dumps(document).encode(), {"content-type": "application/json", **(headers or {})})


def _refused(status: int, why: str) -> Answer:
    return reply(status, {"message": f"OIDC token exchange error - {why}"})


def _not_found() -> Answer:
    return reply(404, {"error": "Not found"})


def _unauthorized() -> Answer:
    return reply(401, {"error": "Unauthorized"})


def _dead_token() -> Answer:
    return reply(404, {"error": "Not found"}, {"npm-notice": TOKEN_NOTICE})


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def _audience(target: str) -> str | None:
    return next(iter(parse_qs(urlsplit(target).query).get("audience", [])), None)
