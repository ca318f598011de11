"""Where a step stands: what its job gives it, the environment and the expressions that hold there, its places."""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from safepublish.facts.step import Entry, Flag, Span, Step
from safepublish.pipelines.document import Map, Source, YamlNode, span
from safepublish.pipelines.expressions import UNKNOWN, ChosenOpen, Contexts, Open, as_text, resolved
from safepublish.shell import interpreter

Files = Callable[[str], str | None]
"""The text of a file of the repository by its path from the root, with slashes; None where it is not at hand."""


class Var(NamedTuple):
    """A variable of the environment."""

    raw: str | None  # as the file writes it; None where only the run tells
    value: str | None  # resolved
    entry: Entry | None = None
    source: str = "env"


class Job(NamedTuple):
    """What a job gives its steps."""

    base: Step  # the facts that all of the job's publish steps share
    files: Files
    contexts: Contexts
    places: Mapping[str, Entry]  # where the values of `matrix.x`, `inputs.x` and `env.x` stand
    env: Mapping[str, Var]
    shell: str | None = None
    directory: str = "."
    source: Source = Source("")
    scripts: Sequence[str] = ()  # those of package.json that may publish


class Scope(NamedTuple):
    """Where a step stands: in the job itself, or in an action that one of its steps uses."""

    path: str
    contexts: Contexts
    position: int
    outer: Map  # the job's own step
    step: Map
    env: Mapping[str, Var]
    shell: str | None
    directory: str | None
    depth: int = 0
    line: int | None = None  # of the command that led into a script of the repository
    called: str | None = None  # that command, as written
    script: YamlNode | None = None  # the node whose text is the script, where it stands in the job's file
    language: str | None = None  # the shell that runs it


def with_env(scope: Scope, env: Mapping[str, Var]) -> Scope:
    """The scope with another environment, which expressions see too."""
    return scope._replace(env=env, contexts={**scope.contexts, "env": opened(env)})


def opened(env: Mapping[str, Var]) -> Open:
    """The context `env`: other variables may be there."""
    found = ChosenOpen({name: UNKNOWN if one.value is None else one.value for name, one in env.items()})
    found.fixed = Open({name: UNKNOWN if "inputs." in (env[name].raw or "") else one for name, one in found.items()})
    return found


def variables(given: Map, contexts: Contexts, source: str) -> dict[str, Var]:
    """The variables of an `env` block."""
    found = {}
    for name in given:
        text = given.text(name)
        value = None if text is None else known(resolved(text, contexts))
        found[name] = Var(text, value, given.entry(name), source)
    return found


def known(value: Any) -> str | None:
    """The text of an expression's value; None where only the run tells it."""
    return None if value is UNKNOWN else as_text(value)


def given_text(given: Map, name: str, contexts: Contexts) -> Any:
    """The text of an action's input, `UNKNOWN` where only the run tells it; None where it is not given."""
    for key in given:
        if key.lower() == name.lower():
            text = given.text(key)
            found = UNKNOWN if text is None else resolved(text, contexts)
            return found if found is UNKNOWN else as_text(found)
    return None


def told(given: Map, name: str | None, contexts: Contexts) -> str:
    """The text of an action's input; "" where it is not given or not known."""
    found = given_text(given, name, contexts) if name else None
    return found if isinstance(found, str) else ""


def in_script(scope: Scope) -> Callable[[str], str | None]:
    """What stands for an expression in a script; None where that is unknown."""

    def evaluate(text: str) -> str | None:
        found = resolved("${{" + text + "}}", scope.contexts)
        if found is UNKNOWN:
            return None
        shown = as_text(found)
        if "inputs." in text and (shown in {"true", "false", ""} or shown.startswith("-")):
            return None  # what a person chooses at the start, for which the default says nothing
        return shown

    return evaluate


def joined(directory: str | None, more: str | None) -> str | None:
    """A directory seen from another; None where one of them is unknown."""
    if directory is None:
        return None
    if more is None:
        return posixpath.normpath(directory)
    return posixpath.normpath(posixpath.join(directory, more)) if "$" not in more else None


def line_of(node: YamlNode, number: int) -> int:
    """The file's line of line *number* of a script: only a literal block has one for each."""
    first: int = node.start_mark.line
    if node.style in {"|", ">"}:
        return first + 2 + (number if node.style == "|" else 0)
    return first + 1


def span_of(command: interpreter.Command, scope: Scope, job: Job) -> Span:
    """The lines of a command: of one that stands in another file, or is no text of the job's own, those of its step."""
    if scope.path != job.base.path:
        line = scope.line or 1
        return Span(scope.path, line, 1, line + 1, 1)
    if scope.script is None or scope.depth:
        assert scope.outer.node is not None  # noqa: S101 - a step is a node
        return span(scope.outer.node, job.base.path)
    line = line_of(scope.script, command.line)
    return Span(scope.path, line, 1, line + 1, 1)


def flag_of(command: interpreter.Command, node: YamlNode | None, word: str, job: Job) -> Flag | None:
    """The flag *word* of the command, and where it stands."""
    for index, one in enumerate(command.argv):
        if one == word or one.startswith(f"{word}="):
            place = command.spans[index] if index < len(command.spans) else None
            return Flag(one, _placed(node, place, job) if node is not None and place is not None else None)
    return None


def _placed(node: YamlNode, place: tuple[int, int], job: Job) -> Span | None:
    """The place in the file of a stretch of a script; None where escapes or folding hide it."""
    before, width = node.value[: place[0]], place[1] - place[0]
    row, column = before.count("\n"), place[0] - (before.rfind("\n") + 1)
    path, mark = job.base.path, node.start_mark
    if node.style == "|":
        line = mark.line + 1 + row
        if line >= len(job.source.lines):
            return None
        text = job.source.lines[line]
        script = node.value.split("\n")[row]
        first = len(text) - len(script) + column + 1
        return Span(path, line + 1, first, line + 1, first + width) if text.endswith(script) else None
    if mark.line == node.end_mark.line and node.style != ">":
        first = mark.column + 1 + column + (node.style in {"'", '"'})
        return Span(path, mark.line + 1, first, mark.line + 1, first + width)
    return None
