"""The syntax tree of a script, which the readers of bash, PowerShell and cmd share.

The names are those of POSIX 2018, Shell Command Language, 2.2 to 2.10.
"""

from typing import NamedTuple

from safepublish.shell.source import Source


class Text(NamedTuple):
    """Characters that stand for themselves."""

    text: str
    quoted: bool


class Variable(NamedTuple):
    """``$NAME`` or ``${NAME…}``."""

    name: str
    operator: str  # "", ":-", "-", ":+", "+", ":=", "=", ":?", "?", "[@]", or "x" for every other one
    argument: tuple["Part", ...]
    quoted: bool
    raw: str


class Substitution(NamedTuple):
    """``$( … )``, backticks, ``<( … )``: commands whose output is a part of the word."""

    body: tuple["AndOr", ...]
    quoted: bool
    raw: str


class Unknown(NamedTuple):
    """An expression that the file does not resolve, or arithmetic."""

    raw: str
    quoted: bool


Part = Text | Variable | Substitution | Unknown


class Word(NamedTuple):
    """One word as written, from *start* to *end* in the source."""

    parts: tuple[Part, ...]
    start: int
    end: int


class Redirection(NamedTuple):
    """One redirection; a here-document's *body* is filled when its lines have been read."""

    operator: str
    target: Word | None
    body: list[Part]
    descriptor: int | None


class Assignment(NamedTuple):
    """``NAME=word`` or ``NAME=(words)``."""

    name: str
    append: bool
    value: Word | tuple[Word, ...] | None  # None: into one element of an array


class Simple(NamedTuple):
    """A simple command."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    source: Source


class Compound(NamedTuple):
    """A compound command.

    *kind* is ``group``, ``subshell``, ``if``, ``while``, ``until``, ``for``, ``case`` or ``function``. *branches* are
    pairs of a condition and a body; a loop, a group and a function have one.
    """

    kind: str
    branches: tuple[tuple[tuple["AndOr", ...], tuple["AndOr", ...]], ...]
    redirections: tuple[Redirection, ...] = ()
    name: str = ""  # of the function, or of the loop's variable
    words: tuple[Word, ...] = ()  # the values of the loop's variable, or the subject of `case`
    complete: bool = False  # one of the branches always runs: there is an `else` or a `*)`


class Pipeline(NamedTuple):
    """Commands whose output goes into the next."""

    commands: tuple[Simple | Compound, ...]
    negated: bool


class AndOr(NamedTuple):
    """Pipelines with the operator before each: "", ``&&`` or ``||``."""

    items: tuple[tuple[str, Pipeline], ...]
    background: bool


def single(command: Simple | Compound) -> AndOr:
    """A list that holds one command."""
    return AndOr((("", Pipeline((command,), negated=False)),), background=False)


def literal(word: Word) -> str | None:
    """The text of a word without expansions; None for every other word."""
    if all(isinstance(part, Text) for part in word.parts):
        return "".join(part.text for part in word.parts if isinstance(part, Text))
    return None


def first_word(command: Simple | Compound) -> str | None:
    """The first word of a simple command, or the kind of a compound one; None where it is unknown."""
    if isinstance(command, Compound):
        return command.kind
    return literal(command.words[0]) if command.words else None
