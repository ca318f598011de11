"""What the causes say of publish steps in workflow files: answers, places and mends."""

import pytest

from safepublish.causes import CAUSES, judge
from safepublish.facts.finding import Finding
from tests.support import steps

NODE = 'node-version: "24"'
PUBLISH = "      - run: npm publish\n"
RUNNER = "runs-on: ubuntu-latest"
ON = "on: push\n"
TOKEN = f"{PUBLISH}        env:\n          NODE_AUTH_TOKEN: ${{{{ secrets.NPM_TOKEN }}}}\n"

UPGRADE = (PUBLISH, f"      - run: npm i -g npm@latest\n{PUBLISH}")
PUBLISHES = "npm publish"
PERMISSIONS = "    permissions:\n      contents: read\n      id-token: write\n"

GITHUB_PACKAGES = (PUBLISHES, "npm publish --registry https://npm.pkg.github.com")
ELSEWHERE = (PUBLISHES, "npm publish --registry https://npm.acme.dev")
PROVENANCE = (PUBLISHES, "npm publish --provenance")
NO_CI = (PUBLISHES, "CI=false npm publish")
WITH_TOKEN = (PUBLISH, TOKEN)

Change = tuple[str, str]


def found(cause: str, *changes: Change) -> Finding:
    (one,) = steps.judged(steps.changed(*changes))
    return next(finding for finding in one.findings if finding.id == cause)


ANSWERS: list[tuple[str, list[Change], set[str]]] = [
    ("ready", [], set()),
    ("npm too old", [(NODE, "node-version: 22")], {"npm-too-old:fail"}),
    ("npm unknown", [(NODE, "node-version: ${{ vars.X }}")], {"npm-too-old:unknown"}),
    ("stage", [(NODE, "node-version: 24.14.1"), (PUBLISHES, "npm stage publish")], {"npm-too-old:fail"}),
    ("upgrade fails", [(NODE, "node-version: 20"), UPGRADE], {"npm-upgrade-fails:fail"}),
    (
        "upgrade on a Node that is not known",
        [(NODE, "node-version: ${{ vars.X }}"), UPGRADE],
        {"npm-upgrade-fails:unknown"},
    ),
    ("no permission", [("id-token: write", "packages: read")], {"missing-id-token-permission:fail"}),
    ("a caller decides", [(ON, "on: workflow_call\n")], {"missing-id-token-permission:unknown"}),
    ("self-hosted", [(RUNNER, "runs-on: self-hosted")], {"self-hosted-runner:fail"}),
    (
        "self-hosted, and a script that is not there",
        [(RUNNER, "runs-on: self-hosted"), (PUBLISHES, "npm run release")],
        {"self-hosted-runner:unknown", "publisher-tool-without-oidc:unknown"},
    ),
    ("a label of one's own", [(RUNNER, "runs-on: big")], {"self-hosted-runner:unknown"}),
    ("pull requests alone", [(ON, "on: pull_request\n")], {"fork-pull-request:warn"}),
    ("pull requests and pushes", [(ON, "on: [pull_request, push]\n")], set()),
    ("pull_request_target", [(ON, "on: pull_request_target\n")], set()),
    ("GitHub Packages", [GITHUB_PACKAGES], {"registry-without-oidc:fail"}),
    ("another registry", [ELSEWHERE], {"registry-without-oidc:unknown"}),
    ("CI is false", [NO_CI], {"oidc-disabled:fail"}),
    ("CI is false for an npm that does not care", [NO_CI, (NODE, "node-version: 24.8.0")], set()),
    ("a variable of GitHub's is empty", [(PUBLISHES, "GITHUB_ACTIONS= npm publish")], {"oidc-disabled:fail"}),
    (
        "a variable of GitHub's is unset",
        [("run: npm publish", "run: unset ACTIONS_ID_TOKEN_REQUEST_URL && npm publish")],
        {"oidc-disabled:fail"},
    ),
    ("sudo", [(PUBLISHES, "sudo npm publish")], {"oidc-disabled:unknown"}),
    ("sudo with the environment", [(PUBLISHES, "sudo -E npm publish")], set()),
    ("provenance", [PROVENANCE], {"provenance-redundant:warn"}),
    ("yarn 1", [(PUBLISHES, "yarn publish")], {"publisher-tool-without-oidc:fail"}),
    ("a script", [(PUBLISHES, "npm run release")], {"publisher-tool-without-oidc:unknown"}),
    ("a directory that npm takes for a package", [(PUBLISHES, "npm publish dist")], {"spec-not-a-path:fail"}),
    ("a repository, or a path", [(PUBLISHES, "npm publish some/where")], {"spec-not-a-path:unknown"}),
    (
        "a path that npm takes for a repository, and a token",
        [(PUBLISH, TOKEN.replace(PUBLISHES, "npm publish packed/*.tgz"))],
        {"spec-not-a-path:fail", "token-conflict:warn"},
    ),
    ("a context that a step's if has not", [(PUBLISH, f"{PUBLISH}        if: secrets.A\n")], {"workflow-invalid:fail"}),
    (
        "a refused file and a token",
        [WITH_TOKEN, (ON, "on: push\nenv: {A: '${{ env.B }}'}\n")],
        {"token-conflict:warn", "workflow-invalid:fail"},
    ),
    ("a matrix", [(RUNNER, f"{RUNNER}\n    strategy: {{matrix: {{a: [1, 2]}}}}")], {"version-published:warn"}),
    ("swallowed", [(PUBLISHES, "npm publish || true")], {"failure-swallowed:warn"}),
    ("continue-on-error", [(PUBLISH, f"{PUBLISH}        continue-on-error: true\n")], {"failure-swallowed:warn"}),
    ("whoami", [(PUBLISH, f"      - run: npm whoami\n{PUBLISH}")], {"command-without-oidc:fail"}),
    ("whoami, asked", [(PUBLISH, f"      - run: npm whoami || true\n{PUBLISH}")], {"command-without-oidc:warn"}),
    (
        "whoami, if",
        [(PUBLISH, f"      - run: npm whoami\n        if: inputs.x\n{PUBLISH}")],
        {"command-without-oidc:warn"},
    ),
    ("whoami, in one", [("run: npm publish", "run: npm whoami && npm publish")], {"command-without-oidc:fail"}),
    ("whoami with a token", [(PUBLISH, f"      - run: npm whoami\n{TOKEN}")], {"token-conflict:warn"}),
    ("a tag afterwards", [(PUBLISH, f"{PUBLISH}      - run: npm dist-tag add x@1 y\n")], {"command-without-oidc:warn"}),
    (
        "a tag by a new npm",
        [(PUBLISH, f"      - run: npm i -g npm@11.21.0\n{PUBLISH}      - run: npm dist-tag add x y\n")],
        set(),
    ),
    ("tags that are only shown", [(PUBLISH, f"{PUBLISH}      - run: npm dist-tag ls\n")], set()),
    ("a token", [WITH_TOKEN], {"token-conflict:warn"}),
    ("a token and an old npm", [WITH_TOKEN, (NODE, "node-version: 22")], {"token-conflict:warn", "npm-too-old:warn"}),
    ("a token and provenance, which is due then", [WITH_TOKEN, PROVENANCE], {"token-conflict:warn"}),
    (
        "a credential without a registry",
        [(PUBLISH, f"      - run: npm config set _auth x\n{PUBLISH}")],
        {"auth-config-invalid:fail"},
    ),
    (
        "provenance in private repositories",
        [(PUBLISH, "      - if: github.event.repository.private\n        run: npm publish --provenance\n")],
        {"provenance-private-repository:fail", "provenance-redundant:warn"},
    ),
    ("a token and what is not known", [WITH_TOKEN, (RUNNER, "runs-on: big")], {"token-conflict:warn"}),
]


@pytest.mark.parametrize(("changes", "expected"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_answers(changes: list[Change], expected: set[str]) -> None:
    assert steps.ids(*changes) == expected


PLACES = [
    ("npm-too-old", [(NODE, "node-version: 22")], 12),
    ("npm-too-old", [(NODE, "node-version: 22"), (ON, "on: push\nenv: {A: b}\n")], 13),
    ("npm-upgrade-fails", [(NODE, "node-version: 20"), UPGRADE], 13),
    ("missing-id-token-permission", [("id-token: write", "id-token: none")], 7),
    ("missing-id-token-permission", [("      id-token: write\n", "")], 5),
    ("missing-id-token-permission", [(PERMISSIONS, "")], 3),
    ("self-hosted-runner", [(RUNNER, "runs-on: self-hosted")], 4),
    ("token-conflict", [WITH_TOKEN], 15),
    ("provenance-redundant", [PROVENANCE], 13),
    ("failure-swallowed", [(PUBLISHES, "npm publish || true")], 13),
    ("workflow-invalid", [(PUBLISH, f"{PUBLISH}        if: secrets.A\n")], 14),
]


@pytest.mark.parametrize(("cause", "changes", "line"), PLACES)
def test_places(cause: str, changes: list[Change], line: int) -> None:
    finding = found(cause, *changes)
    assert finding.location is not None
    assert (finding.location.path, finding.location.line) == (steps.PATH, line)


MESSAGES = [
    (
        "npm-too-old",
        [(NODE, 'node-version: "20"')],
        "Node 20 ships npm 10.8.2, which does not support trusted publishing; 11.5.1 or newer is required",
    ),
    (
        "npm-upgrade-fails",
        [(NODE, "node-version: 20"), UPGRADE],
        "`npm i -g npm@latest` fails on Node 20: npm 12.2.2 does not run on Node 20 (EBADENGINE)",
    ),
    (
        "missing-id-token-permission",
        [(PERMISSIONS, "")],
        "the job publish cannot request an ID token: without a `permissions` block, `id-token` is `none`",
    ),
    (
        "missing-id-token-permission",
        [("      id-token: write\n", "")],
        "the `permissions` block of the job publish does not list `id-token`, so it is `none`",
    ),
    (
        "missing-id-token-permission",
        [(PERMISSIONS, "    permissions: read-all\n")],
        "the job publish sets `permissions: read-all`, without `id-token: write`",
    ),
    (
        "self-hosted-runner",
        [(RUNNER, "runs-on: blacksmith-2vcpu")],
        (
            "the runner `blacksmith-2vcpu` is hosted by Blacksmith, not by GitHub; npmjs.com accepts trusted publishing"
            " and provenance only from GitHub-hosted runners"
        ),
    ),
    (
        "token-conflict",
        [WITH_TOKEN],
        "a token is available to this step: NODE_AUTH_TOKEN (step env), which is set to secrets.NPM_TOKEN",
    ),
    (
        "workflow-invalid",
        [(RUNNER, f"needs: build\n    {RUNNER}")],
        "GitHub does not run this workflow: the job publish needs the job 'build', which is not in this file",
    ),
    (
        "registry-without-oidc",
        [GITHUB_PACKAGES],
        "the step publishes to npm.pkg.github.com (flag), which has no trusted publishing",
    ),
]


@pytest.mark.parametrize(("cause", "changes", "message"), MESSAGES)
def test_messages(cause: str, changes: list[Change], message: str) -> None:
    assert found(cause, *changes).message == message


OF_OTHER_CI_SYSTEMS = {
    "id-token-missing",
    "id-token-wrong-audience",
    "provenance-unsupported",
    "provenance-without-sigstore-token",
}


def test_every_cause_that_reads_workflows_is_tried() -> None:
    tried = {one.partition(":")[0] for row in ANSWERS for one in row[2]}
    assert {cause.id for cause in CAUSES if "in_workflow" in cause.recognisers} - tried == OF_OTHER_CI_SYSTEMS


@pytest.mark.parametrize("version", ["22", "${{ vars.X }}"], ids=["fails", "unknown"])
def test_a_waived_cause_does_not_break_a_step(version: str) -> None:
    file = steps.read(steps.changed((NODE, f"node-version: {version}")))
    (one,) = judge.judge_steps(file, {"npm-too-old": "we bring our own npm"})
    assert one.verdict.value == "waived"
    assert one.findings[0].waived == "we bring our own npm"


def test_a_secrets_value_cannot_be_in_a_finding() -> None:
    text = steps.changed((PUBLISH, f"{PUBLISH}        env:\n          NODE_AUTH_TOKEN: npm_canary0123456789\n"))
    assert "canary" not in repr([one.findings for one in steps.judged(text)])


FROM_FILE = (NODE, "node-version-file: .nvmrc")


@pytest.mark.parametrize("token", [False, True], ids=["no token", "token"])
@pytest.mark.parametrize(
    ("changes", "cause", "text", "added"),
    [
        (
            [FROM_FILE],
            "npm-too-old",
            "Install npm 11 with Node 20: .nvmrc chooses",
            "- run: npm install --global npm@11",
        ),
        ([(NODE, "node-version: 20")], "npm-too-old", "Use Node 24, which ships npm 11.", "node-version: 24"),
        (
            [(NODE, "node-version: 20"), UPGRADE],
            "npm-upgrade-fails",
            "Install npm@11, which runs on Node 20.",
            "- run: npm i -g npm@11",
        ),
        (
            [(NODE, "node-version: 20.10.0"), UPGRADE],
            "npm-upgrade-fails",
            "Use Node 24, which ships npm 11.",
            "node-version: 24",
        ),
    ],
)
def test_the_mend_says_what_its_lines_do(
    changes: list[Change], cause: str, text: str, added: str, *, token: bool
) -> None:
    workflow = steps.changed(*changes, *([WITH_TOKEN] if token else []))
    (one,) = steps.judged(workflow, {".nvmrc": "20\n"})
    remedy = next(finding.remedy for finding in one.findings if finding.id == cause)
    assert remedy is not None
    assert remedy.text.startswith(text)
    assert [line[1:].strip() for line in (remedy.diff or "").splitlines() if line[0] == "+"] == [added]


def test_where_the_file_that_chooses_the_node_has_to_change_no_line_of_the_workflow_is_shown() -> None:
    (one,) = steps.judged(steps.changed(FROM_FILE, WITH_TOKEN), {".nvmrc": "18\n"})
    remedy = next(finding.remedy for finding in one.findings if finding.id == "npm-too-old")
    assert remedy is not None
    assert remedy.diff is None


WITH_TOKEN_FOR_GITHUB = (
    PUBLISH.replace("npm publish", GITHUB_PACKAGES[1]),
    TOKEN.replace("npm publish", GITHUB_PACKAGES[1]),
)


def test_a_registry_without_trusted_publishing_gets_no_advice_for_npmjs_com() -> None:
    old = [(NODE, "node-version: 20"), ("id-token: write", "packages: write")]
    assert steps.ids(*old, GITHUB_PACKAGES, WITH_TOKEN_FOR_GITHUB) == {"registry-without-oidc:warn"}
    assert steps.ids(*old, GITHUB_PACKAGES) == {"registry-without-oidc:fail"}


@pytest.mark.parametrize(
    ("command", "version", "message", "mend"),
    [
        (
            "lerna publish",
            None,
            "only lerna 9.0.0 or newer can log in through OIDC; the version of lerna could not be",
            "Check the version",
        ),
        (
            "lerna publish",
            ">=8",
            "only lerna 9.0.0 or newer can log in through OIDC; the version of lerna could not be",
            "Check the version",
        ),
        (
            "lerna publish",
            "^8.1.0",
            "lerna ^8.1.0 cannot log in through OIDC; 9.0.0 or newer is required",
            "Use lerna 9.0.0 or",
        ),
        (
            "npx semantic-release@24",
            None,
            "semantic-release 24 cannot",
            "Use semantic-release 25.0.0 or newer, or publish with npm",
        ),
        ("yarn npm publish", None, "only yarn 4.10.0 or newer can log in through OIDC; the version of yarn", "Check"),
        ("yarn publish", None, "yarn cannot log in through OIDC: yarn 1", "Publish with npm"),
    ],
)
def test_a_tool_is_told_with_the_version_that_is_needed(
    command: str, version: str | None, message: str, mend: str
) -> None:
    files = {"package.json": f'{{"devDependencies": {{"lerna": "{version}"}}}}'} if version else {}
    (one,) = steps.judged(steps.changed((PUBLISHES, command)), files)
    finding = next(finding for finding in one.findings if finding.id == "publisher-tool-without-oidc")
    assert finding.message.startswith(message)
    assert finding.remedy is not None
    assert finding.remedy.text.startswith(mend)


def test_npm_stage_is_told_with_its_own_first_version() -> None:
    change = (NODE, "node-version: ${{ vars.X }}"), (PUBLISHES, "npm stage publish")
    assert found("npm-too-old", *change).message.endswith("; npm stage requires 11.15.0 or newer")
    assert found("npm-too-old", change[0]).message.endswith("; trusted publishing requires 11.5.1 or newer")


DENIED = ("      id-token: write\n", "")
PROVENANCE_WITH_TOKEN = (PUBLISH, TOKEN.replace(PUBLISHES, "npm publish --provenance"))
BY_VARIABLE = (PUBLISH, f"{TOKEN}          NPM_CONFIG_PROVENANCE: 'true'\n")


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ([DENIED, PROVENANCE_WITH_TOKEN], "broken"),
        ([DENIED, BY_VARIABLE], "broken"),
        ([DENIED, BY_VARIABLE, (NODE, "node-version: 20")], "broken"),
        ([DENIED, BY_VARIABLE, (NODE, "node-version: 16")], "token"),  # its npm 8 has no provenance
        ([DENIED, BY_VARIABLE, (NODE, "node-version: ${{ vars.X }}")], "token"),  # nor may that one
        ([DENIED, WITH_TOKEN], "token"),
        ([PROVENANCE_WITH_TOKEN], "token"),
        ([("id-token: write", "id-token: ${{ vars.X }}"), PROVENANCE_WITH_TOKEN], "token"),
        ([DENIED, PROVENANCE_WITH_TOKEN, (" --provenance", " --provenance=false")], "token"),
    ],
)
def test_provenance_without_the_permission_ends_npm_whatever_the_token(changes: list[Change], verdict: str) -> None:
    assert steps.verdict(*changes) == verdict
    assert ("missing-id-token-permission:fail" in steps.ids(*changes)) is (verdict == "broken")
