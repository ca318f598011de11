"""The JSON report: schema 1, and the schema file that documents it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.facts.report import Report
from safepublish.report.documents import check as as_json
from tests.support import runs
from tests.support.reports import SITUATIONS

SCHEMA = Path(__file__).parents[3] / "docs" / "schema" / "check.schema.json"


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_whole_document(
    name: str, situations: Mapping[str, Report], matches_snapshot: Callable[[str, str], None]
) -> None:
    matches_snapshot(f"{name}.json", f"{as_json.render(situations[name])}\n")


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
    package = runs.changed_package(judged.run.package, name=None, version=None, registry=None)
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
    document = json.loads(as_json.render(situations["warned"]))
    assert document["environment"]["options"]["waive"] == {"self-hosted-runner": "provenance is off"}
    assert [finding["id"] for finding in document["packages"][0]["findings"]] == [
        "self-hosted-runner",
        "token-conflict",
        "provenance-redundant",
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
    registry = judged.run.package.settings.registry
    assert registry is not None
    run = runs.package(judged.run, registry=registry._replace(value=url))
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
