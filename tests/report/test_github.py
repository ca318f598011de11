"""The annotations of GitHub Actions, word for word."""

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.facts.finding import Answer, Finding, Remedy
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.report import after_publish, github, text
from tests.support.reports import SITUATIONS

HOSTILE = st.text(st.one_of(st.sampled_from(list(":#[]\x1b\x07 \r\n\t`|<>@,=%\u202e\ufe0f\ud800")), st.characters()))


@pytest.mark.parametrize("name", SITUATIONS)
def test_annotations(name: str, situations: Mapping[str, Report], matches_snapshot: Callable[[str, str], None]) -> None:
    matches_snapshot(f"{name}.annotations", github.annotations(situations[name]))


def test_the_log_holds_the_text_and_then_the_annotations(situations: Mapping[str, Report]) -> None:
    report = situations["npm too old"]
    assert github.render(report) == text.render(report) + github.annotations(report)


def test_after_a_failure_the_likely_cause_is_an_annotation_too(situations: Mapping[str, Report]) -> None:
    report = situations["publisher mismatch"]
    findings = report.packages[0].findings
    (annotation, _) = github.annotations(report).splitlines()
    assert github.after_failure(findings) == f"{after_publish.after_failure(findings)}{annotation}\n"
    assert github.after_failure(()) == ""


def _many(count: int, judged: Judged, message: str = "does not exist") -> Report:
    found = (Finding("package-missing", Answer.FAIL, f"p{number} {message}") for number in range(count))
    return Report(tuple(Judged(judged.run, (finding,), Verdict.REFUSE) for finding in found), Verdict.REFUSE, False)


@pytest.mark.parametrize(("count", "shown"), [(9, 9), (10, 10), (11, 10)])
def test_no_more_annotations_than_github_shows(count: int, shown: int, situations: Mapping[str, Report]) -> None:
    assert github.annotations(_many(count, situations["silent"].packages[0])).count("::error ") == shown


def test_a_long_diff_is_cut_in_an_annotation(situations: Mapping[str, Report]) -> None:
    diff = "\n".join(f"+ line {number}" for number in range(20))
    finding = Finding("npm-too-old", Answer.FAIL, "x", remedy=Remedy("y", diff=diff))
    judged = situations["silent"].packages[0]._replace(findings=(finding,))
    (line,) = github.annotations(Report((judged,), Verdict.REFUSE, False)).splitlines()
    assert line.endswith("%0A+ line 11%0A…")


_COMMAND = re.compile(r"::(error|warning|notice) ((?:(?:file|line|col|title)=[^,:]*,?)+)::([^\r\n]*)")


@given(outside=HOSTILE)
def test_only_our_own_commands_reach_the_runner(hostile: Callable[[str], Report], outside: str) -> None:
    report = hostile(outside)
    commands = github.annotations(report).split("\n")
    assert commands.pop() == ""
    assert [match[1] for match in map(_COMMAND.fullmatch, commands) if match] == ["error", "warning"]
    rendered = github.render(report).split("\n")
    assert [line for line in rendered if line.lstrip().startswith("::")] == commands
    assert not any("##[" in line for line in rendered)
