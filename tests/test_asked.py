"""Which words are ours, which are npm's, and what the environment adds."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.asked import Asked, parse
from safepublish.facts.run import Options

DEFAULT = Options()


@pytest.mark.parametrize(
    ("words", "command", "options", "for_npm"),
    [
        ([], "publish", DEFAULT, ()),
        (["--tag", "next", "./dist"], "publish", DEFAULT, ("--tag", "next", "./dist")),
        (["--dry-run", "--json"], "publish", DEFAULT, ("--dry-run", "--json")),
        (["stage", "--tag", "x"], "stage", DEFAULT, ("--tag", "x")),
        (["check", "x.tgz"], "check", DEFAULT, ("x.tgz",)),
        (["--allow-token", "."], "publish", DEFAULT._replace(allow_token=True), (".",)),
        (["--strict", "--no-probe"], "publish", DEFAULT._replace(strict=True, probe=False), ()),
        (["--deadline", "3", "x"], "publish", DEFAULT._replace(deadline=3.0, deadline_grows=False), ("x",)),
        (["--deadline=0.5"], "publish", DEFAULT._replace(deadline=0.5, deadline_grows=False), ()),
        (["--format", "github", "-w", "a"], "publish", DEFAULT._replace(format="github"), ("-w", "a")),
        (["--already-published", "skip"], "publish", DEFAULT._replace(already_published="skip"), ()),
        (["--already-published=refuse"], "publish", DEFAULT._replace(already_published="refuse"), ()),
        (["--waive", "npm-too-old=mirror"], "publish", DEFAULT._replace(waive={"npm-too-old": "mirror"}), ()),
        (["--waive=npm-too-old"], "publish", DEFAULT._replace(waive={"npm-too-old": ""}), ()),
        (
            ["--waive=npm-too-old", "--waive", "not-in-ci=a=b"],
            "publish",
            DEFAULT._replace(waive={"npm-too-old": "", "not-in-ci": "a=b"}),
            (),
        ),
        (["--", "--strict", "--help"], "publish", DEFAULT, ("--", "--strict", "--help")),
        (["--tag", "x", "--", "."], "publish", DEFAULT, ("--tag", "x", "--", ".")),
        (["--stric", "--allow-tokens"], "publish", DEFAULT, ("--stric", "--allow-tokens")),
        ([".", "check"], "publish", DEFAULT, (".", "check")),
        (["explain", "npm-too-old"], "explain", DEFAULT, ("npm-too-old",)),
    ],
)
def test_words(words: list[str], command: str, options: Options, for_npm: tuple[str, ...]) -> None:
    assert parse(words, {}) == Asked(command, options, for_npm)


@given(st.lists(st.text(max_size=8).filter(lambda word: not word.startswith("-")), max_size=6))
def test_words_that_are_not_ours_keep_their_order(words: list[str]) -> None:
    asked = parse(["--tag", "x", *words], {})
    assert asked.words == ("--tag", "x", *words)


@pytest.mark.parametrize(
    ("env", "options"),
    [
        ({}, DEFAULT),
        ({"GITHUB_ACTIONS": "true"}, DEFAULT._replace(format="github")),
        ({"GITHUB_ACTIONS": "true", "SAFEPUBLISH_FORMAT": "text"}, DEFAULT),
        ({"SAFEPUBLISH_ALLOW_TOKEN": "1"}, DEFAULT._replace(allow_token=True)),
        ({"SAFEPUBLISH_ALLOW_TOKEN": "0"}, DEFAULT),
        ({"SAFEPUBLISH_ALLOW_TOKEN": ""}, DEFAULT),
        ({"SAFEPUBLISH_NO_PROBE": "TRUE"}, DEFAULT._replace(probe=False)),
        ({"SAFEPUBLISH_STRICT": "yes"}, DEFAULT._replace(strict=True)),
        ({"SAFEPUBLISH_ALREADY_PUBLISHED": "refuse"}, DEFAULT._replace(already_published="refuse")),
        ({"SAFEPUBLISH_DEADLINE": "4"}, DEFAULT._replace(deadline=4.0, deadline_grows=False)),
        (
            {"SAFEPUBLISH_WAIVE": "npm-too-old=a reason, not-in-ci"},
            DEFAULT._replace(waive={"npm-too-old": "a reason", "not-in-ci": ""}),
        ),
        (
            {"SAFEPUBLISH_WAIVE": "npm-too-old\nnot-in-ci\n"},
            DEFAULT._replace(waive={"npm-too-old": "", "not-in-ci": ""}),
        ),
    ],
)
def test_environment(env: Mapping[str, str], options: Options) -> None:
    assert parse([], env).options == options


def test_a_word_beats_the_environment() -> None:
    env = {"SAFEPUBLISH_FORMAT": "github", "SAFEPUBLISH_DEADLINE": "4"}
    asked = parse(["--format=text", "--deadline=5"], env)
    assert (asked.options.format, asked.options.deadline) == ("text", 5.0)
