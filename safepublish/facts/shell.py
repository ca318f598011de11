"""A script of a workflow's step, read as the commands that it runs.

Words are taken apart as bash and sh do (POSIX 2018, Shell Command Language, 2.2 to 2.10), PowerShell and cmd do:
quotes, expansions, here-documents, compound commands and functions. Nothing is executed, and what depends on the
machine stays unknown: a word that holds such a thing is called opaque and keeps it as written.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from typing import NamedTuple

Expression = Callable[[str], str | None]
"""What stands between ``${{`` and ``}}``, without blanks around it -> its text, or None where the file does not say."""


class Redirect(NamedTuple):
    """One redirection of a command: ``>>`` and the word behind it, or ``<<`` and the lines of the here-document."""

    operator: str  # > >> < << <<< &> >& ...
    target: str  # of a here-document its lines, expanded as the shell does
    opaque: bool = False
    descriptor: int | None = None  # the number before the operator


class Command(NamedTuple):
    """One simple command that the script runs, in the order in which it does."""

    words: tuple[str, ...]  # without quotes, expanded where that is known; never empty
    line: int  # of its first word in the script, from 0
    opaque: frozenset[int] = frozenset()  # the words that hold something unknown
    spans: tuple[tuple[int, int] | None, ...] = ()  # of each word as written: its first character and the one after
    assigned: tuple[tuple[str, str | None], ...] = ()  # NAME=value before the command or by `env`; None: unknown
    exported: Mapping[str, str | None] = {}  # what the script has exported so far; None: unknown
    directory: str | None = "."  # seen from where the script starts; None: unknown
    redirects: tuple[Redirect, ...] = ()  # its own, and those of the groups and loops around it
    feeds: tuple[str, ...] | None = None  # the words of the command whose output is piped into it
    swallowed: str | None = None  # what keeps its failure from ending the script: `|| true`, `set +e`, `if`, `&`, `|`
    conditional: bool = False  # it may not run: in `if`, `case`, behind `&&` or `||`
    loop: bool = False  # it may run several times
    function: str | None = None  # the function whose body it stands in
    wrappers: tuple[str, ...] = ()  # the programs that start it, outermost first: sudo, env, time, xargs, retry
    elsewhere: str | None = None  # the program that takes it to another machine's npm: docker, ssh, nix


def parse(
    script: str,
    *,
    shell: str = "bash",
    variables: Mapping[str, str | None] | None = None,
    expression: Expression | None = None,
    directory: str | None = ".",
) -> tuple[Command, ...]:
    """The commands of *script*, in the order they run; of a loop's body once, of a function's at each call.

    *shell* is what the step says (``bash``, ``sh``, ``pwsh``, ``powershell``, ``cmd``, ``bash -l {0}``, also a path);
    of another one's script, such as ``python``, nothing is known. *variables* are those of the step's environment:
    a value of None, and a name that is not there, are unknown; a value may hold ``${{ … }}``, which makes the words it
    goes into opaque. Text that no shell takes is read as far as it goes: there is no error.
    """
    del shell, variables, expression
    commands = []
    for number, line in enumerate(script.split("\n")):
        for part in re.split(r"&&|\|\||;", line):
            try:
                words = tuple(shlex.split(part, comments=True))
            except ValueError:
                words = tuple(part.split())
            if words:
                commands.append(Command(words, number, directory=directory))
    return tuple(commands)
