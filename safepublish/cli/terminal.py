"""Standard output and standard error: what is written there, in which form, and the progress of many requests."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from safepublish.cli import exit_codes
from safepublish.cli.arguments import Display
from safepublish.shell.own_options import UsageError

if TYPE_CHECKING:
    from rich.progress import Progress

PROGRESS_FROM = 40
"""The number of requests from which on progress is shown."""

WIDTH = 80
"""The columns of a report where there is no terminal."""

_QUARTERS = 4


def replace_closed_streams() -> None:
    """Replace stdout and stderr by the null device where the caller closed them: Python has None there."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for as long as we run


def write_out(text: str) -> None:
    """Write *text* to stdout."""
    _write(sys.stdout, text)


def write_err(text: str) -> None:
    """Write *text* to stderr."""
    _write(sys.stderr, text)


def discard(_text: str) -> None:
    """Write nothing."""


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "ascii"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except OSError:  # nobody reads any more; the exit code still reports the result
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())


def write_message(text: str, details: Sequence[str] = ()) -> None:
    """Write a line to stderr, and each of *details* below it.

    Text may quote an argument of the command line or a file name: secrets in it are masked, and a line break in it does
    not start a line, which could be a workflow command.
    """
    from safepublish.npm.secrets import starred  # only where there is a message
    from safepublish.report import escape

    lines = [f"safepublish: {escape.plain(starred(text))}"]
    lines += [f"  {escape.plain(starred(detail))}" for detail in details]
    write_err("\n".join(lines) + "\n")


def report_usage_error(text: str) -> int:
    """Write why the command line cannot be followed; returns the exit code."""
    write_message(text)
    return exit_codes.USAGE_ERROR


def report_internal_error(error: Exception, consequence: str = "") -> None:
    """Write *error*, an internal error, and its *consequence* for npm."""
    from safepublish.report import internal_error  # seldom needed

    write_err(internal_error.render(error, npm=consequence))


def mask_in_github_log(secret: str) -> None:
    """Hide *secret* in every later line of a GitHub Actions log (workflow command add-mask)."""
    write_err(f"::add-mask::{secret}\n")


class Output:
    """Where a report is written, and the form that it can have there."""

    def __init__(self, stream: TextIO, display: Display, form: str = "text") -> None:
        """The output on *stream*, as *display* says; *form* is the report's format."""
        self._stream = stream
        self.colour = supports_colour(stream, display.color, os.environ, in_github_log=form == "github")
        self.unicode = (stream.encoding or "").lower().startswith("utf")
        self.width = _width(stream)
        self._hyperlinks = self.colour and stream.isatty() and supports_hyperlinks(os.environ)

    def write(self, text: str) -> None:
        """Write *text*; where the terminal has hyperlinks, each id of a cause is one."""
        if self._hyperlinks and text:
            from safepublish.report import hyperlinks  # on a terminal only

            text = hyperlinks.link_causes(text)
        _write(self._stream, text)


def supports_colour(stream: TextIO, color: str, env: Mapping[str, str], *, in_github_log: bool = False) -> bool:
    """Whether *stream* takes colours, where *color* is auto, always or never.

    NO_COLOR, FORCE_COLOR and CLICOLOR decide before the terminal does (no-color.org, force-color.org, bixense.com). The
    log of GitHub Actions is no terminal and shows colours.
    """
    if color != "auto":
        return color == "always"
    if env.get("NO_COLOR"):
        return False
    for variable in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if env.get(variable):
            return env[variable].lower() not in {"0", "false"}
    if env.get("CLICOLOR") == "0":
        return False
    return in_github_log or (stream.isatty() and env.get("TERM") != "dumb")


def supports_hyperlinks(env: Mapping[str, str]) -> bool:
    """Whether the terminal that *env* describes shows hyperlinks (OSC 8); another may print them as text."""
    if env.get("FORCE_HYPERLINK"):
        return env["FORCE_HYPERLINK"] != "0"
    if env.get("CI") or env.get("TERM") == "dumb":
        return False
    vte = env.get("VTE_VERSION", "")
    return (
        env.get("TERM_PROGRAM") in {"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper"}
        or (vte.isdigit() and int(vte) > 5000)
        or bool(env.get("WT_SESSION") or env.get("KONSOLE_VERSION"))
        or env.get("TERM") in {"xterm-kitty", "xterm-ghostty", "alacritty", "foot"}
    )


def _width(stream: TextIO) -> int:
    """The columns of the terminal that *stream* is, else `WIDTH`."""
    if not stream.isatty():
        return WIDTH
    try:
        return os.get_terminal_size(stream.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


def working_directory() -> str:
    """The working directory; raises `UsageError` where it cannot be read."""
    try:
        return os.getcwd()
    except OSError as error:
        raise UsageError(f"the working directory could not be read: {error.strerror}") from error


def progress_display(form: str, *, quiet: bool = False) -> "ProgressBar | ProgressLines":
    """What shows the progress of the checks, for the output format *form*: a bar on a terminal, else lines."""
    lines = ProgressLines(write_err if form in {"text", "github"} and not quiet else discard)
    if not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return ProgressBar(sys.stderr, lines)
    return lines


class ProgressBar:
    """A bar on a terminal, which is removed once all requests are answered."""

    def __init__(self, stream: TextIO, fallback: "ProgressLines") -> None:
        """A bar on *stream*; *fallback* is used where rich is not installed."""
        self._stream, self._fallback = stream, fallback
        self._bar: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        """Show that *done* of *total* requests are answered."""
        if total < PROGRESS_FROM:
            return
        if self._bar is None:
            try:
                from rich.console import Console  # 250 ms, for many packages on a terminal only
                from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
            except ImportError:
                self._fallback(done, total)
                return
            columns = TextColumn("safepublish: requests answered"), BarColumn(), MofNCompleteColumn()
            console = Console(file=self._stream, highlight=False)
            self._bar = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
            self._bar.start()
            self._bar.add_task("", total=total)
        self._bar.update(self._bar.task_ids[0], completed=done)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class ProgressLines:
    """A line at each quarter, where there is no terminal."""

    def __init__(self, write: Callable[[str], None]) -> None:
        """Lines that *write* writes."""
        self._write = write
        self._reported = 0

    def __call__(self, done: int, total: int) -> None:
        """Write a line at each quarter of *total* but the last, which the report follows at once."""
        quarter = _QUARTERS * done // total
        if total >= PROGRESS_FROM and self._reported < quarter < _QUARTERS:
            self._reported = quarter
            self._write(f"safepublish: {done} of {total} requests answered\n")

    def close(self) -> None:
        """Do nothing: the lines stay."""
