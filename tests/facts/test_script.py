"""What of a script is looked at: the commands that change what a later publish finds."""

import pytest
import steps


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param("npm set //registry.npmjs.org/:_authToken ${{ secrets.T }}", "token", id="npm-set"),
        pytest.param("set -e", "trusted", id="the-shell-s-set"),
        pytest.param("npm c set registry https://npm.pkg.github.com", "unknown broken", id="npm-c-set"),
        pytest.param("git config user.name x", "trusted", id="git-s-config"),
        pytest.param('echo "registry=https://npm.pkg.github.com" > .npmrc', "unknown broken", id="an-echo-into-a-file"),
        pytest.param('echo "npm i -g npm@9"', "trusted", id="an-echo"),
        pytest.param("# npm i -g npm@9", "trusted", id="a-comment"),
        pytest.param('echo "npm i -g npm@9" && npm i -g npm@9', "broken", id="an-echo-and-more"),
        pytest.param('echo "$(npm i -g npm@9)"', "broken", id="in-an-echo"),
        pytest.param("gh release view && npm i -g npm@9", "broken", id="behind-gh"),
        pytest.param("npm i -g npm@9", "broken", id="an-upgrade"),
        pytest.param("npm i --location=global npm@9", "broken", id="an-upgrade-by-location"),
        pytest.param("sudo apt-get install -y npm", "unknown", id="apt"),
    ],
)
def test_what_a_script_before_the_publish_changes(script: str, expected: str) -> None:
    text = steps.changed(("      - run: npm publish", f"      - run: |\n          {script}\n      - run: npm publish"))
    assert steps.verdict(text=text) in expected.split()


def test_a_token_in_an_echo_of_two_lines_is_seen() -> None:
    script = 'echo "//registry.npmjs.org/:_authToken=${{ secrets.T }}\n          " > "$NPM_CONFIG_USERCONFIG"'
    text = steps.changed(("      - run: npm publish", f"      - run: |\n          {script}\n      - run: npm publish"))
    assert steps.verdict(text=text) == "token"
