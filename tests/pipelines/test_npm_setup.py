"""The tokens and the registry that reach a publish."""

import pytest

from safepublish.facts.kinds import CredentialKind
from tests.support.steps import PUBLISH, SETUP, step, verdict

PERMISSIONS = "    permissions:\n      contents: read\n      id-token: write\n"
TOKEN = "        env:\n          NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n"


TOKENS = [
    # what is added to the publish step → verdict
    (TOKEN, "token"),
    ("        env:\n          NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n", "token"),
    ("        env:\n          NODE_AUTH_TOKEN: ${{ inputs.x && secrets.NPM_TOKEN || '' }}\n", "token"),
    ("        env:\n          NODE_AUTH_TOKEN: ''\n", "trusted"),
    ("        env:\n          NODE_AUTH_TOKEN:\n", "trusted"),
    ("        env:\n          GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}\n", "trusted"),
    ("        env:\n          GH_TOKEN: ${{ secrets.RELEASE }}\n", "trusted"),
    ("        env:\n          npm_config_//registry.npmjs.org/:_authToken: ${{ secrets.X }}\n", "token"),
]


@pytest.mark.parametrize(("env", "expected"), TOKENS)
def test_a_token_in_the_steps_environment(env: str, expected: str) -> None:
    assert verdict((PUBLISH, PUBLISH + env)) == expected


def test_a_token_of_the_job_or_workflow_reaches_it_and_one_of_another_step_does_not() -> None:
    job = (PERMISSIONS, f"{PERMISSIONS}    env:\n      NODE_AUTH_TOKEN: ${{{{ secrets.NPM_TOKEN }}}}\n")
    assert verdict(job) == "token"
    assert verdict(job, (PUBLISH, f"{PUBLISH}        env:\n          NODE_AUTH_TOKEN: ''\n")) == "trusted"
    assert verdict(job, ("npm publish", 'NODE_AUTH_TOKEN="" npm publish')) == "trusted"
    workflow = ("on: push\n", "on: push\nenv:\n  NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n")
    assert verdict(workflow) == "token"
    assert verdict((PUBLISH, f"      - run: npm ci\n{TOKEN}{PUBLISH}")) == "trusted"


def test_setup_node_hands_its_token_on_only_with_a_registry() -> None:
    with_token = SETUP + TOKEN
    assert verdict((SETUP, with_token)) == "trusted"
    registry = with_token.replace('"24"\n', '"24"\n          registry-url: https://registry.npmjs.org\n')
    assert verdict((SETUP, registry)) == "token"
    (token,) = step((SETUP, registry)).credentials.tokens
    assert (token.kind, token.source, token.secret) == (CredentialKind.SET, "setup-node env", "secrets.NPM_TOKEN")


def test_the_placeholder_of_setup_node_is_no_token() -> None:
    registry = SETUP.replace('"24"\n', '"24"\n          registry-url: https://registry.npmjs.org\n')
    assert verdict((SETUP, registry)) == "trusted"
    assert [token.kind for token in step((SETUP, registry)).credentials.tokens] == [CredentialKind.PLACEHOLDER]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('echo "//registry.npmjs.org/:_authToken=${{ secrets.NPM_TOKEN }}" > ~/.npmrc', "token"),
        ("echo '//registry.npmjs.org/:_authToken=${NPM_TOKEN}' >> .npmrc", "token"),
        ("npm config set //registry.npmjs.org/:_authToken $NPM_TOKEN", "token"),
        ("npm set //registry.npmjs.org/:_authToken=$NPM_TOKEN", "token"),
        ('npm config set "//npm.pkg.github.com/:_authToken" "$NPM_TOKEN"', "trusted"),
        ("echo NPM_TOKEN is not written anywhere", "trusted"),
    ],
)
def test_a_token_that_a_step_writes(command: str, expected: str) -> None:
    env = "        env:\n          NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n"
    before = f"      - run: |\n          {command}\n{env}"
    files = {"package.json": '{"name": "x", "version": "1.0.0"}'}
    assert verdict((PUBLISH, before + PUBLISH), files=files) == expected


def test_a_variable_that_nothing_reads_is_no_token_where_the_repository_is_at_hand() -> None:
    env = (PUBLISH, f"{PUBLISH}        env:\n          NPM_TOKEN: ${{{{ secrets.NPM_TOKEN }}}}\n")
    manifest = '{"name": "x", "version": "1.0.0"}'
    assert verdict(env) == "token"
    assert verdict(env, files={"package.json": manifest}) == "trusted"
    npmrc = "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n"
    assert verdict(env, files={"package.json": manifest, ".npmrc": npmrc}) == "token"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("https://npm.pkg.github.com", "token"),
        ("https://registry.npmjs.org", "trusted"),
    ],
)
def test_a_github_token_is_one_for_github_packages_only(where: str, expected: str) -> None:
    setup = SETUP.replace('"24"\n', f'"24"\n          registry-url: {where}\n')
    env = "        env:\n          NODE_AUTH_TOKEN: ${{ secrets.GITHUB_TOKEN }}\n"
    assert verdict((SETUP, setup), (PUBLISH, PUBLISH + env)) == expected


REGISTRIES = [
    ("npm publish --registry https://npm.pkg.github.com", {}, "broken"),
    ("npm publish --registry https://npm.example.com", {}, "unknown"),
    ("npm publish --registry=https://registry.npmjs.org/", {}, "trusted"),
    ("npm publish", {"package.json": '{"publishConfig": {"registry": "https://npm.pkg.github.com"}}'}, "broken"),
    (
        "npm publish",
        {"package.json": '{"name": "@o/x"}', ".npmrc": "@o:registry=https://npm.pkg.github.com\n"},
        "broken",
    ),
    ("npm publish", {"package.json": '{"name": "x"}', ".npmrc": "@o:registry=https://npm.pkg.github.com\n"}, "trusted"),
    ("npm publish --registry http://localhost:4873", {}, ""),
]


@pytest.mark.parametrize(("command", "files", "expected"), REGISTRIES)
def test_the_registry(command: str, files: dict[str, str], expected: str) -> None:
    assert verdict(("npm publish", command), files=files) == expected


def test_a_registry_of_an_earlier_step() -> None:
    before = f"      - run: npm config set registry http://localhost:4873\n{PUBLISH}"
    assert verdict((PUBLISH, before)) == ""


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
