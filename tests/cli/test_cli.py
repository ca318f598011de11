"""What each command says and how it ends; the words themselves are in test_asked."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from safepublish import __version__, cli, detect, run_npm
from safepublish.causes import BY_ID
from safepublish.cli import exit_codes, github_files, guard
from safepublish.cli import help as command_help
from safepublish.cli.arguments import parse
from safepublish.detect.http import Deadline
from safepublish.facts.run import Npm
from safepublish.report import cause_list
from safepublish.shell import own_options
from tests.support import runs as s


@pytest.mark.parametrize(
    ("words", "env", "text"),
    [
        (["--format"], {}, "--format needs a value: --format=FORMAT"),
        (["--waive", "--dry-run"], {}, "--waive needs a value: --waive=ID[=reason]"),
        (["--strict=true"], {}, "--strict takes no value"),
        (["--allow-token=npm_cAnArYcAnArYcAnArY"], {}, "--allow-token takes no value"),
        (["--help=1"], {}, "--help takes no value"),
        (["--no-strict"], {}, "'--no-strict' is not an option; to switch --strict off, leave it out"),
        (["-fix"], {}, "'-fix' is not an option; write --fix"),
        (["--fix"], {}, "--fix is an option of `safepublish workflow`, not of `safepublish`"),
        (
            ["--diff", "--dry-run"],
            {},
            "--diff is an option of `safepublish workflow`, not of `safepublish`; for npm's own, set npm_config_diff",
        ),
        (
            ["stage", "--with", "pnpm publish"],
            {},
            "--with is an option of `safepublish` and `safepublish check`, not of `safepublish stage`",
        ),
        (
            ["workflow", "--diff", "--format=json"],
            {},
            "--diff prints a patch and --format json prints a document; use one of them",
        ),
        (
            ["workflow", "--diff"],
            {"SAFEPUBLISH_FORMAT": "json"},
            "--diff prints a patch and the format of SAFEPUBLISH_FORMAT prints a document; use one of them",
        ),
        (["workflow", "--migrate"], {}, "--migrate needs --diff, which prints the change, or --fix, which writes it"),
        (["explain", "-x"], {}, "explain has no option '-x'; it has --format, --color, --quiet, --verbose, --list"),
        (["chekc"], {}, "unknown command 'chekc'; did you mean 'check'?"),
        (["--dry-run", "Check"], {}, "unknown command 'Check'; did you mean 'check'?"),
        (["--tag", "x", "check"], {}, "'check' is a command; write it first: safepublish check"),
        (["publish", "check"], {}, "'check' is a command; write it first: safepublish check"),
        (["publish", "publish"], {}, "'publish' is a command; `safepublish` takes no second command"),
        (["check", "stage"], {}, "'stage' is a command; `safepublish check` takes no second command"),
        (["--otp", "--strict", "--dry-run"], {}, "'--otp' has no value: the next argument is --strict"),
        (["-w", "--allow-token", "a"], {}, "'-w' has no value: the next argument is --allow-token"),
        (["check", "--tag", "--waive=npm-too-old", "."], {}, "'--tag' has no value: the next argument is --waive"),
        (["version"], {}, "unknown command 'version'; did you mean '--version'?"),
        (["work"], {}, "unknown command 'work'; did you mean 'workflow'?"),
        (["rehearse", "stgae"], {}, "unknown command 'stgae'; did you mean 'stage'?"),
        (["help", "chekc"], {}, "unknown command 'chekc'; did you mean 'check'?"),
        (["help", "check", "stage"], {}, "help takes one command"),
        (["--format=xml"], {}, "--format is 'xml'; it takes text, github, json, sarif"),
        (["--format=json"], {}, "--format json works with `safepublish check` only: the stdout of a publish is npm's"),
        (
            [],
            {"SAFEPUBLISH_FORMAT": "json"},
            "the format of SAFEPUBLISH_FORMAT works with `safepublish check` only: the stdout of a publish is npm's",
        ),
        (
            ["stage", "--format=sarif"],
            {},
            "--format sarif works with `safepublish check` only: the stdout of a publish is npm's",
        ),
        (["--deadline=0"], {}, "--deadline is '0'; it takes a number of seconds above 0, at most 600"),
        (["--deadline=nan"], {}, "--deadline is 'nan'; it takes a number of seconds above 0, at most 600"),
        (["--deadline=601"], {}, "--deadline is '601'; it takes a number of seconds above 0, at most 600"),
        (["--deadline", "soon"], {}, "--deadline is 'soon'; it takes a number of seconds above 0, at most 600"),
        (["--with"], {}, "--with needs a value: --with='COMMAND'"),
        (["--with", ""], {}, "--with is empty; it takes a command, such as 'pnpm publish -r'"),
        (
            ["--with", "pnpm 'x"],
            {},
            (
                "--with cannot be split into arguments: No closing quotation; "
                "it takes a command, such as 'pnpm publish -r'"
            ),
        ),
        (
            ["--with", "pnpm publish", "--//x/:_authToken=npm_cAnArYcAnArYcAnArY"],
            {},
            "--with takes the whole command as one argument, but '--//x/:_authToken' is outside it",
        ),
        (
            ["--with", "pnpm publish", "-r"],
            {},
            "--with takes the whole command as one argument, but '-r' is outside it",
        ),
        (["--already-published=yes"], {}, "--already-published is 'yes'; it takes skip or refuse"),
        (
            ["--waive=npm-to-old"],
            {},
            "--waive names 'npm-to-old', which is not the id of a cause; did you mean npm-too-old?",
        ),
        (
            ["--waive=quux"],
            {},
            "--waive names 'quux', which is not the id of a cause; `safepublish explain --list` lists the ids",
        ),
        (["workflow", "--color=red"], {}, "--color is 'red'; it takes auto, always or never"),
        (["workflow", "--color"], {}, "--color needs a value: --color=auto|always|never"),
        (["workflow", "--quiet=1"], {}, "--quiet takes no value"),
        (["explain", "--quiet", "--verbose"], {}, "--quiet and --verbose exclude each other"),
        (["--verbose", "check"], {}, "'check' is a command; write it first: safepublish check"),
        (
            [],
            {"SAFEPUBLISH_COLOR": "red"},
            "the environment variable SAFEPUBLISH_COLOR is not valid; it takes auto, always or never",
        ),
        (["completion"], {}, "completion takes one shell: bash, zsh, fish"),
        (["completion", "ksh"], {}, "completion takes one shell: bash, zsh, fish"),
        (["completion", "--fix"], {}, "--fix is an option of `safepublish workflow`, not of `safepublish completion`"),
        (["completion", "-x"], {}, "completion has no option '-x'"),
        (
            [],
            {"SAFEPUBLISH_STRICT": "npm_cAnArYcAnArYcAnArY"},
            "the environment variable SAFEPUBLISH_STRICT is not valid; it takes 1 or 0",
        ),
        (
            [],
            {"SAFEPUBLISH_DEADLINE": "x"},
            (
                "the environment variable SAFEPUBLISH_DEADLINE is not valid; "
                "it takes a number of seconds above 0, at most 600"
            ),
        ),
        (
            [],
            {"SAFEPUBLISH_WAIVE": "npm-too-old=a reason, npm-to-old=another"},
            "the environment variable SAFEPUBLISH_WAIVE is not valid; did you mean npm-too-old?",
        ),
    ],
)
def test_what_cannot_be_followed_is_named(
    words: list[str],
    env: Mapping[str, str],
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for key, value in env.items():
        monkeypatch.setenv(key, value)
    assert cli.main(words) == exit_codes.USAGE_ERROR
    assert capsys.readouterr().err == f"safepublish: {text}\n"


@pytest.mark.parametrize("command", own_options.COMMANDS)
def test_each_command_has_a_help_of_its_own(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = set()
    for words in ([command, "--help"], ["--help", command], ["help", command], [command, "-h", "--tag", "x"]):
        assert cli.main(words) == exit_codes.OK
        texts.add(capsys.readouterr().out)
    assert texts == {command_help.text(command)}
    (text,) = texts
    listed = set(re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE)) - {"--version"}
    assert listed == {option.name for option in own_options.OPTIONS if command in option.commands}
    assert all(len(line) <= 80 for line in text.splitlines())
    for option in own_options.OPTIONS:
        reporting = option.npm_has_it and command in own_options.REPORTING
        assert option.variable is None or (option.variable in text) == (command in option.commands or reporting)


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], ["help"], ["help", "publish"], ["-h", "--tag", "x"], ["help", "help"]):
        assert cli.main(words) == exit_codes.OK
        assert capsys.readouterr().out == command_help.text()
    for command in own_options.COMMANDS[1:]:
        assert f"\n  {command} " in command_help.text()
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"safepublish {__version__}\n"


@pytest.mark.parametrize("name", ["npm-too-old", "NPM-Too-Old"])
def test_the_page_of_a_cause(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", name]) == 0
    out = capsys.readouterr().out
    assert out == f"npm-too-old\n\n{BY_ID['npm-too-old'].page}\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("nothing", "`safepublish explain --list` lists the ids"),
        ("NPM-to-old", "did you mean npm-too-old?"),
        ("nowhere.log", ""),
    ],
)
def test_an_unknown_cause_names_the_nearest(name: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", name]) == exit_codes.USAGE_ERROR
    either = f"; it is not the id of a cause either; {hint}" if hint else ""
    wanted = f"safepublish: {name} could not be read: No such file or directory{either}\n"
    assert capsys.readouterr().err == wanted


def test_the_list_has_every_cause_in_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "--list"]) == exit_codes.OK
    out = capsys.readouterr().out
    assert re.findall(r"^  ([a-z-]+)  ", out, re.MULTILINE) == list(BY_ID)
    assert set(cause_list.GROUPS) <= set(BY_ID)
    assert next(iter(BY_ID)) in cause_list.GROUPS
    assert [line for line in out.splitlines() if line in cause_list.GROUPS.values()] == list(cause_list.GROUPS.values())
    assert all(len(line) <= 80 for line in out.splitlines())


def test_a_waiver_takes_an_id_in_any_case() -> None:
    assert parse(["--waive=NPM-Too-Old=x"], {}).options.waive == {"npm-too-old": "x"}
    assert parse([], {"SAFEPUBLISH_WAIVE": "Npm-Too-Old=a, b,NOT-IN-CI=c"}).options.waive == {
        "npm-too-old": "a, b",
        "not-in-ci": "c",
    }


CANARY = "npm_cAnArYcAnArYcAnArY"


def broken(*_: object, **__: object) -> None:
    raise ValueError(CANARY)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tag", "next"], "    npm publish was not started. You can run it without safepublish.\n"),
        (["check"], ""),
    ],
)
def test_a_bug_of_ours_is_said_as_one(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(detect, "detect", broken)
    assert cli.main(words) == exit_codes.INTERNAL_ERROR
    err = capsys.readouterr().err
    assert err.startswith(
        "safepublish: internal error in safepublish; it says nothing about your package: ValueError: ***\n"
    )
    assert "(broken), " in err
    assert said in err
    assert ("was not started" in err) == bool(said)
    assert CANARY not in err


@pytest.mark.real_process
@pytest.mark.parametrize("status", [0, 7])
@pytest.mark.parametrize("what", ["write_npm_result", "write_report", "_import_log_reader", "_own_log"])
def test_what_npm_did_stands_whatever_we_do_afterwards(
    what: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\n: > {tmp_path}/1-debug-0.log\nexit {status}\n")
    npm.chmod(0o755)
    detected = detect.Detected(
        command=detect.Command(("publish",), {}, str(tmp_path)),
        runs=(s.READY,),
        arguments=("publish",),
        npm=Npm(str(npm), None, None, None, None),
        tool=None,
        configuration=None,  # type: ignore[arg-type]  # nothing is looked at more closely
        deadline=Deadline(5),
        logs_dir=str(tmp_path),
    )
    monkeypatch.setattr(detect, "detect", lambda *_, **__: detected)
    (module,) = [module for module in (github_files, guard, run_npm) if hasattr(module, what)]
    monkeypatch.setattr(module, what, broken)
    assert cli.main([]) == status
    err = capsys.readouterr().err
    assert f"npm had already finished; its exit code {status} is returned." in err
    assert CANARY not in err
