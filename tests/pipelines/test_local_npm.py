"""The npm in node_modules: called by its path, by npx, by a package script, or through PATH."""

import pytest

from safepublish.facts.step import Step
from tests.support.steps import NODE, PUBLISH, step, verdict

NODE_20 = ('node-version: "24"', 'node-version: "20"')
DEPENDENCY = '{"name": "hello-oidc", "devDependencies": {"npm": "^11.6.4"}, "scripts": {"release": "npm publish"}}'
OLD_DEPENDENCY = DEPENDENCY.replace("^11.6.4", "^10.2.0")


def script(*lines: str) -> tuple[str, str]:
    return PUBLISH, "      - run: |\n" + "".join(f"          {line}\n" for line in lines)


def publishing(lines: tuple[str, ...], manifest: str | None = None) -> Step:
    return step(NODE_20, script(*lines), files={"package.json": manifest} if manifest else {})


@pytest.mark.parametrize(
    "lines",
    [
        ("npm install --prefix ../npm11 npm@11", "../npm11/node_modules/.bin/npm publish"),
        ("npm install --prefix=tools npm@11", "./tools/node_modules/.bin/npm publish"),
        ("npm i --prefix tools npm@11", "node tools/node_modules/npm/bin/npm-cli.js publish"),
        ("npm install --no-save npm@11", "npx npm publish"),
        ("npm install --no-save npm@11", "npm exec npm publish"),
        ("npm install --no-save npm@11", "./node_modules/.bin/npm publish"),
        ("npm install --no-save npm@11", '"$PWD/node_modules/.bin/npm" publish'),
        ("npm install --no-save npm@11", '"$(npm bin)/npm" publish'),
        ("pnpm add -D npm@11", "pnpm exec npm publish"),
        ("yarn add --dev npm@11", "yarn exec npm publish"),
        ("npm install --no-save npm@11", 'export PATH="$PWD/node_modules/.bin:$PATH"', "npm publish"),
        ("npm install --no-save npm@11", "PATH=node_modules/.bin:$PATH npm publish"),
    ],
)
def test_an_npm_that_a_command_installed_publishes(lines: tuple[str, ...]) -> None:
    npms = publishing(lines).toolchain.npm.npms
    assert npms is not None
    assert npms.lowest.major == 11
    assert verdict(NODE_20, script(*lines)) == "trusted"


@pytest.mark.parametrize(
    "lines", [("npm install --no-save npm@11", "npm publish"), ("npm i npm@11", "npx npm@10 publish")]
)
def test_an_npm_in_node_modules_is_not_the_one_on_path(lines: tuple[str, ...]) -> None:
    assert verdict(NODE_20, script(*lines)) == "broken"


@pytest.mark.parametrize(
    "lines",
    [
        ("npm run release",),
        ("npx npm publish",),
        ("npx changeset publish",),
        ('export PATH="$PWD/node_modules/.bin:$PATH"', "npm publish"),
        ("pnpm config set npm-path $PWD/node_modules/.bin/npm", "npx -y pnpm@10 publish"),
    ],
)
def test_an_npm_that_package_json_requires_publishes(lines: tuple[str, ...]) -> None:
    assert verdict(NODE_20, script(*lines), files={"package.json": DEPENDENCY}) == "trusted"


def test_an_old_one_hides_the_npm_of_the_node() -> None:
    files = {"package.json": OLD_DEPENDENCY}
    assert verdict(script("npm run release"), files=files) == "broken"
    assert verdict(script("npm publish"), files=files) == "trusted"


def test_a_directory_on_github_path_counts_in_later_steps() -> None:
    steps = f'      - run: echo "$PWD/node_modules/.bin" >> "$GITHUB_PATH"\n{PUBLISH}'
    assert verdict(NODE_20, (PUBLISH, steps), files={"package.json": DEPENDENCY}) == "trusted"


def test_the_lock_file_says_which_version_it_is() -> None:
    lock = '{"lockfileVersion": 3, "packages": {"node_modules/npm": {"version": "10.9.2"}}}'
    files = {"package.json": DEPENDENCY.replace("^11.6.4", ">=10"), "package-lock.json": lock}
    assert verdict(script("npm run release"), files=files) == "broken"


@pytest.mark.parametrize("path", ["$TOOLS/node_modules/.bin/npm", "../elsewhere/node_modules/.bin/npm"])
def test_an_npm_that_no_file_shows_is_unknown(path: str) -> None:
    assert verdict(script(f"{path} publish")) == "unknown"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["npm i -g npm@11 --prefix ~/.npm", "npm publish"], "broken"),
        (["npm i -g npm@11 --prefix ~/.npm", "export PATH=~/.npm/bin:$PATH", "npm publish"], "trusted"),
        (["npm i -g npm@11 --prefix=$HOME/.npm", 'export PATH="$HOME/.npm/bin:$PATH"', "npm publish"], "trusted"),
        (["npm i -g npm@11 --prefix ~/.npm", 'PATH="$HOME/.npm/bin:$PATH" npm publish'], "trusted"),
        (["npm i -g npm@11 --prefix tools", 'export PATH="$PWD/tools/bin:$PATH"', "npm publish"], "trusted"),
        (["npm i -g npm@11 --prefix tools", 'export PATH="$(pwd)/tools/bin:$PATH"', "npm publish"], "trusted"),
        (["npm i -g npm@11 --prefix tools", "tools/bin/npm publish"], "trusted"),
        (["npm i -g npm@10 --prefix tools", "./tools/bin/npm publish"], "broken"),
        (["npm i -g npm@11 --prefix tools", "export PATH=$PWD/other/bin:$PATH", "npm publish"], "broken"),
    ],
)
def test_a_prefix_counts_where_path_leads_to_it(lines: list[str], expected: str) -> None:
    script = "      - run: |\n" + "".join(f"          {line}\n" for line in lines)
    assert verdict((PUBLISH, script), (NODE, "node-version: 22")) == expected


def test_a_prefix_counts_where_github_path_leads_to_it() -> None:
    first = '      - run: npm i -g npm@11 --prefix "$RUNNER_TEMP/n" && echo "$RUNNER_TEMP/n/bin" >> $GITHUB_PATH\n'
    assert verdict((PUBLISH, first + PUBLISH), (NODE, "node-version: 22")) == "trusted"
    assert verdict((PUBLISH, first.replace("n/bin", "m/bin") + PUBLISH), (NODE, "node-version: 22")) == "broken"
