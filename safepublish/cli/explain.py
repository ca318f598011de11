"""The command `explain`: why a publish failed, from its log; or the manual page of a cause."""

import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from safepublish.causes import BY_ID
from safepublish.causes.explain import explain_transcript
from safepublish.cli import exit_codes, terminal
from safepublish.cli.arguments import Display, Invocation, cause_hint
from safepublish.detect import logs
from safepublish.facts.finding import Answer
from safepublish.logs import reader
from safepublish.shell.own_options import UsageError

if TYPE_CHECKING:
    from safepublish.logs.explanation import Explanation
    from safepublish.logs.log import Transcript


def run(invocation: Invocation) -> int:
    """Explain the log, or print the manual page, that *invocation* names; returns the exit code."""
    arguments = invocation.arguments
    if "--list" in invocation.own_options:
        if arguments:
            raise UsageError("--list takes no log and no cause")
        from safepublish.report import cause_list  # only with --list

        output = terminal.Output(sys.stdout, invocation.display)
        output.write(cause_list.render(colour=output.colour, unicode=output.unicode, width=output.width))
        return exit_codes.OK
    if len(arguments) > 1:
        raise UsageError("explain takes one argument: a log, - for standard input, or the id of a cause")
    cause = BY_ID.get(arguments[0].lower()) if arguments else None
    if cause is not None:
        terminal.write_out(f"{cause.id}\n\n{cause.page}\n")
        return exit_codes.OK
    try:
        transcript, source = _read_log(arguments, invocation.display)
    except OSError as error:
        raise UsageError(_not_readable(arguments[0] if arguments else "the log", error)) from error
    explanation = explain_transcript(transcript, source)
    _print(explanation, invocation.options.format, invocation.display)
    return exit_codes.OK if explanation.explained else exit_codes.NO_CAUSE_FOUND


def _not_readable(name: str, error: OSError) -> str:
    """Why *name* is neither a log nor the id of a cause, and what may have been meant."""
    problem = f"{name[:200]} could not be read: {error.strerror}"
    if re.fullmatch(r"[A-Za-z0-9_-]+", name):
        problem += f"; it is not the id of a cause either; {cause_hint(name)}"
    return problem


def _read_log(arguments: Sequence[str], display: Display) -> "tuple[Transcript, str]":
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
            f"no debug log of npm was found in {directory or 'the directories that npm writes to'}; name a log"
        )
    if not display.quiet:
        terminal.write_message(f"reading {path}")
    return _read_file(path)


def _read_file(path: str) -> "tuple[Transcript, str]":
    with open(path, "rb") as file:
        return reader.read(logs.blocks(file)), path


def _print(explanation: "Explanation", form: str, display: Display) -> None:
    if form == "json":
        from safepublish.report.documents import explain as document

        terminal.write_out(document.render(explanation) + "\n")
        return
    if form == "sarif":
        from safepublish.report import sarif

        terminal.write_out(sarif.explained(explanation) + "\n")
        return
    output = terminal.Output(sys.stdout, display, form)
    shown = _errors_of(explanation) if display.quiet else explanation
    if display.quiet and not shown.failed:
        return
    if form == "github":
        from safepublish.report import github

        output.write(github.explained(shown, colour=output.colour, unicode=output.unicode, width=output.width))
    else:
        from safepublish.report import explanation as text

        output.write(text.render(shown, colour=output.colour, unicode=output.unicode, width=output.width))
    if display.verbose:
        counts = f"{len(explanation.failed)} failed, {len(explanation.published)} published"
        output.write(f"safepublish: {explanation.lines} lines checked; publishes in them: {counts}\n")


def _errors_of(explanation: "Explanation") -> "Explanation":
    """*explanation* with the causes that the log proves only."""
    failed = (
        one._replace(findings=tuple(finding for finding in one.findings if finding.answer is Answer.FAIL))
        for one in explanation.failed
    )
    return explanation._replace(failed=tuple(one for one in failed if one.findings), published=())
