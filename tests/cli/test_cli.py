"""What each command says and how it ends; the words themselves are in test_asked."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from safepublish import __version__, cli, detect, run_npm
from safepublish.cli import exit_codes, github_files, guard
from safepublish.cli.help import HELP
from safepublish.detect.http import Deadline
from safepublish.facts.run import Npm
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
            "--diff prints a patch, and --format json a document: one of them",
        ),
        (
            ["workflow", "--diff"],
            {"SAFEPUBLISH_FORMAT": "json"},
            "--diff prints a patch, and the format of SAFEPUBLISH_FORMAT a document: one of them",
        ),
        (["workflow", "--migrate"], {}, "--migrate goes with --diff, to see it, or --fix, to do it"),
        (["explain", "-x"], {}, "explain has no option '-x'; it takes --format"),
        (["chekc"], {}, "unknown command 'chekc'; did you mean 'check'?"),
        (["--dry-run", "Check"], {}, "unknown command 'Check'; did you mean 'check'?"),
        (["--tag", "x", "check"], {}, "'check' is a command; write it first: safepublish check"),
        (["publish", "check"], {}, "'check' is a command; write it first: safepublish check"),
        (["publish", "publish"], {}, "'publish' is a command and takes no other command"),
        (["check", "stage"], {}, "'stage' is a command and takes no other command"),
        (["--otp", "--strict", "--dry-run"], {}, "'--otp' has no value: the next argument is --strict"),
        (["-w", "--allow-token", "a"], {}, "'-w' has no value: the next argument is --allow-token"),
        (["check", "--tag", "--waive=npm-too-old", "."], {}, "'--tag' has no value: the next argument is --waive"),
        (["init"], {}, "unknown command 'init'"),
        (["version"], {}, "unknown command 'version'; did you mean '--version'?"),
        (["work"], {}, "unknown command 'work'; did you mean 'workflow'?"),
        (["rehearse", "stgae"], {}, "unknown command 'stgae'; did you mean 'stage'?"),
        (["help", "chekc"], {}, "unknown command 'chekc'; did you mean 'check'?"),
        (["help", "check", "stage"], {}, "help takes one command"),
        (["--format=xml"], {}, "--format is 'xml'; it takes text, github, json, sarif"),
        (["--format=json"], {}, "--format json goes with safepublish check: the stdout of a publish is npm's"),
        (
            [],
            {"SAFEPUBLISH_FORMAT": "json"},
            "the format of SAFEPUBLISH_FORMAT goes with safepublish check: the stdout of a publish is npm's",
        ),
        (
            ["stage", "--format=sarif"],
            {},
            "--format sarif goes with safepublish check: the stdout of a publish is npm's",
        ),
        (["--deadline=0"], {}, "--deadline is '0'; it takes seconds, more than 0 and at most 600"),
        (["--deadline=nan"], {}, "--deadline is 'nan'; it takes seconds, more than 0 and at most 600"),
        (["--deadline=601"], {}, "--deadline is '601'; it takes seconds, more than 0 and at most 600"),
        (["--deadline", "soon"], {}, "--deadline is 'soon'; it takes seconds, more than 0 and at most 600"),
        (["--with"], {}, "--with needs a value: --with='COMMAND'"),
        (["--with", ""], {}, "--with names no command; it takes a command, as 'pnpm publish -r'"),
        (
            ["--with", "pnpm 'x"],
            {},
            "--with cannot be split into words: No closing quotation; it takes a command, as 'pnpm publish -r'",
        ),
        (
            ["--with", "pnpm publish", "--//x/:_authToken=npm_cAnArYcAnArYcAnArY"],
            {},
            "--with takes the whole command that publishes, and '--//x/:_authToken' is left over",
        ),
        (["--with", "pnpm publish", "-r"], {}, "--with takes the whole command that publishes, and '-r' is left over"),
        (["--already-published=yes"], {}, "--already-published is 'yes'; it takes skip or refuse"),
        (["--waive=npm-to-old"], {}, "--waive names 'npm-to-old', which is no cause; did you mean npm-too-old?"),
        (
            [],
            {"SAFEPUBLISH_STRICT": "npm_cAnArYcAnArYcAnArY"},
            "the environment variable SAFEPUBLISH_STRICT is not valid; it takes 1 or 0",
        ),
        (
            [],
            {"SAFEPUBLISH_DEADLINE": "x"},
            "the environment variable SAFEPUBLISH_DEADLINE is not valid; it takes seconds, more than 0 and at most 600",
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


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--help"]) == 0
    assert capsys.readouterr().out == HELP
    assert cli.main(["help", "workflow"]) == 0
    assert capsys.readouterr().out == HELP
    for option in own_options.OPTIONS:
        assert f"{option.name} " in HELP
        assert option.variable is None or option.variable in HELP
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"safepublish {__version__}\n"


def test_the_page_of_a_cause(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "npm-too-old"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("npm-too-old\n\n")
    assert "If you want to ignore it" in out


def test_a_page_that_is_not_there_lists_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "nothing"]) == exit_codes.USAGE_ERROR
    assert "npm-too-old" in capsys.readouterr().err


CANARY = "npm_cAnArYcAnArYcAnArY"


def broken(*_: object, **__: object) -> None:
    raise ValueError(CANARY)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tag", "next"], "    npm publish was not started; without safepublish before it, it can be.\n"),
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
        "safepublish: this is a bug of safepublish and says nothing of your release: ValueError: ***\n"
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
    assert f"What npm did stands, and its exit status {status} is handed back." in err
    assert CANARY not in err
