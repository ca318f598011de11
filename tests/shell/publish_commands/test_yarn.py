"""The commands of yarn."""

import pytest

from tests.support.effects import first


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("yarn $F publish", "yarn publish"),
        ("yarn publish", "yarn publish"),
        ("yarn publish --new-version 1.0.0", "yarn publish"),
        ("yarn --cwd a publish", "yarn publish"),
        ("yarn npm publish", "yarn-berry npm publish"),
        ("yarn npm publish --tag next --access public", "yarn-berry npm publish tag=next access=public"),
        ("yarn workspace a npm publish", "yarn-berry npm publish w=a"),
        ("yarn workspaces foreach -A --no-private npm publish", "yarn-berry npm publish w=*"),
        ("yarn workspaces foreach -pt --include a --include b npm publish", "yarn-berry npm publish w=a,b"),
        ("yarn workspaces changed foreach -pt --no-private npm publish", "yarn-berry npm publish w=*"),
        ("yarn workspaces changed list", "-"),
        ("yarn exec npm publish", "npm publish"),
        ("yarn npm login", "-"),
        ("yarn pack", "-"),
        ("yarn release", "script release"),
        ("yarn run release", "script release"),
        ("yarn workspace a release", "script release w=a"),
        ("yarn workspaces run release", "script release w=*"),
        ("yarn workspaces foreach -A run release", "script release w=*"),
        ("yarn", "-"),
        ("yarn install", "-"),
    ],
)  # fmt: skip
def test_the_first_effect(command: str, expected: str) -> None:
    assert first(command) == expected
