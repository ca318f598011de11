"""Mends of workflow files: the smallest edits, every other byte as it was, and what is left alone with its reason."""

import difflib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safepublish.causes import judge
from safepublish.causes.fix_workflow import FixedFile, Migrated, fix_workflow
from safepublish.facts.step import Verdict
from safepublish.pipelines import document, github

PATH = ".github/workflows/publish.yml"
BROKEN = """\
name: Release # as is
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: actions/checkout@v5

      - uses: actions/setup-node@v4
        with:
          node-version: "22"   # jod
          registry-url: https://registry.npmjs.org
      - run: npm ci
      - name: Publish
        run: npm publish --access public
"""


def mended(*pairs: tuple[str, str], migrate: bool = False, nvmrc: str | None = None) -> FixedFile:
    text = BROKEN
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return fix_workflow(text, PATH, {".nvmrc": nvmrc}.get, migrate=migrate)


def changes(one: FixedFile) -> list[str]:
    """The lines taken away and put in place, without their indentation."""
    lines = difflib.unified_diff(one.before.splitlines(), one.text.splitlines(), n=0, lineterm="")
    return [line[0] + line[1:].strip() for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"}]


def verdicts(one: FixedFile) -> list[str]:
    return [step.verdict.value for step in one.steps]


TOKEN = (
    "        run: npm publish",
    "        env:\n          NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n        run: npm publish",
)
NODE_24 = ['-node-version: "22"   # jod', '+node-version: "24"   # jod']


def test_the_node_is_changed_in_its_place_and_nothing_else() -> None:
    one = mended()
    assert one.text == BROKEN.replace('"22"', '"24"')
    assert verdicts(one) == ["trusted"]
    assert one.fixes == (("publish", "Node 22 becomes 24"),)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("22", "24"),
        ("'22'", "'24'"),
        ('"22"', '"24"'),
        ("22.x", "24.x"),
        ("'20.x.x'", "'24.x.x'"),
        ("v22", "v24"),
        ("22.14.0", "24"),
        ("20.10", "24"),
        ("24.10", "24"),
        ("^22.1.0", "24"),
        ('">=18 <23"', '"24"'),
        ("lts/jod", "24"),
        ("24.4", "24"),
    ],
)
def test_every_form_of_node_version(written: str, expected: str) -> None:
    one = mended(('"22"', written))
    assert one.text == BROKEN.replace('"22"', expected)
    assert verdicts(one) == ["trusted"]


@pytest.mark.parametrize("written", ['"24"', "24.5.0", "lts/*", ">=20", "latest", "26"])
def test_a_trusted_file_stays_untouched(written: str) -> None:
    one = mended(('"22"', written), ("npm publish", "npm publish --provenance"))
    assert (one.text, one.fixes, one.unfixed) == (one.before, (), ())


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_line_ends_and_byte_order_mark_stay(ending: str, mark: str, last: str) -> None:
    text = BROKEN.replace("      id-token: write\n", "").rstrip("\n") + last
    text = mark + text.replace("\n", ending)
    one = fix_workflow(text, PATH, lambda _: None)
    expected = text.replace('"22"', '"24"').replace(
        f"contents: read{ending}", f"contents: read{ending}      id-token: write{ending}"
    )
    assert one.text == expected
    assert verdicts(one) == ["trusted"]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param([("      id-token: write\n", "")], ["+id-token: write"], id="a block that does not name it"),
        pytest.param([("id-token: write", "id-token: none")], ["-id-token: none", "+id-token: write"], id="none"),
        pytest.param(
            [("    permissions:\n      contents: read\n      id-token: write\n", "")],
            ["+permissions:", "+contents: read", "+id-token: write"],
            id="no block",
        ),
        pytest.param(
            [
                (
                    "    permissions:\n      contents: read\n      id-token: write\n",
                    "    permissions: {contents: read}\n",
                )
            ],
            ["-permissions: {contents: read}", "+permissions: {contents: read, id-token: write}"],
            id="flow style",
        ),
        pytest.param(
            [("    permissions:\n      contents: read\n      id-token: write\n", "    permissions: {}\n")],
            ["-permissions: {}", "+permissions: { id-token: write }"],
            id="an empty block",
        ),
        pytest.param(
            [("    permissions:\n      contents: read\n      id-token: write\n", "    permissions: read-all\n")],
            ["-permissions: read-all", "+permissions:", "+contents: read", "+id-token: write"],
            id="read-all",
        ),
        pytest.param(
            [
                ("    permissions:\n      contents: read\n      id-token: write\n", ""),
                ("jobs:\n", "permissions:\n  contents: read # checkout\njobs:\n"),
            ],
            ["+id-token: write"],
            id="the workflow's block, of one job",
        ),
        pytest.param(
            [
                ("    permissions:\n      contents: read\n      id-token: write\n", ""),
                (
                    "jobs:\n",
                    "permissions:\n  contents: write\n  packages: read\njobs:\n  test:\n    runs-on: x\n    steps: []\n",
                ),
            ],
            ["+permissions:", "+contents: write", "+packages: read", "+id-token: write"],
            id="the workflow's block, of several jobs: copied to the job",
        ),
    ],
)
def test_the_permission(pairs: list[tuple[str, str]], expected: list[str]) -> None:
    one = mended(('"22"', '"24"'), *pairs)
    assert changes(one) == expected
    assert verdicts(one) == ["trusted"]


def test_a_step_whose_job_would_end_without_its_token_keeps_it() -> None:
    one = mended(('"22"', '"24"'), TOKEN, ("run: npm publish", "run: npm whoami && npm publish"), migrate=True)
    assert (one.text, verdicts(one)) == (one.before, ["token"])
    ((job, why),) = one.unfixed
    assert job == "publish"
    assert why.startswith("`npm whoami` needs a token, but there is none")


def test_where_the_repositorys_token_is_used_no_block_is_guessed() -> None:
    one = mended(
        ("    permissions:\n      contents: read\n      id-token: write\n", ""),
        ("npm ci", "git push"),
    )
    assert one.text == one.before
    assert one.unfixed[0][1].startswith("a permissions block removes every permission that it does not name")


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param([TOKEN], ["-env:", "-NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}"], id="the step's own env"),
        pytest.param(
            [TOKEN, ("        env:\n", "        env:\n          A: b\n")],
            ["-NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}"],
            id="one of several",
        ),
        pytest.param(
            [
                ("      - name: Publish\n", "      - env:\n          NODE_AUTH_TOKEN: ${{ secrets.T }}\n        name: Publish\n"),
            ],
            ["-- env:", "-NODE_AUTH_TOKEN: ${{ secrets.T }}", "-name: Publish", "+- name: Publish"],
            id="the first key of the step",
        ),
        pytest.param(
            [("        run: npm publish", "        env: {NODE_AUTH_TOKEN: '${{ secrets.T }}'}\n        run: npm publish")],
            ["-env: {NODE_AUTH_TOKEN: '${{ secrets.T }}'}"],
            id="flow style",
        ),
        pytest.param(
            [
                (
                    "        run: npm publish",
                    "        env: {A: b, NODE_AUTH_TOKEN: '${{ secrets.T }}', C: d}\n        run: npm publish",
                )
            ],
            ["-env: {A: b, NODE_AUTH_TOKEN: '${{ secrets.T }}', C: d}", "+env: {A: b, C: d}"],
            id="flow style, one of several",
        ),
        pytest.param(
            [
                (
                    "      - run: npm ci\n",
                    "      - run: npm ci\n      - run: echo '//registry.npmjs.org/:_authToken=${{ secrets.T }}' > .npmrc\n",
                )
            ],
            ["-- run: echo '//registry.npmjs.org/:_authToken=${{ secrets.T }}' > .npmrc"],
            id="a step that writes .npmrc",
        ),
        pytest.param(
            [
                (
                    "        run: npm publish",
                    "        run: |\n          npm config set //registry.npmjs.org/:_authToken ${{ secrets.T }}\n          npm publish",
                )
            ],
            ["-npm config set //registry.npmjs.org/:_authToken ${{ secrets.T }}"],
            id="a line of the script",
        ),
        pytest.param(
            [("    steps:\n", "    env:\n      NODE_AUTH_TOKEN: ${{ secrets.T }}\n    steps:\n")],
            ["+env:", '+NODE_AUTH_TOKEN: ""'],
            id="the job's env where packages are installed: hidden from the step alone",
        ),
        pytest.param(
            [
                ("    steps:\n", "    env:\n      NODE_AUTH_TOKEN: ${{ secrets.T }}\n    steps:\n"),
                ("      - run: npm ci\n", ""),
            ],
            ["-env:", "-NODE_AUTH_TOKEN: ${{ secrets.T }}"],
            id="the job's env where nothing else can need it",
        ),
        pytest.param(
            [("jobs:\n", "env:\n  NODE_AUTH_TOKEN: ${{ secrets.T }}\njobs:\n"), ("        run:", "        env:\n          A: b\n        run:")],
            ['+NODE_AUTH_TOKEN: ""'],
            id="the workflow's env",
        ),
    ],
)  # fmt: skip
def test_a_token_goes_with_migrate(pairs: list[tuple[str, str]], expected: list[str]) -> None:
    assert mended(('"22"', '"24"'), *pairs).text == mended(('"22"', '"24"'), *pairs).before, (
        "without --migrate it stays"
    )
    one = mended(('"22"', '"24"'), *pairs, migrate=True)
    assert changes(one) == expected
    assert verdicts(one) == ["trusted"]
    assert one.migrated == (Migrated("publish", "publish.yml", None, staged=False, directory="."),)


def test_what_to_enter_names_environment_and_stage() -> None:
    one = mended(
        TOKEN,
        ('"22"', '"24"'),
        ("npm publish", "npm stage publish"),
        ("    runs-on", "    environment: npm\n    runs-on"),
        ("        run:", "        working-directory: packages/a\n        run:"),
        migrate=True,
    )
    assert one.migrated == (Migrated("publish", "publish.yml", "npm", staged=True, directory="packages/a"),)


@pytest.mark.parametrize(
    ("command", "node", "expected"),
    [
        ("npm install -g npm@10.9.8", "22", ["-- run: npm install -g npm@10.9.8", "+- run: npm install -g npm@11"]),
        ("npm i -g 'npm@11.1.0'", "24", ["-- run: npm i -g 'npm@11.1.0'", "+- run: npm i -g 'npm@11'"]),
        ("npm ci && npm i -g npm@^10 tsx", "22", ["-- run: npm ci && npm i -g npm@^10 tsx", "+- run: npm ci && npm i -g npm@11 tsx"]),
        ("corepack prepare npm@10.9.0 --activate", "22", ["-- run: corepack prepare npm@10.9.0 --activate", "+- run: corepack prepare npm@11 --activate"]),
        ("npm i -g npm@${{ env.NPM }}", "22", ["-env: {NPM: '10.9.1'}", "+env: {NPM: '11'}"]),
        ("npm i -g npm@10", "18", ['-node-version: "18"   # jod', '+node-version: "24"   # jod', "-- run: npm i -g npm@10", "+- run: npm i -g npm@11"]),
    ],
)  # fmt: skip
def test_an_old_pin_is_what_changes(command: str, node: str, expected: list[str]) -> None:
    env = ("on: push\n", "on: push\nenv: {NPM: '10.9.1'}\n")
    one = mended(("- run: npm ci", f"- run: {command}"), ('"22"', f'"{node}"'), env)
    assert changes(one) == expected
    assert verdicts(one) == ["trusted"]


def test_npx_asks_for_another_npm() -> None:
    one = mended(('"22"', '"24"'), ("npm publish --access", "npx npm@10 publish --access"))
    assert changes(one) == ["-run: npx npm@10 publish --access public", "+run: npx npm@11 publish --access public"]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("npm i -g npm@${{ env.NPM }} && echo ${{ env.NPM }}", "its line names no version"),
        ("npm config set x y && npx npm@10 --version", None),
    ],
)
def test_a_pin_that_is_used_elsewhere_stays(command: str, why: str | None) -> None:
    env = ("on: push\n", "on: push\nenv: {NPM: '10.9.1'}\n")
    one = mended(("- run: npm ci", f"- run: {command}"), env)
    assert changes(one) == ([] if why else NODE_24)
    assert [why in reason for _, reason in one.unfixed if why] == ([True] if why else [])


def test_one_run_makes_all_the_edits() -> None:
    one = mended(
        TOKEN,
        ("npm publish --access", "npm publish --provenance --access"),
        ("      id-token: write\n", ""),
        migrate=True,
    )
    assert changes(one) == [
        "+id-token: write",
        *NODE_24,
        "-env:",
        "-NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}",
    ]
    assert verdicts(one) == ["trusted"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npm publish --provenance", "npm publish"),
        ("npm publish --provenance --tag next", "npm publish --tag next"),
        ("npm ci && npm publish --tag next --provenance && echo", "npm ci && npm publish --tag next && echo"),
        ("|\n          npm publish \\\n            --provenance \\\n            --tag next", "|\n          npm publish \\\n            --tag next"),
        ("|\n          npm publish \\\n            --tag next \\\n            --provenance", "|\n          npm publish \\\n            --tag next"),
        ("npm publish --provenance=false", "npm publish --provenance=false"),
        ("npm publish --no-provenance", "npm publish --no-provenance"),
    ],
)  # fmt: skip
def test_provenance_is_removed_where_it_is_the_fault_and_nowhere_else(command: str, expected: str) -> None:
    private = ("      - name: Publish\n", "      - name: Publish\n        if: github.event.repository.private\n")
    for changed, after in (((), command), ((private,), expected)):
        one = mended(("npm publish --access public", command), *changed)
        text = BROKEN.replace('"22"', '"24"').replace("npm publish --access public", after)
        assert one.text == (text.replace(*private) if changed else text)


UPGRADE = ("      - run: npm ci\n", "      - run: npm install -g npm@latest # newest\n      - run: npm ci\n")


@pytest.mark.parametrize(
    ("node", "written", "expected"),
    [
        ("20", "npm install -g npm@latest", "npm install -g npm@11"),
        ("22.14.0", "npm i --global npm@latest", "npm i --global npm@11"),
        ("20", "npm i npm -g", "npm i npm@11 -g"),
        ("25", "npm install -g npm@latest pnpm@10", "npm install -g npm@11 pnpm@10"),
        ("20", "npm install -g 'npm@>=11.5.1'", "npm install -g 'npm@11'"),
    ],
)
def test_a_failing_upgrade_asks_for_an_npm_that_runs_there(node: str, written: str, expected: str) -> None:
    one = mended(('"22"', node), UPGRADE, ("npm install -g npm@latest", written))
    assert changes(one) == [f"-- run: {written} # newest", f"+- run: {expected} # newest"]
    assert verdicts(one) == ["trusted"]


@pytest.mark.parametrize("node", ["18", "22.22.2"])
def test_where_no_upgrade_can_work_the_node_is_changed(node: str) -> None:
    one = mended(('"22"', node), UPGRADE)
    assert changes(one) == [f"-node-version: {node}   # jod", "+node-version: 24   # jod"]
    assert verdicts(one) == ["trusted"]


def test_a_version_file_is_not_touched_and_npm_is_put_beside_its_node() -> None:
    one = mended(('node-version: "22"   # jod', "node-version-file: .nvmrc"), nvmrc="v22.14.0\n")
    assert changes(one) == ["+- run: npm install --global npm@11"]
    assert verdicts(one) == ["trusted"]


def test_a_version_file_whose_node_runs_no_npm_11_is_said() -> None:
    one = mended(('node-version: "22"   # jod', "node-version-file: .nvmrc"), nvmrc="18\n")
    assert one.text == one.before
    assert one.unfixed == (("publish", ".nvmrc chooses Node 18, for more than this job; set it to 24"),)


MATRIX = ('node-version: "22"   # jod', "node-version: ${{ matrix.node }}")


def test_a_matrix_with_one_leg_is_edited() -> None:
    one = mended(MATRIX, ("    steps:\n", "    strategy:\n      matrix:\n        node: [22]\n    steps:\n"))
    assert changes(one) == ["-node: [22]", "+node: [24]"]
    assert verdicts(one) == ["trusted"]


def test_a_matrix_with_other_legs_is_said() -> None:
    one = mended(MATRIX, ("    steps:\n", "    strategy:\n      matrix:\n        node: [20, 22]\n    steps:\n"))
    assert one.text == one.before
    assert one.unfixed == (("publish", "its Node version comes from a matrix of 2"),)


ENV = ('node-version: "22"   # jod', "node-version: ${{ env.NODE }}")


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([ENV, ("jobs:\n", "env:\n  NODE: 22\njobs:\n")], ["-NODE: 22", "+NODE: 24"]),
        (
            [ENV, ("jobs:\n", "env:\n  NODE: 22\njobs:\n"), ("npm ci", "echo ${{ env.NODE }}")],
            ["-node-version: ${{ env.NODE }}", "+node-version: 24"],
        ),
    ],
)
def test_a_variable_is_edited_where_nothing_else_uses_it(pairs: list[tuple[str, str]], expected: list[str]) -> None:
    one = mended(*pairs)
    assert changes(one) == expected
    assert verdicts(one) == ["trusted"]


def test_a_container_is_edited() -> None:
    one = mended(
        ("    steps:\n", "    container: node:22-alpine\n    steps:\n"),
        ('      - uses: actions/setup-node@v4\n        with:\n          node-version: "22"   # jod\n', ""),
        ("          registry-url: https://registry.npmjs.org\n", ""),
    )
    assert changes(one) == ["-container: node:22-alpine", "+container: node:24-alpine"]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("blacksmith-4vcpu-ubuntu-2404", "ubuntu-24.04"),
        ("blacksmith-8vcpu-ubuntu-2204-arm", "ubuntu-22.04-arm"),
        ("depot-ubuntu-24.04-4", "ubuntu-24.04"),
        ("depot-ubuntu-latest", "ubuntu-latest"),
    ],
)
def test_a_drop_in_runner_gives_way_to_githubs(label: str, expected: str) -> None:
    one = mended(("ubuntu-latest", label), ('"22"', '"24"'))
    assert changes(one) == [f"-runs-on: {label}", f"+runs-on: {expected}"]
    assert verdicts(one) == ["trusted"]


def test_a_runner_of_ones_own_is_said() -> None:
    one = mended(("ubuntu-latest", "self-hosted"), ('"22"', '"24"'))
    assert one.text == one.before
    assert one.unfixed == (("publish", "a GitHub-hosted replacement could not be determined"),)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("yarn publish --access public", "npm publish --access public"),
        ("yarn publish --non-interactive --tag next", "npm publish --tag next"),
        (
            "yarn publish --new-version $V --no-git-tag-version",
            "npm version $V --no-git-tag-version --allow-same-version && npm publish",
        ),
    ],
)
def test_npm_publishes_in_place_of_yarn_1(command: str, expected: str) -> None:
    one = mended(("npm publish --access public", command), ('"22"', '"24"'))
    assert changes(one) == [f"-run: {command}", f"+run: {expected}"]
    assert verdicts(one) == ["trusted"]


@pytest.mark.parametrize("command", ["yarn publish --new-version 1.0.0", "yarn publish --folder x", "yarn publish; x"])
def test_what_yarn_does_differently_is_left(command: str) -> None:
    one = mended(("npm publish --access public", command), ('"22"', '"24"'))
    assert one.text == one.before
    assert len(one.unfixed) == 1


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param([("npm publish --access public", "node scripts/publish.js")], id="a script that cannot be read"),
        pytest.param([("      - uses: actions/setup-node", "      - uses: a/b@v1\n      - uses: actions/setup-node")], id="fine"),
    ],
)  # fmt: skip
def test_a_token_is_not_taken_where_the_rest_cannot_be_told(pairs: list[tuple[str, str]]) -> None:
    one = mended(
        ("        run: npm", "        env:\n          NPM_TOKEN: ${{ secrets.T }}\n        run: npm"),
        *pairs,
        migrate=True,
    )
    assert one.text == one.before or verdicts(one) == ["trusted"]


def test_a_token_for_another_registry_is_no_business_of_ours() -> None:
    one = mended(TOKEN, ("https://registry.npmjs.org", "https://npm.pkg.github.com"), migrate=True)
    assert one.text == one.before


def test_a_token_behind_an_alias_is_left() -> None:
    one = mended(
        ("    steps:\n", "    env: &e\n      NODE_AUTH_TOKEN: ${{ secrets.T }}\n    steps:\n"),
        ("        run: npm publish", "        env: *e\n        run: npm publish"),
        migrate=True,
    )
    assert document.compose(one.text) is not None
    assert one.text == one.before or verdicts(one) == ["trusted"]


def test_waived_causes_are_not_mended() -> None:
    one = fix_workflow(BROKEN, PATH, lambda _: None, waive={"npm-too-old": ""})
    assert (one.text, verdicts(one)) == (BROKEN, ["waived"])


def test_a_waiver_does_not_take_the_token_from_a_step_that_needs_it() -> None:
    text = BROKEN.replace('node-version: "22"   # jod', 'node-version: "24"').replace(*TOKEN)
    plain, waived = (
        fix_workflow(text, PATH, lambda _: None, migrate=True, waive=waive) for waive in ({}, {"npm-too-old": ""})
    )
    assert verdicts(plain) == verdicts(waived) == ["trusted"]
    assert plain.text == waived.text != text
    assert plain.migrated == waived.migrated != ()
    old = BROKEN.replace(*TOKEN)
    one = fix_workflow(old, PATH, lambda _: None, migrate=True, waive={"npm-too-old": ""})
    assert (one.text, verdicts(one), one.migrated) == (old, ["token"], ())


def test_text_that_is_no_workflow_stays() -> None:
    for text in ("", "a: [", "jobs: 1", "\x00", "- x"):
        assert fix_workflow(text, PATH, lambda _: None, migrate=True).text == text


LINES = [
    '          node-version: "22"', "          node-version: 20.x # old", "          node-version: ${{ matrix.node }}",
    "          node-version-file: .nvmrc", "        run: npm publish --provenance --access public", "        run: npm publish",
    "        run: |\n          npm i -g npm@latest\n          npm publish \\\n            --provenance", "        run: yarn publish",
    "        env:\n          NODE_AUTH_TOKEN: ${{ secrets.T }}", "        env: {NODE_AUTH_TOKEN: '${{ secrets.T }}', A: b}",
    "    env:\n      NPM_TOKEN: ${{ secrets.T }}", "    permissions: read-all", "    permissions: {}", "    permissions:\n      contents: read",
    "permissions:\n  contents: write # why\n  id-token: none", "    strategy: {matrix: {node: [20, 24]}}", "    container: node:20",
    '      - run: echo "//registry.npmjs.org/:_authToken=${T}" >> .npmrc', "      - run: npm ci", "      # a comment", "",
    "      - uses: actions/setup-node@v4", "      - uses: actions/setup-node@v6\n        with: {node-version: 18, registry-url: 'https://registry.npmjs.org'}",
    "      - name: Publish", "    runs-on: blacksmith-2vcpu-ubuntu-2404", "        if: github.ref == 'refs/heads/main'",
]  # fmt: skip


@st.composite
def workflows(draw: st.DrawFn) -> str:
    """A workflow of plausible lines, some of them in the wrong place; some are no YAML."""
    lines = BROKEN.split("\n")
    for _ in range(draw(st.integers(0, 8))):
        at = draw(st.integers(0, len(lines) - 1))
        line = draw(st.sampled_from(LINES))
        if draw(st.booleans()):
            lines[at] = line
        else:
            lines.insert(at, line)
        if draw(st.integers(0, 5)) == 0:
            del lines[draw(st.integers(0, len(lines) - 1))]
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


MENDABLE = re.compile(
    r"node|npm|--provenance|yarn|token|TOKEN|^ *(?:- )?env:|permissions|contents: (?:read|write)|runs-on|container|^ *with:$"
    r"|^ *(?:- )?run: [|]\r?$|^ *$"
)


def untouched(text: str) -> list[str]:
    """The lines that no mend has any business with, without the dash that a step's first key may hand on."""
    return [re.sub(r"^( *)- ", r"\1  ", line) for line in text.split("\n") if not MENDABLE.search(line)]


@settings(max_examples=250, deadline=None)
@given(workflows(), st.booleans())
def test_whatever_is_mended_stays_readable_and_is_mended_once(text: str, migrate: bool) -> None:
    one = fix_workflow(text, PATH, {".nvmrc": "20\n"}.get, migrate=migrate)
    before = github.read(text, PATH, {".nvmrc": "20\n"}.get)
    assert one.file.trouble == before.trouble
    assert (one.text == text) or one.fixes
    assert untouched(one.text) == untouched(text)
    if not any("\n" in line for line in LINES if line in text):
        assert ("\r\n" in text) is ("\r\n" in one.text)
        assert "\r\n" not in text or "\n" not in one.text.replace("\r\n", "")
    assert fix_workflow(one.text, PATH, {".nvmrc": "20\n"}.get, migrate=migrate).text == one.text
    broken = [step for step in judge.judge_steps(before) if step.verdict is Verdict.BROKEN]
    after = [step for step in one.steps if step.verdict is Verdict.BROKEN]
    assert len(after) <= len(broken) + sum(step.verdict is Verdict.TOKEN for step in judge.judge_steps(before))
    for step in one.steps:
        for finding in step.findings:
            assert finding.remedy is None or finding.remedy.diff is None or "\n\n" not in finding.remedy.diff


@pytest.mark.parametrize(
    ("migrate", "verdict", "expected"),
    [
        (False, "token", ["+id-token: write"]),
        (
            True,
            "trusted",
            [
                "+id-token: write",
                *NODE_24,
                "-env:",
                "-NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}",
            ],
        ),
    ],
)
def test_provenance_without_the_permission_is_mended_and_keeps_its_token(
    verdict: str, expected: list[str], *, migrate: bool
) -> None:
    denied, asked = ("      id-token: write\n", ""), ("npm publish --access public", "npm publish --provenance")
    one = mended(denied, asked, TOKEN, migrate=migrate)
    assert verdicts(one) == [verdict]
    assert changes(one) == expected
    assert len(one.migrated) == migrate
