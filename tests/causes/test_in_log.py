"""What each cause recognises in npm's debug log, and that it leaves the others' alone."""

import pytest
from packaging.version import Version

from safepublish.causes.explain import explain_log
from safepublish.facts.finding import Answer
from safepublish.facts.kinds import Ci
from safepublish.facts.log import Attempt, Line, Tool
from safepublish.logs.log import Log

NPM = Version("12.2.0")
NOT_FOUND = "Failed token exchange request with body message: OIDC token exchange error - package not found"
REFUSED = Attempt("pkg", "1.0.0", oidc=NOT_FOUND, exchange_status=404, put_status=404)
EXCHANGED = Attempt("pkg", "1.0.0", oidc="Successfully retrieved and set token", exchanged=True, put_status=403)


def ended(code: str, *errors: str, attempt: Attempt = EXCHANGED, npm: Version = NPM) -> Log:
    said = tuple(Line(number, text) for number, text in enumerate(errors, 3))
    return Log(npm=npm, attempts=(attempt,), code=code, errors=said, status=1)


@pytest.mark.parametrize(
    ("log", "causes"),
    [
        (ended("E404", attempt=Attempt(put_status=404), npm=Version("10.9.4")), ["npm-too-old"]),
        (
            ended("E404", attempt=Attempt(put_status=404, signed=True), npm=Version("10.9.4")),
            ["npm-too-old"],
        ),
        (ended("ENEEDAUTH", attempt=Attempt(), npm=Version("11.4.2")), ["npm-too-old"]),
        (ended("E422", 'npm says "repository.url" is', npm=Version("10.9.4")), ["repository-url-mismatch"]),
        (ended("ENEEDAUTH", attempt=REFUSED._replace(put_status=None)), ["publisher-mismatch"]),
        (ended("E404", attempt=REFUSED), ["publisher-mismatch"]),
        (
            ended(
                "ENEEDAUTH",
                attempt=Attempt(oidc="Skipped because incorrect permissions for id-token within GitHub workflow"),
            ),
            ["missing-id-token-permission"],
        ),
        (
            ended(
                "EUSAGE", 'Provenance generation in GitHub Actions requires "write" access to the "id-token" permission'
            ),
            ["missing-id-token-permission"],
        ),
        (ended("ENEEDAUTH", attempt=Attempt(oidc="Skipped because no id_token available")), ["id-token-missing"]),
        (
            ended("ENEEDAUTH", attempt=Attempt(oidc="Failed to fetch id_token from GitHub: missing value")),
            ["id-token-request-failed"],
        ),
        (
            ended(
                "ENEEDAUTH",
                attempt=Attempt(
                    oidc="Failed token exchange request with body message: unauthorized", exchange_status=401
                ),
            ),
            ["id-token-rejected"],
        ),
        (
            ended("ENEEDAUTH", attempt=Attempt(oidc="Failed token exchange request: oops", exchange_status=500)),
            ["id-token-request-failed"],
        ),
        (ended("E403", "403 Forbidden - PUT x - OIDC permission denied for this action"), ["stage-only-publisher"]),
        (ended("E403", "You cannot publish over the previously published versions: 1.0.0."), ["version-published"]),
        (ended("1", 'Cannot implicitly apply the "latest" tag because'), ["version-not-latest"]),
        (
            ended("1", "You must specify a tag using --tag when publishing a prerelease version."),
            ["prerelease-without-tag"],
        ),
        (ended("EPRIVATE", "This package has been marked as private"), ["package-private"]),
        (ended("ERR_INVALID_AUTH", "Invalid auth configuration found"), ["auth-config-invalid"]),
        (ended("EOTP", "This operation requires a one-time password"), ["two-factor-required"]),
        (
            ended("E422", '"repository.url" is "x", expected to match "undefined/undefined" from provenance'),
            ["provenance-variables-missing"],
        ),
        (
            ended("ERR_REQUIRE_ESM", "require() of ES Module a.js from @npmcli/agent/lib/proxy.js not supported."),
            ["node-unusable"],
        ),
        (ended("E422", 'Unsupported GitHub Actions runner environment: "self-hosted".'), ["self-hosted-runner"]),
        (
            ended("E422", 'Unsupported GitHub Actions source repository visibility: "private".'),
            ["provenance-private-repository"],
        ),
        (
            ended("EUSAGE", 'Provenance generation in GitLab CI requires "SIGSTORE_ID_TOKEN" with'),
            ["provenance-without-sigstore-token"],
        ),
        (
            ended("EUSAGE", "Automatic provenance generation not supported for provider: null"),
            ["provenance-unsupported"],
        ),
        (
            ended("EUSAGE", "Can't generate provenance for new or private package, you must set `access` to public."),
            ["access-not-public"],
        ),
        (ended("E402", "402 Payment Required"), ["access-not-public"]),
        (ended("TLOG_CREATE_ENTRY_ERROR", "error creating tlog entry"), ["transparency-log-conflict"]),
        (ended("MODULE_NOT_FOUND", "Cannot find module 'sigstore'"), ["npm-release-broken"]),
        (ended("MODULE_NOT_FOUND", "Cannot find module 'promise-retry'"), ["npm-upgrade-fails"]),
        (ended("ECONNREFUSED", "connect", "connect ECONNREFUSED"), ["registry-unreachable"]),
        (ended("ELIFECYCLE", "command failed"), []),
        (ended("E403", "403 Forbidden"), []),
        (Log(), []),
    ],
)
def test_what_is_recognised(log: Log, causes: list[str]) -> None:
    findings = explain_log(log)
    assert [finding.id for finding in findings if finding.answer is not Answer.UNKNOWN] == causes
    assert all(finding.message and finding.remedy for finding in findings)


def test_a_publish_that_worked_has_no_cause() -> None:
    assert explain_log(Log(npm=NPM, attempts=(EXCHANGED,), status=0)) == ()


UNSEEN = Attempt("pkg", packument_status=404)


@pytest.mark.parametrize(
    ("log", "first"),
    [
        (Log(tool=Tool.LERNA, tool_version=Version("9.0.7"), code="E401", level="http"), "missing-id-token-permission"),
        (Log(tool=Tool.LERNA, tool_version=Version("9.0.7"), code="E401"), "publisher-mismatch"),
        (Log(tool=Tool.CHANGESETS, attempts=(UNSEEN,), code="ENEEDAUTH"), "package-missing"),
        (Log(tool=Tool.CHANGESETS, attempts=(Attempt("pkg"),), code="ENEEDAUTH"), "publisher-mismatch"),
    ],
)
def test_what_another_tool_shows_points_to_a_cause_and_proves_none(log: Log, first: str) -> None:
    findings = explain_log(log)
    assert findings[0].id == first
    assert Answer.FAIL not in {finding.answer for finding in findings}


@pytest.mark.parametrize("tool", [Tool.BUN, Tool.NPM_PUBLISH, Tool.AUTO])
def test_a_tool_that_asks_for_a_token_first(tool: Tool) -> None:
    (first, *_) = explain_log(Log(tool=tool, code="ENONPMTOKEN"))
    assert (first.id, first.answer) == ("publisher-tool-without-oidc", Answer.FAIL)


def test_release_it_asks_who_it_is_and_a_dead_token_ends_alike() -> None:
    (first, *_) = explain_log(Log(tool=Tool.RELEASE_IT, code="ENEEDAUTH"))
    assert (first.id, first.answer) == ("publisher-tool-without-oidc", Answer.WARN)
    assert first.remedy is not None
    assert "skipChecks" in (first.remedy.diff or "")


def test_a_registry_out_of_reach_where_the_log_does_not_show_the_command() -> None:
    answers = [
        [(one.id, one.answer) for one in explain_log(Log(command=command, code="ECONNREFUSED"))]
        for command in ("npm publish", None, "npm ci")
    ]
    assert answers == [[("registry-unreachable", Answer.FAIL)], [("registry-unreachable", Answer.WARN)], []]


@pytest.mark.parametrize(
    ("command", "answer"), [("npm install --global npm", Answer.FAIL), ("npm publish", Answer.WARN)]
)
def test_an_npm_without_a_module_is_an_upgrades_doing_for_certain_only_in_that_upgrade(
    command: str, answer: Answer
) -> None:
    log = ended("MODULE_NOT_FOUND", "Cannot find module 'promise-retry'")._replace(command=command, attempts=())
    assert [(one.id, one.answer) for one in explain_log(log)] == [("npm-upgrade-fails", answer)]


@pytest.mark.parametrize(
    ("ci", "level", "answer"),
    [(Ci.NONE, "silly", Answer.FAIL), (Ci.NONE, "notice", Answer.WARN), (None, "silly", Answer.WARN)],
    ids=["no-ci-and-every-line", "no-ci-and-few-lines", "a-place-that-is-not-known"],
)
def test_npm_saw_no_ci_for_certain_only_where_every_line_of_its_log_is_there(
    ci: Ci | None, level: str, answer: Answer
) -> None:
    attempt = Attempt("pkg", quotes={"package": Line(1, "pkg@1.0.0")})
    log = Log(npm=NPM, attempts=(attempt,), code="ENEEDAUTH", status=1, ci=ci, level=level)
    assert {one.id: one.answer for one in explain_log(log)}["not-in-ci"] is answer
