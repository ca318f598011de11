"""What a person reads once npm has run, word for word."""

from collections.abc import Mapping

import pytest

from safepublish.facts.finding import Answer, Finding, Location, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.log import Attempt
from safepublish.facts.report import Report
from safepublish.facts.run import Credential, Origin, PublishCommand
from safepublish.report import after_publish


def _with(report: Report, **changes: object) -> Report:
    (judged,) = report.packages
    return report._replace(packages=(judged._replace(run=judged.run._replace(**changes)),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("situation", "attempt", "line"),
    [
        (
            "silent",
            Attempt("left", "1.2.0", exchanged=True),
            "safepublish: published left@1.2.0 through OIDC (trusted publishing).",
        ),
        (
            "warned",
            Attempt("left", "1.2.0", exchanged=True),
            "safepublish: published left@1.2.0 through OIDC (trusted publishing).",
        ),
        (
            "warned",
            Attempt("left", "1.2.0", oidc="Failed token exchange request with body message: package not found."),
            (
                "safepublish: published left@1.2.0 with a token (from /home/runner/work/_temp/.npmrc:1), not"
                " through OIDC: Failed token exchange request with body message: package not found."
            ),
        ),
        (
            "warned",
            Attempt("left", "1.2.0"),
            (
                "safepublish: published left@1.2.0 with a token (from /home/runner/work/_temp/.npmrc:1), not"
                " through OIDC: npm did not try it."
            ),
        ),
        (
            "silent",
            Attempt("left", "1.2.0", oidc="Skipped because incorrect permissions for id-token"),
            ("safepublish: published left@1.2.0 not through OIDC: Skipped because incorrect permissions for id-token."),
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
    assert after_publish.after_success(attempt, situations[situation]) == line


def test_a_staged_package_waits_for_approval(situations: Mapping[str, Report]) -> None:
    report = _with(situations["silent"], command=PublishCommand("stage publish"))
    assert after_publish.after_success(Attempt("left", "1.2.0", exchanged=True), report) == (
        "safepublish: staged left@1.2.0 through OIDC (trusted publishing); it waits for approval."
    )


def test_a_more_specific_key_overrides_the_exchanged_token(situations: Mapping[str, Report]) -> None:
    key = Origin("project", ".npmrc", "//registry.npmjs.org/left:_authToken", 2)
    package = (
        situations["silent"]
        .packages[0]
        .run.package._replace(credential=Credential(CredentialKind.SET, key, None, True))
    )
    assert after_publish.after_success(
        Attempt("left", "1.2.0", exchanged=True), _with(situations["silent"], package=package)
    ) == (
        "safepublish: published left@1.2.0 with a token (from .npmrc:2), not through OIDC:"
        " a more specific key of npm's configuration overrides the exchanged token."
    )


def test_after_a_failure_the_likely_cause_comes_with_its_mend() -> None:
    findings = (
        Finding(
            "npm-too-old",
            Answer.FAIL,
            "npm 10.9.4 is older than 11.5.1",
            ("npm error 404 'left@1.2.0' is not in this registry.", "using npm@10.9.4"),
            Remedy("Run this before the step that publishes:", "npm install --global npm@11"),
            Location(".github/workflows/publish.yml", 14),
        ),
        Finding("token-rejected", Answer.FAIL, "the registry refused the token"),
    )
    assert after_publish.after_failure(findings) == (
        "error[npm-too-old]: npm 10.9.4 is older than 11.5.1\n"
        "  --> .github/workflows/publish.yml:14\n"
        "   = note: npm error 404 'left@1.2.0' is not in this registry.\n"
        "   = note: using npm@10.9.4\n"
        "   = note: could also be: token-rejected\n"
        "   = help: Run this before the step that publishes:\n"
        "           npm install --global npm@11\n"
        "   = help: for details, run `safepublish explain npm-too-old`\n"
        "\n"
        "error: npm could not publish: 1 error (npm-too-old)\n"
    )


def test_a_cause_without_a_place_or_a_mend_is_said_in_two_lines() -> None:
    assert after_publish.after_failure(
        (Finding("two-factor-required", Answer.FAIL, "npm asked for a one-time password"),)
    ) == (
        "error[two-factor-required]: npm asked for a one-time password\n"
        "   = help: for details, run `safepublish explain two-factor-required`\n"
        "\n"
        "error: npm could not publish: 1 error (two-factor-required)\n"
    )


def test_without_a_known_cause_nothing_is_said_after_a_failure() -> None:
    assert after_publish.after_failure(()) == ""
