"""Options of command lines whose grammar is known only in part."""

import pytest

from safepublish.shell import options

VALUED = options.names("--tag -C")


@pytest.mark.parametrize(
    ("arguments", "values", "rest"),
    [
        ("", {}, ""),
        ("a --tag x", {}, "a --tag x"),
        ("--tag x a -r", {"--tag": ["x"]}, "a -r"),
        ("--tag=x -r a", {"--tag": ["x"], "-r": [""]}, "a"),
        ("--tag x --tag y", {"--tag": ["x", "y"]}, ""),
        ("--tag", {"--tag": [""]}, ""),
        ("-r -- -a", {"-r": [""]}, "-a"),
        ("- -r", {}, "- -r"),
    ],
)
def test_leading(arguments: str, values: dict[str, list[str]], rest: str) -> None:
    assert options.leading(tuple(arguments.split()), VALUED) == (values, tuple(rest.split()))


@pytest.mark.parametrize(
    ("arguments", "values", "positionals"),
    [
        ("a --tag x b", {"tag": "x"}, "a b"),
        ("--tag true", {"tag": "true"}, ""),
        ("--x=true --y=false --z=1", {"x": True, "y": False, "z": "1"}, ""),
        ("--no-x -y", {"x": False, "y": True}, ""),
        ("--x false a", {"x": False}, "a"),
        ("--x true a", {"x": True}, "true a"),
        ("a -- --x", {"x": True}, "a"),
        ("-", {}, "-"),
    ],
)
def test_anywhere(arguments: str, values: dict[str, object], positionals: str) -> None:
    assert options.anywhere(tuple(arguments.split()), VALUED) == (values, tuple(positionals.split()))
