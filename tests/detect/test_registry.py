"""What the registry says: exchanges, packuments, publishers; and what is made of documents of any shape."""

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safepublish.detect import registry
from safepublish.detect.http import Client, Deadline
from safepublish.facts.run import Exchange, ExchangeResult, Existence, Packument, Publisher
from safepublish.npm.config.transport import Transport
from safepublish.rehearsal import documents as rehearsed
from safepublish.rehearsal.identity import GitHubJob
from safepublish.rehearsal.packages import PublishedPackage, PublishedVersion, TrustedPublisher
from safepublish.rehearsal.registry import Registry
from safepublish.rehearsal.server import Server
from tests.support import wire
from tests.support.clock import SkippingClock

SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ID_TOKEN = "canary-header-04d7.canary-payload-04d7.canary-signature-04d7"
NPM_TOKEN = "npm_canary04d7"


def deadline() -> Deadline:
    return Deadline(5, SkippingClock())


def exchange(url: str, package: str = "pkg", id_token: str = ID_TOKEN) -> tuple[ExchangeResult, list[str]]:
    masked: list[str] = []
    probe = registry.exchange(package, url, id_token, Client(Transport(), deadline(), mask=masked.append))
    assert "canary" not in repr(probe)
    return probe, masked


def packument(url: str, name: str = "pkg", version: str | None = "1.0.0") -> Packument:
    return registry.packument(name, url, version, Client(Transport(), deadline()))


def publisher(url: str, name: str = "pkg", version: str = "1.0.0") -> Publisher | None:
    return registry.publisher(name, url, version, Client(Transport(), deadline()))


# The exchange


@pytest.mark.parametrize(
    ("path", "package", "target"),
    [
        ("", "pkg", "pkg"),
        ("/", "pkg", "pkg"),
        ("/some/path", "pkg", "pkg"),
        ("/some/path/", "@Scope/pkg-x", "@Scope%2fpkg-x"),
        ("/?q=1", "~odd!'()*", "~odd!'()*"),
        ("/", "a?b#c d", "a%3Fb%23c%20d"),
    ],
)
def test_the_exchange_is_asked_for_as_npm_does(path: str, package: str, target: str) -> None:
    with wire.serving(wire.answer(201, json.dumps({"token": NPM_TOKEN}).encode())) as server:
        probe, masked = exchange(server.url + path, package)
    lines = server.received[0].split(b"\r\n")
    assert lines[0] == f"POST /-/npm/v1/oidc/token/exchange/package/{target} HTTP/1.1".encode()
    assert {
        f"Authorization: Bearer {ID_TOKEN}".encode(), b"Content-Length: 0", b"npm-command: publish",
        b"npm-auth-type: web", b"Accept: */*",
    } <= set(lines)  # fmt: skip
    assert (probe, masked) == (ExchangeResult(Exchange.ACCEPTED, 201), [NPM_TOKEN])


@pytest.mark.parametrize(
    ("status", "body", "probe"),
    [
        (200, b'{"token":"npm_canary"}', ExchangeResult(Exchange.ACCEPTED, 200)),
        (201, b"{}", ExchangeResult(Exchange.FAILED, 201, None, "the answer has no token")),
        (204, b"", ExchangeResult(Exchange.FAILED, 204, None, "the answer has no token")),
        (
            404,
            b'{"message":"OIDC token exchange error - package not found"}',
            ExchangeResult(Exchange.REFUSED, 404, "OIDC token exchange error - package not found"),
        ),
        (401, b'{"error":"no"}', ExchangeResult(Exchange.REFUSED, 401, "no")),
        (400, b"", ExchangeResult(Exchange.REFUSED, 400)),
        (405, b"<html>", ExchangeResult(Exchange.REFUSED, 405)),
        (499, b"", ExchangeResult(Exchange.REFUSED, 499)),
        (408, b"", ExchangeResult(Exchange.FAILED, 408, None, "the registry answered 408")),
        (425, b"", ExchangeResult(Exchange.FAILED, 425, None, "the registry answered 425")),
        (429, b'{"message":"slow"}', ExchangeResult(Exchange.FAILED, 429, "slow", "the registry answered 429")),
        (500, b'{"message":"oops"}', ExchangeResult(Exchange.FAILED, 500, "oops", "the registry answered 500")),
        (503, b"<html>", ExchangeResult(Exchange.FAILED, 503, None, "the registry answered 503")),
    ],
)
def test_what_an_answer_to_the_exchange_means(status: int, body: bytes, probe: ExchangeResult) -> None:
    with wire.serving(wire.answer(status, body)) as server:
        assert exchange(server.url)[0] == probe
    passes = probe.exchange is Exchange.FAILED and status >= 300
    assert (len(server.received) > 1) is passes  # npm repeats no POST, and would have failed


def test_an_identity_is_not_sent_unencrypted() -> None:
    probe, _ = exchange("http://registry.example/")
    assert probe == ExchangeResult(
        Exchange.NOT_ASKED, why="registry.example:80 is plain http, and a credential is not sent unencrypted"
    )


def test_a_name_that_is_no_text_is_still_asked_for() -> None:
    with wire.serving(wire.answer(404)) as server:
        assert exchange(server.url, "lone\ud800")[0].exchange is Exchange.REFUSED
        assert packument(server.url, "lone\ud800").existence is Existence.ABSENT
        assert publisher(server.url, "lone\ud800", "1\ud800") is None


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://x", "http://[", "https://registry.invalid/"])
def test_a_registry_that_is_none_is_unreachable(url: str) -> None:
    probe, _ = exchange(url)
    assert probe.exchange is Exchange.UNREACHABLE
    assert probe.why


def test_an_id_token_that_no_header_may_carry_is_not_sent() -> None:
    with wire.serving(wire.answer(201)) as server:
        probe, _ = exchange(server.url, id_token="canary\r\nX: 1")
    assert (probe.exchange, server.received) == (Exchange.UNREACHABLE, [])


@pytest.mark.parametrize(
    ("configured", "outcome", "status"),
    [("publish.yml", Exchange.ACCEPTED, 201), ("other.yml", Exchange.REFUSED, 404)],
)
def test_the_rehearsals_registry_decides(configured: str, outcome: Exchange, status: int) -> None:
    job = GitHubJob(repository="o/r", workflow="publish.yml")
    package = PublishedPackage(publishers=(TrustedPublisher("o/r", configured),))
    with Server(Registry({"@s/p": package}, job=job)) as server:
        token = server.registry.id_token("npm:127.0.0.1")
        probe, masked = exchange(server.url, "@s/p", token)
    assert (probe.exchange, probe.status) == (outcome, status)
    assert len(masked) == (outcome is Exchange.ACCEPTED)
    assert token not in repr(probe)


# The packument


DOCUMENT = {
    "name": "pkg",
    "dist-tags": {"latest": "2.0.0", "next": "3.0.0-rc.1"},
    "versions": {"1.0.0": {}, "2.0.0": {}, "2.1.0": {"deprecated": "no"}, "3.0.0-rc.1": {"deprecated": ""}},
}


@pytest.mark.parametrize("path", ["", "/", "/sub", "/sub/"])
def test_a_packument_is_asked_for_abbreviated_packed_and_below_the_registrys_path(path: str) -> None:
    packed = wire.answer(body=gzip.compress(json.dumps(DOCUMENT).encode()), headers={"Content-Encoding": "gzip"})
    with wire.serving(packed) as server:
        found = packument(server.url + path, "@s/pkg")
    assert found == Packument(
        Existence.EXISTS,
        200,
        versions=frozenset(DOCUMENT["versions"]),
        deprecated=frozenset({"2.1.0"}),
        tags={"latest": "2.0.0", "next": "3.0.0-rc.1"},
    )
    request = server.received[0]
    assert request.startswith(f"GET {path.rstrip('/')}/@s%2fpkg HTTP/1.1".encode())
    assert b"Accept: application/vnd.npm.install-v1+json; q=1.0" in request
    assert b"Accept-Encoding: gzip" in request
    assert b"uthorization" not in request


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (404, Packument(Existence.ABSENT, 404)),
        (401, Packument(status=401, trouble="the registry answered 401 without a credential")),
        (403, Packument(status=403, trouble="the registry answered 403 without a credential")),
        (429, Packument(status=429, trouble="the registry answered 429")),
        (500, Packument(status=500, trouble="the registry answered 500")),
        (304, Packument(status=304, trouble="the registry answered 304")),
    ],
)
def test_what_a_status_says_of_a_package(status: int, found: Packument) -> None:
    with wire.serving(wire.answer(status, json.dumps(DOCUMENT).encode())) as server:
        assert packument(server.url) == found


def test_a_registry_that_cannot_be_asked_leaves_it_open() -> None:
    found = packument("https://registry.invalid/")
    assert found.existence is Existence.UNKNOWN
    assert found.trouble is not None
    assert "registry.invalid" in found.trouble


@pytest.mark.parametrize(
    ("second", "versions"),
    [
        (wire.answer(body=b'{"version":"1.0.0"}'), {"1.0.0"}),
        (wire.answer(body=b'{"version":"2.0.0"}'), set()),
        (wire.answer(404, b'"version not found: 1.0.0"'), set()),
        (wire.raw(b""), set()),
    ],
    ids=["published", "another", "not published", "no answer"],
)
def test_of_a_package_with_too_many_versions_one_is_looked_up(
    monkeypatch: pytest.MonkeyPatch, second: wire.Script, versions: set[str]
) -> None:
    monkeypatch.setattr(registry, "LARGEST_PACKUMENT", 100)
    with wire.serving(wire.answer(body=json.dumps(DOCUMENT).encode()), second) as server:
        found = packument(server.url)
    assert found.versions == versions
    assert found.existence is (Existence.EXISTS if versions else Existence.UNKNOWN)
    assert found.trouble == "the answer is larger than 100 bytes"
    assert server.received[1].startswith(b"GET /pkg/1.0.0 HTTP/1.1")


def test_of_a_package_with_too_many_versions_none_is_looked_up_when_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "LARGEST_PACKUMENT", 100)
    with wire.serving(wire.answer(body=json.dumps(DOCUMENT).encode())) as server:
        assert packument(server.url, version=None).existence is Existence.UNKNOWN
    assert len(server.received) == 1


def test_the_rehearsals_registry_shows_its_packages() -> None:
    versions = (PublishedVersion("1.0.0", deprecated="old"), "1.1.0")
    with Server(Registry({"pkg": PublishedPackage(versions), "secret": PublishedPackage(public=False)})) as server:
        found = packument(server.url)
        assert (found.existence, found.versions, found.deprecated, found.tags) == (
            Existence.EXISTS, frozenset({"1.0.0", "1.1.0"}), frozenset({"1.0.0"}), {"latest": "1.1.0"},
        )  # fmt: skip
        assert packument(server.url, "other").existence is Existence.ABSENT
        assert packument(server.url, "secret").existence is Existence.ABSENT


@pytest.mark.parametrize(
    ("deprecated", "is_it"),
    [
        ("no", True),
        (True, True),
        (1, True),
        ([], True),
        ({}, True),
        ("", False),
        (False, False),
        (0, False),
        (None, False),
    ],
)
def test_a_version_is_deprecated_where_javascript_takes_the_field_for_true(deprecated: object, is_it: bool) -> None:
    found = registry.read_packument({"versions": {"1.0.0": {"deprecated": deprecated}}})
    assert (found.deprecated == {"1.0.0"}) is is_it


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"versions": {}}, Packument(Existence.EXISTS, 200)),
        (
            {"versions": {"1.0.0": {}}, "dist-tags": {"a\x1b": "1", "b": 1}},
            Packument(Existence.EXISTS, 200, None, frozenset({"1.0.0"})),
        ),
        ({"versions": {"1.0.0": {}}, "dist-tags": []}, Packument(Existence.EXISTS, 200, None, frozenset({"1.0.0"}))),
    ],
)
def test_what_is_not_of_its_shape_is_left_out(document: object, found: Packument) -> None:
    assert registry.read_packument(document) == found


@pytest.mark.parametrize(
    ("versions", "read"),
    [
        pytest.param({" v1.0.0+build ": {}}, {"1.0.0"}, id="cleaned"),
        pytest.param({"1.0.0": False}, {"1.0.0"}, id="a-manifest-that-is-no-object"),
        pytest.param({"1.0.0": {}, "2.0.0-rc.1": None}, {"1.0.0", "2.0.0-rc.1"}, id="a-pre-release-without-manifest"),
        pytest.param({"1.0.0": {}, "2.0.0": None}, set(), id="a-release-without-manifest"),
        pytest.param({"1.0.0": {}, "1.0": {}}, set(), id="two-numbers"),
        pytest.param({"1.0.0": {}, "": {}}, set(), id="no-text"),
        pytest.param({"1.0.0": {}, "=1.0.1": {}}, set(), id="equals"),
        pytest.param({"1.0.0": {}, "vv1.0.1": {}}, set(), id="two-letters"),
        pytest.param({"1.0.0": {}, "1.0.1\n::error::": {}}, set(), id="hostile"),
        pytest.param({"1.0.0": {}, f"1.0.1-{'x' * 256}": {}}, set(), id="too-long"),
    ],
)
def test_npm_reads_all_versions_or_none(versions: dict[str, object], read: set[str]) -> None:
    found = registry.read_packument({"versions": versions})
    assert found.existence is Existence.EXISTS
    assert set(found.versions) == read
    assert (found.trouble is None) is bool(read)


@pytest.mark.parametrize("document", [None, 7, [], "text", {}, {"versions": None}, {"versions": []}, {"error": "x"}])
def test_what_is_no_packument_leaves_existence_open(document: object) -> None:
    assert registry.read_packument(document).existence is Existence.UNKNOWN


# Who published


SLSA = {
    "predicateType": "https://slsa.dev/provenance/v1",
    "predicate": {
        "buildDefinition": {
            "externalParameters": {
                "workflow": {
                    "ref": "refs/tags/v1",
                    "repository": "https://github.com/o/r",
                    "path": ".github/workflows/publish.yml",
                }
            }
        }
    },
}


def attested(statement: object, predicate_type: object = "https://slsa.dev/provenance/v1") -> dict[str, Any]:
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    publish = {"predicateType": "https://github.com/npm/attestation/tree/main/specs/publish/v0.1", "bundle": {}}
    return {
        "attestations": [publish, {"predicateType": predicate_type, "bundle": {"dsseEnvelope": {"payload": payload}}}]
    }


@pytest.mark.parametrize(
    ("user", "trusted"),
    [
        ({"name": "GitHub Actions", "trustedPublisher": {"id": "github", "oidcConfigId": "oidc:x"}}, True),
        ({"name": "someone"}, False),
        ({"name": "someone", "trustedPublisher": None}, False),
        ({"name": "someone", "approver": "someone"}, None),
        (None, None),
        ("GitHub Actions <npm-oidc-no-reply@github.com>", None),
        ([], None),
    ],
)
def test_the_user_tells_a_trusted_publish(user: object, trusted: bool | None) -> None:
    assert registry.read_publisher("1.0.0", {"_npmUser": user}, None) == Publisher("1.0.0", trusted)


@pytest.mark.parametrize(
    ("statement", "repository", "workflow"),
    [
        (SLSA, "o/r", "publish.yml"),
        (
            {
                "predicate": {
                    "buildType": "https://github.com/npm/cli/gha/v2",
                    "invocation": {
                        "configSource": {
                            "uri": "git+https://github.com/o/r@refs/heads/main",
                            "entryPoint": ".github/workflows/old.yaml",
                        }
                    },
                }
            },
            "o/r",
            "old.yaml",
        ),
        (
            {
                "predicate": {
                    "buildType": "https://github.com/npm/cli/gitlab/v0alpha1",
                    "invocation": {
                        "configSource": {"uri": "git+https://gitlab.com/g/sub/p", "entryPoint": "publish-job"},
                        "parameters": {"CI_CONFIG_PATH": ".gitlab-ci.yml"},
                    },
                }
            },
            "g/sub/p",
            ".gitlab-ci.yml",
        ),
        ({}, None, None),
        ({"predicate": {"buildDefinition": {"externalParameters": {"workflow": "x"}}}}, None, None),
        (
            {
                "predicate": {
                    "buildDefinition": {"externalParameters": {"workflow": {"repository": "http://[", "path": 7}}}
                }
            },
            None,
            None,
        ),
    ],
)
def test_the_provenance_tells_repository_and_workflow(
    statement: object, repository: str | None, workflow: str | None
) -> None:
    found = registry.read_publisher("1.0.0", {}, attested(statement))
    assert (found.repository, found.workflow) == (repository, workflow)


@pytest.mark.parametrize(
    "attestations",
    [
        None,
        [],
        {},
        {"attestations": None},
        {"attestations": [None, 7, [], {}]},
        attested(SLSA, 7),
        attested(SLSA, "https://in-toto.io/else"),
        {
            "attestations": [
                {"predicateType": "https://slsa.dev/provenance/v1", "bundle": {"dsseEnvelope": {"payload": "A"}}}
            ]
        },
        {
            "attestations": [
                {"predicateType": "https://slsa.dev/provenance/v1", "bundle": {"dsseEnvelope": {"payload": "ü"}}}
            ]
        },
    ],
)
def test_attestations_without_a_provenance_tell_nothing(attestations: object) -> None:
    assert registry.read_publisher("1.0.0", {}, attestations) == Publisher("1.0.0")


def test_a_publisher_takes_two_requests_and_the_second_only_with_attestations() -> None:
    manifest = {
        "_npmUser": {"trustedPublisher": {"id": "github"}},
        "dist": {"attestations": {"url": "https://evil.example/"}},
    }
    with wire.serving(
        wire.answer(body=json.dumps(manifest).encode()), wire.answer(body=json.dumps(attested(SLSA)).encode())
    ) as server:
        assert publisher(server.url + "/sub/", "@s/p", "1.0.0-x+y") == Publisher(
            "1.0.0-x+y", True, "o/r", "publish.yml"
        )
    assert [request.split(b" ")[1] for request in server.received] == [
        b"/sub/@s%2fp/1.0.0-x+y",
        b"/-/npm/v1/attestations/@s%2fp@1.0.0-x+y",
    ]
    with wire.serving(wire.answer(body=b'{"_npmUser":{"name":"someone"}}')) as server:
        assert publisher(server.url) == Publisher("1.0.0", False)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "script",
    [wire.answer(404), wire.answer(500), wire.answer(body=b"<html>"), wire.raw(b"")],
    ids=["404", "500", "html", "none"],
)
def test_a_publisher_whose_manifest_cannot_be_had_is_none(script: wire.Script) -> None:
    with wire.serving(script) as server:
        assert publisher(server.url) is None


def test_attestations_that_cannot_be_had_leave_the_workflow_open() -> None:
    manifest = json.dumps({"_npmUser": {"trustedPublisher": {}}, "dist": {"attestations": {}}}).encode()
    with wire.serving(wire.answer(body=manifest), wire.raw(b"")) as server:
        assert publisher(server.url) == Publisher("1.0.0", True)


@pytest.mark.parametrize(
    ("trusted", "staged", "told"), [(True, False, True), (False, False, False), (False, True, None)]
)
def test_the_rehearsals_documents_name_the_publisher(trusted: bool, staged: bool, told: bool | None) -> None:
    record = PublishedVersion(
        "1.0.0", trusted=trusted, staged=staged, source=("o/r", ".github/workflows/p.yml", "refs/tags/v1")
    )
    full = rehearsed.packument("@s/p", PublishedPackage((record,)), host="registry.example", full=True)
    found = registry.read_publisher("1.0.0", full["versions"]["1.0.0"], rehearsed.attestations("@s/p", record))
    assert found == Publisher("1.0.0", told, "o/r", "p.yml")


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)
KEYS = (
    "versions", "dist-tags", "deprecated", "_npmUser", "trustedPublisher", "approver", "attestations", "bundle",
    "predicateType", "dsseEnvelope", "payload", "predicate", "buildDefinition", "externalParameters", "workflow",
    "invocation", "configSource", "uri", "entryPoint", "repository", "path", "buildType", "parameters", "dist",
)  # fmt: skip
documents: st.SearchStrategy[Any] = st.recursive(
    json_values,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=10,
)


@SLOWLY
@given(documents)
def test_no_packument_raises(document: object) -> None:
    found = registry.read_packument(document)
    assert all(text.isprintable() for text in (*found.versions, *found.deprecated, *found.tags, *found.tags.values()))
    assert found.deprecated <= found.versions


@SLOWLY
@given(documents, documents)
def test_no_manifest_and_no_attestations_raise(manifest: object, attestations: object) -> None:
    found = registry.read_publisher("1.0.0", manifest, attestations)
    assert found.trusted in {True, False, None}


@SLOWLY
@given(documents)
def test_no_provenance_raises(statement: object) -> None:
    repository, workflow = registry.read_provenance(statement)
    assert (repository or "").isprintable()
    assert (workflow or "").isprintable()
