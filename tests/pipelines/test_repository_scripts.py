"""Scripts of the repository that a step runs."""

import pytest

from tests.support import steps
from tests.support.steps import NODE, PUBLISH, verdict

NP = '{"scripts": {"release": "np"}, "devDependencies": {"np": "^12.0.0"}}'


def test_package_scripts_are_read_where_they_are_at_hand() -> None:
    script = ("npm publish", "npm run ship")
    assert verdict(script, files={"package.json": '{"scripts": {"ship": "npm publish"}}'}) == "trusted"
    assert (
        verdict(script, files={"package.json": '{"scripts": {"ship": "npm run out", "out": "bun publish"}}'})
        == "broken"
    )
    assert verdict(script, files={"package.json": '{"scripts": {"ship": "git push"}}'}) == ""
    assert (
        verdict(
            ("npm publish", "yarn release"),
            files={"package.json": NP},
        )
        == "trusted"
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
        assert "tools/ship.mjs starts it from code" in finding.message


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
