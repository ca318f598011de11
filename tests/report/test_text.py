"""What a person reads in the terminal, word for word."""

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.causes import judge
from safepublish.facts.finding import Answer, Finding
from safepublish.facts.log import Attempt
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import Exchange, Packument
from safepublish.report import after_publish, diagnostics, text
from tests.support import runs
from tests.support.reports import OTHER_WORKFLOW, READY, SITUATIONS

HOSTILE = st.text(st.one_of(st.sampled_from(list(":#[]\x1b\x07 \r\n\t+-error%\u202e\ufe0f\ud800")), st.characters()))


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_whole_text(
    name: str, situations: Mapping[str, Report], matches_snapshot: Callable[[str, str], None]
) -> None:
    matches_snapshot(f"{name}.txt", text.render(situations[name]))


def test_a_claims_table_without_a_last_publisher_has_no_column_for_it(situations: Mapping[str, Report]) -> None:
    (judged,) = situations["publisher mismatch"].packages
    package = judged.run.package._replace(packument=Packument())
    shown = text.render(_with(situations["publisher mismatch"], package=package))
    assert [line.strip() for line in shown.splitlines()[2:6]] == [
        "claim          this run",
        "repository     octo/left",
        "workflow file  publish.yml",
        "environment    npm",
    ]


def test_colour_marks_the_cause_and_the_mend_and_nothing_else(
    situations: Mapping[str, Report], matches_snapshot: Callable[[str, str], None]
) -> None:
    coloured = text.render(situations["npm too old"], colour=True)
    assert re.sub(r"\x1b\[[0-9;]+m", "", coloured) == text.render(situations["npm too old"])
    matches_snapshot("npm too old, coloured.txt", coloured.replace("\x1b", "ESC"))


def test_a_terminal_without_unicode_gets_ascii(situations: Mapping[str, Report]) -> None:
    shown = text.render(situations["checked and fine"], unicode=False)
    assert shown.isascii()
    assert shown.startswith("safepublish: left@1.2.0 can be published")


NARROW = [(60, False, False), (60, True, True), (80, False, True), (120, True, False)]


@pytest.mark.parametrize(("width", "colour", "unicode"), NARROW)
@pytest.mark.parametrize("name", ["several packages", "npm too old", "publisher mismatch", "laptop", "warned"])
def test_no_line_is_longer_than_the_page(
    name: str,
    width: int,
    situations: Mapping[str, Report],
    matches_snapshot: Callable[[str, str], None],
    *,
    colour: bool,
    unicode: bool,
) -> None:
    coloured = text.render(situations[name], colour=colour, unicode=unicode, width=width)
    shown = re.sub(r"\x1b\[[0-9;]+m", "", coloured)
    for line in shown.splitlines():
        pasted = "npm trust " in line or re.match(r" *(\d+ \||[-+] )", line)
        assert len(line) <= width or pasted or " " not in line.strip(), line
    assert unicode or shown.isascii()
    variant = f"{name}, {width}{', coloured' if colour else ''}{'' if unicode else ', ascii'}.txt"
    matches_snapshot(variant, coloured.replace("\x1b", "ESC"))


def test_three_packages_without_a_publisher_are_few_lines() -> None:
    three = [
        runs.package(READY, name=name, exchange_result=runs.NO_PUBLISHER, packument=OTHER_WORKFLOW) for name in "abc"
    ]
    shown = text.render(judge.report(three, goes_on=True), width=80)
    assert shown.count("error[publisher-mismatch]") == 1
    assert "   = note: affects a@1.2.0, b@1.2.0, c@1.2.0\n" in shown
    assert all(f"npm trust github {name} " in shown for name in "abc")
    assert len(shown.splitlines()) < 25


def test_what_is_true_only_of_a_failure_is_not_shown_once_it_is_published() -> None:
    fails = Finding("npm-too-old", Answer.FAIL, "npm is too old", ("one",), if_it_fails=("and then fails",))
    assert diagnostics.of_finding(fails).notes == ("one", "and then fails")
    assert diagnostics.of_finding(fails, published=True).notes == ("one",)
    assert diagnostics.of_finding(fails._replace(answer=Answer.WARN)).notes == ("one",)


def test_an_exchange_that_was_not_asked_for_is_not_said_to_have_worked(situations: Mapping[str, Report]) -> None:
    (fine,) = situations["checked and fine"].packages
    package = fine.run.package._replace(
        exchange_result=fine.run.package.exchange_result._replace(exchange=Exchange.NOT_ASKED)
    )
    report = Report((fine._replace(run=fine.run._replace(package=package)),), Verdict.PASS, goes_on=False)
    assert "through OIDC" not in text.render(report).splitlines()[0]


def _many(count: int, run_of: Judged) -> Report:
    packages = []
    for number in range(count):
        package = runs.changed_package(run_of.run.package, name=f"p{number}")
        finding = Finding("package-missing", Answer.FAIL, f"reason{number}")
        packages.append(Judged(run_of.run._replace(package=package), (finding,), Verdict.REFUSE))
    return Report(tuple(packages), Verdict.REFUSE, goes_on=False)


@pytest.mark.parametrize(
    ("count", "more"),
    [
        (text.MOST_FINDINGS, []),
        (text.MOST_FINDINGS + 1, ["... and 1 more: `safepublish check --format json` has all"]),
        (text.MOST_PACKAGES, ["... and 10 more: `safepublish check --format json` has all"]),
        (text.MOST_PACKAGES + 1, ["... and 11 more: `safepublish check --format json` has all", "    ... and 1 more"]),
    ],
)
def test_hundreds_of_packages_are_counted_not_listed(
    count: int, more: list[str], situations: Mapping[str, Report]
) -> None:
    shown = text.render(_many(count, situations["silent"].packages[0]))
    assert [line for line in shown.splitlines() if "more" in line and "..." in line] == more


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (8, "p0@1.2.0, p1@1.2.0, p2@1.2.0, p3@1.2.0, p4@1.2.0, p5@1.2.0, p6@1.2.0, p7@1.2.0"),
        (9, "p0@1.2.0, p1@1.2.0, p2@1.2.0, p3@1.2.0, p4@1.2.0, p5@1.2.0, p6@1.2.0, p7@1.2.0 and 1 more"),
    ],
)
def test_a_finding_of_many_packages_names_the_first(count: int, named: str, situations: Mapping[str, Report]) -> None:
    same = Finding("npm-missing", Answer.FAIL, "no npm")
    report = _many(count, situations["silent"].packages[0])
    report = report._replace(packages=tuple(judged._replace(findings=(same,)) for judged in report.packages))
    assert f"   = note: affects {named}\n" in text.render(report, width=200)


def _with(report: Report, **changes: object) -> Report:
    (judged,) = report.packages
    return report._replace(packages=(judged._replace(run=judged.run._replace(**changes)),))  # type: ignore[arg-type]


def test_a_verdict_without_a_finding_is_its_headline(situations: Mapping[str, Report]) -> None:
    (judged,) = situations["silent"].packages
    report = Report((judged._replace(verdict=Verdict.UNKNOWN),), Verdict.UNKNOWN, goes_on=False)
    assert text.render(report) == "unknown: npm publish may fail for left@1.2.0: a check was inconclusive\n"


def test_all_packages_fine(situations: Mapping[str, Report], matches_snapshot: Callable[[str, str], None]) -> None:
    (judged,) = situations["silent"].packages
    scoped = runs.package(judged.run, name="@acme/core")
    report = Report((judged, judged._replace(run=scoped)), Verdict.PASS, goes_on=False)
    matches_snapshot("all packages fine.txt", text.render(report))


@given(outside=HOSTILE, colour=st.booleans(), unicode=st.booleans(), width=st.integers(0, 120))
def test_no_text_from_outside_controls_the_terminal_or_the_runner(
    hostile: Callable[[str], Report], outside: str, *, colour: bool, unicode: bool, width: int
) -> None:
    report = hostile(outside)
    attempt = Attempt(outside, outside, oidc=outside)
    finding = report.packages[0].findings[0]
    for shown in (
        text.render(report, colour=colour, unicode=unicode, width=width),
        text.render(report._replace(verdict=Verdict.PASS), colour=colour, unicode=unicode, width=width),
        after_publish.after_failure((finding, finding), colour=colour, unicode=unicode, width=width),
        after_publish.after_success(attempt, report),
    ):
        for line in shown.split("\n"):
            seen = re.sub(r"\x1b\[[0-9;]+m", "", line) if colour else line
            assert seen.isprintable()
            assert not seen.lstrip().startswith("::")
            assert "##[" not in seen


def test_a_hostile_name_stays_in_its_place(situations: Mapping[str, Report]) -> None:
    package = situations["npm too old"].packages[0].run.package
    report = _with(
        situations["npm too old"], package=runs.changed_package(package, name="\n::error::\x1b[2J##[group]\u202ex")
    )
    assert text.render(report).splitlines()[-1] == (
        "error: ::error::## [group]x@1.2.0 was not published: 1 error (npm-too-old)"
    )
    both = report._replace(packages=(*report.packages, *situations["silent"].packages))
    assert text.render(both, width=120).splitlines()[-5:] == [
        "    package               version  published  verdict  cause",
        "    : :error::## [group]x  1.2.0    no         refuse   npm-too-old",
        "    left                  1.2.0    no         pass",
        "",
        "error: nothing was published: 1 of 2 packages has errors (1 is ready)",
    ]
