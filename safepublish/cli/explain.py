"""The command `explain`: why a publish failed, from its log; or the manual page of a cause."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from safepublish.causes import BY_ID
from safepublish.causes.explain import explain_transcript
from safepublish.cli import exit_codes, terminal
from safepublish.cli.arguments import Invocation
from safepublish.detect import logs
from safepublish.logs import reader
from safepublish.shell.own_options import UsageError

if TYPE_CHECKING:
    from safepublish.logs.explanation import Explanation
    from safepublish.logs.log import Transcript


def run(invocation: Invocation) -> int:
    """Explain the log, or print the manual page, that *invocation* names; returns the exit code."""
    arguments = invocation.arguments
    if len(arguments) > 1:
        raise UsageError("explain takes one log, - for standard input, or one cause")
    if arguments and arguments[0] in BY_ID:
        terminal.write_out(f"{arguments[0]}\n\n{BY_ID[arguments[0]].page}\n")
        return exit_codes.OK
    try:
        transcript, source = _read_log(arguments)
    except OSError as error:
        known = ", ".join(BY_ID)
        name = arguments[0][:200] if arguments else "the log"
        raise UsageError(
            f"{name} cannot be read ({error.strerror}), and is no cause; the causes are {known}"
        ) from error
    explanation = explain_transcript(transcript, source)
    _print(explanation, invocation.options.format)
    return exit_codes.OK if explanation.explained else exit_codes.NO_CAUSE_FOUND


def _read_log(arguments: Sequence[str]) -> "tuple[Transcript, str]":
    """The log and its name: the file in *arguments*, else standard input, else npm's newest debug log.

    Raises `UsageError` where there is none.
    """
    if arguments and arguments[0] != "-":
        return _read_file(arguments[0])
    if arguments or (sys.stdin is not None and logs.is_piped(sys.stdin.fileno())):
        transcript = reader.read(logs.blocks(sys.stdin.buffer))
        if arguments or transcript.lines:
            return transcript, "-"
    path, directory = logs.newest(os.environ, terminal.working_directory())
    if path is None:
        raise UsageError(
            f"there is no debug log of npm in {directory or 'a directory that npm would write to'}: name a log"
        )
    terminal.write_message(f"reads {path}")
    return _read_file(path)


def _read_file(path: str) -> "tuple[Transcript, str]":
    with open(path, "rb") as file:
        return reader.read(logs.blocks(file)), path


def _print(explanation: "Explanation", form: str) -> None:
    if form == "json":
        from safepublish.report.documents import explain as document

        terminal.write_out(document.render(explanation) + "\n")
    elif form == "sarif":
        from safepublish.report import sarif

        terminal.write_out(sarif.explained(explanation) + "\n")
    elif form == "github":
        from safepublish.report import github

        colour = terminal.github_log_supports_colour()
        terminal.write_err(github.explained(explanation, colour=colour, unicode=terminal.supports_unicode()))
    else:
        from safepublish.report import explanation as text

        colour = terminal.supports_colour()
        terminal.write_err(text.render(explanation, colour=colour, unicode=terminal.supports_unicode()))
