"""Which words are ours, which are npm's, and what the environment adds."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.cli.arguments import Invocation, parse
from safepublish.facts.run import Options
from safepublish.shell import own_options

DEFAULT = Options()


@pytest.mark.parametrize(
    ("words", "command", "options", "for_npm"),
    [
        ([], "publish", DEFAULT, ()),
        (["--tag", "next", "./dist"], "publish", DEFAULT, ("--tag", "next", "./dist")),
        (["--dry-run", "--json"], "publish", DEFAULT, ("--dry-run", "--json")),
        (["stage", "--tag", "x"], "stage", DEFAULT, ("--tag", "x")),
        (["publish", "--tag", "x"], "publish", DEFAULT, ("--tag", "x")),
        (["stage", "publish", "."], "stage", DEFAULT, (".",)),
        (["check", "--strict", "publish", "."], "check", DEFAULT._replace(strict=True), (".",)),
        (["--strict", "publish"], "publish", DEFAULT._replace(strict=True), ()),
        (
            ["--allow-token", "--deadline", "2", "check", "--tag", "x"],
            "check",
            DEFAULT._replace(allow_token=True, deadline=2.0, deadline_grows=False),
            ("--tag", "x"),
        ),
        (["--format=json", "workflow", "a.yml"], "workflow", DEFAULT._replace(format="json"), ("a.yml",)),
        (["workflow", "--", "--fix"], "workflow", DEFAULT, ("--fix",)),
        (["explain", "--", "-a.log"], "explain", DEFAULT, ("-a.log",)),
        (["explain", "-"], "explain", DEFAULT, ("-",)),
        (["help"], "help", DEFAULT, ()),
        (["help", "workflow"], "help", DEFAULT, ("workflow",)),
        (["--", "chekc"], "publish", DEFAULT, ("--", "chekc")),
        (["---", "--strict"], "publish", DEFAULT, ("---", "--strict")),
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
    assert parse(words, {}) == Invocation(command, options, for_npm, {})


def test_the_options_of_one_command() -> None:
    asked = parse(["--fix", "workflow", "a.yml", "--migrate"], {})
    assert (asked.arguments, asked.own_options) == (("a.yml",), {"--fix": None, "--migrate": None})
    asked = parse(["--assume-published=1.0.0", "rehearse", "--job", "a", "stage", "--tag", "x"], {})
    assert (asked.arguments, asked.own_options) == (
        ("stage", "--tag", "x"),
        {"--assume-published": "1.0.0", "--job": "a"},
    )


@given(
    st.lists(st.sampled_from([*own_options.BY_NAME, *own_options.COMMANDS, "-x", "--tag", "a", "1", "--", "--fix=1"]))
)
def test_no_option_of_ours_reaches_npm(words: list[str]) -> None:
    try:
        asked = parse(words, {})
    except own_options.UsageError:
        return
    if asked.command in own_options.PUBLISHING:
        before = asked.arguments[: asked.arguments.index("--")] if "--" in asked.arguments else asked.arguments
        ours = {
            option.name for option in own_options.OPTIONS if not option.npm_has_it or asked.command in option.commands
        }
        assert not {word.partition("=")[0] for word in before} & ours


@given(st.lists(st.text(max_size=8).filter(lambda word: not word.startswith("-")), max_size=6))
def test_words_that_are_not_ours_keep_their_order(words: list[str]) -> None:
    asked = parse(["--tag", "x", *words], {}, lambda _: True)
    assert asked.arguments == ("--tag", "x", *words)


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
            {"SAFEPUBLISH_WAIVE": "npm-too-old=a mirror, as agreed, with IT,not-in-ci=yes, too\ntoken-conflict"},
            DEFAULT._replace(
                waive={"npm-too-old": "a mirror, as agreed, with IT", "not-in-ci": "yes, too", "token-conflict": ""}
            ),
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


def test_a_variable_sets_only_what_the_command_has() -> None:
    broken = {"SAFEPUBLISH_DEADLINE": "x", "SAFEPUBLISH_STRICT": "x", "SAFEPUBLISH_WAIVE": "x"}
    assert parse(["explain"], broken).options == DEFAULT
    for words in (["--help"], ["check", "-h"], ["--version"], ["help", "check"]):
        assert parse(words, broken).command in {"help", "version"}
