"""The requests that the embedded registry answers: its endpoints, and what it remembers of each request."""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit


class Request(NamedTuple):
    """A request of a client. It must not be logged: the authorization is a secret."""

    method: str
    target: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""

    @property
    def bearer(self) -> str | None:
        """The bearer token, None where there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    @property
    def audience(self) -> str | None:
        """The audience that a request for an ID token names."""
        return self.query("audience")

    def query(self, name: str) -> str | None:
        """The value of *name* in the query, None where it is not there."""
        return next(iter(parse_qs(urlsplit(self.target).query).get(name, [])), None)

    def __repr__(self) -> str:
        return f"Request({self.method} {self.target})"


class Response(NamedTuple):
    """The response to a request."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


def json_response(status: int, document: object, headers: Mapping[str, str] | None = None) -> Response:
    """A response whose body is *document* as JSON."""
    return Response(status, json.dumps(document).encode(), {"content-type": "application/json", **(headers or {})})


class ReceivedRequest(NamedTuple):
    """What is remembered of a request: its content and the kind of its credential, never the credential."""

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
    error: str | None = None  # why the registry refused it


def route(method: str, target: str) -> tuple[str, str | None, str | None]:
    """The endpoint for *method* and *target*, and the package name and version in the path."""
    path = unquote(urlsplit(target).path)
    for verb, pattern, endpoint in _ROUTES:
        match = re.fullmatch(pattern, path)
        if method == verb and match:
            groups = match.groupdict()
            return endpoint, groups.get("name"), groups.get("version")
    return "none", None, None


_NAME = r"(?P<name>(?:@[^/@]+/)?[^/@_-][^/@]*)"
_ROUTES = (
    ("GET", r"/_apis/idtoken", "id-token"),
    ("POST", rf"/-/npm/v1/oidc/token/exchange/package/{_NAME}", "exchange"),
    ("GET", rf"/-/npm/v1/attestations/{_NAME}@(?P<version>[^/@]+)", "attestations"),
    ("GET", rf"/-/package/{_NAME}/visibility", "visibility"),
    ("GET", rf"/-/package/{_NAME}/dist-tags", "dist-tags"),
    ("POST", rf"/-/stage/package/{_NAME}", "stage"),
    ("POST", rf"/-/package/{_NAME}/trust", "trust"),
    ("GET", r"/-/stage", "stage-list"),
    ("POST", r"/-/stage/(?P<version>[0-9a-f-]{36})/approve", "stage-approve"),
    ("GET", r"/-/whoami", "whoami"),
    ("GET", r"/-/ping", "ping"),
    ("GET", rf"/{_NAME}", "packument"),
    ("GET", rf"/{_NAME}/(?P<version>[^/@]+)", "manifest"),
    ("PUT", rf"/{_NAME}", "publish"),
)
ENDPOINTS = (*(endpoint for _, _, endpoint in _ROUTES), "none")
