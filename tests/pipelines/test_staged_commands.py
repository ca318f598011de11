"""Which commands of a workflow stage a version, by the options of each tool."""

import pytest

from tests.support.steps import step, verdict


@pytest.mark.parametrize(
    ("command", "staged"),
    [
        ("npm publish", False),
        ("npm stage publish", True),
        ("npm stage publish --access public ./dist", True),
        ("safepublish stage", True),
        ("npx safepublish stage --tag next", True),
        ("pnpm publish -r", False),
        ("pnpm stage publish", True),
        ("pnpm -r stage publish --access public", True),
        ("pnpm --filter a stage publish", True),
        ("yarn npm publish", False),
        ("yarn npm publish --staged", True),
        ("yarn npm publish --staged=false", False),
        ("yarn workspaces foreach -A --no-private npm publish --tolerate-republish --staged", True),
        ("yarn workspace a npm publish --staged --access public", True),
        ("npx lerna publish from-package --yes", False),
        ("npx lerna-lite publish from-package --yes --stage", True),
        ("npx -p @lerna-lite/cli lerna publish --stage --yes", True),
        ("npx lerna-lite publish from-package --no-stage", False),
        ("npx np --stage --yolo", True),
        ("npx np --no-stage", False),
        ("npx release-it --ci --npm.stage", True),
        ("npx release-it --ci --no-npm.stage", False),
        ("npx release-it --ci --npm.stage=false", False),
        ("npx changeset publish --stage", False),
    ],
)
def test_staged(command: str, staged: bool) -> None:
    assert step(("npm publish", command)).invocation.staged is staged


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npx lerna-lite@4.7.3 publish from-package --yes", "broken"),
        ("npx lerna-lite@4.9.0 publish from-package --yes", "trusted"),
        ("npx lerna-lite@5 publish from-package --yes --stage", "trusted"),
        ("npx lerna-lite publish from-package --yes", "unknown"),
        ("npx @lerna-lite/cli@5.7.0 publish from-package --yes", "trusted"),
    ],
)
def test_lerna_lite_has_versions_of_its_own(command: str, expected: str) -> None:
    assert verdict(("npm publish", command)) == expected
