"""What the version of a tool, or a range of them, says about its exchange."""

import pytest

from safepublish.npm.publish_tools import exchanges, lowest, newest


@pytest.mark.parametrize(
    ("tool", "version", "answer"),
    [
        ("pnpm", "10.34.9", False),
        ("pnpm", "11.0.0", True),
        ("pnpm", "10", False),
        ("pnpm", "11", True),
        ("pnpm", "11 || 12", True),
        ("pnpm", "11 || 10", None),
        ("pnpm", "10 || 11", None),
        ("pnpm", "9 || 10", False),
        ("pnpm", "10 - 11", None),
        ("pnpm", "^10 || ^9", False),
        ("pnpm", ">=10", None),
        ("pnpm", ">=11", True),
        ("pnpm", ">=10 <11", False),
        ("pnpm", "<11", False),
        ("pnpm", "<=11", None),
        ("pnpm", "*", None),
        ("pnpm", "x", None),
        ("lerna", "8 - 9", None),
        ("lerna", "7 - 8", False),
        ("lerna", "9 - 10", True),
        ("lerna", "~8.2", False),
        ("semantic-release", "24 || 25", None),
        ("semantic-release", "latest", True),
        ("semantic-release", "next", None),
    ],
)
def test_a_range_is_unknown_where_its_versions_differ(tool: str, version: str, answer: bool | None) -> None:
    assert exchanges(tool, version) is answer


@pytest.mark.parametrize(
    ("spec", "low", "high"),
    [
        ("v4", "4.0.0", "4.1000000.1000000"),
        ("^10.2", "10.2.0", "10.1000000.1000000"),
        ("~10.2.3", "10.2.3", "10.2.1000000"),
        ("10.2.3", "10.2.3", "10.2.3"),
        ("9 || 11", "9.0.0", "11.1000000.1000000"),
        ("8 - 9.1", "8.0.0", "9.1.1000000"),
        (">=8", "8.0.0", None),
        ("main", None, None),
        (None, None, None),
    ],
)
def test_the_ends_of_a_range(spec: str | None, low: str | None, high: str | None) -> None:
    found = [str(one) if one else None for one in (lowest(spec), newest(spec))]
    assert found == [low, high]
