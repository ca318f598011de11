"""The commands of bun."""

import pytest

from tests.support.effects import first


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("bun publish", "bun publish"),
        ("bun publish --access public --tag x", "bun publish tag=x access=public"),
        ("bun --cwd a publish", "bun publish directory=a"),
        ("bun run release", "script release"),
        ("bun release", "script release"),
        ("bun run --cwd a release", "script release in a"),
        ("bun install", "-"),
    ],
)  # fmt: skip
def test_the_first_effect(command: str, expected: str) -> None:
    assert first(command) == expected
