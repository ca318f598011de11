"""The model that every form shows."""

import pytest

from safepublish.causes import judge
from safepublish.facts.finding import Answer, Finding, Location, Remedy
from safepublish.report import diagnostics
from safepublish.report.diagnostics import Subjects
from safepublish.report.severity import Severity
from tests.support import steps
from tests.support.reports import SITUATIONS

FIX = Remedy("Fix it.")


@pytest.mark.parametrize(
    ("finding", "strict", "severity"),
    [
        (Finding("x", Answer.FAIL, "x"), False, Severity.ERROR),
        (Finding("x", Answer.FAIL, "x", waived="known"), False, Severity.ERROR),
        (Finding("x", Answer.UNKNOWN, "x"), False, Severity.UNKNOWN),
        (Finding("x", Answer.UNKNOWN, "x"), True, Severity.ERROR),
        (Finding("x", Answer.UNKNOWN, "x", waived="known"), True, Severity.UNKNOWN),
        (Finding("x", Answer.WARN, "x", remedy=FIX), True, Severity.WARNING),
        (Finding("x", Answer.WARN, "x"), True, Severity.INFO),
    ],
)
def test_the_severity_is_what_a_finding_does_to_the_verdict(
    finding: Finding, severity: Severity, *, strict: bool
) -> None:
    assert diagnostics.of_finding(finding, strict=strict).severity is severity


def test_errors_come_first_and_waived_findings_last() -> None:
    found = diagnostics.of_report(SITUATIONS["several packages"])
    assert [(one.id, one.severity, one.waived) for one in found] == [
        ("version-published", Severity.ERROR, None),
        ("registry-unreachable", Severity.UNKNOWN, None),
        ("token-conflict", Severity.WARNING, None),
        ("self-hosted-runner", Severity.ERROR, "provenance is off"),
    ]


def test_a_finding_of_several_packages_is_shown_once_with_their_names() -> None:
    *_, conflict, waived = diagnostics.of_report(SITUATIONS["several packages"])
    assert conflict.subjects == Subjects(("@octo/core@1.1.0", "@octo/cli@1.2.0"))
    assert len(waived.subjects.names) == 4
    (old,) = diagnostics.of_report(SITUATIONS["npm too old"])
    assert old.subjects == Subjects()


def test_subjects_that_are_not_named_are_counted() -> None:
    assert Subjects(("a", "b"), 3).text(str.upper) == "A, B and 3 more"
    assert Subjects(("job, step 1", "job, step 2"), separator="; ").text() == "job, step 1; job, step 2"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_finding_of_a_file_has_the_line_of_its_first_place(end: str) -> None:
    file = steps.read(steps.changed(('"24"', '"22"')).replace("\n", end))
    (old,) = diagnostics.of_steps(file, judge.judge_steps(file))
    assert old.locations == (Location(file.path, 12, 25),)
    assert old.source == '          node-version: "22"'


def test_notes_that_repeat_the_table_are_not_shown_beside_it() -> None:
    mismatch, _ = diagnostics.of_report(SITUATIONS["publisher mismatch"])
    assert [row[0] for row in mismatch.table] == ["claim", "repository", "workflow file", "environment"]
    assert len(mismatch.notes) == 5
    assert mismatch.notes_beside_table == mismatch.notes[3:]
