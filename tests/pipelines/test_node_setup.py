"""The Node and the npm that are there when a step publishes."""

import pytest

from tests.support.steps import NODE, PUBLISH, RUNNER, SETUP, step, verdict

NPM = [
    # node-version → the npm that it brings
    ('node-version: "22"', "broken"),
    ("node-version: 22.x", "broken"),
    ("node-version: 24", "trusted"),
    ("node-version: 24.4.1", "broken"),
    ("node-version: 24.5.0", "trusted"),
    ("node-version: 25", "trusted"),
    ("node-version: lts/jod", "broken"),
    ("node-version: lts/*", "trusted"),
    ("node-version: latest", "trusted"),
    ("node-version: ${{ vars.NODE }}", "unknown"),
    ("cache: npm", "unknown"),  # no version: the image's Node
]


@pytest.mark.parametrize(("asked", "expected"), NPM)
def test_the_npm_that_node_brings(asked: str, expected: str) -> None:
    assert verdict((NODE, asked)) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (".nvmrc", "v22.14.0\n", "broken"),
        (".nvmrc", "v24.16.0\n", "trusted"),
        (".tool-versions", "nodejs 20.11.1\n", "broken"),
        ("package.json", '{"volta": {"node": "24.11.1"}}', "trusted"),
        ("package.json", '{"engines": {"node": "22"}}', "broken"),
        (".nvmrc", None, "unknown"),
    ],
)
def test_the_file_that_names_the_node(name: str, text: str | None, expected: str) -> None:
    files = {name: text} if text is not None else {}
    assert verdict((NODE, f"node-version-file: {name}"), files=files) == expected


def test_a_version_beats_the_file_beside_it() -> None:
    both = 'node-version: "24"\n          node-version-file: .nvmrc'
    assert verdict((NODE, both), files={".nvmrc": "20"}) == "trusted"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("on: push\n", 'on: push\nenv:\n  NODE: "22"\n'), "broken"),
        (("on: push\n", 'on: push\nenv:\n  NODE: "24"\n'), "trusted"),
        (("on: push\n", "on: push\nenv: &all\n  NODE: ${{ vars.NODE }}\n"), "unknown"),
    ],
)
def test_an_expression_that_the_file_resolves(change: tuple[str, str], expected: str) -> None:
    assert verdict(change, (NODE, "node-version: ${{ env.NODE }}")) == expected


@pytest.mark.parametrize(("default", "expected"), [("20", "broken"), ("24", "trusted"), (None, "unknown")])
def test_the_default_of_an_input(default: str | None, expected: str) -> None:
    given = f"        default: '{default}'\n" if default else "        required: true\n"
    on = f"on:\n  workflow_dispatch:\n    inputs:\n      node:\n{given}"
    assert verdict(("on: push\n", on), (NODE, "node-version: ${{ inputs.node }}")) == expected


def test_the_place_of_the_version_is_where_it_is_written() -> None:
    one = step(("on: push\n", "on: push\nenv:\n  NODE: '22'\n"), (NODE, "node-version: ${{ env.NODE }}"))
    assert one.toolchain.node.entry is not None
    assert (one.toolchain.node.entry.value.line, one.toolchain.node.entry.line) == (3, "  NODE: '22'")


UPGRADES = [
    # command, node-version → verdict
    ("npm install -g npm@latest", "22", "trusted"),
    ("npm install -g npm@latest", "20", "broken"),
    ("npm i --global npm@latest", "22.14.0", "broken"),
    ("npm i -g npm@11", "22.14.0", "trusted"),
    ("npm i -g npm@11", "20.16.0", "broken"),
    ("npm i -g npm@11.4.0", "22", "broken"),
    ("npm i -g npm@^11.5.1", "22", "trusted"),
    ("npm i -g npm@latest", "25", "broken"),
    ("npm i -g npm@11", "22.22.2", "broken"),  # promise-retry
    ("npm i -g npm@latest || true", "20", "broken"),  # swallowed: the old npm stays
    ("npm i -g npm@latest || true", "24", "trusted"),
    ("npm i -g npm@${{ vars.NPM }}", "22", "unknown"),
    ("npm i -g typescript", "22", "broken"),
    ("npm i -g npm@10", "24", "broken"),
]


@pytest.mark.parametrize(("command", "node", "expected"), UPGRADES)
def test_an_upgrade_before_the_publish(command: str, node: str, expected: str) -> None:
    before = (PUBLISH, f"      - run: {command}\n{PUBLISH}")
    assert verdict((NODE, f"node-version: {node}"), before) == expected


def test_an_upgrade_after_the_publish_or_in_another_job_is_none() -> None:
    assert verdict((NODE, "node-version: 22"), (PUBLISH, f"{PUBLISH}      - run: npm i -g npm@11\n")) == "broken"
    other = "jobs:\n  setup:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm i -g npm@11\n"
    assert verdict((NODE, "node-version: 22"), ("jobs:\n", other)) == "broken"


def test_a_second_setup_node_undoes_the_upgrade() -> None:
    again = SETUP.replace('"24"', '"22"')
    assert verdict((PUBLISH, f"      - run: npm i -g npm@11\n{again}{PUBLISH}")) == "broken"


def test_npx_brings_an_npm_of_its_own() -> None:
    assert verdict((NODE, "node-version: 22"), ("npm publish", "npx npm@11 publish")) == "trusted"
    assert verdict((NODE, "node-version: 24"), ("npm publish", "npx npm@10 publish")) == "broken"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("nvm install 22 && nvm use 22 && npm publish", "broken"),
        ("nvm install 24 && npm publish", "trusted"),
        ("npm install npm@10 && npm publish", "trusted"),
    ],
)
def test_a_node_that_the_steps_own_shell_chooses(script: str, expected: str) -> None:
    assert verdict(("npm publish", script)) == expected


def test_a_node_of_one_steps_shell_is_gone_in_the_next() -> None:
    before = f"      - run: nvm install 22 && nvm use 22\n{PUBLISH}"
    assert verdict((PUBLISH, before)) == "trusted"


def test_npm_stage_needs_a_newer_npm() -> None:
    stage = ("npm publish", "npm stage publish")
    assert verdict(stage, (NODE, "node-version: 24.14.1")) == "broken"
    assert verdict(stage, (NODE, "node-version: 24.18.0")) == "trusted"


@pytest.mark.parametrize(
    ("image", "expected"),
    [("node:22", "broken"), ("node:24-alpine", "trusted"), ("node:lts", "trusted"), ("debian", "unknown")],
)
def test_a_container_brings_its_node(image: str, expected: str) -> None:
    assert verdict((RUNNER, f"{RUNNER}\n    container: {image}"), (SETUP, "")) == expected
    assert verdict((RUNNER, f"{RUNNER}\n    container:\n      image: {image}"), (SETUP, "")) == expected


@pytest.mark.parametrize(
    ("changes", "upgrade", "expected"),
    [
        ([(NODE, "node-version: 22")], "npm i -g npm@11", "trusted"),
        ([(NODE, "node-version: 22")], "sudo npm i -g npm@11", "unknown"),
        ([(NODE, "node-version: 22")], 'sudo env "PATH=$PATH" npm i -g npm@11', "trusted"),
        ([(NODE, "node-version: 22"), (RUNNER, "runs-on: macos-15")], "sudo npm i -g npm@11", "trusted"),
        ([], "sudo npm i -g npm@11", "trusted"),  # either npm does
        ([(SETUP, ""), (RUNNER, "runs-on: ubuntu-latest\n    container: node:22")], "sudo npm i -g npm@11", "trusted"),
    ],
)
def test_sudo_may_upgrade_another_npm(changes: list[tuple[str, str]], upgrade: str, expected: str) -> None:
    assert verdict(*changes, (PUBLISH, f"      - run: {upgrade}\n{PUBLISH}")) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("node-version: 22", "broken"),
        ("node-version: 22\n          npm-version: 11.6.0", "trusted"),
        ("node-version: 24\n          npm-version: 10.9.0", "broken"),
        ("node-version: 22\n          npm-version: ${{ vars.NPM }}", "unknown"),
    ],
)
def test_the_npm_that_voltas_action_puts_in_place(given: str, expected: str) -> None:
    setup = f"      - uses: volta-cli/action@v4\n        with:\n          {given}\n"
    assert verdict((SETUP, setup)) == expected
