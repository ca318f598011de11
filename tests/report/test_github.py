"""The annotations of GitHub Actions, word for word."""

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.facts.finding import Answer, Finding, Remedy
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.report import after_publish, github, text

# ruff: noqa: E501 - an annotation is one line, whatever it holds
HOSTILE = st.text(st.one_of(st.sampled_from(list(":#[]\x1b\x07 \r\n\t`|<>@,=%\u202e\ufe0f\ud800")), st.characters()))
ANNOTATIONS: Mapping[str, str] = {
    "npm too old": """\
::error file=.github/workflows/publish.yml,line=14,col=11,title=safepublish%3A npm-too-old::npm 10.9.4 is older than 11.5.1, the first that knows trusted publishing%0ASeen: /opt/hostedtoolcache/node/22.20.0/x64/bin/npm%0AMend: Use Node 24, which brings npm 11.%0A-  node-version: "22"%0A+  node-version: "24"
""",
    "several packages": """\
::error file=.github/workflows/publish.yml,line=14,col=11,title=safepublish%3A npm-too-old::npm 10.9.4 is older than 11.5.1, the first that knows trusted publishing%0AFor: @acme/core@2.0.0, @acme/cli@2.0.0%0ASeen: /opt/hostedtoolcache/node/22.20.0/x64/bin/npm%0AMend: Use Node 24, which brings npm 11.%0A-  node-version: "22"%0A+  node-version: "24"
::warning title=safepublish%3A token-conflict::a token is in reach and would publish without a word if OIDC failed%0AFor: @acme/core@2.0.0%0ASeen: //registry.npmjs.org/:_authToken in /home/runner/work/_temp/.npmrc:1%0AMend: Remove the secret from the step.
::notice title=safepublish%3A registry-unreachable::registry.npmjs.org did not answer within 15 seconds%0AFor: @acme/net@0.9.0
""",
    "publisher mismatch": """\
::error title=safepublish%3A publisher-mismatch::registry.npmjs.org knows left-pad but refuses this workflow: 404 package not found%0ASeen: repository: acme/left-pad (last publisher: acme/left-pad)%0ASeen: workflow file: publish.yml (last publisher: release.yml)%0ASeen: environment: npm%0AMend: Enter this workflow as the trusted publisher of left-pad.%0Anpm trust github left-pad --repo acme/left-pad --file publish.yml
::warning title=safepublish%3A token-conflict::a token is in reach and would publish without a word if OIDC failed%0ASeen: //registry.npmjs.org/:_authToken in /home/runner/work/_temp/.npmrc:1%0AMend: Remove the secret from the step.
::notice title=safepublish%3A provenance-redundant::--provenance is automatic with trusted publishing
""",
    "not told": """\
::notice title=safepublish%3A registry-unreachable::registry.npmjs.org did not answer within 15 seconds
""",
    "not told, strict": """\
::error title=safepublish%3A registry-unreachable::registry.npmjs.org did not answer within 15 seconds
""",
    "warned": """\
::warning title=safepublish%3A token-conflict::a token is in reach and would publish without a word if OIDC failed%0ASeen: //registry.npmjs.org/:_authToken in /home/runner/work/_temp/.npmrc:1%0AMend: Remove the secret from the step.
""",
    "laptop": """\
::error title=safepublish%3A publisher-mismatch::registry.npmjs.org knows left-pad but refuses this workflow: 404 package not found%0ASeen: repository: acme/left-pad (last publisher: acme/left-pad)%0ASeen: workflow file: publish.yml (last publisher: release.yml)%0ASeen: environment: npm%0AMend: Enter this workflow as the trusted publisher of left-pad.%0Anpm trust github left-pad --repo acme/left-pad --file publish.yml
""",
    "checked and fine": "",
    "silent": "",
    "with a token": "",
    "no package": "",
}


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_annotations(name: str, situations: Mapping[str, Report]) -> None:
    assert github.annotations(situations[name]) == ANNOTATIONS[name]


def test_the_log_holds_the_text_and_then_the_annotations(situations: Mapping[str, Report]) -> None:
    report = situations["npm too old"]
    assert github.render(report) == text.render(report) + ANNOTATIONS["npm too old"]


def test_after_a_failure_the_likely_cause_is_an_annotation_too(situations: Mapping[str, Report]) -> None:
    findings = situations["publisher mismatch"].packages[0].findings
    assert github.after_failure(findings) == (
        after_publish.after_failure(findings) + ANNOTATIONS["publisher mismatch"].splitlines()[0] + "\n"
    )
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
