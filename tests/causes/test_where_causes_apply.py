"""Where a cause applies: each cause's example, published by another tool, from a private workspace, with a token, …"""

import pytest
from packaging.version import Version

from safepublish.causes import judge
from safepublish.facts.run import PublishTool, Run
from tests.causes.test_catalogue import EXAMPLES
from tests.causes.test_in_workflow import ANSWERS, GITHUB_PACKAGES, PUBLISHES, Change
from tests.support import runs as s
from tests.support import steps

PNPM = PublishTool("pnpm", "/opt/pnpm/bin/pnpm", Version("11.28.10"))

OF_THE_IDENTITY = {
    "fork-pull-request",
    "id-token-expired",
    "id-token-malformed",
    "id-token-missing",
    "id-token-rejected",
    "id-token-request-failed",
    "id-token-wrong-audience",
    "missing-id-token-permission",
    "not-in-ci",
    "oidc-disabled",
    "unsupported-ci",
}
OF_THE_REGISTRY = {
    "package-missing",
    "publisher-mismatch",
    "registry-unreachable",
    "registry-without-oidc",
    "version-published",
}
OF_EVERY_MANIFEST = {"manifest-unreadable", "package-private", "version-missing"}
OF_TOKENS = {"token-beats-oidc", "token-conflict"}
FOR_EVERY_TOOL = OF_THE_IDENTITY | OF_THE_REGISTRY | OF_EVERY_MANIFEST | OF_TOKENS
"""What the CI, the registry and the package decide, whatever sends the request; the rest are npm's own rules."""

CHECKED_WITH_PROVENANCE = {"repository-url-mismatch", "repository-url-missing", "self-hosted-runner"}
"""What the registry compares with the provenance, whoever attached it."""

BEFORE_PRIVATE = {
    "npm-missing",
    "npm-release-broken",
    "arguments-refused",
    "auth-config-invalid",
    "manifest-unreadable",
    "name-invalid",
    "version-missing",
    "prerelease-without-tag",
}
"""What npm does before it skips a private workspace (npm 12.2.0, lib/commands/publish.js): start, read its settings and
the manifest, and look at the tag."""


def causes_found(run: Run) -> set[str]:
    return {finding.id for finding in judge.judge_run(run)}


def private(run: Run) -> Run:
    return s.package(run, private=True, workspace=True)


@pytest.mark.parametrize(("cause", "run"), EXAMPLES, ids=[cause for cause, _ in EXAMPLES])
class TestRun:
    def test_with_pnpm(self, cause: str, run: Run) -> None:
        assert (cause in causes_found(run._replace(tool=PNPM))) is (cause in FOR_EVERY_TOOL)

    def test_with_a_tool_that_attaches_provenance(self, cause: str, run: Run) -> None:
        tool = PNPM._replace(provenance=True)
        assert (cause in causes_found(run._replace(tool=tool))) is (cause in FOR_EVERY_TOOL | CHECKED_WITH_PROVENANCE)

    def test_with_a_tool_that_starts_npm(self, cause: str, run: Run) -> None:
        tool = run.tool or PNPM._replace(name="changesets", npm=True)
        assert cause in causes_found(run._replace(tool=tool))

    def test_in_a_private_workspace(self, cause: str, run: Run) -> None:
        assert (cause in causes_found(private(run))) is (cause in BEFORE_PRIVATE)


def test_a_tool_without_an_exchange_is_named() -> None:
    assert "publisher-tool-without-oidc" in causes_found(
        s.READY._replace(tool=PNPM._replace(version=Version("10.8.0")))
    )


SEEN_BY_US_ALONE = {
    "not accepted": s.package(exchange_result=s.UNAUTHORIZED),
    "not trusted": s.package(exchange_result=s.NO_PUBLISHER),
    "not there": s.package(exchange_result=s.NO_PUBLISHER, packument=s.ABSENT),
    "no such service": s.package(exchange_result=s.FOREIGN),
    "answered with an error": s.package(exchange_result=s.FAILED),
    "not reached": s.package(exchange_result=s.UNREACHABLE),
}
"""Where npm, which asks again, may get another answer."""

SEEN_BY_ALL = {
    "published": s.package(version="1.1.0"),
    "npm too old": s.npm("10.9.4"),
    "no permission": s.identity(request_url=False, request_token=False, id_token=s.LAPTOP.id_token),
    "a laptop": s.laptop(),
    "private": s.package(private=True),
    "expired": s.id_token(expires=s.NOW - 1),
}


@pytest.mark.parametrize("token", [s.READY.package.credential, s.TOKEN], ids=["no-token", "a-token"])
@pytest.mark.parametrize(
    ("run", "expected"),
    [(run, True) for run in SEEN_BY_US_ALONE.values()] + [(run, False) for run in SEEN_BY_ALL.values()],
    ids=[*SEEN_BY_US_ALONE, *SEEN_BY_ALL],
)
def test_npm_may_know_better_where_only_the_network_speaks_against_it(
    run: Run, token: object, *, expected: bool
) -> None:
    report = judge.report([s.package(run, credential=token)], goes_on=True)
    assert judge.npm_may_know_better(report) is expected


@pytest.mark.parametrize(
    "run", [s.package(exchange_result=s.NO_PUBLISHER), s.package(exchange_result=s.UNREACHABLE)], ids=["no", "unknown"]
)
def test_a_package_is_in_doubt_only_through_the_network(run: Run) -> None:
    report = judge.report([run, s.package(version="1.1.0"), s.READY], goes_on=True)
    assert [judged.run for judged in judge.in_doubt(report)] == [run]


WHATEVER_THE_TOKEN = {
    "auth-config-invalid",
    "provenance-private-repository",
    "spec-not-a-path",
    "workflow-invalid",
}
AT_EVERY_REGISTRY = {*WHATEVER_THE_TOKEN, "failure-swallowed"}
WORKFLOWS = [row for row in ANSWERS if PUBLISHES in steps.changed(*row[1])]
JOB_TOKEN = ("    runs-on:", "    env:\n      NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n    runs-on:")


@pytest.mark.parametrize(("changes", "expected"), [row[1:] for row in WORKFLOWS], ids=[row[0] for row in WORKFLOWS])
class TestWorkflow:
    def test_where_the_registry_has_no_trusted_publishing(self, changes: list[Change], expected: set[str]) -> None:
        text = steps.changed(*changes)
        if "--registry" not in text:
            text = text.replace(*GITHUB_PACKAGES)
        others = {found for found in expected if found.partition(":")[0] in AT_EVERY_REGISTRY}
        assert {found for found in steps.ids(text=text) if not found.startswith("registry-without-oidc:")} == (
            others if GITHUB_PACKAGES[1] in text else set()
        )

    def test_with_a_token_only_that_fails_which_stops_npm_all_the_same(
        self, changes: list[Change], expected: set[str]
    ) -> None:
        failing = {found for found in steps.ids(*changes, JOB_TOKEN) if not found.endswith(":warn")}
        assert failing == {found for found in expected if found.partition(":")[0] in WHATEVER_THE_TOKEN} - {
            found for found in expected if not found.endswith(":fail")
        }
