"""The documents that the registry answers with: packuments, manifests and attestations."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from safepublish.rehearsal.packages import PublishedPackage, PublishedVersion
from safepublish.rehearsal.provenance import GITHUB

_SLSA = "https://slsa.dev/provenance/v1"
_TIME = "2026-01-01T00:00:00.000Z"
_MAINTAINER = {"name": "octo", "email": "octo@example.com"}
_TRUSTED_PUBLISHER = {
    "name": "GitHub Actions",
    "email": "npm-oidc-no-reply@github.com",
    "trustedPublisher": {"id": "github", "oidcConfigId": "oidc:00000000-0000-4000-8000-000000000000"},
}


def packument(name: str, package: PublishedPackage, *, host: str, full: bool) -> dict[str, Any]:
    """The document about *package*; the abbreviated one lacks `_npmUser` and `time`."""
    records = package.records()
    versions = {version: _manifest(name, record, host=host, full=full) for version, record in records.items()}
    document = {"name": name, "dist-tags": package.dist_tags(), "versions": versions}
    if not full:
        return document | {"modified": _TIME}
    times = {"created": _TIME, "modified": _TIME} | dict.fromkeys(records, _TIME)
    return {"_id": name, "_rev": "1-rehearsal"} | document | {"time": times, "maintainers": [_MAINTAINER]}


def _manifest(name: str, record: PublishedVersion, *, host: str, full: bool) -> dict[str, Any]:
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
        user = _MAINTAINER | {"approver": _MAINTAINER["name"]} if record.staged else _MAINTAINER
        document["_id"] = f"{name}@{record.version}"
        document["_npmUser"] = _TRUSTED_PUBLISHER if record.trusted else user
    return document


def attestations(name: str, record: PublishedVersion) -> dict[str, Any]:
    """The attestations of one version: the registry's statement about the publish, and the provenance."""
    repository, path, ref = record.source or ("", "", "")
    workflow = {"ref": ref, "repository": f"{GITHUB}{repository}", "path": path}
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
