"""The embedded registry: it answers npm as npmjs.com does, without a socket, and keeps everything in memory.

Its answers follow npmjs.com's API description and npm's own sources; a refused publish carries the text that npm
prints.
"""

import json
import secrets
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from safepublish.facts.run import PLACEHOLDER
from safepublish.rehearsal import identity
from safepublish.rehearsal.documents import attestations, packument
from safepublish.rehearsal.messages import ReceivedRequest, Request, Response, json_response, route
from safepublish.rehearsal.packages import Grant, PublishedPackage, PublishedVersion, StagedVersion, read_publisher
from safepublish.rehearsal.provenance import provenance_error, source_of
from safepublish.rehearsal.upload import Upload, read_upload

TOKEN_NOTICE = "Access token expired or revoked. Please try logging in again."  # noqa: S105 - a notice, not a password
_ABBREVIATED = "application/vnd.npm.install-v1+json"
_TOKEN_LIFETIME = 3600  # seconds, of a token that the exchange returns


class _ExchangedToken(NamedTuple):
    name: str
    expires: float


class Registry:
    """An npm registry in memory: its packages, its tokens, and the exchange of ID tokens for publish tokens."""

    def __init__(
        self,
        packages: Mapping[str, PublishedPackage] | None = None,
        *,
        tokens: Mapping[str, Grant] | None = None,
        job: identity.Job | None = None,
        paid: bool = False,
        hosts_without_oidc: frozenset[str] = frozenset(),
        one_time_password: str = "123456",  # noqa: S107 - of an embedded registry
    ) -> None:
        """A registry with *packages*; the identity endpoint returns ID tokens of *job*."""
        self.packages = dict(packages or {})
        self.tokens = dict(tokens or {})
        self.job = job or identity.GitHubJob()
        self.paid = paid  # whether its owner pays for private packages
        self.hosts_without_oidc = hosts_without_oidc  # names under which it has no exchange
        self.one_time_password = one_time_password
        self.request_token = secrets.token_hex(16)
        self.claims: dict[str, Any] = {}  # replace those of the job
        self.lifetime = identity.LIFETIME  # of an ID token, seconds
        self.staged: dict[tuple[str, str], StagedVersion] = {}
        self.scan_seconds = 0.0  # how long a new version is scanned, and answers 404
        self.packument_seconds = 0.0  # how old packuments are that the edge returns
        self.received: list[ReceivedRequest] = []
        self._exchanged: dict[str, _ExchangedToken] = {}
        self._lock = threading.Lock()

    def id_token(self, audience: str) -> str:
        """The job's ID token for *audience*, as the identity endpoint returns it and NPM_ID_TOKEN contains it."""
        return identity.id_token({**self.job.claims(), **self.claims}, audience=audience, lifetime=self.lifetime)

    def published(self) -> list[ReceivedRequest]:
        """The publishes and stages that were accepted, in order."""
        return [
            request for request in self.received if request.endpoint in {"publish", "stage"} and request.status < 300
        ]

    def respond(self, request: Request) -> Response:
        """Respond to *request*, and record it."""
        endpoint, name, version = route(request.method, request.target)
        with self._lock:
            response = self._dispatch(endpoint, request, name, version)
            self.record(request, response.status, response)
        return response

    def record(self, request: Request, status: int, response: Response | None = None) -> None:
        """Record *request* without its secrets, and the error in its *response*."""
        endpoint, name, version = route(request.method, request.target)
        received = ReceivedRequest(
            endpoint,
            request.method,
            urlsplit(request.target).path,
            self.credential_kind(request),
            status,
            name,
            version,
            agent=request.headers.get("user-agent", "")[:200],
        )
        if endpoint == "id-token":
            received = received._replace(audience=request.audience)
        elif endpoint in {"publish", "stage"}:
            upload = read_upload(request.body)
            if upload is not None:
                received = received._replace(
                    version=upload.version,
                    tag=upload.tag,
                    access=upload.access,
                    provenance=upload.bundle is not None,
                    repository=upload.repository or None,
                    files=upload.files,
                )
            if status >= 400 and response is not None:
                received = received._replace(error=json.loads(response.body)["error"])
        self.received.append(received)

    def credential_kind(self, request: Request) -> str:
        """The kind of credential in *request*: one of those that `ReceivedRequest.credential` names."""
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
        return "id-token" if identity.read_claims(token) else "dead"

    def _dispatch(self, endpoint: str, request: Request, name: str | None, version: str | None) -> Response:
        if endpoint == "id-token":
            return self._id_token(request)
        if endpoint == "ping":
            return json_response(200, {})
        if endpoint == "whoami":
            known = self.tokens.get(request.bearer or "")
            return json_response(200, {"username": "octo"}) if known else _unauthorized()
        if endpoint in {"stage-list", "stage-approve"}:
            return self._review(endpoint, request, version)
        if name is None:
            return _not_found()
        if endpoint == "exchange":
            return self._exchange(request, name)
        if endpoint == "trust":
            return self._add_publishers(request, name)
        if endpoint in {"publish", "stage"}:
            return self._publish(request, name, stage=endpoint == "stage")
        return self._read(endpoint, request, name, version)

    def _id_token(self, request: Request) -> Response:
        if request.bearer != self.request_token:
            return json_response(401, {"message": "Unauthorized"})
        audience = request.audience or "https://github.com/octo-org"
        return json_response(200, {"count": 1, "value": self.id_token(audience)})

    def _exchange(self, request: Request, name: str) -> Response:
        claims = identity.read_claims(request.bearer or "")
        address = request.headers.get("host", "")
        host = urlsplit(f"//{address}").hostname
        if host in self.hosts_without_oidc:
            return Response(404, b"404 page not found\n", {"content-type": "text/plain"})
        accepted = {f"npm:{host}", f"npm:{address}"}  # npm names no port, yarn 4.18.1 does
        expires = claims.get("exp") if claims else None
        audience = claims.get("aud") if claims else None
        audiences = audience if isinstance(audience, list) else [audience]
        if claims is None or not accepted.intersection(name for name in audiences if isinstance(name, str)):
            return _exchange_error(401, "unauthorized")
        if not isinstance(expires, int) or expires <= time.time():
            return _exchange_error(401, "unauthorized")
        package = self.packages.get(name)
        if package is None or not any(publisher.matches(claims) for publisher in package.publishers):
            return _exchange_error(404, "package not found")
        token = f"npm_{secrets.token_urlsafe(27)}"
        now = time.time()
        end = now + _TOKEN_LIFETIME
        self._exchanged[token] = _ExchangedToken(name, end)
        document = {"token_type": "oidc", "token": token, "created": _timestamp(now), "expires": _timestamp(end)}
        return json_response(201, document)

    def _read(self, endpoint: str, request: Request, name: str, version: str | None) -> Response:
        package = self.packages.get(name)
        if package is None or not (package.public or self._may_read(request, name)):
            return _not_found()
        age = self.scan_seconds + (self.packument_seconds if endpoint in {"packument", "dist-tags"} else 0.0)
        package = package.before(time.time() - age) if age else package
        if not package.versions:
            return _not_found()
        if endpoint == "visibility":
            return json_response(200, {"public": package.public})
        if endpoint == "dist-tags":
            return json_response(200, package.dist_tags())
        if endpoint == "attestations":
            record = package.records().get(version or "")
            return json_response(200, attestations(name, record)) if record and record.source else _not_found()
        full = endpoint == "manifest" or _ABBREVIATED not in request.headers.get("accept", "")
        document = packument(name, package, host=request.headers.get("host", "localhost"), full=full)
        if endpoint == "manifest":
            manifest = document["versions"].get(package.dist_tags().get(version or "", version))
            return json_response(200, manifest) if manifest else _not_found()
        return json_response(200, document)

    def _may_read(self, request: Request, name: str) -> bool:
        exchanged = self._exchanged.get(request.bearer or "")
        return (request.bearer or "") in self.tokens or (exchanged is not None and exchanged.name == name)

    def _publish(self, request: Request, name: str, *, stage: bool) -> Response:
        package = self.packages.get(name)
        credential_error = self._credential_error(request, name, package, stage=stage)
        if credential_error is not None:
            return credential_error
        upload = read_upload(request.body)
        if upload is None or upload.name != name:
            return json_response(400, {"error": "Bad request"})
        if package is not None and upload.version in package.records():
            text = f"You cannot publish over the previously published versions: {upload.version}."
            return json_response(403, {"error": text})
        if stage and (name, upload.version) in self.staged:
            return json_response(409, {"error": f"Version {upload.version} of {name} is already staged."})
        public = package.public if package else upload.access == "public" or not name.startswith("@")
        if not public and not self.paid and package is None:
            return json_response(402, {"error": "You must sign up for private packages"})
        error = provenance_error(upload)
        if error is not None:
            return json_response(422, {"error": error})
        if stage:
            staged = StagedVersion(
                str(uuid.uuid4()), name, upload.version, upload.tag, public, source_of(upload.bundle)
            )
            self.staged[name, upload.version] = staged
            return json_response(201, {"stageId": staged.id})
        self._accept(upload, package or PublishedPackage(versions=(), public=public), self.credential_kind(request))
        return json_response(201, {"success": True})

    def _review(self, endpoint: str, request: Request, stage_id: str | None) -> Response:
        """List what waits for approval, or approve the version *stage_id*: for a maintainer, never through OIDC."""
        if self.tokens.get(request.bearer or "") in {None, Grant.READ}:
            return _unauthorized()
        if endpoint == "stage-list":
            name = request.query("package")
            items = [staged.item() for staged in self.staged.values() if name in {None, staged.name}]
            return json_response(200, {"items": items, "total": len(items), "page": 0, "perPage": 100})
        staged = next((staged for staged in self.staged.values() if staged.id == stage_id), None)
        if staged is None:
            return _not_found()
        if request.headers.get("npm-otp") != self.one_time_password:
            return _one_time_password_needed()
        del self.staged[staged.name, staged.version]
        package = self.packages.get(staged.name) or PublishedPackage(versions=(), public=staged.public)
        self._add(staged.name, package, PublishedVersion(staged.version, source=staged.source, staged=True), staged.tag)
        return json_response(201, {"success": True})

    def _add_publishers(self, request: Request, name: str) -> Response:
        """Add the trusted publishers that `npm trust` sends (npm 12.2.0, lib/trust-cmd.js); one can be added only."""
        package = self.packages.get(name)
        if self.tokens.get(request.bearer or "") in {None, Grant.READ}:
            return _unauthorized()
        if package is None:
            return _not_found()
        if request.headers.get("npm-otp") != self.one_time_password:
            return _one_time_password_needed()
        try:
            sent = [read_publisher(document) for document in json.loads(request.body)]
        except (ValueError, KeyError, TypeError):
            return json_response(400, {"error": "Bad request"})
        stage_only = package.stage_only or not all(direct for _, direct in sent)
        publishers = (*package.publishers, *(publisher for publisher, _ in sent))
        self.packages[name] = package._replace(publishers=publishers, stage_only=stage_only)
        return json_response(201, [{"id": str(uuid.uuid4()), **document} for document in json.loads(request.body)])

    def _credential_error(
        self, request: Request, name: str, package: PublishedPackage | None, *, stage: bool
    ) -> Response | None:
        token = request.bearer
        if token is None:
            return json_response(401, {"error": "You must be logged in to publish packages."})
        exchanged = self._exchanged.get(token)
        if exchanged is not None:
            if exchanged.expires <= time.time():
                return _dead_token()
            if exchanged.name != name or (package is not None and package.stage_only and not stage):
                return json_response(403, {"error": "OIDC permission denied for this action"})
            return None
        grant = self.tokens.get(token)
        if grant is None:
            return _dead_token()
        if grant is Grant.READ:
            text = f'You do not have permission to publish "{name}". Are you logged in as the correct user?'
            return json_response(403, {"error": text})
        if grant is Grant.TWO_FACTOR and not stage and request.headers.get("npm-otp") != self.one_time_password:
            return _one_time_password_needed()
        return None

    def _accept(self, upload: Upload, package: PublishedPackage, credential: str) -> None:
        record = PublishedVersion(
            upload.version, trusted=credential == "oidc", source=source_of(upload.bundle), since=time.time()
        )
        self._add(upload.name, package, record, upload.tag)

    def _add(self, name: str, package: PublishedPackage, record: PublishedVersion, tag: str) -> None:
        self.packages[name] = package._replace(
            versions=(*package.versions, record), tags=package.dist_tags() | {tag: record.version}
        )


def _exchange_error(status: int, reason: str) -> Response:
    return json_response(status, {"message": f"OIDC token exchange error - {reason}"})


def _not_found() -> Response:
    return json_response(404, {"error": "Not found"})


def _unauthorized() -> Response:
    return json_response(401, {"error": "Unauthorized"})


def _one_time_password_needed() -> Response:
    text = "This operation requires a one-time password from your authenticator."
    return json_response(401, {"error": text}, {"www-authenticate": "OTP"})


def _dead_token() -> Response:
    return json_response(404, {"error": "Not found"}, {"npm-notice": TOKEN_NOTICE})


def _timestamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))
