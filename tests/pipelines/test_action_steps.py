"""Steps that use an action."""

import pytest

from tests.support.steps import COMPOSITE, DISPATCHED, NODE, PUBLISH, SETUP, step, verdict

PERMISSIONS = "    permissions:\n      contents: read\n      id-token: write\n"

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


@pytest.mark.parametrize(
    ("action", "expected"),
    [("acme/setup-project@v1", "unknown"), ("acme/lint@v1", "trusted"), ("actions/setup-python@v5", "trusted")],
)
def test_an_action_that_cannot_be_read_may_bring_a_node(action: str, expected: str) -> None:
    assert verdict((PUBLISH, f"      - uses: {action}\n{PUBLISH}")) == expected


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
