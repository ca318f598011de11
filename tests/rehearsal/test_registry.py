"""The embedded registry answers as npmjs.com documents it."""

import base64
import io
import json
import socket
import ssl
import tarfile
import time
from collections.abc import Iterator, Mapping
from email.message import Message
from http.client import HTTPConnection, HTTPSConnection, RemoteDisconnected
from typing import Any, NamedTuple

import pytest
import trustme

from safepublish.facts.run import PLACEHOLDER
from safepublish.rehearsal import (
    HANG,
    CircleCIJob,
    Fault,
    GitHubJob,
    GitLabJob,
    Grant,
    PublishedPackage,
    PublishedVersion,
    Registry,
    Server,
    TrustedPublisher,
)
from safepublish.rehearsal.identity import Job, id_token, read_claims
from safepublish.rehearsal.messages import Request, route
from safepublish.rehearsal.provenance import REPOSITORY_MISMATCH, SELF_HOSTED, SOURCE_VISIBILITY, same_repository
from safepublish.rehearsal.registry import TOKEN_NOTICE

EXCHANGE = "/-/npm/v1/oidc/token/exchange/package/"
PUBLISHER = TrustedPublisher("octo-org/hello-oidc", "publish.yml")
HELLO = PublishedPackage(versions=("1.0.0",), publishers=(PUBLISHER,))


class Response(NamedTuple):
    status: int
    headers: Message
    document: Any


def ask(
    server: Server,
    method: str,
    path: str,
    *,
    token: str | None = None,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    sent = {"authorization": f"Bearer {token}"} if token is not None else {}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, json.dumps(body).encode() if body else None, sent | dict(headers or {}))
        response = connection.getresponse()
        text = response.read()
        return Response(response.status, response.headers, json.loads(text) if text else None)
    finally:
        connection.close()


def upload(name: str = "hello-oidc", version: str = "1.0.1", **more: Any) -> dict[str, Any]:
    repository = more.pop("repository", "git+https://github.com/octo-org/hello-oidc.git")
    bundle = more.pop("bundle", None)
    attachments = {f"{name}-{version}.tgz": {"data": ""}}
    if bundle is not None:
        attachments[f"{name}-{version}.sigstore"] = {"data": json.dumps(bundle)}
    manifest = {"name": name, "version": version, "repository": {"type": "git", "url": repository}}
    document = {"name": name, "dist-tags": {"latest": version}, "versions": {version: manifest}, "access": None}
    return document | {"_attachments": attachments} | more


def bundle(repository: str = "octo-org/hello-oidc", *, builder: str = "github-hosted", **claims: str) -> dict[str, Any]:
    workflow = {
        "repository": f"https://github.com/{repository}",
        "path": ".github/workflows/publish.yml",
        "ref": "refs/tags/v1",
    }
    statement = {
        "predicate": {
            "buildDefinition": {"externalParameters": {"workflow": workflow}},
            "runDetails": {"builder": {"id": f"https://github.com/actions/runner/{builder}"}},
        }
    }
    certificate = {"runner_environment": "github-hosted", "repository_visibility": "public"} | claims
    return {
        "dsseEnvelope": {"payload": base64.b64encode(json.dumps(statement).encode()).decode()},
        "verificationMaterial": {
            "certificate": {"rawBytes": base64.b64encode(json.dumps(certificate).encode()).decode()}
        },
    }


def exchanged(server: Server, name: str = "hello-oidc") -> str:
    answer = ask(server, "POST", EXCHANGE + name, token=server.registry.id_token("npm:127.0.0.1"))
    assert answer.status == 201, answer.document
    token: str = answer.document["token"]
    return token


@pytest.fixture
def server() -> Iterator[Server]:
    tokens = {"npm_good": Grant.PUBLISH, "npm_read": Grant.READ, "npm_otp": Grant.TWO_FACTOR}
    packages = {"hello-oidc": HELLO, "@octo/secret": PublishedPackage(public=False, publishers=(PUBLISHER,))}
    with Server(Registry(packages, tokens=tokens)) as opened:
        yield opened


class TestIdentityEndpoint:
    def test_the_token_is_for_the_audience_asked_for_and_says_who_the_job_is(self, server: Server) -> None:
        path = server.request_url.partition(str(server.port))[2] + "&audience=npm%3A127.0.0.1"
        answer = ask(server, "GET", path, token=server.registry.request_token)
        claims = read_claims(answer.document["value"])

        assert answer.status == 200
        assert claims is not None
        assert claims["aud"] == "npm:127.0.0.1"
        assert claims["exp"] == pytest.approx(time.time() + 300, abs=5)
        assert claims["workflow_ref"] == "octo-org/hello-oidc/.github/workflows/publish.yml@refs/tags/v1.0.0"
        assert claims["repository_visibility"] == "public"
        assert "environment" not in claims
        assert server.registry.received[-1].audience == "npm:127.0.0.1"

    def test_another_request_token_is_unauthorized(self, server: Server) -> None:
        assert ask(server, "GET", "/_apis/idtoken?api-version=2.0", token="other").status == 401


class TestExchange:
    def test_a_trusted_job_gets_a_token(self, server: Server) -> None:
        answer = ask(server, "POST", f"{EXCHANGE}hello-oidc", token=server.registry.id_token("npm:127.0.0.1"))

        assert answer.status == 201
        assert answer.document["token_type"] == "oidc"
        assert set(answer.document) == {"token_type", "token", "created", "expires"}

    @pytest.mark.parametrize(
        ("publisher", "job"),
        [
            pytest.param(PUBLISHER, GitHubJob(), id="same repository and workflow"),
            pytest.param(PUBLISHER, GitHubJob(environment="npm"), id="no environment asked for"),
            pytest.param(PUBLISHER._replace(environment="npm"), GitHubJob(environment="npm"), id="same environment"),
            pytest.param(
                PUBLISHER,
                GitHubJob(called="octo-org/shared/.github/workflows/release.yml@refs/heads/main"),
                id="the caller of a reusable workflow",
            ),
            pytest.param(PUBLISHER, GitHubJob(ref="refs/heads/a@b/c.yml"), id="a ref with @ and /"),
            pytest.param(
                TrustedPublisher("octo-group/hello-oidc", ".gitlab-ci.yml", provider="gitlab"), GitLabJob(), id="gitlab"
            ),
            pytest.param(
                TrustedPublisher(CircleCIJob().origin, CircleCIJob().pipeline_definition, provider="circleci"),
                CircleCIJob(),
                id="circleci",
            ),
        ],
    )
    def test_a_publisher_matches(self, publisher: TrustedPublisher, job: Job) -> None:
        assert self.status(publisher, job) == 201

    @pytest.mark.parametrize(
        ("publisher", "job"),
        [
            pytest.param(PUBLISHER._replace(repository="Octo-org/hello-oidc"), GitHubJob(), id="letter case"),
            pytest.param(PUBLISHER._replace(repository="octo-org/other"), GitHubJob(), id="other repository"),
            pytest.param(PUBLISHER._replace(workflow="publish.yaml"), GitHubJob(), id="yaml for yml"),
            pytest.param(
                PUBLISHER._replace(workflow=".github/workflows/publish.yml"), GitHubJob(), id="a path for a file name"
            ),
            pytest.param(PUBLISHER._replace(environment="npm"), GitHubJob(), id="environment missing"),
            pytest.param(PUBLISHER._replace(environment="npm"), GitHubJob(environment="NPM"), id="environment's case"),
            pytest.param(
                PUBLISHER._replace(workflow="release.yml"),
                GitHubJob(called="octo-org/hello-oidc/.github/workflows/release.yml@refs/heads/main"),
                id="the called workflow's file",
            ),
            pytest.param(PUBLISHER._replace(provider="gitlab"), GitHubJob(), id="other provider"),
            pytest.param(
                TrustedPublisher(CircleCIJob().origin, "other", provider="circleci"), CircleCIJob(), id="pipeline"
            ),
        ],
    )
    def test_a_publisher_does_not_match(self, publisher: TrustedPublisher, job: Job) -> None:
        assert self.status(publisher, job) == 404

    @staticmethod
    def status(publisher: TrustedPublisher, job: Job) -> int:
        registry = Registry({"hello-oidc": HELLO._replace(publishers=(publisher,))}, job=job)
        with Server(registry) as server:
            return ask(server, "POST", f"{EXCHANGE}hello-oidc", token=registry.id_token("npm:127.0.0.1")).status

    def test_a_missing_package_and_a_missing_publisher_answer_the_same(self, server: Server) -> None:
        server.registry.packages["alone"] = PublishedPackage()
        token = server.registry.id_token("npm:127.0.0.1")
        missing, unmatched = (ask(server, "POST", EXCHANGE + name, token=token) for name in ("absent", "alone"))

        assert missing.status == unmatched.status == 404
        assert missing.document == unmatched.document
        assert missing.document == {"message": "OIDC token exchange error - package not found"}

    @pytest.mark.parametrize(
        "token",
        [
            pytest.param(None, id="none"),
            pytest.param("npm_good", id="an npm token"),
            pytest.param("a.b.c", id="no JWT"),
            pytest.param(id_token(GitHubJob().claims(), audience="npm:registry.npmjs.org"), id="other audience"),
            pytest.param(id_token(GitHubJob().claims(), audience="npm:127.0.0.1", lifetime=-1), id="expired"),
        ],
    )
    def test_another_identity_is_unauthorized(self, server: Server, token: str | None) -> None:
        answer = ask(server, "POST", f"{EXCHANGE}hello-oidc", token=token)

        assert (answer.status, answer.document) == (401, {"message": "OIDC token exchange error - unauthorized"})


class TestReading:
    def test_the_full_packument_names_the_publisher_and_the_abbreviated_does_not(self, server: Server) -> None:
        source = ("octo-org/hello-oidc", ".github/workflows/publish.yml", "refs/tags/v1")
        versions = (PublishedVersion("1.0.0", trusted=True, source=source), PublishedVersion("0.9.0", deprecated="old"))
        server.registry.packages["@octo/hello"] = PublishedPackage(versions=versions, tags={"latest": "1.0.0"})
        full = ask(server, "GET", "/@octo%2fhello").document
        short = ask(
            server, "GET", "/@octo%2fhello", headers={"accept": "application/vnd.npm.install-v1+json; q=1.0, */*"}
        ).document

        assert full["dist-tags"] == short["dist-tags"] == {"latest": "1.0.0"}
        assert full["versions"]["1.0.0"]["_npmUser"]["trustedPublisher"]["id"] == "github"
        assert "trustedPublisher" not in full["versions"]["0.9.0"]["_npmUser"]
        assert "_npmUser" not in short["versions"]["1.0.0"]
        assert short["versions"]["0.9.0"]["deprecated"] == "old"
        for document in (full, short):
            url = document["versions"]["1.0.0"]["dist"]["attestations"]["url"]
            assert url.endswith("/-/npm/v1/attestations/@octo%2fhello@1.0.0")
            assert "attestations" not in document["versions"]["0.9.0"]["dist"]

    def test_the_attestations_name_the_workflow(self, server: Server) -> None:
        source = ("octo-org/hello-oidc", ".github/workflows/publish.yml", "refs/tags/v1")
        server.registry.packages["@octo/hello"] = PublishedPackage(versions=(PublishedVersion("1.0.0", source=source),))
        attestations = ask(server, "GET", "/-/npm/v1/attestations/@octo%2fhello@1.0.0").document["attestations"]
        provenance = next(one for one in attestations if one["predicateType"] == "https://slsa.dev/provenance/v1")
        statement = json.loads(base64.b64decode(provenance["bundle"]["dsseEnvelope"]["payload"]))

        assert len(attestations) == 2
        assert statement["predicate"]["buildDefinition"]["externalParameters"]["workflow"] == {
            "repository": "https://github.com/octo-org/hello-oidc",
            "path": ".github/workflows/publish.yml",
            "ref": "refs/tags/v1",
        }

    @pytest.mark.parametrize(
        "path",
        [
            "/absent",
            "/@octo%2fsecret",
            "/-/package/absent/visibility",
            "/-/package/@octo%2fsecret/visibility",
            "/-/package/@octo%2fsecret/dist-tags",
            "/-/npm/v1/attestations/hello-oidc@1.0.0",
            "/-/npm/v1/attestations/hello-oidc@9.9.9",
            "/-/unknown/path",
        ],
    )
    def test_what_a_stranger_may_not_see_is_not_found(self, server: Server, path: str) -> None:
        answer = ask(server, "GET", path)

        assert (answer.status, answer.document) == (404, {"error": "Not found"})

    def test_a_token_shows_the_private_package(self, server: Server) -> None:
        assert ask(server, "GET", "/@octo%2fsecret", token="npm_good").status == 200
        assert ask(server, "GET", "/-/package/@octo%2fsecret/visibility", token="npm_good").document == {
            "public": False
        }
        assert ask(server, "GET", "/@octo%2fsecret", token=exchanged(server, "@octo%2fsecret")).status == 200
        assert ask(server, "GET", "/@octo%2fsecret", token=exchanged(server)).status == 404

    def test_visibility_and_tags_of_a_public_package(self, server: Server) -> None:
        assert ask(server, "GET", "/-/package/hello-oidc/visibility").document == {"public": True}
        assert ask(server, "GET", "/-/package/hello-oidc/dist-tags").document == {"latest": "1.0.0"}

    def test_whoami_knows_tokens_and_no_oidc(self, server: Server) -> None:
        assert ask(server, "GET", "/-/whoami", token="npm_good").document == {"username": "octo"}
        assert ask(server, "GET", "/-/whoami", token=exchanged(server)).status == 401


class TestPublishing:
    def test_an_exchanged_token_publishes_and_the_version_is_seen(self, server: Server) -> None:
        answer = ask(server, "PUT", "/hello-oidc", token=exchanged(server), body=upload(bundle=bundle()))
        version = ask(server, "GET", "/hello-oidc").document["versions"]["1.0.1"]
        (published,) = server.registry.published()

        assert answer.status == 201
        assert version["_npmUser"]["trustedPublisher"]["id"] == "github"
        assert "attestations" in version["dist"]
        assert (published.name, published.version, published.tag, published.credential, published.provenance) == (
            "hello-oidc", "1.0.1", "latest", "oidc", True,
        )  # fmt: skip

    def test_a_token_publishes_a_new_package(self, server: Server) -> None:
        assert ask(server, "PUT", "/fresh", token="npm_good", body=upload("fresh")).status == 201
        assert "trustedPublisher" not in ask(server, "GET", "/fresh").document["versions"]["1.0.1"]["_npmUser"]

    @pytest.mark.parametrize(
        ("token", "kind"),
        [(PLACEHOLDER, "placeholder"), ("npm_revoked", "dead"), ("${NODE_AUTH_TOKEN}", "unresolved")],
    )
    def test_a_dead_token_is_answered_not_found_with_a_notice(self, server: Server, token: str, kind: str) -> None:
        answer = ask(server, "PUT", "/hello-oidc", token=token, body=upload())

        assert (answer.status, answer.document) == (404, {"error": "Not found"})
        assert answer.headers["npm-notice"] == TOKEN_NOTICE
        assert server.registry.received[-1].credential == kind

    @pytest.mark.parametrize(
        ("token", "body", "status", "text"),
        [
            (None, upload(), 401, "You must be logged in to publish packages."),
            (
                "npm_good",
                upload(version="1.0.0"),
                403,
                "You cannot publish over the previously published versions: 1.0.0.",
            ),
            ("npm_read", upload(), 403, "You do not have permission to publish"),
            ("npm_otp", upload(), 401, "one-time password"),
            ("npm_good", {"name": "hello-oidc"}, 400, "Bad request"),
            ("npm_good", upload("other"), 400, "Bad request"),
        ],
    )
    def test_a_publish_is_refused(
        self, server: Server, token: str | None, body: dict[str, Any], status: int, text: str
    ) -> None:
        answer = ask(server, "PUT", "/hello-oidc", token=token, body=body)

        assert answer.status == status
        assert text in answer.document["error"]
        assert server.registry.published() == []

    def test_a_one_time_password_is_asked_for_and_then_serves(self, server: Server) -> None:
        asked = ask(server, "PUT", "/hello-oidc", token="npm_otp", body=upload())
        given = ask(server, "PUT", "/hello-oidc", token="npm_otp", body=upload(), headers={"npm-otp": "123456"})

        assert asked.headers["www-authenticate"] == "OTP"
        assert given.status == 201

    @pytest.mark.parametrize(
        ("access", "paid", "status"), [(None, False, 402), ("public", False, 201), (None, True, 201)]
    )
    def test_a_new_scoped_package_is_private_unless_public_is_asked_for(
        self, server: Server, access: str | None, paid: bool, status: int
    ) -> None:
        server.registry.paid = paid
        body = upload("@octo/new", access=access)

        assert ask(server, "PUT", "/@octo%2fnew", token="npm_good", body=body).status == status

    def test_an_exchanged_token_is_for_its_package_alone(self, server: Server) -> None:
        answer = ask(server, "PUT", "/other", token=exchanged(server), body=upload("other"))

        assert (answer.status, answer.document) == (403, {"error": "OIDC permission denied for this action"})

    def test_a_stage_only_publisher_may_stage_once_and_not_publish(self, server: Server) -> None:
        server.registry.packages["hello-oidc"] = HELLO._replace(stage_only=True)
        token = exchanged(server)
        direct = ask(server, "PUT", "/hello-oidc", token=token, body=upload())
        staged = ask(server, "POST", "/-/stage/package/hello-oidc", token=token, body=upload())
        again = ask(server, "POST", "/-/stage/package/hello-oidc", token=token, body=upload())

        assert (direct.status, direct.document) == (403, {"error": "OIDC permission denied for this action"})
        assert staged.status == 201
        assert staged.document["stageId"]
        assert again.status == 409
        assert "1.0.1" not in ask(server, "GET", "/hello-oidc").document["versions"]

    def test_an_exchanged_token_expires(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        token = exchanged(server)
        now = time.time()
        monkeypatch.setattr("safepublish.rehearsal.registry.time.time", lambda: now + 3601)
        answer = ask(server, "PUT", "/hello-oidc", token=token, body=upload())

        assert (answer.status, answer.headers["npm-notice"]) == (404, TOKEN_NOTICE)


class TestProvenance:
    @pytest.mark.parametrize(
        ("repository", "attached", "text"),
        [
            ("git+https://github.com/octo-org/hello-oidc.git", bundle(), None),
            ("https://github.com/octo-org/hello-oidc", bundle(), None),
            ("git@github.com:octo-org/hello-oidc.git", bundle(), None),
            ("git+ssh://git@github.com/octo-org/hello-oidc.git", bundle(), None),
            ("", bundle(), REPOSITORY_MISMATCH.format("", "https://github.com/octo-org/hello-oidc")),
            (
                "https://github.com/Octo-Org/hello-oidc",
                bundle(),
                REPOSITORY_MISMATCH.format(
                    "https://github.com/Octo-Org/hello-oidc", "https://github.com/octo-org/hello-oidc"
                ),
            ),
            ("https://github.com/octo-org/hello-oidc", bundle(runner_environment="self-hosted"), SELF_HOSTED),
            ("https://github.com/octo-org/hello-oidc", bundle(builder="self-hosted"), SELF_HOSTED),
            (
                "https://github.com/octo-org/hello-oidc",
                bundle(repository_visibility="private"),
                SOURCE_VISIBILITY.format("private"),
            ),
            ("https://github.com/octo-org/hello-oidc", {"dsseEnvelope": {}}, "the bundle has no statement"),
            (
                "https://github.com/octo-org/hello-oidc",
                {"dsseEnvelope": {"payload": "bnVsbA=="}},
                "the bundle has no",
            ),
            ("", {"dsseEnvelope": {"payload": "e30="}}, None),
        ],
    )
    def test_provenance_is_verified(
        self, server: Server, repository: str, attached: dict[str, Any], text: str | None
    ) -> None:
        body = upload(repository=repository, bundle=attached)
        answer = ask(server, "PUT", "/hello-oidc", token="npm_good", body=body)

        if text is None:
            assert answer.status == 201
        else:
            assert answer.status == 422
            assert answer.document["error"].startswith(f"Error verifying sigstore provenance bundle: {text}")

    def test_a_statement_of_another_kind_shows_no_source(self, server: Server) -> None:
        body = upload(bundle={"dsseEnvelope": {"payload": "e30="}})
        ask(server, "PUT", "/hello-oidc", token="npm_good", body=body)

        assert "attestations" not in ask(server, "GET", "/hello-oidc").document["versions"]["1.0.1"]["dist"]

    def test_without_provenance_the_repository_is_not_looked_at(self, server: Server) -> None:
        assert ask(server, "PUT", "/hello-oidc", token="npm_good", body=upload(repository="")).status == 201


class TestServer:
    def test_a_connection_serves_several_requests(self, server: Server) -> None:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        for _ in range(3):
            connection.request("GET", "/hello-oidc")
            assert connection.getresponse().read()
            kept = connection.sock
        assert kept is connection.sock
        connection.close()

    def test_a_fault_strikes_as_often_as_it_says(self, server: Server) -> None:
        server.faults["packument"] = Fault(status=503, body=b'{"error":"down"}', times=1)
        statuses = [ask(server, "GET", "/hello-oidc").status for _ in range(2)]

        assert statuses == [503, 200]
        assert [one.status for one in server.registry.received] == [503, 200]

    def test_a_fault_hangs_up(self, server: Server) -> None:
        server.faults["exchange"] = Fault(hangs_up=True)

        with pytest.raises(RemoteDisconnected):
            ask(server, "POST", f"{EXCHANGE}hello-oidc")

    def test_a_fault_answers_with_any_bytes(self, server: Server) -> None:
        server.faults["whoami"] = Fault(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}")
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(b"GET /-/whoami HTTP/1.1\r\nhost: x\r\n\r\n")
            text = b"".join(iter(lambda: connection.recv(4096), b""))

        assert text.endswith(b"\r\n\r\n{}")

    def test_a_hanging_endpoint_does_not_keep_the_server_from_closing(self) -> None:
        with Server(faults={"packument": HANG}) as server:
            connection = HTTPConnection("127.0.0.1", server.port, timeout=0.1)
            connection.request("GET", "/hello-oidc")
            with pytest.raises(TimeoutError):
                connection.getresponse()
            connection.close()
            began = time.monotonic()
        assert time.monotonic() - began < 5

    def test_a_delayed_endpoint_answers_as_it_should(self, server: Server) -> None:
        server.faults["packument"] = Fault(delay=0.05)
        began = time.monotonic()

        assert ask(server, "GET", "/hello-oidc").status == 200
        assert time.monotonic() - began >= 0.05

    @pytest.mark.parametrize(
        ("head", "status"),
        [
            (b"content-length: x\r\n\r\n", b"413"),
            (b"content-length: 99999999999\r\n\r\n", b"413"),
            (b"transfer-encoding: chunked\r\n\r\nxyz\r\n", b"413"),
            (b"transfer-encoding: chunked\r\n\r\nffffffffff\r\n", b"413"),
            (b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", b"401"),
        ],
    )
    def test_a_body_that_cannot_be_read_is_refused(self, server: Server, head: bytes, status: bytes) -> None:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(b"PUT /hello-oidc HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + head)
            text = b"".join(iter(lambda: connection.recv(4096), b""))

        assert text.split()[1] == status

    def test_a_client_that_goes_away_harms_nobody(self, server: Server) -> None:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(b"PUT /hello-oidc HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nshort")

        assert ask(server, "GET", "/hello-oidc").status == 200

    def test_it_speaks_https(self) -> None:
        authority = trustme.CA()
        ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
        authority.issue_cert("127.0.0.1").configure_cert(ours)
        authority.configure_trust(theirs)
        with Server(tls=ours) as server:
            connection = HTTPSConnection("127.0.0.1", server.port, context=theirs, timeout=10)
            connection.request("GET", "/-/ping")
            status = connection.getresponse().status
            connection.close()

        assert server.url.startswith("https://127.0.0.1:")
        assert status == 200

    def test_nothing_it_remembers_holds_a_credential(self, server: Server) -> None:
        secrets = ["npm_canary", server.registry.id_token("npm:127.0.0.1"), exchanged(server)]
        for secret in secrets:
            ask(server, "PUT", "/hello-oidc", token=secret, body=upload())
        ask(server, "GET", "/-/whoami", headers={"authorization": "Basic canary"})
        text = repr(server.registry.received)

        assert [one.credential for one in server.registry.received[-4:]] == ["dead", "id-token", "oidc", "basic"]
        assert not any(secret in text for secret in (*secrets, "canary"))
        assert "canary" not in repr(Request("PUT", "/hello-oidc", {"authorization": "Bearer canary"}))

    def test_a_staged_version_shows_the_human_who_approved_it(self, server: Server) -> None:
        version = PublishedVersion("1.0.0", staged=True)
        server.registry.packages["staged"] = PublishedPackage(versions=(version,))
        user = ask(server, "GET", "/staged").document["versions"]["1.0.0"]["_npmUser"]

        assert user["approver"]
        assert "trustedPublisher" not in user

    @pytest.mark.parametrize(
        ("job", "expected"),
        [
            (GitHubJob(), {"GITHUB_ACTIONS", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"}),
            (GitLabJob(), {"GITLAB_CI", "NPM_ID_TOKEN"}),
            (CircleCIJob(), {"CIRCLECI", "NPM_ID_TOKEN"}),
        ],
    )
    def test_the_variables_are_those_of_the_ci(self, job: Job, expected: set[str]) -> None:
        with Server(Registry(job=job)) as server:
            variables = server.variables()

        assert expected <= set(variables)


@pytest.mark.parametrize(
    ("method", "target", "found"),
    [
        ("GET", "/hello", ("packument", "hello", None)),
        ("GET", "/hello?write=true", ("packument", "hello", None)),
        ("GET", "/@s%2Fp", ("packument", "@s/p", None)),
        ("PUT", "/@s%2fp", ("publish", "@s/p", None)),
        ("POST", "/-/stage/package/@s%2fp", ("stage", "@s/p", None)),
        ("POST", f"{EXCHANGE}@s%2fp", ("exchange", "@s/p", None)),
        ("GET", "/-/npm/v1/attestations/@s%2fp@1.0.0", ("attestations", "@s/p", "1.0.0")),
        ("GET", "/-/whoami", ("whoami", None, None)),
        ("GET", "/-/nothing", ("none", None, None)),
        ("DELETE", "/hello", ("none", None, None)),
        ("GET", "/", ("none", None, None)),
        ("GET", "/@s", ("none", None, None)),
    ],
)
def test_a_request_finds_its_endpoint(method: str, target: str, found: tuple[str, str | None, str | None]) -> None:
    assert route(method, target) == found


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "a.W10.c", "a.\N{SNOWMAN}.c", "a..c"])
def test_what_is_no_jwt_has_no_claims(text: str) -> None:
    assert read_claims(text) is None


# What is remembered of a publish


def _tarball(files: Mapping[str, str]) -> str:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return base64.b64encode(packed.getvalue()).decode()


@pytest.mark.parametrize(
    ("data", "files"),
    [
        (_tarball({"package.json": "{}", "dist/a.js": "abc"}), (("package.json", 2), ("dist/a.js", 3))),
        (base64.b64encode(b"no tarball").decode(), ()),
        (_tarball({"package.json": "{}"})[:40], ()),
        ("%", ()),
    ],
    ids=["files", "no tarball", "broken off", "no base64"],
)
def test_the_files_of_what_was_sent_are_remembered(data: str, files: tuple[tuple[str, int], ...]) -> None:
    body = upload(_attachments={"hello-oidc-1.0.1.tgz": {"data": data}})
    registry = Registry({"hello-oidc": HELLO}, tokens={"t": Grant.PUBLISH})
    with Server(registry) as server:
        ask(server, "PUT", "/hello-oidc", token="t", body=body)
    assert registry.received[-1].files == files


def test_why_a_publish_was_refused_is_remembered() -> None:
    registry = Registry({"hello-oidc": HELLO})
    with Server(registry) as server:
        ask(server, "PUT", "/hello-oidc", token="dead", body=upload())
    assert (registry.received[-1].status, registry.received[-1].error) == (404, "Not found")


def test_a_host_without_oidc_has_no_exchange() -> None:
    registry = Registry({"hello-oidc": HELLO}, hosts_without_oidc=frozenset({"npm.pkg.github.com"}))
    for host, status in (("npm.pkg.github.com", 404), ("127.0.0.1", 201)):
        token = registry.id_token(f"npm:{host}")
        request = Request("POST", f"{EXCHANGE}hello-oidc", {"host": host, "authorization": f"Bearer {token}"})
        assert registry.respond(request).status == status


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("git+https://github.com/octo-org/hello-oidc.git", True),
        ("git@github.com:octo-org/hello-oidc.git", True),
        ("https://github.com/octo-org/hello-oidc", True),
        ("https://github.com/Octo-Org/hello-oidc", False),
        ("https://gitlab.com/octo-org/hello-oidc", False),
        ("", False),
        (None, False),
    ],
)
def test_the_repository_that_provenance_needs(url: str | None, *, same: bool) -> None:
    assert same_repository(url, "octo-org/hello-oidc") is same
