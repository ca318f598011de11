"""What the reader makes of a workflow: which steps publish, and what reaches them."""

import pytest

from safepublish.causes import judge
from safepublish.pipelines import github
from tests.support import steps
from tests.support.steps import judged, read, step, verdict

NODE = 'node-version: "24"'
SETUP = '      - uses: actions/setup-node@v5\n        with:\n          node-version: "24"\n'
PUBLISH = "      - run: npm publish\n"
PERMISSIONS = "    permissions:\n      contents: read\n      id-token: write\n"
RUNNER = "runs-on: ubuntu-latest"
TOKEN = "        env:\n          NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n"


def test_a_plain_workflow_is_trusted() -> None:
    one = step()
    assert (one.place.job, one.place.position, one.place.at.line, one.invocation.command, one.invocation.tool) == (
        "publish",
        4 - 2,
        13,
        "npm publish",
        "npm",
    )
    assert verdict() == "trusted"


PERMITTED = [
    ("    permissions:\n      id-token: write\n", "trusted"),
    ("    permissions: write-all\n", "trusted"),
    ("    permissions: read-all\n", "broken"),
    ("    permissions: {}\n", "broken"),
    ("    permissions:\n      id-token: read\n", "broken"),
    ("    permissions:\n      contents: read\n", "broken"),
    ("    permissions: {contents: read, id-token: write}\n", "trusted"),
    ("    permissions:\n      id-token: ${{ vars.X }}\n", "unknown"),
    ("", "broken"),
]


@pytest.mark.parametrize(("block", "expected"), PERMITTED)
def test_the_permissions_of_the_job(block: str, expected: str) -> None:
    assert verdict((PERMISSIONS, block)) == expected


@pytest.mark.parametrize(
    ("workflow", "job", "expected"),
    [
        ("permissions:\n  id-token: write\n", "", "trusted"),
        ("permissions: write-all\n", "", "trusted"),
        ("permissions:\n  id-token: write\n", "    permissions:\n      contents: write\n", "broken"),
        ("permissions: {}\n", PERMISSIONS, "trusted"),
    ],
)
def test_a_block_of_the_job_replaces_the_workflows(workflow: str, job: str, expected: str) -> None:
    assert verdict(("on: push\n", f"on: push\n{workflow}"), (PERMISSIONS, job)) == expected


RUNNERS = [
    ("ubuntu-24.04", "trusted"),
    ("ubuntu-24.04-arm", "trusted"),
    ("windows-latest", "trusted"),
    ("macos-15-intel", "trusted"),
    ("[ubuntu-latest]", "trusted"),
    ("self-hosted", "broken"),
    ("[self-hosted, linux]", "broken"),
    ("blacksmith-4vcpu-ubuntu-2404", "broken"),
    ("depot-ubuntu-24.04", "broken"),
    ("my-big-runner", "unknown"),
    ("${{ vars.RUNNER }}", "unknown"),
    ("{group: large}", "unknown"),
    ("${{ github.ref == 'x' && 'ubuntu-latest' || 'ubuntu-24.04' }}", "trusted"),
    ("${{ github.ref == 'x' && 'ubuntu-latest' || 'depot-ubuntu' }}", "unknown"),
]


@pytest.mark.parametrize(("label", "expected"), RUNNERS)
def test_the_runner(label: str, expected: str) -> None:
    assert verdict((RUNNER, f"runs-on: {label}")) == expected


def test_a_self_hosted_runner_without_provenance_is_a_warning() -> None:
    changes = ((RUNNER, "runs-on: self-hosted"), ("npm publish", "npm publish --no-provenance"))
    assert verdict(*changes) == "trusted"
    assert steps.ids(*changes) == {"self-hosted-runner:warn"}


MATRIX = [
    ("node: [22, 24]", "broken"),
    ("node: [24, 25]", "trusted"),
    ("node: [22, 24]\n        exclude:\n          - node: 22", "trusted"),
    ("node: [24]\n        include:\n          - node: 22", "broken"),
    ("node: [24]\n        include:\n          - node: 24\n            extra: 1", "trusted"),
    ("include:\n          - {node: 22, a: 1}\n          - {node: 24, a: 2}", "broken"),
    ("node: ${{ fromJSON(needs.x.outputs.y) }}", "unknown"),
]


@pytest.mark.parametrize(("matrix", "expected"), MATRIX)
def test_every_leg_of_a_matrix_and_the_worst_counts(matrix: str, expected: str) -> None:
    strategy = f"{RUNNER}\n    strategy:\n      matrix:\n        {matrix}\n"
    assert verdict((f"{RUNNER}\n", strategy), (NODE, "node-version: ${{ matrix.node }}")) == expected


def test_a_matrix_that_an_expression_makes_hides_its_values() -> None:
    strategy = f"{RUNNER}\n    strategy:\n      matrix: ${{{{ fromJSON(vars.M) }}}}\n"
    assert verdict((f"{RUNNER}\n", strategy), (NODE, "node-version: ${{ matrix.node }}")) == "unknown"
    assert verdict((f"{RUNNER}\n", strategy)) == "trusted"


def test_a_publish_that_only_one_leg_does() -> None:
    strategy = f"{RUNNER}\n    strategy:\n      matrix:\n        node: [22, 24]\n"
    changes = ((f"{RUNNER}\n", strategy), (NODE, "node-version: ${{ matrix.node }}"))
    assert verdict(*changes, (PUBLISH, f"{PUBLISH}        if: matrix.node == 24\n")) == "trusted"
    assert verdict(*changes, (PUBLISH, f"{PUBLISH}        if: matrix.node == '22'\n")) == "broken"


def test_the_leg_that_fails_is_named() -> None:
    strategy = f"{RUNNER}\n    strategy:\n      matrix:\n        node: [24, 22]\n"
    (one,) = judged(steps.changed((f"{RUNNER}\n", strategy), (NODE, "node-version: ${{ matrix.node }}")))
    assert one.step.context.leg == {"node": "22"}
    assert one.findings[0].evidence[0] == "On the leg node 22 of the matrix."
    assert one.findings[0].location is not None
    assert one.findings[0].location.line == 7


SPELLINGS = [
    ("npm publish --access public", "trusted"),
    ("npm ci && npm publish", "trusted"),
    ("cd dist; npm pub", "trusted"),
    ("for p in packages/*; do npm publish $p; done", "trusted"),
    ("npm publish --dry-run", ""),
    ("npm publish --dry-run=${{ inputs.dry }}", "trusted"),
    ("echo npm publish", ""),
    ("safepublish --tag next", "trusted"),
    ("pnpm publish -r --access public", "trusted"),
    ("yarn publish", "broken"),
    ("bun publish", "broken"),
    ("npx changeset publish", "trusted"),
    ("npx nx release publish", "trusted"),
    ("npx lerna@8 publish from-package --yes", "broken"),
    ("npx lerna@9 publish from-package --yes", "trusted"),
    ("npx semantic-release@24", "broken"),
    ("npx semantic-release@25", "trusted"),
    ("npx semantic-release", "unknown"),
    ("npx release-it --ci", "unknown"),
    ("npx release-it --ci --npm.skipChecks", "trusted"),
    ("npx jsr publish", ""),
    ("npx pkg-pr-new publish", ""),
    ("cargo publish", ""),
    ("npm run release", "unknown"),
    ("npm run release:notes", ""),
    ("npm run build", ""),
    ("node scripts/publish.js", "unknown"),
    ("npx -p publib publib-npm", "broken"),
    ("NPM_TRUSTED_PUBLISHER=true npx -p publib publib-npm", "trusted"),
]


@pytest.mark.parametrize(("command", "expected"), SPELLINGS)
def test_what_publishes_and_with_what(command: str, expected: str) -> None:
    assert verdict(("npm publish", command)) == expected


def test_a_heredoc_is_no_publish() -> None:
    assert verdict((PUBLISH, "      - run: |\n          cat > x <<EOF\n          npm publish\n          EOF\n")) == ""


def test_the_line_of_a_command_in_a_block() -> None:
    block = "      - run: |\n          npm ci\n\n          npm publish --provenance\n"
    one = step((PUBLISH, block))
    assert one.place.at.line == 16
    assert one.invocation.provenance_flag is not None
    assert one.invocation.provenance_flag.span is not None
    assert one.invocation.provenance_flag.span[1:] == (16, 23, 16, 35)


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_the_place_of_a_flag_on_one_line(quote: str) -> None:
    one = step((PUBLISH, f"      - run: {quote}npm publish --provenance{quote}\n"))
    assert one.invocation.provenance_flag is not None
    assert one.invocation.provenance_flag.span is not None
    assert one.invocation.provenance_flag.span.column == 26 + len(quote)


def test_package_scripts_are_read_where_they_are_at_hand() -> None:
    script = ("npm publish", "npm run ship")
    assert verdict(script, files={"package.json": '{"scripts": {"ship": "npm publish"}}'}) == "trusted"
    assert (
        verdict(script, files={"package.json": '{"scripts": {"ship": "npm run out", "out": "bun publish"}}'})
        == "broken"
    )
    assert verdict(script, files={"package.json": '{"scripts": {"ship": "git push"}}'}) == ""
    assert (
        verdict(("npm publish", "yarn release"), files={"package.json": '{"scripts": {"release": "np"}}'}) == "trusted"
    )


def test_shell_scripts_are_read_where_they_are_at_hand() -> None:
    script = ("npm publish", "./scripts/ship.sh")
    assert verdict(script, files={"scripts/ship.sh": "#!/bin/sh\nnpm publish\n"}) == "trusted"
    assert (
        verdict(
            script,
            files={"scripts/ship.sh": "npm i -g npm@latest\nnpm publish\n"},
            text=steps.changed((NODE, "node-version: 20")),
        )
        == "broken"
    )
    assert verdict(script, files={"scripts/ship.sh": "git push\n"}) == ""


def test_scripts_that_start_one_another_end() -> None:
    files = {"package.json": '{"scripts": {"release": "npm run release"}}'}
    assert verdict(("npm publish", "npm run release"), files=files) == ""


def test_pnpm_hands_over_to_npm_up_to_version_10() -> None:
    def with_pnpm(version: str, node: str) -> str:
        setup = f"      - uses: pnpm/action-setup@v4\n        with:\n          version: {version}\n"
        return verdict((SETUP, setup + SETUP), (NODE, f"node-version: {node}"), ("npm publish", "pnpm publish"))

    assert with_pnpm("10", "22") == "broken"
    assert with_pnpm("10", "24") == "trusted"
    assert with_pnpm("11", "22") == "trusted"
    assert verdict((NODE, "node-version: 22"), ("npm publish", "pnpm publish")) == "unknown"


@pytest.mark.parametrize(
    ("manager", "expected"), [("yarn@4.9.1", "broken"), ("yarn@4.10.0", "trusted"), (None, "unknown")]
)
def test_the_version_of_yarn_stands_in_package_json(manager: str | None, expected: str) -> None:
    files = {"package.json": f'{{"packageManager": "{manager}"}}'} if manager else {}
    assert verdict(("npm publish", "yarn npm publish"), files=files) == expected


ACTIONS = [
    ("JS-DevTools/npm-publish@v4", "", "trusted"),
    ("JS-DevTools/npm-publish@v4", "token: ${{ secrets.NPM_TOKEN }}", "token"),
    ("JS-DevTools/npm-publish@v3", "", "broken"),
    ("continuousauth/action@v1", "npm-token: ${{ secrets.NPM_TOKEN }}", "token"),
    ("jbolda/covector/packages/action@v0", "command: version-or-publish", "unknown"),
    ("jbolda/covector/packages/action@v0", "command: status", ""),
    ("JS-DevTools/npm-publish@v4", "dry-run: true", ""),
    ("changesets/action@v1", "publish: npx changeset publish", "trusted"),
    ("changesets/action@v1", "version: npx changeset version", ""),
    ("changesets/action@v1", "publish: yarn release", "unknown"),
    ("changesets/action@v1", "publish: pnpm exec changeset tag", ""),
    ("changesets/action@v1", "publish: npx changeset tag", ""),
    ("changesets/action@v1", "publish: echo publish", ""),
    ("changesets/action@v1", "publish: git push --follow-tags", ""),
    ("changesets/action@v1", "publish: npx our-publisher", "unknown"),
    ("changesets/action@v1", "publish: node deliver.js", "unknown"),
    ("changesets/action@v1", "publish: $COMMAND", "unknown"),
    ("changesets/action@v1", "publish: npm $OPTIONS publish", "trusted"),
    ("changesets/action/publish@v2", "", "trusted"),
    ("cycjimmy/semantic-release-action@v5", "semantic_version: 25", "trusted"),
    ("cycjimmy/semantic-release-action@v4", "semantic_version: 24", "broken"),
    ("safepublish/safepublish@v1", "", "trusted"),
    ("safepublish/safepublish@v1", "command: check", ""),
    ("safepublish/safepublish@v1", "publish-with: yarn publish", "broken"),
    ("safepublish/safepublish@v1", "command: ${{ github.event_name == 'release' && 'publish' || 'check' }}", ""),
    ("safepublish/safepublish@v1", "command: ${{ vars.X && 'publish' || 'check' }}", "trusted"),
    ("pnpm/action-setup@v4", "version: ${{ vars.PNPM }}", ""),
    ("someone/npm-publish-action@v1", "npm-token: ${{ secrets.NPM_TOKEN }}", "token"),
    ("someone/npm-publish-action@v1", "", "unknown"),
    ("someone/release@v1", "npm_token: ${{ secrets.NPM_TOKEN }}", "token"),
    ("someone/release@v1", "", ""),
    ("./.github/actions/publish", "", "unknown"),
    ("./.github/actions/build", "", ""),
]


@pytest.mark.parametrize(("action", "given", "expected"), ACTIONS)
def test_actions_that_publish(action: str, given: str, expected: str) -> None:
    block = f"      - uses: {action}\n" + (f"        with:\n          {given}\n" if given else "")
    assert verdict((PUBLISH, block)) == expected


def test_our_own_action_is_an_npm_publish_with_its_words() -> None:
    given = "        with:\n          command: stage\n          args: ./dist --tag next --provenance\n"
    one = step((PUBLISH, f"      - uses: acme/safepublish@v1\n{given}"))
    assert (one.invocation.tool, one.invocation.staged, one.invocation.provenance) == ("npm", True, True)
    assert one.invocation.arguments == ("./dist", "--tag", "next", "--provenance")


@pytest.mark.parametrize("value", ["${{ fromJSON('[22]') }}", "${{ fromJSON('{}') }}", "${{ vars.X }}"])
def test_an_input_of_any_type(value: str) -> None:
    assert verdict((NODE, f"node-version: {value}")) == "unknown"


COMPOSITE = """\
inputs:
  node:
    default: "24"
runs:
  using: composite
  steps:
    - uses: actions/setup-node@v5
      with:
        node-version: ${{ inputs.node }}
"""


@pytest.mark.parametrize("prefix", ["./", "$/"])
def test_composite_actions_of_the_repository_are_read(prefix: str) -> None:
    files = {".github/actions/setup/action.yml": COMPOSITE}
    use = f"      - uses: {prefix}.github/actions/setup\n"
    assert verdict((SETUP, use), files=files) == "trusted"
    assert verdict((SETUP, f"{use}        with:\n          node: 20\n"), files=files) == "broken"
    assert verdict((SETUP, use)) == "unknown"


def test_a_publish_in_a_composite_action_is_told_at_the_step_that_uses_it() -> None:
    action = f"{COMPOSITE}    - run: npm publish\n      shell: bash\n"
    files = {".github/actions/out/action.yaml": action}
    one = step((SETUP, ""), (PUBLISH, "      - uses: ./.github/actions/out\n"), files=files)
    assert (one.place.position, one.place.at.path, one.place.at.line) == (1, ".github/actions/out/action.yaml", 10)
    assert verdict((SETUP, ""), (PUBLISH, "      - uses: ./.github/actions/out\n"), files=files) == "trusted"


def test_actions_that_use_themselves_end() -> None:
    action = "runs:\n  using: composite\n  steps:\n    - uses: ./a\n"
    assert verdict((PUBLISH, "      - uses: ./a\n"), files={"a/action.yml": action}) == ""


def test_an_action_file_is_read_by_itself() -> None:
    text = f"{COMPOSITE}    - run: npm publish\n      shell: bash\n"
    (one,) = judged(text)
    assert (one.step.place.job, one.step.place.position, one.verdict.value) == ("runs", 1, "unknown")


@pytest.mark.parametrize(
    ("action", "expected"),
    [("acme/setup-project@v1", "unknown"), ("acme/lint@v1", "trusted"), ("actions/setup-python@v5", "trusted")],
)
def test_an_action_that_cannot_be_read_may_bring_a_node(action: str, expected: str) -> None:
    assert verdict((PUBLISH, f"      - uses: {action}\n{PUBLISH}")) == expected


CALLER = """\
on: push
jobs:
  release:
    permissions:
      id-token: write
    uses: ./.github/workflows/publish.yml
    with:
      node: "24"
"""
CALLEE = steps.changed(
    ("on: push\n", "on:\n  workflow_call:\n    inputs:\n      node:\n        default: '22'\n"),
    (NODE, "node-version: ${{ inputs.node }}"),
)


def called(caller: str, callee: str = CALLEE) -> str:
    return verdict(text=caller, files={steps.PATH: callee})


def test_a_called_workflow_is_read_with_its_caller() -> None:
    assert called(CALLER) == "trusted"
    assert called(steps.changed(('node: "24"', 'node: "20"'), text=CALLER)) == "broken"
    assert called(steps.changed(("id-token: write", "contents: read"), text=CALLER)) == "broken"
    (one,) = judged(CALLER, {steps.PATH: CALLEE})
    assert (one.step.place.job, one.step.place.position, one.step.place.reusable) == ("release", None, "called")
    assert one.step.place.at.path == steps.PATH


def test_a_called_workflow_without_its_caller_waits_for_the_caller() -> None:
    text = steps.changed(("'22'", "'24'"), text=CALLEE)
    assert verdict(text=text) == "unknown"
    assert verdict(("id-token: write", "id-token: none"), text=text) == "broken"
    assert verdict(text=CALLEE) == "broken"


def test_a_called_workflow_elsewhere_is_told_where_its_name_publishes() -> None:
    remote = steps.changed(("./.github/workflows/publish.yml", "o/r/.github/workflows/publish.yml@v1"), text=CALLER)
    assert verdict(text=remote) == "unknown"
    assert verdict(("publish.yml", "lint.yml"), text=remote) == ""
    assert verdict(('node: "24"', "publish: false"), text=remote) == ""
    passed = steps.changed(
        ('    with:\n      node: "24"', "    secrets:\n      NPM_TOKEN: ${{ secrets.NPM_TOKEN }}"), text=remote
    )
    assert verdict(text=passed) == "token"


def test_a_step_or_job_that_never_runs_is_told_and_has_no_effect() -> None:
    assert step((PUBLISH, f"{PUBLISH}        if: false\n")).context.never_runs
    off = f"      - run: npm i -g npm@10\n        if: false\n{PUBLISH}"
    assert verdict((PUBLISH, off)) == "trusted"
    assert verdict((PUBLISH, f"      - run: npm i -g npm@10\n        if: failure()\n{PUBLISH}")) == "trusted"
    assert step((RUNNER, f"{RUNNER}\n    if: ${{{{ false }}}}")).context.never_runs


@pytest.mark.parametrize("value", ["false", "'false'"])
def test_ci_false_hides_github_from_npm(value: str) -> None:
    env = f"{PERMISSIONS}    env:\n      CI: {value}\n"
    assert verdict((PERMISSIONS, env)) == "broken"
    assert steps.ids((PERMISSIONS, env)) == {"oidc-disabled:fail"}


def test_what_a_step_exports_reaches_the_next() -> None:
    before = f'      - run: echo "NODE_AUTH_TOKEN=${{{{ secrets.NPM_TOKEN }}}}" >> "$GITHUB_ENV"\n{PUBLISH}'
    assert verdict((PUBLISH, before)) == "token"
    assert verdict((PUBLISH, f"{PUBLISH}{before.removesuffix(PUBLISH)}")) == "trusted"


def test_powershell_on_windows() -> None:
    script = "      - run: |\n          if ($env:X) {\n            npm publish --access public\n          }\n"
    assert verdict((RUNNER, "runs-on: windows-latest"), (PUBLISH, script)) == "trusted"


YAML = [
    (steps.WORKFLOW.replace("\n", "\r\n"), "trusted"),
    ("\ufeff" + steps.WORKFLOW, "trusted"),
    (steps.changed((PERMISSIONS, "    permissions: &p {id-token: write}\n")), "trusted"),
    (steps.changed((RUNNER, "runs-on: [${{ matrix.os }}]\n    strategy: {matrix: {os: [ubuntu-latest]}}")), "trusted"),
    (steps.WORKFLOW.replace("on: push", "'on': push"), "trusted"),
]


@pytest.mark.parametrize(("text", "expected"), YAML)
def test_yaml_as_github_reads_it(text: str, expected: str) -> None:
    assert verdict(text=text) == expected


def test_an_alias_stands_for_what_it_names() -> None:
    text = steps.changed(
        (PERMISSIONS, "    permissions: &p\n      id-token: write\n"),
        (PUBLISH, f"{PUBLISH}  again:\n    {RUNNER}\n    permissions: *p\n    steps:\n{SETUP}{PUBLISH}"),
    )
    assert verdict(text=text) == "trusted trusted"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (steps.changed((PUBLISH, f"{PUBLISH}\t- x\n")), 14, "tab"),
        (steps.changed((RUNNER, f"{RUNNER}\n    {RUNNER}")), 5, "already defined"),
        (steps.changed((RUNNER, "runs-on: [a")), None, ""),
        ("on: push\njobs: {a: *nowhere}\n", 2, "undefined alias"),
    ],
)
def test_text_that_github_cannot_read_is_told_with_its_line(text: str, line: int | None, said: str) -> None:
    file = read(text)
    assert file.trouble is not None
    assert said in file.trouble
    assert file.line == line or line is None
    assert file.steps == ()


def test_two_publishes_in_one_step_are_one_with_the_worst_verdict() -> None:
    script = "      - run: |\n          npm publish\n          bun publish\n"
    assert verdict((PUBLISH, script)) == "broken"


def with_caller(caller: str, callee: str) -> str:
    file = github.read(callee, steps.PATH, lambda _: None, lambda _: [(".github/workflows/release.yml", caller)])
    return " ".join(one.verdict.value for one in judge.judge_steps(file))


def test_a_workflow_that_can_only_be_called_is_judged_by_its_callers() -> None:
    assert with_caller(CALLER, CALLEE) == "trusted"
    assert with_caller(steps.changed(("id-token: write", "contents: read"), text=CALLER), CALLEE) == "broken"
    assert with_caller(steps.changed(('"24"', '"20"'), text=CALLER), CALLEE) == "broken"
    two = f"{CALLER}  again:\n    uses: ./.github/workflows/publish.yml\n"
    assert with_caller(two, CALLEE) == "broken"
    other = steps.changed(("workflows/publish.yml", "workflows/lint.yml"), text=CALLER)
    assert with_caller(other, CALLEE) == "broken"  # Node 22, by default
    assert with_caller("jobs: [", CALLEE) == "broken"


@pytest.mark.parametrize(
    ("handed", "expected"),
    [
        ("    secrets: inherit\n", "token"),
        ("    secrets:\n      NPM_TOKEN: ${{ secrets.NPM }}\n", "token"),
        ("    secrets:\n      OTHER: ${{ secrets.NPM }}\n", "trusted"),
        ("", "trusted"),
    ],
)
def test_a_called_workflow_has_the_secrets_that_it_is_handed(handed: str, expected: str) -> None:
    caller = CALLER + handed
    assert with_caller(caller, steps.changed((PUBLISH, PUBLISH + TOKEN), text=CALLEE)) == expected
    assert called(caller, steps.changed((PUBLISH, PUBLISH + TOKEN), text=CALLEE)) == expected


def test_the_callers_permissions_are_named_where_they_are_in_the_way() -> None:
    caller = steps.changed(("id-token: write", "contents: read"), text=CALLER)
    file = github.read(CALLEE, steps.PATH, lambda _: None, lambda _: [(".github/workflows/release.yml", caller)])
    (one,) = judge.judge_steps(file)
    (finding,) = one.findings
    assert finding.message.startswith("the calling job in .github/workflows/release.yml may not request an id token")
    assert finding.location is not None
    assert (finding.location.path, finding.location.line) == (".github/workflows/release.yml", 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('execSync("npm publish")', "unknown", id="child-process"),
        pytest.param('await execa("npm", ["publish", "--tag", tag])', "unknown", id="execa"),
        pytest.param("await $`npm publish --tag ${tag}`", "unknown", id="zx"),
        pytest.param('spawnSync("pnpm", ["publish"])', "unknown", id="pnpm"),
        pytest.param('console.log("to publish, push a tag")', "", id="a-word"),
        pytest.param('execSync("npm run publish-docs")', "", id="another-script"),
    ],
)
def test_a_publish_from_code_is_not_guessed(text: str, expected: str) -> None:
    found = steps.judged(steps.changed(("npm publish", "node tools/ship.mjs")), {"tools/ship.mjs": text})
    assert " ".join(one.verdict.value for one in found) == expected
    for one in found:
        (finding,) = one.findings
        assert "tools/ship.mjs starts a publish from code" in finding.message


DISPATCHED = """\
on:
  release:
  workflow_dispatch:
    inputs:
      trial: {type: boolean, default: %s}
env:
  TRIAL: ${{ inputs.trial }}
"""


@pytest.mark.parametrize("default", ["true", "false"])
@pytest.mark.parametrize(
    "condition",
    [
        "${{ !inputs.trial }}",
        "inputs.trial",
        "inputs.trial == false",
        "inputs.trial != true",
        "${{ !(inputs.trial || false) }}",
        "github.event.inputs.trial != 'true'",
        "env.TRIAL != 'true'",
    ],
)
def test_the_default_of_an_input_drops_no_step(default: str, condition: str) -> None:
    guarded = (PUBLISH, f"{PUBLISH}        if: {condition}\n")
    assert verdict(("on: push\n", DISPATCHED % default), guarded) == "trusted"


@pytest.mark.parametrize(
    ("given", "condition", "runs"),
    [
        ("", "${{ !inputs.trial }}", True),  # the default: false
        ("trial: true", "${{ !inputs.trial }}", False),
        ("trial: false", "${{ !inputs.trial }}", True),
        ("trial: false", "inputs.trial", False),
        ("trial: '${{ inputs.trial }}'", "inputs.trial", True),  # the caller's own, which a person chooses
        ("count: 0", "inputs.count", False),
        ("count: 1", "inputs.count", True),
    ],
)
def test_what_a_caller_of_the_same_repository_gives_decides(given: str, condition: str, *, runs: bool) -> None:
    inputs = "{trial: {type: boolean, default: false}, count: {type: number, default: 1}}"
    guarded = (PUBLISH, f"{PUBLISH}        if: {condition}\n")
    callee = steps.changed(("on: push", f"on:\n  workflow_call:\n    inputs: {inputs}"), guarded)
    caller = f"{DISPATCHED % 'false'}jobs:\n  call:\n    uses: ./{steps.PATH}\n    with: {{{given}}}\n"
    path = ".github/workflows/release.yml"
    file = github.read(callee, steps.PATH, lambda _: None, lambda _: [(path, caller)])
    # Where this caller makes it run never, another repository's may still.
    assert [legs[0].place.entry_path for legs in file.steps] == [path if runs else steps.PATH]


@pytest.mark.parametrize(
    ("given", "found"), [("${{ inputs.trial }}", "trusted"), ("'true'", ""), ("'false'", "trusted")]
)
def test_what_a_step_gives_an_action_of_the_same_repository_decides(given: str, found: str) -> None:
    action = """\
inputs:
  trial: {default: 'false'}
runs:
  using: composite
  steps:
    - if: inputs.trial != 'true'
      shell: bash
      run: npm publish
"""
    uses = f"      - uses: ./pub\n        with:\n          trial: {given}\n"
    on = ("on: push\n", DISPATCHED % "true")
    assert verdict(on, (PUBLISH, uses), files={"pub/action.yml": action}) == found


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [
        (None, "unknown"),
        ('{"ci:tag": "changeset tag && git push"}', ""),
        ('{"ci:tag": "npm run again", "again": "echo done"}', ""),
        ('{"ci:tag": "npm run again", "again": "node deliver.js"}', "unknown"),
        ('{"ci:tag": "bash deliver.sh"}', "unknown"),
        ('{"ci:tag": "changeset publish"}', "broken"),
        ("{}", ""),
        ("[]", "unknown"),
    ],
)
def test_the_script_that_changesets_action_is_given_decides_where_it_is_in_view(
    scripts: str | None, expected: str
) -> None:
    files = {"package.json": f'{{"scripts": {scripts}}}'} if scripts else {}
    uses = "      - uses: changesets/action@v1\n        with: {publish: npm run ci:tag}\n"
    assert verdict((PERMISSIONS, ""), (PUBLISH, uses), files=files) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("node scripts/release.mjs", "unknown"),
        ("node scripts/pre-publish-fixes.mjs", ""),
        ('echo "X=$(node ./scripts/release-channel.js)" >> $GITHUB_ENV', ""),
        ('echo "X=$(npm run release-channel)" >> $GITHUB_ENV', ""),
        ('out="$(node ./scripts/publish.js)"', "unknown"),
    ],
)
def test_what_a_scripts_name_says(command: str, expected: str) -> None:
    assert verdict((PUBLISH, f"      - run: |\n          {command}\n")) == expected


@pytest.mark.parametrize(
    "line",
    [
        "registry=https://registry.npmjs.org/",
        "registry = 'https://registry.npmjs.org/'",
        'registry="https://registry.npmjs.org/"',
        "registry = https://registry.npmjs.org/ ; npm's own",
        "registry=https://npm.pkg.github.com\nregistry='https://registry.npmjs.org/'",
        "'@a:registry' = \"https://registry.npmjs.org/\"\nregistry=https://npm.pkg.github.com",
    ],
)
def test_the_registry_of_an_npmrc_is_read_as_npm_reads_it(line: str) -> None:
    files = {".npmrc": f"{line}\n", "package.json": '{"name": "@a/b"}'}
    assert step(files=files).credentials.registry.url == "https://registry.npmjs.org/"
    assert verdict(files=files) == "trusted"
