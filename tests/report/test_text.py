"""What a person reads in the terminal, word for word."""

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.facts.finding import Answer, Finding, Location, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.log import Attempt
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import Credential, Exchange, Origin, Packument
from safepublish.report import text

HOSTILE = st.text(st.one_of(st.sampled_from(list(":#[]\x1b\x07 \r\n\t+-error%\u202e\ufe0f\ud800")), st.characters()))

EXPECTED: Mapping[str, str] = {
    "npm too old": """\
safepublish refuses to start npm publish for left-pad@1.2.3
✗ npm-too-old: npm 10.9.4 is older than 11.5.1, the first that knows trusted publishing
    Seen: /opt/hostedtoolcache/node/22.20.0/x64/bin/npm
    File: .github/workflows/publish.yml:14:11
    Mend: Use Node 24, which brings npm 11.
          -  node-version: "22"
          +  node-version: "24"
    More: safepublish explain npm-too-old
safepublish: refused by npm-too-old. npm publish was not started.
""",
    "several packages": """\
safepublish refuses to start npm publish for 4 packages, because of 2 of them
    package     version  published  verdict  cause
    @acme/core  2.0.0    ?          refuse   npm-too-old
    @acme/cli   2.0.0    ?          refuse   npm-too-old
    @acme/net   0.9.0    ?          unknown  registry-unreachable
    @acme/docs  0.1.0    ?          pass

✗ npm-too-old: npm 10.9.4 is older than 11.5.1, the first that knows trusted publishing
    For:  @acme/core@2.0.0, @acme/cli@2.0.0
    Seen: /opt/hostedtoolcache/node/22.20.0/x64/bin/npm
    File: .github/workflows/publish.yml:14:11
    Mend: Use Node 24, which brings npm 11.
          -  node-version: "22"
          +  node-version: "24"
    More: safepublish explain npm-too-old
? registry-unreachable: registry.npmjs.org did not answer within 15 seconds
    For:  @acme/net@0.9.0
    More: safepublish explain registry-unreachable
! token-conflict: a token is in reach and would publish without a word if OIDC failed
    For:  @acme/core@2.0.0
    Seen: //registry.npmjs.org/:_authToken in /home/runner/work/_temp/.npmrc:1
    Mend: Remove the secret from the step.
    More: safepublish explain token-conflict
- self-hosted-runner, waived (provenance is off): the runner is self-hosted
safepublish: refused by npm-too-old; cannot be told: registry-unreachable; warned of token-conflict;
    waived self-hosted-runner. npm publish was not started.
""",
    "publisher mismatch": """\
safepublish refuses to start npm publish for left-pad@1.2.3
✗ publisher-mismatch: registry.npmjs.org knows left-pad but refuses this workflow: 404 package not
    found
    claim          this run       last publisher
    repository     acme/left-pad  acme/left-pad
    workflow file  publish.yml    release.yml     differs
    environment    npm            -
    Seen: This job runs in the environment npm: the publisher must name that one, or none.
    Mend: Enter this workflow as the trusted publisher of left-pad.
          npm trust github left-pad --repo acme/left-pad --file publish.yml
    More: safepublish explain publisher-mismatch
! token-conflict: a token is in reach and would publish without a word if OIDC failed
    Seen: //registry.npmjs.org/:_authToken in /home/runner/work/_temp/.npmrc:1
    Mend: Remove the secret from the step.
    More: safepublish explain token-conflict
! provenance-redundant: --provenance is automatic with trusted publishing
    More: safepublish explain provenance-redundant
safepublish: refused by publisher-mismatch; warned of token-conflict, provenance-redundant. npm
    publish was not started.
""",
    "not told": """\
safepublish cannot tell whether npm publish will work for left-pad@1.2.3; npm starts all the same
? registry-unreachable: registry.npmjs.org did not answer within 15 seconds
    More: safepublish explain registry-unreachable
safepublish: cannot be told: registry-unreachable. npm publish starts.
""",
    "not told, strict": """\
safepublish refuses to start npm publish for left-pad@1.2.3
? registry-unreachable: registry.npmjs.org did not answer within 15 seconds
    More: safepublish explain registry-unreachable
safepublish: refused by --strict: registry-unreachable. npm publish was not started.
""",
    "warned": """\
safepublish lets npm publish start for left-pad@1.2.3
! token-conflict: a token is in reach and would publish without a word if OIDC failed
    Seen: //registry.npmjs.org/:_authToken in /home/runner/work/_temp/.npmrc:1
    Mend: Remove the secret from the step.
    More: safepublish explain token-conflict
- self-hosted-runner, waived (provenance is off): the runner is self-hosted
safepublish: warned of token-conflict; waived self-hosted-runner. npm publish starts.
""",
    "laptop": """\
safepublish would refuse npm publish in CI for left-pad@1.2.3
✗ publisher-mismatch: registry.npmjs.org knows left-pad but refuses this workflow: 404 package not
    found
    claim          this run
    repository     -
    workflow file  -
    environment    -
    Seen: repository: acme/left-pad (last publisher: acme/left-pad)
          workflow file: publish.yml (last publisher: release.yml)
          environment: npm
          This job runs in the environment npm: the publisher must name that one, or none.
    Mend: Enter this workflow as the trusted publisher of left-pad.
          npm trust github left-pad --repo acme/left-pad --file publish.yml
    More: safepublish explain publisher-mismatch
safepublish: refused by publisher-mismatch.
""",
    "checked and fine": """\
✓ safepublish: left-pad@1.2.3 can be published through OIDC (trusted publishing)
    npm         11.6.2 on node 24.11.1, /usr/local/bin/npm
    identity    GitHub Actions, acme/left-pad/.github/workflows/publish.yml@refs/tags/v1.2.3, event
                push, environment npm, github-hosted
    registry    https://registry.npmjs.org/ from npm's default
    credential  none in reach
    exchange    accepted: the registry trusts this workflow
""",
    "silent": "",
    "with a token": "",
    "no package": "",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_whole_text(name: str, situations: Mapping[str, Report]) -> None:
    assert text.render(situations[name]) == EXPECTED[name]


def test_every_situation_is_shown(situations: Mapping[str, Report]) -> None:
    assert set(EXPECTED) == set(situations)


def test_a_claims_table_without_a_last_publisher_has_no_column_for_it(situations: Mapping[str, Report]) -> None:
    (judged,) = situations["publisher mismatch"].packages
    package = judged.run.package._replace(packument=Packument())
    shown = text.render(_with(situations["publisher mismatch"], package=package))
    assert shown.splitlines()[3:7] == [
        "    claim          this run",
        "    repository     acme/left-pad",
        "    workflow file  publish.yml",
        "    environment    npm",
    ]


def test_colour_marks_the_cause_and_the_mend_and_nothing_else(situations: Mapping[str, Report]) -> None:
    coloured = text.render(situations["npm too old"], colour=True)
    assert coloured.splitlines()[1:7] == [
        "\x1b[1;31m✗ npm-too-old:\x1b[0m npm 10.9.4 is older than 11.5.1, the first that knows trusted publishing",
        "\x1b[2m    Seen:\x1b[0m /opt/hostedtoolcache/node/22.20.0/x64/bin/npm",
        "\x1b[2m    File:\x1b[0m .github/workflows/publish.yml:14:11",
        "\x1b[32m    Mend:\x1b[0m Use Node 24, which brings npm 11.",
        '\x1b[31m          -  node-version: "22"\x1b[0m',
        '\x1b[32m          +  node-version: "24"\x1b[0m',
    ]
    assert re.sub(r"\x1b\[[0-9;]+m", "", coloured) == EXPECTED["npm too old"]


def test_a_terminal_without_unicode_gets_ascii(situations: Mapping[str, Report]) -> None:
    shown = text.render(situations["checked and fine"], unicode=False)
    assert shown.isascii()
    assert shown.startswith("+ safepublish: left-pad@1.2.3 can be published")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_lines_are_broken_between_words_at_the_width(width: int, situations: Mapping[str, Report]) -> None:
    shown = text.render(situations["warned"], width=width)
    broken = [line for line in shown.splitlines() if len(line) > width]
    assert [line.split(" ")[-1] for line in broken] == ["/home/runner/work/_temp/.npmrc:1"] * len(broken)
    assert " ".join(shown.split()) == " ".join(EXPECTED["warned"].split())


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
        package = run_of.run.package._replace(name=f"p{number}")
        finding = Finding("package-missing", Answer.FAIL, f"p{number} does not exist")
        packages.append(Judged(run_of.run._replace(package=package), (finding,), Verdict.REFUSE))
    return Report(tuple(packages), Verdict.REFUSE, goes_on=False)


@pytest.mark.parametrize(
    ("count", "more"),
    [
        (text.MOST_FINDINGS, []),
        (text.MOST_FINDINGS + 1, ["… and 1 more: safepublish check --format json"]),
        (text.MOST_PACKAGES, ["… and 10 more: safepublish check --format json"]),
        (text.MOST_PACKAGES + 1, ["    … and 1 more", "… and 11 more: safepublish check --format json"]),
    ],
)
def test_hundreds_of_packages_are_counted_not_listed(
    count: int, more: list[str], situations: Mapping[str, Report]
) -> None:
    shown = text.render(_many(count, situations["silent"].packages[0]))
    assert [line for line in shown.splitlines() if "more" in line and "…" in line] == more


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (8, "p0@1.2.3, p1@1.2.3, p2@1.2.3, p3@1.2.3, p4@1.2.3, p5@1.2.3, p6@1.2.3, p7@1.2.3"),
        (9, "p0@1.2.3, p1@1.2.3, p2@1.2.3, p3@1.2.3, p4@1.2.3, p5@1.2.3, p6@1.2.3, p7@1.2.3 and 1 more"),
    ],
)
def test_a_finding_of_many_packages_names_the_first(count: int, named: str, situations: Mapping[str, Report]) -> None:
    same = Finding("npm-missing", Answer.FAIL, "no npm")
    report = _many(count, situations["silent"].packages[0])
    report = report._replace(packages=tuple(judged._replace(findings=(same,)) for judged in report.packages))
    assert f"    For:  {named}\n" in text.render(report, width=200)


def test_one_line_for_a_verbose_run(situations: Mapping[str, Report]) -> None:
    assert text.passed_line(situations["with a token"]) == (
        "safepublish: left-pad@1.2.3: npm 11.6.2 on node 24.11.1, /usr/local/bin/npm; identity GitHub Actions,"
        " acme/left-pad/.github/workflows/publish.yml@refs/tags/v1.2.3, event push, environment npm, github-hosted;"
        " registry https://registry.npmjs.org/ from npm's default;"
        " credential one is set, in /home/runner/work/_temp/.npmrc:1;"
        " exchange accepted: the registry trusts this workflow"
    )


@pytest.mark.parametrize(
    ("situation", "attempt", "line"),
    [
        (
            "silent",
            Attempt("left-pad", "1.2.3", exchanged=True),
            "safepublish: published left-pad@1.2.3 through OIDC (trusted publishing).",
        ),
        (
            "with a token",
            Attempt("left-pad", "1.2.3", exchanged=True),
            "safepublish: published left-pad@1.2.3 through OIDC (trusted publishing).",
        ),
        (
            "with a token",
            Attempt("left-pad", "1.2.3", oidc="Failed token exchange request with body message: package not found."),
            (
                "safepublish: published left-pad@1.2.3 with a token (from /home/runner/work/_temp/.npmrc:1), not"
                " through OIDC: Failed token exchange request with body message: package not found."
            ),
        ),
        (
            "with a token",
            Attempt("left-pad", "1.2.3"),
            (
                "safepublish: published left-pad@1.2.3 with a token (from /home/runner/work/_temp/.npmrc:1), not"
                " through OIDC: npm did not try it."
            ),
        ),
        (
            "silent",
            Attempt("left-pad", "1.2.3", oidc="Skipped because incorrect permissions for id-token"),
            (
                "safepublish: published left-pad@1.2.3 not through OIDC: Skipped because incorrect permissions for"
                " id-token."
            ),
        ),
        (
            "no package",
            Attempt(exchanged=True),
            "safepublish: published a package through OIDC (trusted publishing).",
        ),
    ],
)
def test_after_a_success_it_is_said_what_published(
    situation: str, attempt: Attempt, line: str, situations: Mapping[str, Report]
) -> None:
    assert text.after_success(attempt, situations[situation]) == line


def _with(report: Report, **changes: object) -> Report:
    (judged,) = report.packages
    return report._replace(packages=(judged._replace(run=judged.run._replace(**changes)),))  # type: ignore[arg-type]


def test_a_staged_package_waits_for_approval(situations: Mapping[str, Report]) -> None:
    report = _with(situations["silent"], command="stage publish")
    assert text.after_success(Attempt("left-pad", "1.2.3", exchanged=True), report) == (
        "safepublish: staged left-pad@1.2.3 through OIDC (trusted publishing); it waits for approval."
    )


def test_a_more_specific_key_overrides_the_exchanged_token(situations: Mapping[str, Report]) -> None:
    key = Origin("project", ".npmrc", "//registry.npmjs.org/left-pad:_authToken", 2)
    package = (
        situations["silent"]
        .packages[0]
        .run.package._replace(credential=Credential(CredentialKind.SET, key, None, True))
    )
    assert text.after_success(
        Attempt("left-pad", "1.2.3", exchanged=True), _with(situations["silent"], package=package)
    ) == (
        "safepublish: published left-pad@1.2.3 with a token (from .npmrc:2), not through OIDC:"
        " a more specific key of npm's configuration overrides the exchanged token."
    )


def test_after_a_failure_the_likely_cause_comes_with_its_mend() -> None:
    findings = (
        Finding(
            "npm-too-old",
            Answer.FAIL,
            "npm 10.9.4 is older than 11.5.1",
            ("npm error 404 'left-pad@1.2.3' is not in this registry.", "using npm@10.9.4"),
            Remedy("Run this before the step that publishes:", "npm install --global npm@11"),
            Location(".github/workflows/publish.yml", 14),
        ),
        Finding("token-rejected", Answer.FAIL, "the registry refused the token"),
    )
    assert text.after_failure(findings) == (
        "safepublish: npm-too-old: npm 10.9.4 is older than 11.5.1\n"
        "    Seen: npm error 404 'left-pad@1.2.3' is not in this registry.\n"
        "    File: .github/workflows/publish.yml:14\n"
        "    Mend: Run this before the step that publishes:\n"
        "          npm install --global npm@11\n"
        "    More: safepublish explain npm-too-old\n"
        "    Also: token-rejected\n"
    )


def test_a_cause_without_a_place_or_a_mend_is_said_in_two_lines() -> None:
    assert text.after_failure((Finding("two-factor-required", Answer.FAIL, "npm asked for a one-time password"),)) == (
        "safepublish: two-factor-required: npm asked for a one-time password\n"
        "    More: safepublish explain two-factor-required\n"
    )


def test_a_verdict_without_a_finding_is_its_headline(situations: Mapping[str, Report]) -> None:
    (judged,) = situations["silent"].packages
    report = Report((judged._replace(verdict=Verdict.UNKNOWN),), Verdict.UNKNOWN, goes_on=False)
    assert text.render(report) == "safepublish cannot tell whether npm publish will work for left-pad@1.2.3\n"


def test_all_packages_fine(situations: Mapping[str, Report]) -> None:
    (judged,) = situations["silent"].packages
    scoped = judged.run._replace(package=judged.run.package._replace(name="@acme/core"))
    report = Report((judged, judged._replace(run=scoped)), Verdict.PASS, goes_on=False)
    assert text.render(report, width=200) == (
        "    package     version  published  verdict  cause\n"
        "    left-pad    1.2.3    ?          pass\n"
        "    @acme/core  1.2.3    ?          pass\n"
        "\n"
        "✓ safepublish: 2 packages can be published through OIDC (trusted publishing)\n"
        "    npm         11.6.2 on node 24.11.1, /usr/local/bin/npm\n"
        "    identity    GitHub Actions, acme/left-pad/.github/workflows/publish.yml@refs/tags/v1.2.3, event push,"
        " environment npm, github-hosted\n"
        "    registry    https://registry.npmjs.org/ from npm's default\n"
        "    credential  none in reach\n"
        "    exchange    accepted: the registry trusts this workflow\n"
    )


def test_without_a_known_cause_nothing_is_said_after_a_failure() -> None:
    assert text.after_failure(()) == ""


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
        text.after_failure((finding, finding), colour=colour, unicode=unicode, width=width),
        text.passed_line(report),
        text.after_success(attempt, report),
    ):
        for line in shown.split("\n"):
            seen = re.sub(r"\x1b\[[0-9;]+m", "", line) if colour else line
            assert seen.isprintable()
            assert not seen.lstrip().startswith("::")
            assert "##[" not in seen


def test_a_hostile_name_stays_in_its_place(situations: Mapping[str, Report]) -> None:
    package = situations["npm too old"].packages[0].run.package
    report = _with(situations["npm too old"], package=package._replace(name="\n::error::\x1b[2J##[group]\u202ex"))
    assert text.render(report).splitlines()[0] == (
        "safepublish refuses to start npm publish for ::error::## [group]x@1.2.3"
    )
    both = report._replace(packages=(*report.packages, *situations["silent"].packages))
    assert text.render(both, width=120).splitlines()[:5] == [
        "safepublish refuses to start npm publish for 2 packages, because of 1 of them",
        "    package               version  published  verdict  cause",
        "    : :error::## [group]x  1.2.3    ?          refuse   npm-too-old",
        "    left-pad              1.2.3    ?          pass",
        "",
    ]
