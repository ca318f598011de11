"""The embedded registry responds as npmjs.com does, of which `npmjs_responses.json` is the record.

The record is data and shares nothing with the package: an error about npmjs.com that the embedded registry and
safepublish's own reader have in common fails here. Each row names its source. A text that begins with ``~`` is a
pattern; a key that a row does not name may be there, unless `absent` lists its path.
"""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from safepublish.detect import registry as reader
from safepublish.rehearsal import GitHubJob, Grant, PublishedPackage, PublishedVersion, Registry, TrustedPublisher
from safepublish.rehearsal.messages import Request, Response

ROWS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("npmjs_responses.json").read_text(encoding="utf-8"))
EXCHANGE = "/-/npm/v1/oidc/token/exchange/package/"
HOST = "registry.npmjs.org"
PUBLISHER = TrustedPublisher("octo-org/hello", "publish.yml")


def new_registry() -> Registry:
    source = ("octo-org/hello", ".github/workflows/publish.yml", "refs/tags/v1")
    versions = (
        PublishedVersion("1.2.0"),
        PublishedVersion("1.2.1", staged=True),
        PublishedVersion("1.2.2", trusted=True, source=source),
    )
    packages = {
        "@octo/hello": PublishedPackage(versions, publishers=(PUBLISHER,)),
        "@octo/secret": PublishedPackage(public=False),
        "other-publisher": PublishedPackage(publishers=(PUBLISHER._replace(workflow="release.yml"),)),
        "stage-only": PublishedPackage(publishers=(PUBLISHER,), stage_only=True),
    }
    return Registry(packages, tokens={"npm_known": Grant.PUBLISH}, job=GitHubJob("octo-org/hello"))


def send(registry: Registry, row: dict[str, Any], bearer: str | None) -> Response:
    headers = {"host": HOST, "accept": row.get("accept", "*/*")}
    if bearer is not None:
        headers["authorization"] = f"Bearer {bearer}"
    return registry.respond(Request(row["method"], row["path"], headers))


def credential(registry: Registry, row: dict[str, Any]) -> str | None:
    name = row["credential"]
    if name == "exchanged":
        package = "stage-only" if row["path"] == "/stage-only" else "@octo%2fhello"
        exchange = {"method": "POST", "path": EXCHANGE + package}
        token: str = json.loads(send(registry, exchange, registry.id_token(f"npm:{HOST}")).body)["token"]
        return token
    return {
        "none": None,
        "token": "npm_known",
        "unknown token": "npm_revoked",
        "id-token": registry.id_token(f"npm:{HOST}"),
        "id-token of another audience": registry.id_token("npm:registry.example.com"),
    }[name]


def respond(row: dict[str, Any]) -> Response:
    registry = new_registry()
    return send(registry, row, credential(registry, row))


def differences(recorded: object, found: object, path: str = "") -> list[str]:
    """Where *found* differs from what is *recorded*, by path."""
    if isinstance(recorded, dict):
        if not isinstance(found, dict):
            return [f"{path}: {found!r} is not an object"]
        return [text for key in recorded for text in differences(recorded[key], found.get(key), f"{path}.{key}")]
    if isinstance(recorded, str) and recorded.startswith("~"):
        matches = isinstance(found, str) and re.fullmatch(recorded[1:], found)
        return [] if matches else [f"{path}: {found!r} does not match {recorded[1:]}"]
    return [] if recorded == found and type(recorded) is type(found) else [f"{path}: {found!r} is not {recorded!r}"]


def lookup(document: Any, path: str) -> Any:
    """The value at the dotted *path*, in which ``~`` stands for a dot within a key."""
    for key in path.split("."):
        document = document.get(key.replace("~", ".")) if isinstance(document, dict) else None
    return document


@pytest.mark.parametrize("row", ROWS, ids=[row["situation"] for row in ROWS])
def test_the_embedded_registry_responds_as_recorded(row: dict[str, Any]) -> None:
    response = respond(row)
    assert response.status == row["status"]
    assert differences(row.get("headers", {}), response.headers) == []
    document = json.loads(response.body)
    assert differences(row.get("body", {}), document) == []
    assert [path for path in row.get("absent", ()) if lookup(document, path) is not None] == []
    if "statements" in row:
        statements = {
            attestation["predicateType"]: json.loads(base64.b64decode(attestation["bundle"]["dsseEnvelope"]["payload"]))
            for attestation in document["attestations"]
        }
        assert differences(row["statements"], statements) == []


def test_an_exchange_returns_nothing_else_and_its_token_is_valid_for_an_hour() -> None:
    row = ROWS[0]
    document = json.loads(respond(row).body)
    assert set(document) == set(row["body"])
    created, expires = (
        [int(part) for part in re.findall(r"\d+", document[name])[:6]] for name in ("created", "expires")
    )
    minutes = [((day * 24) + hour) * 60 + minute for _, _, day, hour, minute, _ in (created, expires)]
    assert (minutes[1] - minutes[0]) % (24 * 60) == 60


@pytest.mark.parametrize(
    ("version", "trusted"), [("1.2.2", True), ("1.2.1", None), ("1.2.0", False)]
)  # fmt: skip
def test_safepublish_reads_the_recorded_manifests(version: str, trusted: bool | None) -> None:
    """The reader gets the record itself, not the embedded registry's response to it."""
    (row,) = [row for row in ROWS if row["path"] == f"/@octo%2fhello/{version}"]
    (attestations,) = [row for row in ROWS if "statements" in row]
    documents = [
        {
            "predicateType": kind,
            "bundle": {"dsseEnvelope": {"payload": base64.b64encode(json.dumps(statement).encode()).decode()}},
        }
        for kind, statement in attestations["statements"].items()
    ]
    publisher = reader.read_publisher(version, row["body"], {"attestations": documents} if trusted else None)
    assert publisher.trusted is trusted
    assert (publisher.repository, publisher.workflow) == (
        ("octo-org/hello", "publish.yml") if trusted else (None, None)
    )


def test_every_row_names_its_source() -> None:
    assert [row["situation"] for row in ROWS if len(row["source"]) < 20] == []
    assert len({row["situation"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    ("recorded", "found"),
    [
        ({"a": 1}, {"a": "1"}),
        ({"a": True}, {"a": 1}),
        ({"a": {"b": "~x+"}}, {"a": {"b": "y"}}),
        ({"a": {"b": "x"}}, {"a": "b"}),
        ({"a": "x"}, {}),
    ],
)
def test_a_difference_is_found(recorded: object, found: object) -> None:
    assert differences(recorded, found)
