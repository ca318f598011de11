"""Slips on the command line: none of them starts npm, or anything else."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from safepublish import cli, detect, run_npm
from safepublish.cli import exit_codes, rehearse
from safepublish.detect.http import Deadline
from safepublish.facts.run import Npm
from safepublish.shell import own_options
from tests.support import runs as s
from tests.support import world
from tests.test_guard import guard, uploads

WORKS_IN = {
    "--allow-token": "publish stage check",
    "--no-probe": "publish stage check",
    "--strict": "publish stage check workflow",
    "--waive": "publish stage check workflow rehearse",
    "--format": "publish stage check workflow explain",
    "--deadline": "publish stage check rehearse trust",
    "--with": "publish check",
    "--color": "workflow explain rehearse trust",
    "--quiet": "workflow explain rehearse",
    "--verbose": "workflow explain rehearse",
    "--already-published": "publish stage check",
    "--hold": "publish stage check",
    "--wait": "publish",
    "--diff": "workflow",
    "--fix": "workflow",
    "--migrate": "workflow",
    "--list": "explain",
    "--workflow": "check rehearse trust",
    "--job": "check rehearse trust",
    "--fixed": "rehearse",
    "--publisher": "rehearse",
    "--assume-published": "rehearse",
    "--no-secrets": "rehearse",
    "--script": "trust",
    "--file": "init",
    "--trigger": "init",
    "--environment": "init",
    "--stage": "init",
}
FLAGS = [
    "--allow-token", "--no-probe", "--strict", "--quiet", "--verbose", "--diff", "--fix", "--migrate", "--list",
    "--fixed", "--no-secrets", "--stage",
]  # fmt: skip
NPM_HAS = ("--color", "--quiet", "--verbose")
VALUES = {
    "--waive": "npm-too-old", "--format": "text", "--deadline": "3", "--with": "true", "--already-published": "skip",
    "--workflow": "a.yml", "--job": "a", "--publisher": "o/r:a.yml", "--assume-published": "1.0.0",
    "--color": "always", "--wait": "60", "--hold": "a", "--script": "sh",
    "--file": "a.yml", "--trigger": "tag", "--environment": "npm",
}  # fmt: skip
COMMANDS = ("publish", "stage", "check", "workflow", "explain", "rehearse", "trust", "init", "completion")
NPMS = (["--tag", "next"], ["--dry-run"], ["./dist"])


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, ...]]:
    """What was started, by its arguments, where everything that a check finds is fine."""
    found: list[tuple[str, ...]] = []

    def detected(command: detect.Command, *_: object, **__: object) -> detect.Detected:
        npm = Npm("/npm", None, None, None, None)
        found.append(("checks", *command.arguments))
        return detect.Detected(command, (s.READY,), command.arguments, npm, None, None, Deadline(5), str(tmp_path))  # type: ignore[arg-type]

    def run(_npm: Npm, words: tuple[str, ...], **_named: object) -> run_npm.NpmResult:
        found.append(tuple(words))
        return run_npm.NpmResult(0, None)

    def rehearsed(*_: object, **__: object) -> int:
        found.append(("rehearses",))
        return 0

    monkeypatch.setattr(detect, "detect", detected)
    monkeypatch.setattr(run_npm, "run", run)
    monkeypatch.setattr(rehearse, "rehearse", rehearsed)
    monkeypatch.chdir(tmp_path)
    return found


def forms(name: str) -> Iterator[list[str]]:
    """The ways to write an option."""
    if name in FLAGS:
        yield [name]
        yield [f"{name}=1"]
        yield [f"{name}=true"]
    else:
        yield [name, VALUES[name]]
        yield [f"{name}={VALUES[name]}"]


def lines(command: str, option: list[str]) -> Iterator[list[str]]:
    """Command lines with *option* in every place."""
    named = [[command], []] if command == "publish" else [[command]]
    for words in named:
        yield [*option, *words]
        yield [*words, *option]
        for npms in NPMS:
            yield [*words, *npms, *option]
            yield [*words, *option, *npms]
            yield [*option, *words, *npms]


def test_the_table_of_options_is_the_one_that_was_meant() -> None:
    assert {option.name: option.commands for option in own_options.OPTIONS} == {
        name: frozenset(commands.split()) for name, commands in WORKS_IN.items()
    }
    assert [option.name for option in own_options.OPTIONS if option.value is None] == FLAGS
    assert own_options.COMMANDS == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_of_another_command_starts_nothing(
    command: str, started: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    tried = 0
    for name, commands in WORKS_IN.items():
        if name in NPM_HAS and command in {"publish", "stage", "check"}:
            continue  # npm's there
        for form in forms(name):
            if command in commands.split() and not (name in FLAGS and "=" in form[0]):
                continue
            for words in lines(command, form):
                tried += 1
                assert cli.main(words) == exit_codes.USAGE_ERROR, words
                captured = capsys.readouterr()
                assert captured.out == ""
                assert name in captured.err, words
                assert captured.err.count("\n") == 1
                assert started == [], words
    assert tried > 200


@pytest.mark.parametrize("command", ["publish", "stage", "check", "rehearse"])
def test_another_spelling_of_an_option_starts_nothing(command: str, started: list[tuple[str, ...]]) -> None:
    for name in WORKS_IN:
        if name in NPM_HAS:
            continue  # npm's, as is each other spelling of it
        bare = name.removeprefix("--").removeprefix("no-")
        spellings = {f"-{name[2:]}", f"-{name}", f"--no-{bare}", f"--{bare}", f"--no-no-{bare}"} - {name}
        for form, value in itertools.product(spellings, ("", "=1")):
            for words in lines(command, [f"{form}{value}"]):
                assert cli.main(words) == exit_codes.USAGE_ERROR, words
                assert started == [], words


@pytest.mark.parametrize(
    "word", ["chekc", "chek", "Check", "stgae", "workflwo", "explian", "rehearsal", "pubish", "trsut", "version"]
)
@pytest.mark.parametrize("command", ["publish", "stage", "check", "rehearse"])
def test_a_slip_of_a_command_is_no_package(
    word: str, command: str, started: list[tuple[str, ...]], tmp_path: Path
) -> None:
    shapes = [[command], [command, "--tag", "next"], [command, "--dry-run"], ["--waive=npm-too-old", command]]
    shapes += [[], ["--dry-run"], ["--allow-token"]] if command == "publish" else []
    for words in shapes:
        assert cli.main([*words, word]) == exit_codes.USAGE_ERROR, words
        assert started == []
    (tmp_path / word).mkdir()
    for words in shapes:
        assert cli.main([*words, word]) == exit_codes.OK
        assert started
        started.clear()


@pytest.mark.parametrize("command", ["publish", "stage", "check"])
@pytest.mark.parametrize(
    "words",
    [
        [], ["."], ["./chekc"], ["chekc.tgz"], ["chekc/"], ["chekc@1.0.0"], ["--tag", "check"], ["--tag=stage"],
        ["--", "chekc"], ["-w", "check"], ["--otp", "123456"], ["lodash"], ["--access", "public", "."],
        ["--message", "version"], ["--", "--diff"], ["--dry-run"], ["--provenance"], ["-d"], ["--json"], ["--tag=a"],
        ["--no-provenance"], ["--foreground-scripts"], ["--foo"], ["-s"], ["--reg=https://example.org/"],
        ["--color", "always"], ["--color"], ["--color=false"], ["--no-color"], ["--quiet"], ["-q"], ["--verbose"],
        ["-verbose"],
    ],
)  # fmt: skip
def test_what_npm_may_publish_is_passed_on(words: list[str], command: str, started: list[tuple[str, ...]]) -> None:
    assert cli.main([*([] if command == "publish" else [command]), *words]) == exit_codes.OK
    whole = ("stage", "publish", *words) if command == "stage" else ("publish", *words)
    wanted = [("checks", *whole), *([] if command == "check" else [whole])]
    assert started == wanted
    if "--" not in words:
        started.clear()
        assert cli.main([*([] if command == "publish" else [command]), *words, "--strict"]) == exit_codes.OK
        assert started == wanted


@pytest.mark.parametrize(
    "words",
    [
        ["--diff", "--allow-token", "--dry-run"],
        ["chekc"],
        ["--allow-token", "--no-secrets", "--tag", "next"],
    ],
)
def test_a_slip_sends_nothing(words: list[str], loopback: world.Loopback) -> None:
    outcome = guard(loopback, *words)
    assert (outcome.returncode, outcome.received, outcome.debug_log) == (2, (), "")


def test_a_command_behind_options_is_one(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "--allow-token", "--deadline", "5", "check")
    assert (outcome.returncode, uploads(outcome), outcome.debug_log) == (0, [], "")
    assert outcome.received  # it checked


def test_the_name_of_npms_command_is_no_package(loopback: world.Loopback) -> None:
    outcome = guard(
        loopback, "--allow-token", "publish", "--tag", "check", "./stage", cwd=loopback.project("stage").parent
    )
    assert (outcome.returncode, len(outcome.published)) == (0, 1)


@pytest.mark.parametrize("words", [["--color", "never"], ["--quiet"], ["--verbose", "--tag", "x"], ["--no-color"]])
def test_an_option_that_npm_has_too_is_npms_unless_the_command_has_it(
    words: list[str], started: list[tuple[str, ...]]
) -> None:
    assert cli.main(words) == exit_codes.OK
    assert started == [("checks", "publish", *words), ("publish", *words)]
    started.clear()
    own = [word for word in words if word != "--no-color"]
    for line in (["rehearse", *own], [*own[:2], "rehearse"] if own[:1] == ["--color"] else [*own[:1], "rehearse"]):
        assert cli.main(line) == exit_codes.OK
        assert started.pop() == ("rehearses",)
