"""Colour, width and hyperlinks of a report."""

import io
from collections.abc import Mapping

import pytest

from safepublish.cli import terminal
from safepublish.cli.arguments import Display
from safepublish.report import diagnostics, hyperlinks


class Stream(io.StringIO):
    """A stream that is a terminal or not."""

    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty


@pytest.mark.parametrize(
    ("color", "env", "tty", "colour"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "3"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, True, False),
        ("auto", {"FORCE_COLOR": "false"}, True, False),
        ("auto", {"FORCE_COLOR": ""}, False, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"CLICOLOR": "0"}, True, False),
        ("auto", {"CLICOLOR": "1"}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour(color: str, env: Mapping[str, str], tty: bool, colour: bool) -> None:
    assert terminal.supports_colour(Stream(tty=tty), color, env) is colour


@pytest.mark.parametrize(("env", "colour"), [({}, True), ({"NO_COLOR": "1"}, False), ({"FORCE_COLOR": "0"}, False)])
def test_the_log_of_github_actions_shows_colours(env: Mapping[str, str], colour: bool) -> None:
    assert terminal.supports_colour(Stream(tty=False), "auto", env, in_github_log=True) is colour


@pytest.mark.parametrize(
    ("env", "supported"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM_PROGRAM": "vscode"}, True),
        ({"TERM_PROGRAM": "vscode", "CI": "true"}, False),
        ({"TERM_PROGRAM": "vscode", "FORCE_HYPERLINK": "0"}, False),
        ({"FORCE_HYPERLINK": "1"}, True),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"VTE_VERSION": "6003"}, True),
        ({"VTE_VERSION": "4002"}, False),
        ({"WT_SESSION": "x"}, True),
    ],
)
def test_which_terminals_have_hyperlinks(env: Mapping[str, str], supported: bool) -> None:
    assert terminal.supports_hyperlinks(env) is supported


TEXT = "error[npm-too-old]: x\n✗ npm-too-old: x\n    More: safepublish explain npm-too-old\n"


@pytest.mark.parametrize(("tty", "color", "links"), [(True, "auto", 3), (False, "always", 0), (True, "never", 0)])
def test_an_id_is_a_link_on_a_terminal_only(tty: bool, color: str, links: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_HYPERLINK", "1")
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = Stream(tty=tty)
    terminal.Output(stream, Display(color=color)).write(TEXT)
    assert stream.getvalue().count(f"\x1b]8;;{diagnostics.url('npm-too-old')}\x1b\\npm-too-old\x1b]8;;\x1b\\") == links
    assert ("\x1b" in stream.getvalue()) == bool(links)


def test_what_is_no_id_of_a_cause_is_no_link() -> None:
    for text in ("safepublish explain no-such-cause", "npm-too-old", "[npm-too-old-x]", "a npm-too-old"):
        assert hyperlinks.link_causes(text) == text


def test_the_width_is_80_where_there_is_no_terminal() -> None:
    assert terminal.Output(Stream(tty=False), Display()).width == 80
    assert terminal.Output(Stream(tty=True), Display()).width == 80  # its size is unknown
