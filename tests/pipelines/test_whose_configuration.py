"""Whose token it is, and whose configuration a command writes."""

import pytest

from tests.support.steps import PUBLISH, verdict

MANIFEST = {"package.json": '{"name": "hello-oidc", "packageManager": "pnpm@11.1.2"}'}
BERRY = {"package.json": '{"name": "hello-oidc", "packageManager": "yarn@4.12.0"}'}
SETUP = """\
      - uses: actions/setup-node@v6
        with:
          node-version: 24
          registry-url: https://registry.npmjs.org
"""


def writing(command: str, publish: str = "npm publish", *, setup: bool = False) -> tuple[str, str]:
    steps = f"      - run: |\n          {command}\n{SETUP if setup else ''}      - run: {publish}\n"
    return PUBLISH, steps


TOKEN = "//registry.npmjs.org/:_authToken ${{ secrets.NPM_TOKEN }}"


@pytest.mark.parametrize(
    "command",
    [
        f"npm config set {TOKEN}",
        f"npm config set --location=user {TOKEN}",
        'echo "//registry.npmjs.org/:_authToken=${{ secrets.NPM_TOKEN }}" > ~/.npmrc',
        'echo "//registry.npmjs.org/:_authToken=${{ secrets.NPM_TOKEN }}" > "$HOME/.npmrc"',
        "npm config set registry https://proxy.example.com/npm/",
    ],
)
def test_a_later_setup_node_with_a_registry_replaces_the_users_file(command: str) -> None:
    assert verdict(writing(command, setup=True)) == "trusted"
    assert verdict(writing(command)) in {"token", "broken", "unknown"}


@pytest.mark.parametrize(
    "command",
    [
        f"npm config set --location=project {TOKEN}",
        'echo "//registry.npmjs.org/:_authToken=${{ secrets.NPM_TOKEN }}" > .npmrc',
    ],
)
def test_it_leaves_the_file_of_the_project(command: str) -> None:
    assert verdict(writing(command, setup=True)) == "token"


def test_the_configuration_of_pnpm_11_is_not_npms() -> None:
    assert verdict(writing(f"pnpm config set {TOKEN}"), files=MANIFEST) == "trusted"
    assert verdict(writing(f"pnpm config set {TOKEN}", "pnpm publish"), files=MANIFEST) == "token"
    assert (
        verdict(writing(f"pnpm config set {TOKEN}"), files={"package.json": '{"packageManager": "pnpm@10.1.0"}'})
        == "token"
    )


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("""'npmRegistries["//npm.pkg.github.com"].npmAuthToken'""", "trusted"),
        ("""'npmRegistries["https://npm.pkg.github.com"].npmAuthToken'""", "trusted"),
        ("""'npmRegistries["//registry.npmjs.org"].npmAuthToken'""", "token"),
        ("npmAuthToken", "token"),
    ],
)
def test_a_token_of_yarn_is_for_the_registry_of_its_key(key: str, expected: str) -> None:
    command = f"yarn config set {key} ${{{{ secrets.TOKEN }}}}"
    assert verdict(writing(command, "yarn npm publish"), files=BERRY) == expected
    assert verdict(writing(command, "npm publish"), files=BERRY) == "trusted"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("//npm.pkg.github.com/:_authToken=${NPM_TOKEN}", "trusted"),
        ("//registry.npmjs.org/:_authToken=${NPM_TOKEN}", "token"),
    ],
)
def test_a_variable_that_npmrc_names_for_another_registry_is_not_read(line: str, expected: str) -> None:
    publish = PUBLISH + "        env:\n          NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n"
    assert verdict((PUBLISH, publish), files={**MANIFEST, ".npmrc": f"{line}\n"}) == expected
