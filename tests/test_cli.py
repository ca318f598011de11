"""What each command says and how it ends; the words themselves are in test_asked."""

from collections.abc import Mapping

import pytest

from safepublish import __version__, cli
from safepublish.asked import HELP


@pytest.mark.parametrize(
    ("words", "env", "text"),
    [
        (["--format"], {}, "--format needs a value"),
        (["--format=xml"], {}, "--format is 'xml'; it takes text, github, json, sarif"),
        (["--format=json"], {}, "--format json goes with safepublish check: the stdout of a publish is npm's"),
        (
            ["stage", "--format=sarif"],
            {},
            "--format sarif goes with safepublish check: the stdout of a publish is npm's",
        ),
        (["--deadline=0"], {}, "--deadline is '0'; it takes seconds, more than 0 and at most 600"),
        (["--deadline=nan"], {}, "--deadline is 'nan'; it takes seconds, more than 0 and at most 600"),
        (["--deadline=601"], {}, "--deadline is '601'; it takes seconds, more than 0 and at most 600"),
        (["--deadline", "soon"], {}, "--deadline is 'soon'; it takes seconds, more than 0 and at most 600"),
        (["--with"], {}, "--with needs a value"),
        (["--with", ""], {}, "--with names no command"),
        (["--with", "pnpm 'x"], {}, "--with cannot be split into words: No closing quotation"),
        (["--with", "pnpm publish", "-r"], {}, "--with takes the whole command that publishes, and '-r' is left over"),
        (["--already-published=yes"], {}, "--already-published is 'yes'; it takes skip or refuse"),
        (["--waive=npm-to-old"], {}, "--waive names 'npm-to-old', which is no cause; did you mean npm-too-old?"),
        ([], {"SAFEPUBLISH_STRICT": "maybe"}, "SAFEPUBLISH_STRICT is 'maybe'; it takes 1 or 0"),
        (
            [],
            {"SAFEPUBLISH_DEADLINE": "x"},
            "SAFEPUBLISH_DEADLINE is 'x'; it takes seconds, more than 0 and at most 600",
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
    assert cli.main(words) == cli.USAGE
    assert capsys.readouterr().err == f"safepublish: {text}\n"


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--help"]) == 0
    assert capsys.readouterr().out == HELP
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"safepublish {__version__}\n"


def test_the_page_of_a_cause(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "npm-too-old"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("npm-too-old\n\n")
    assert "How to mend" in out


def test_a_page_that_is_not_there_lists_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "nothing"]) == cli.USAGE
    assert "npm-too-old" in capsys.readouterr().err
