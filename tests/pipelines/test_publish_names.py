"""What of a script is looked at: the commands that change what a later publish finds."""

import pytest

from safepublish.pipelines.publish_names import arguments_say_publish, may_publish
from tests.support import steps


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


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("build.ts --publish-only", True),
        ("build.ts --publishOnly", True),
        ("build.ts --publish", True),
        ("build.ts --npm-publish=true", True),
        ("build.ts --publish=false", False),
        ("build.ts --publish never", False),
        ("registry.py publish dist", True),
        ("registry.py check publish", False),
        ("registry.py publish --dry-run", False),
        ("docker.py publish", False),
        ("tool.py publish docs", False),
        ("build.ts --publisher", False),
    ],
)
def test_the_arguments_that_ask_a_script_for_a_publish(words: str, expected: bool) -> None:
    name, *arguments = words.split()
    assert arguments_say_publish(name, tuple(arguments)) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("packages/publisher/dist/run.js", True),
        ("scripts/publish.mjs", True),
        ("scripts/check-publisher.js", False),
        ("scripts/sdk-release-verification.ts", False),
    ],
)
def test_the_names_of_scripts_that_publish(name: str, expected: bool) -> None:
    assert may_publish(name) is expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("./tools/npm/build.ts --publish-only", "unknown"),
        ("python3 scripts/registry.py publish dist", ""),  # no registry of npm is set up: PyPI's, perhaps
        ("npx changeset-publish", "unknown"),
        ("node <<'E'\n          execSync('pnpm publish', {cwd})\n          E", "unknown"),
        ("python3 - <<'E'\n          subprocess.run(['npm', 'publish'])\n          E", "unknown"),
        ("node -e \"console.log('npm publish')\"", ""),
        ("npm_config_dry_run=true npm publish", ""),
        ("./mcp-publisher login github-oidc", ""),
        ("./bin/uploader publish", ""),
        ("NPM_CONFIG_DRY_RUN=false npm publish", "trusted"),
    ],
)
def test_what_a_step_runs_in_place_of_a_publish(script: str, expected: str) -> None:
    changes = (('      - uses: actions/setup-node@v5\n        with:\n          node-version: "24"\n', ""),) * (
        not expected
    )
    assert steps.verdict(*changes, ("run: npm publish", f"run: |\n          {script}")) == expected


def test_a_trial_that_a_person_chooses_is_a_publish_all_the_same() -> None:
    dry = "run: node scripts/publish.ts\n        env:\n          DRY_RUN: "
    on = ("on: push", "on: {workflow_dispatch: {inputs: {dry: {type: boolean, default: true}}}}")
    assert steps.verdict(on, ("run: npm publish", f"{dry}${{{{ inputs.dry }}}}")) == "unknown"
    assert steps.verdict(("run: npm publish", f"{dry}'true'")) == ""
    branch = 'a=(x); if [ "$D" = 1 ]; then a+=(--dry-run); fi; node scripts/publish.ts "${a[@]}"'
    assert steps.verdict(("run: npm publish", f"run: |\n          {branch}")) == "unknown"
    assert steps.verdict(("npm publish", "node scripts/publish.ts --dry-run")) == ""


def test_a_verb_is_seen_behind_what_an_earlier_step_has_exported() -> None:
    export = '      - run: echo "FILTERS=$F" >> "$GITHUB_ENV"\n'
    publish = "      - run: pnpm -r ${FILTERS} publish --no-git-checks\n"
    assert steps.step(("      - run: npm publish\n", export + publish)).invocation.tool == "pnpm"


def test_a_python_script_arguments_say_publish_where_a_registry_is_set_up() -> None:
    assert steps.verdict(("run: npm publish", "run: python3 scripts/registry.py publish dist")) == "unknown"
