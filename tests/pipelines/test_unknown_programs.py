"""The step's own words: a program in any language, in a step that says that it publishes to npm."""

import pytest

from safepublish.pipelines.publish_names import says_npm
from tests.support.steps import PUBLISH, changed, judged, verdict


def verdicts(step: str, files: dict[str, str] | None = None) -> list[str]:
    return [found.verdict.value for found in judged(changed((PUBLISH, step)), files)]


def named(command: str, name: str = "Publish to npm") -> str:
    return f"      - name: {name}\n        run: {command}\n"


@pytest.mark.parametrize(
    "command",
    [
        "raku tools/upload.raku",
        "php packaging/upload.php",
        "go run ./tools/upload",
        "cargo xtask dist",
        "mage all",
        "rake dist",
        "./gradlew dist",
        "poetry run python tools/upload.py",
        "swift run uploader",
        ".github/scripts/npm-publish.sh",
        "${{ inputs.publish-command }}",
        "${{ env.COMMAND }}",
    ],
)
def test_a_step_that_says_npm_is_at_least_unknown(command: str) -> None:
    assert verdicts(named(command)) == ["unknown"]


@pytest.mark.parametrize(
    "command", ["./gradlew npmPublish", "mage publishNpm", "rake npm:publish", "cargo xtask publish-npm"]
)
def test_a_command_that_says_npm_is_at_least_unknown(command: str) -> None:
    assert verdicts(f"      - run: {command}\n") == ["unknown"]


def test_a_program_that_gets_an_npm_token_and_deploys_is_seen() -> None:
    env = "        env:\n          NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n"
    assert verdicts(f"      - run: mage deploy\n{env}") == ["token"]
    assert verdicts(f"      - run: mage lint\n{env}") == []
    assert verdicts(f"      - uses: octo-org/release-it-action@v1\n{env}") == ["token"]
    assert verdicts("      - uses: octo-org/release-it-action@v1\n") == []


@pytest.mark.parametrize(
    "step",
    [
        named("echo 'published to npm'"),
        named("npm publish --dry-run"),
        named("raku tools/upload.raku", "Publish to PyPI"),
        named("raku tools/upload.raku", "Prepare npm publish"),
        named("raku tools/upload.raku", "Wait for npm"),
        named("raku tools/check.raku verify"),
        "      - run: ./gradlew publish\n",
        "      - run: cargo publish\n",
        "      - run: rake docker:publish\n",
    ],
)
def test_prose_and_other_targets_are_no_publish(step: str) -> None:
    assert verdicts(step) == []


def test_a_program_is_asked_for_one_of_its_targets() -> None:
    files = {"pack.rb": 'system("npm publish")\nsystem("gem push x.gem")\n'}
    assert verdicts("      - run: ruby pack.rb publish_npm\n", files) == ["unknown"]
    assert verdicts("      - run: ruby pack.rb publish_gem\n", files) == []
    assert verdicts("      - run: ruby pack.rb prepare\n", files) == []


def test_a_program_that_is_at_hand_says_which_variables_it_reads() -> None:
    env = "        env:\n          NPM_API_KEY: ${{ secrets.NPM_API_KEY }}\n"
    step = named("raku tools/upload.raku") + env
    assert verdicts(step) == ["token"]
    assert verdicts(step, {"tools/upload.raku": "npm-publish(%*ENV<NPM_API_KEY>)"}) == ["token"]
    assert verdicts(step, {"tools/upload.raku": "use Registry; Registry.publish"}) == ["unknown"]
    step = step.replace("NPM_API_KEY:", "NPM_TOKEN:")
    assert verdicts(step, {"tools/upload.raku": "use Registry; Registry.publish"}) == ["token"]


def test_comments_of_a_program_are_no_publish() -> None:
    publish = 'spawn("npm", ["publish"])'
    for text in ("/* npm publish */", "// npm publish", "/** before\n * npm publish\n */", "const x = 'npm publishes'"):
        assert verdicts("      - run: node guard.mjs\n", {"guard.mjs": f"{text}\n"}) == []
    assert verdicts("      - run: node guard.mjs\n", {"guard.mjs": f"// why\n{publish}\n"}) == ["unknown"]


@pytest.mark.parametrize(
    "name",
    [
        "Publish to npm",
        "npm-publish",
        "Release to NPM",
        "Deploy npmjs package",
        "Publish for npm users",
        "Publish from dist to npm",
    ],
)
def test_names_that_say_npm(name: str) -> None:
    assert says_npm(name)


@pytest.mark.parametrize(
    "name",
    [
        "Publish",
        "Install npm",
        "Verify npm publish",
        "npm prepublish",
        "Publish docs with npm",
        "Restore binaries for npm publish",
        "Wait until npm publish is done",
        "Clean after npm release",
    ],
)
def test_names_that_do_not(name: str) -> None:
    assert not says_npm(name)


@pytest.mark.parametrize(
    "lines",
    [
        ('COMMAND="npm publish --access public"', "$COMMAND"),
        ('COMMAND="npm publish --tag $TAG"', "eval $COMMAND"),
        ('COMMAND="npm publish --tag $TAG"', "$COMMAND"),
        ('COMMAND="npm publish --tag $(cat tag)"', 'eval "$COMMAND"'),
        ('COMMAND="npm publish"', 'if [ "$DRY" = 1 ]; then COMMAND="$COMMAND --dry-run"; fi', "eval $COMMAND"),
        ('COMMAND="npm publish"', 'if [ -n "$TAG" ]; then COMMAND="$COMMAND --tag next"; fi', "$COMMAND"),
    ],
)
def test_a_command_that_a_variable_holds_runs(lines: tuple[str, ...]) -> None:
    assert verdict((PUBLISH, "      - run: |\n" + "".join(f"          {line}\n" for line in lines))) == "trusted"


@pytest.mark.parametrize("run", ["${{ env.COMMAND }}", "$COMMAND", 'eval "$COMMAND"'])
def test_a_command_that_an_earlier_step_exports_runs(run: str) -> None:
    export = '      - run: echo "COMMAND=npm publish" >> "$GITHUB_ENV"\n'
    assert verdict((PUBLISH, f"{export}      - name: Publish to npm\n        run: {run}\n")) == "trusted"
