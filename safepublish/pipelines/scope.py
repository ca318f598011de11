"""What holds for a step: what its job gives it, its environment, and the contexts of its expressions."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from safepublish.facts.step import Entry, Step
from safepublish.pipelines.document import Map, Source, YamlNode
from safepublish.pipelines.expressions import EXPRESSION, UNKNOWN, ChosenOpen, Contexts, Open, as_text, resolved

Files = Callable[[str], str | None]
"""The text of a file of the repository by its path from the root, with slashes; None where it cannot be read."""


class Variable(NamedTuple):
    """A variable of the environment."""

    raw: str | None  # as the file writes it; None where only the run decides
    value: str | None  # resolved; None: unknown
    entry: Entry | None = None
    source: str = "env"


class Job(NamedTuple):
    """What a job gives its steps."""

    base: Step  # the facts that all of the job's publish steps share
    files: Files
    contexts: Contexts
    places: Mapping[str, Entry]  # where the values of `matrix.x`, `inputs.x` and `env.x` stand
    env: Mapping[str, Variable]
    shell: str | None = None
    directory: str = "."
    source: Source = Source("")
    scripts: Sequence[str] = ()  # those of package.json that may publish
    hidden_variables: str | None = None  # where variables may come from that are in no file: a project, a context


class Scope(NamedTuple):
    """What holds for one step, of the job itself or of an action that one of its steps uses."""

    path: str
    contexts: Contexts
    position: int
    outer: Map  # the job's own step
    step: Map
    env: Mapping[str, Variable]
    shell: str | None
    directory: str | None
    depth: int = 0
    line: int | None = None  # of the command that runs a script of the repository
    called: str | None = None  # that command, as written
    script: YamlNode | None = None  # the node whose text is the script, where it stands in the job's file
    language: str | None = None  # the shell that runs it
    places: Mapping[str, Entry] | None = None  # of an action: where the values of its inputs stand
    package_directory: str | None = None  # of the package whose script it is: node_modules/.bin there is on PATH

    @property
    def continues_on_error(self) -> str | None:
        """What keeps a failure of the job's step from ending the job."""
        return "continue-on-error: true" if self.outer.text("continue-on-error") == "true" else None

    def with_env(self, env: Mapping[str, Variable]) -> "Scope":
        """The scope with another environment, also in the context `env`."""
        return self._replace(env=env, contexts={**self.contexts, "env": env_context(env)})

    def deeper(self, directory: str | None, language: str) -> "Scope":
        """The scope of a script of the repository that this step runs, in *directory*, else where the step works."""
        where = self.directory if directory is None else directory
        return self._replace(depth=self.depth + 1, directory=where, script=None, language=language)


def env_context(env: Mapping[str, Variable]) -> Open:
    """The context `env`; the machine may have more variables than the file."""
    context = ChosenOpen({name: UNKNOWN if var.value is None else var.value for name, var in env.items()})
    context.fixed = Open(
        {name: UNKNOWN if "inputs." in (env[name].raw or "") else value for name, value in context.items()}
    )
    return context


def variables(block: Map, contexts: Contexts, source: str) -> dict[str, Variable]:
    """The variables of an `env` *block*."""
    found = {}
    for name in block:
        text = block.text(name)
        value = None if text is None else known_text(resolved(text, contexts))
        found[name] = Variable(text, value, block.entry(name), source)
    return found


def command_variables(values: Mapping[str, str | None]) -> dict[str, Variable]:
    """The variables that a command is given in a script."""
    return {name: Variable(value, value, None, "command") for name, value in values.items()}


def known_text(value: Any) -> str | None:
    """The text of an expression's value; None where it is unknown."""
    return None if value is UNKNOWN else as_text(value)


def script_expressions(scope: Scope) -> Callable[[str], str | None]:
    """A function that gives the text of an expression in a script; None where it is unknown."""

    def evaluate(text: str) -> str | None:
        value = resolved("${{" + text + "}}", scope.contexts)
        if value is UNKNOWN:
            return None
        shown = as_text(value)
        if "inputs." in text and (shown in {"true", "false", ""} or shown.startswith("-")):
            return None  # a person chooses it when the run starts, whatever the default is
        return shown

    return evaluate


def script_text(text: str, scope: Scope) -> str:
    """The script *text* with the expressions that the files resolve."""
    if "${{" not in text:
        return text
    evaluate = script_expressions(scope)
    return EXPRESSION.sub(lambda match: evaluate(match.group(1).strip()) or match.group(), text)


def joined_path(directory: str | None, path: str | None) -> str | None:
    """*path* seen from *directory*; None where one of them is unknown."""
    if directory is None:
        return None
    if path is None:
        return posixpath.normpath(directory)
    return posixpath.normpath(posixpath.join(directory, path)) if "$" not in path else None


def placed(directory: str | None, path: str | None) -> str | None:
    """*path* seen from *directory*, as a name for the place: one that begins with a variable stands for itself."""
    path = _HOME.sub("~", _HERE.sub(".", path)) if path is not None else None
    if path is not None and path.startswith(("$", "~")):
        return posixpath.normpath(path)
    return joined_path(directory, path)


_HERE = re.compile(
    r"^\$(?:PWD\b|\{PWD\}|\(pwd\)|\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR)\b\}?|\{\{\s*github\.workspace\s*\}\})|^`pwd`"
)
"""How a script names the directory in which it starts."""

_HOME = re.compile(r"^\$(?:HOME\b|\{HOME\})")
