"""Globs: what they match (that npm's own agree is tested in tests/detect), and where one is too involved."""

import pytest

from safepublish.npm import globs


@pytest.mark.parametrize(
    ("glob", "matching", "others"),
    [
        ("a/*", ["a/b"], ["a", "a/b/c", "a/.b", "b/a"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "a/.b", "a/b/.c"]),
        ("**/a", ["a", "b/a", "b/c/a"], [".b/a", "ab"]),
        ("a/**/b", ["a/b", "a/c/b"], ["a/.c/b", "a/../b"]),
        (".*", [".a"], ["a", ".", ".."]),
        ("a?", ["ab"], ["a", "abc"]),
        ("[ab]", ["a", "b"], ["c", "ab"]),
        ("[!a]", ["b"], ["a"]),
        ("[^a]", ["b"], ["a"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[b-a]", ["[b-a]"], ["a", "b"]),
        ("@(a|b)c", ["ac", "bc"], ["c", "abc"]),
        ("?(a)c", ["c", "ac"], ["aac"]),
        ("*(a|b)c", ["c", "ac", "abac"], ["dc"]),
        ("+(a)c", ["ac", "aac"], ["c"]),
        ("!(a)", ["b", "ab"], ["a"]),
        ("!(a)c", ["bc"], ["ac"]),
        ("@(a", ["@(a"], ["a"]),
        ("#a", [], ["#a", "a"]),
        ("{a,b}/c", ["a/c", "b/c"], ["c", "{a,b}/c"]),
        ("{a,b{c,d}}", ["a", "bc", "bd"], ["b"]),
        ("{1..3}", ["1", "2", "3"], ["0", "4"]),
        ("{3..1}", ["1", "2", "3"], ["0", "4"]),
        ("{a}", ["{a}"], ["a"]),
        ("{a..c}", ["{a..c}"], ["b"]),
    ],
)
def test_what_a_glob_matches(glob: str, matching: list[str], others: list[str]) -> None:
    assert [path for path in [*matching, *others] if globs.matches(path, glob)] == matching


def nested(number: int) -> str:
    return "{a," * number + "b" + "}" * number


def grouped(number: int) -> str:
    return "@(a|" * number + "b" + ")" * number


@pytest.mark.parametrize(
    ("read", "involved"),
    [
        (nested(31), nested(32)),
        (grouped(30), grouped(31)),
        ("a" * 4096, "a" * 4097),
        ("{1..5000}", "{1..5001}"),
        ("{5000..1}", "{5001..1}"),
        ("{1..50}{1..100}", "{1..50}{1..101}"),
        ("{999999999..999999999}", "{1000000000..1000000000}"),
    ],
    ids=["braces", "groups", "length", "range", "range-down", "product", "digits"],
)
def test_up_to_where_a_glob_is_read(read: str, involved: str) -> None:
    globs.matches("b", read)
    with pytest.raises(globs.TooInvolvedError):
        globs.matches("b", involved)


def test_a_match_takes_a_bounded_number_of_steps() -> None:
    with pytest.raises(globs.TooInvolvedError):
        globs.matches("a" * 200, "!(a)" * 4 + "c")
