"""What `safepublish workflow` leaves for GitHub Actions."""

import pytest

from safepublish.causes import judge
from safepublish.facts.step import File, Judged
from safepublish.report import job_summary, workflow_github
from tests.support import steps

TOO_OLD = steps.changed(('"24"', '"22"'))
UNTOLD = steps.changed(('"24"', "${{ vars.NODE }}"))
UNREADABLE = "on: push\njobs: [\n"

Told = tuple[File, tuple[Judged, ...]]


def read(text: str, **waive: str) -> Told:
    file = steps.read(text)
    given = {name.replace("_", "-"): reason for name, reason in waive.items()}
    return file, judge.judge_steps(file, given)


# Judged while the real causes are in place: the tests of this directory have others.
BROKEN, UNKNOWN, TROUBLED = read(TOO_OLD), read(UNTOLD), read(UNREADABLE)
WAIVED = read(TOO_OLD, npm_too_old="a *reason*")


@pytest.mark.parametrize(
    ("files", "verdict", "found"),
    [
        ([], "pass", ""),
        ([read(steps.WORKFLOW)], "pass", ""),
        ([BROKEN], "refuse", "npm-too-old"),
        ([UNKNOWN], "unknown", "npm-too-old"),
        ([UNKNOWN, BROKEN], "refuse", "npm-too-old"),
        ([TROUBLED], "unknown", ""),
        ([WAIVED], "pass", ""),
    ],
)
def test_outputs(files: list[Told], verdict: str, found: str) -> None:
    assert workflow_github.outputs(files, "/tmp/report.json") == (
        f"verdict={verdict}\ncauses={found}\nreport=/tmp/report.json\npublished=false\n"
    )


def test_the_summary_of_a_broken_step() -> None:
    summary = workflow_github.summary([BROKEN])
    head, _, section = summary.partition("\n### ❌ Broken: npm is too old for trusted publishing\n")
    assert head == (
        "## safepublish: 1 publish step in 1 workflow file: 1 broken\n"
        "\n"
        "| step | at | verdict |\n"
        "| --- | --- | --- |\n"
        "| publish, step 3 | `.github/workflows/publish.yml:13` | ❌ broken |\n"
    )
    assert section.startswith("\n`npm-too-old`: ")
    assert "\nIn `.github/workflows/publish.yml:12:25`\n" in section
    assert '\n```diff\n-          node-version: "22"\n+          node-version: "24"\n```\n' in section


def test_the_summary_of_what_was_waived_and_of_what_cannot_be_read() -> None:
    waived = workflow_github.summary([WAIVED])
    assert "### Waived: npm is too old for trusted publishing\n" in waived
    assert waived.endswith("Waived: a &#42;reason&#42;\n")
    unreadable = workflow_github.summary([TROUBLED])
    assert "❌ .github/workflows/publish.yml:" in unreadable
    assert "GitHub cannot read this file" in unreadable


def test_a_summary_too_long_for_github_ends_in_words() -> None:
    file, judged = BROKEN
    many = judged * (job_summary.MOST_ROWS + 1)
    summary = workflow_github.summary([(file, many)])
    assert "\nand 1 more\n" in summary
    assert len(workflow_github.summary([(file, judged)] * 3000).encode()) < 1024 * 1024


def test_without_a_publish_step_there_is_one_line() -> None:
    assert workflow_github.summary([read("on: push\njobs: {}\n")]) == (
        "## safepublish: no step that publishes to npm was found in 1 workflow file\n"
    )
