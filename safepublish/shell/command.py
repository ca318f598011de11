"""A command that a script runs, with what surrounds it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

NOTHING: Mapping[str, str | None] = MappingProxyType({})


class Redirect(NamedTuple):
    """One redirection of a command: ``>>`` and the word behind it, or ``<<`` and the lines of the here-document."""

    operator: str  # > >> < << <<< &> >& ...
    target: str  # for a here-document its lines, expanded as the shell does
    opaque: bool = False
    descriptor: int | None = None  # the number before the operator


class Command(NamedTuple):
    """One simple command that the script runs, in the order in which it runs them."""

    argv: tuple[str, ...]  # without quotes, expanded where the value is known; never empty
    line: int  # of its first word in the script, from 0
    opaque: frozenset[int] = frozenset()  # the places in argv of what holds something unknown
    spans: tuple[tuple[int, int] | None, ...] = ()  # of each word as written: its first character and the one after
    assigned: tuple[tuple[str, str | None], ...] = ()  # NAME=value before the command or by `env`; None: unknown
    exported: Mapping[str, str | None] = NOTHING  # what the script has exported so far; None: unknown
    directory: str | None = "."  # relative to where the script starts; None: unknown
    redirects: tuple[Redirect, ...] = ()  # its own, and those of the groups and loops around it
    piped_from: tuple[str, ...] | None = None  # argv of the command whose output is piped into it
    swallowed: str | None = None  # what keeps its failure from ending the script: `|| true`, `set +e`, `if`, `&`, `|`
    conditional: bool = False  # it may not run: in `if`, `case`, behind `||` or a test
    loop: bool = False  # it may run several times
    function: str | None = None  # the function whose body holds it
    wrappers: tuple[
        str, ...
    ] = ()  # the programs that start it, outermost first: sudo, sudo -E, env, time, xargs, retry
    captured: bool = False  # its output is a part of another command, or of a variable's value
    other_system: str | None = None  # the program that runs it with another system's npm: docker, ssh, nix

    def here_document(self) -> Redirect | None:
        """The here-document or here-string that the command reads; None where it has none."""
        return here_document(self.redirects)


def here_document(redirects: tuple[Redirect, ...]) -> Redirect | None:
    """The first here-document or here-string of *redirects*."""
    return next((redirect for redirect in redirects if redirect.operator in {"<<", "<<-", "<<<"}), None)
