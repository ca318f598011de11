"""The job summary of GitHub Actions, word for word."""

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.facts.finding import Answer, Finding
from safepublish.facts.log import Attempt, Line
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.logs.log import Log
from safepublish.report import job_summary
from tests.support import runs
from tests.support.reports import SITUATIONS

# ruff: noqa: E501 - a paragraph is one line, whatever it holds

HOSTILE = st.text(st.one_of(st.sampled_from(list(":#[]\x1b\x07 \r\n\t`|<>@,=%\u202e\ufe0f\ud800")), st.characters()))


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_whole_summary(
    name: str, situations: Mapping[str, Report], matches_snapshot: Callable[[str, str], None]
) -> None:
    matches_snapshot(f"{name}.md", job_summary.render(situations[name]))


def test_without_a_package_there_is_no_summary(situations: Mapping[str, Report]) -> None:
    assert job_summary.render(situations["no package"]) == ""


def _many(count: int, judged: Judged, message: str = "does not exist") -> Report:
    found = (Finding("package-missing", Answer.FAIL, f"p{number} {message}") for number in range(count))
    return Report(tuple(Judged(judged.run, (finding,), Verdict.REFUSE) for finding in found), Verdict.REFUSE, False)


def test_a_summary_too_long_for_github_says_where_the_rest_is(situations: Mapping[str, Report]) -> None:
    summary = job_summary.render(_many(4000, situations["silent"].packages[0], "ü" * 400))
    assert len(summary.encode()) < 1024 * 1024
    assert summary.endswith("The rest does not fit here: `safepublish check --format json` has it all.\n")
    assert "\nand 3700 more\n" in summary


@given(outside=HOSTILE)
def test_no_text_from_outside_is_markup_in_the_summary(hostile: Callable[[str], Report], outside: str) -> None:
    summary = job_summary.render(hostile(outside))
    assert summary.encode()
    open_fence = ""
    for line in summary.split("\n"):
        assert line.isprintable()
        fence = re.fullmatch(r"(`{3,})\w*", line)
        if open_fence:
            open_fence = "" if line == open_fence else open_fence
        elif fence:
            open_fence = fence[1]
        else:
            assert line == "" or line.startswith(
                ("## ", "### ", "| ", "`", "Affects ", "- ", "In ", "**Help", "[What", "These are", "Waived")
            )
            assert "<" not in re.sub(r"`[^`]*`|</?code>", "", line)
            assert not re.search(r"@(?!&#8203;)", re.sub(r"`[^`]*`|<code>.*?</code>|https?://\S*", "", line))
            assert not line.startswith("| ") or line.count("|") in {3, 4, 5, 6}
    assert not open_fence


PUBLISHED = Attempt("left", "1.2.0", exchanged=True, put_status=200)
BY_TOKEN = PUBLISHED._replace(exchanged=False)


def test_the_summary_of_a_failure_holds_the_likely_cause_in_full(situations: Mapping[str, Report]) -> None:
    report = situations["publisher mismatch"]
    findings = report.packages[0].findings
    summary = job_summary.after_failure(findings, Log(), report, 1)
    assert summary.startswith(
        "\n### ❌ npm publish exited with code 1: no trusted publisher of the package matches this run\n\n`publisher-mismatch`: "
    )
    assert (
        "\n```sh\nnpm trust github left --repo octo/left --file publish.yml --env npm --allow-publish\n```\n" in summary
    )
    assert summary.endswith("\nCould also be: `token-conflict`\n")


def test_the_summary_of_a_failure_without_a_cause_holds_npms_words(situations: Mapping[str, Report]) -> None:
    summary = job_summary.after_failure((), Log(errors=(Line(1, "code 7"), Line(2, "```<b>"))), situations["warned"], 7)
    assert summary == "\n### ❌ npm publish exited with code 7\n\n````\ncode 7\n```<b>\n````\n"
    assert job_summary.after_failure((), Log(), situations["warned"], 7).endswith("exited with code 7\n\n")


def test_the_summary_of_a_publish_says_through_what(situations: Mapping[str, Report]) -> None:
    report = situations["warned"]
    assert job_summary.after_success((PUBLISHED, Attempt()), report) == (
        "\n- published `left@1.2.0` through OIDC (trusted publishing).\n"
    )
    assert (
        "` with a token (from /home/runner/work/&#95;temp/.npmrc:1), not through OIDC: npm did not try it."
        in job_summary.after_success((BY_TOKEN,), report)
    )
    (judged,) = report.packages
    tried = report._replace(packages=(judged._replace(run=runs.command(judged.run, dry_run=True)),))
    assert job_summary.after_success((PUBLISHED,), tried) == ""
