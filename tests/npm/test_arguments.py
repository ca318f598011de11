"""Words taken away from npm's command line, each with what belongs to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from safepublish.npm.arguments import POSITIONALS, Places, parse, without

OLD, NEW = Version("10.9.4"), Version("12.2.0")
WORKSPACES = frozenset({"workspace", "workspaces"})
PLACES = Places("/work", "/home")


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        (["publish", "-w", "a", "--tag", "next"], ["publish", "--tag", "next"]),
        (["publish", "-w=a", "--workspace=b", "--workspace", "c"], ["publish"]),
        (["publish", "--ws", "--access", "public"], ["publish", "--access", "public"]),
        (["publish", "--workspaces", "true", "."], ["publish", "."]),
        (["publish", "--no-workspaces"], ["publish"]),
        (["publish", "--tag", "-w", "a"], ["publish", "--tag"]),
        (["publish", "--", "-w", "a"], ["publish", "--", "-w", "a"]),
        (["publish", "-w", "a", "--", "x"], ["publish", "--", "x"]),
        (["publish", "--tag", "next"], ["publish", "--tag", "next"]),
    ],
)
def test_the_words_that_choose_workspaces(words: list[str], rest: list[str]) -> None:
    assert without(words, WORKSPACES, NEW) == tuple(rest)


def test_one_word_for_two_options_cannot_be_taken_away() -> None:
    assert without(["publish", "-fw", "a"], WORKSPACES, NEW) is None
    assert without(["publish", "-fd", "a"], WORKSPACES, NEW) == ("publish", "-fd", "a")


def test_what_stands_behind_a_word_that_goes_is_not_taken_by_the_one_before() -> None:
    assert without(["publish", "--tag", "--ws", "next"], WORKSPACES, NEW) is None
    assert without(["publish", "--tag", "x", "--ws", "next"], WORKSPACES, NEW) == ("publish", "--tag", "x", "next")


def test_an_abbreviation_is_taken_away_too() -> None:
    assert without(["publish", "--include-w", "--tag", "x"], frozenset({"include-workspace-root"}), OLD) == (
        "publish", "--tag", "x",
    )  # fmt: skip


def test_the_positionals() -> None:
    words = ["stage", "publish", "a/", "--tag", "next", "b/", "--", "--c"]
    assert without(words, frozenset({POSITIONALS}), NEW) == ("--tag", "next", "--")


SOME = (
    "publish", "-w", "a", "--workspace=b", "--ws", "--tag", "next", "-fw", "--", ".", "--force", "-w=", "--dry-run",
    "false", "--loglevel", "-s", "--no-ws", "--otp", "-1", "null", "--provenance", "",
)  # fmt: skip
WORDS = st.lists(st.sampled_from(SOME), max_size=8)


@given(words=WORDS, version=st.sampled_from([OLD, NEW]))
def test_what_is_left_says_the_same_of_everything_else(words: list[str], version: Version) -> None:
    rest = without(words, WORKSPACES, version)
    if rest is None:
        return
    before, after = parse(words, version, PLACES), parse(rest, version, PLACES)
    assert not WORKSPACES & set(after.values)
    assert {key: value for key, value in before.values.items() if key not in WORKSPACES} == after.values
    assert before.remain == after.remain
