"""The JSON report: schema 1, and the schema file that documents it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.facts.report import Report
from safepublish.facts.run import Options
from safepublish.report.documents import check as as_json

SCHEMA = Path(__file__).parents[3] / "docs" / "schema" / "check.schema.json"

MISMATCH = {
    "schema": 1,
    "verdict": "refuse",
    "environment": {
        "command": "publish",
        "dry_run": False,
        "npm": {"version": "11.6.2", "path": "/usr/local/bin/npm"},
        "node": {"version": "24.11.1", "path": "/usr/local/bin/node"},
        "ci": "GitHub Actions",
        "event": "push",
        "runner_environment": "github-hosted",
        "workflow_ref": "acme/left-pad/.github/workflows/publish.yml@refs/tags/v1.2.3",
        "options": {
            "allow_token": False,
            "probe": True,
            "strict": False,
            "waive": {},
            "format": "text",
            "deadline": 15.0,
            "already_published": None,
        },
    },
    "packages": [
        {
            "name": "left-pad",
            "version": "1.2.3",
            "registry": "https://registry.npmjs.org/",
            "already_published": None,
            "left_out": False,
            "verdict": "refuse",
            "findings": [
                {
                    "id": "publisher-mismatch",
                    "answer": "fail",
                    "message": "registry.npmjs.org knows left-pad but refuses this workflow: 404 package not found",
                    "evidence": [
                        "repository: acme/left-pad (last publisher: acme/left-pad)",
                        "workflow file: publish.yml (last publisher: release.yml)",
                        "environment: npm",
                        "This job runs in the environment npm: the publisher must name that one, or none.",
                    ],
                    "remedy": {
                        "text": "Enter this workflow as the trusted publisher of left-pad.",
                        "command": "npm trust github left-pad --repo acme/left-pad --file publish.yml",
                        "diff": None,
                    },
                    "location": None,
                },
                {
                    "id": "token-conflict",
                    "answer": "warn",
                    "message": "a token is in reach and would publish without a word if OIDC failed",
                    "evidence": ["//registry.npmjs.org/:_authToken in /home/runner/work/_temp/.npmrc:1"],
                    "remedy": {"text": "Remove the secret from the step.", "command": None, "diff": None},
                    "location": None,
                },
                {
                    "id": "provenance-redundant",
                    "answer": "warn",
                    "message": "--provenance is automatic with trusted publishing",
                    "evidence": [],
                    "remedy": None,
                    "location": None,
                },
            ],
        }
    ],
}


def test_the_whole_document(situations: Mapping[str, Report]) -> None:
    assert json.loads(as_json.render(situations["publisher mismatch"])) == MISMATCH


def test_the_schema_file_is_current() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == as_json.schema(), "run: make docs"


def test_every_situation_is_valid_under_the_schema(situations: Mapping[str, Report]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for report in situations.values():
        jsonschema.Draft202012Validator(schema).validate(json.loads(as_json.render(report)))


def test_a_location_has_line_and_column(situations: Mapping[str, Report]) -> None:
    (finding,) = json.loads(as_json.render(situations["npm too old"]))["packages"][0]["findings"]
    assert finding["location"] == {"path": ".github/workflows/publish.yml", "line": 14, "column": 11}


def test_what_is_not_known_is_null(situations: Mapping[str, Report]) -> None:
    (judged,) = situations["laptop"].packages
    package = judged.run.package._replace(name=None, version=None, registry=None)
    run = judged.run._replace(npm=None, package=package)
    document = json.loads(as_json.render(situations["laptop"]._replace(packages=(judged._replace(run=run),))))
    environment = document["environment"]
    assert [environment[key] for key in ("npm", "node", "ci", "event", "runner_environment", "workflow_ref")] == [
        None
    ] * 6
    assert [document["packages"][0][key] for key in ("name", "version", "registry")] == [None] * 3


def test_without_a_package_there_is_no_environment(situations: Mapping[str, Report]) -> None:
    document = json.loads(as_json.render(situations["no package"]))
    assert document == {"schema": 1, "verdict": "pass", "environment": None, "packages": []}


def test_what_was_waived_is_told_with_its_reason(situations: Mapping[str, Report]) -> None:
    (judged,) = situations["warned"].packages
    run = judged.run._replace(options=Options(waive={"self-hosted-runner": "provenance is off"}))
    document = json.loads(as_json.render(situations["warned"]._replace(packages=(judged._replace(run=run),))))
    assert document["environment"]["options"]["waive"] == {"self-hosted-runner": "provenance is off"}
    assert [finding["id"] for finding in document["packages"][0]["findings"]] == [
        "token-conflict",
        "self-hosted-runner",
    ]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:canary@npm.acme.example/", "https://npm.acme.example/"),
        ("https://canary@npm.acme.example/p/", "https://npm.acme.example/p/"),
        ("https://npm.acme.example/@scope/", "https://npm.acme.example/@scope/"),
    ],
)
def test_no_password_in_the_registry_is_told(url: str, shown: str, situations: Mapping[str, Report]) -> None:
    (judged,) = situations["silent"].packages
    registry = judged.run.package.registry
    assert registry is not None
    run = judged.run._replace(package=judged.run.package._replace(registry=registry._replace(value=url)))
    document = as_json.render(situations["silent"]._replace(packages=(judged._replace(run=run),)))
    assert json.loads(document)["packages"][0]["registry"] == shown
    assert "canary" not in document


@given(outside=st.text(st.one_of(st.sampled_from(list('#[]:"\\\x1b\n\u202e\ud800')), st.characters())))
def test_any_text_makes_a_valid_document(hostile: Callable[[str], Report], outside: str) -> None:
    shown = as_json.render(hostile(outside))
    assert shown.isascii()
    assert "##[" not in shown
    told = json.loads(shown)["packages"][0]["findings"][0]["message"]
    assert told == "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in outside)
