"""Where the commands of a script stand in the file that holds it."""

from safepublish.facts.step import Flag, Span
from safepublish.pipelines.document import YamlNode, span
from safepublish.pipelines.scope import Job, Scope
from safepublish.shell import interpreter


def file_line(script: YamlNode, number: int) -> int:
    """The file's line of line *number* of a script, which counts from 0: only a literal block has a line for each."""
    first: int = script.start_mark.line
    if script.style in {"|", ">"}:
        return first + 2 + (number if script.style == "|" else 0)
    return first + 1


def command_span(command: interpreter.Command, scope: Scope, job: Job) -> Span:
    """The lines of a command; those of its step where the command is not written in the job's own text."""
    if scope.path != job.base.place.path:
        line = scope.line or 1
        return Span(scope.path, line, 1, line + 1, 1)
    if scope.script is None or scope.depth:
        assert scope.outer.node is not None  # noqa: S101 - a step is a node
        return span(scope.outer.node, job.base.place.path)
    line = file_line(scope.script, command.line)
    return Span(scope.path, line, 1, line + 1, 1)


def word_span(command: interpreter.Command, word: str, script: YamlNode | None, job: Job) -> Span | None:
    """Where the last *word* of the command stands that is this one."""
    index = len(command.argv) - 1 - command.argv[::-1].index(word) if word in command.argv else len(command.spans)
    place = command.spans[index] if index < len(command.spans) else None
    return _script_span(script, place, job) if script is not None and place is not None else None


def command_flag(command: interpreter.Command, script: YamlNode | None, flag: str, job: Job) -> Flag | None:
    """The *flag* of the command, and where it stands."""
    for index, argument in enumerate(command.argv):
        if argument == flag or argument.startswith(f"{flag}="):
            place = command.spans[index] if index < len(command.spans) else None
            return Flag(
                argument, _script_span(script, place, job) if script is not None and place is not None else None
            )
    return None


def _script_span(script: YamlNode, place: tuple[int, int], job: Job) -> Span | None:
    """The place in the file of a stretch of a script; None where escapes or folding hide it."""
    before, width = script.value[: place[0]], place[1] - place[0]
    row, column = before.count("\n"), place[0] - (before.rfind("\n") + 1)
    path, mark = job.base.place.path, script.start_mark
    if script.style == "|":
        line = mark.line + 1 + row
        if line >= len(job.source.lines):
            return None
        written, text = job.source.lines[line], script.value.split("\n")[row]
        first = len(written) - len(text) + column + 1
        return Span(path, line + 1, first, line + 1, first + width) if written.endswith(text) else None
    if mark.line == script.end_mark.line and script.style != ">":
        first = mark.column + 1 + column + (script.style in {"'", '"'})
        return Span(path, mark.line + 1, first, mark.line + 1, first + width)
    return None
