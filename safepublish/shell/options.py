"""Reads the options of a command line whose grammar is known only in part."""

from collections.abc import Collection
from typing import NamedTuple


class Options(NamedTuple):
    """The options of a command line and its other arguments."""

    values: dict[str, list[str]]  # by the name as written, such as --filter; "" where no value is given
    rest: tuple[str, ...]


class Flags(NamedTuple):
    """The options of a command line as settings, by the name without dashes, and its positional arguments."""

    values: dict[str, object]
    positionals: tuple[str, ...]


def names(text: str) -> frozenset[str]:
    """The names of *text*, which blanks separate."""
    return frozenset(text.split())


def option_at(argv: tuple[str, ...], at: int, valued: Collection[str]) -> tuple[str, str | None, int]:
    """The name of the option at *at*, its value, and the place behind both; those of *valued* take the next word."""
    name, equals, value = argv[at].partition("=")
    if equals:
        return name, value, at + 1
    if name in valued:
        return name, argv[at + 1] if at + 1 < len(argv) else "", at + 2
    return name, None, at + 1


def is_option(word: str) -> bool:
    """Whether *word* is an option; ``-`` is none."""
    return word.startswith("-") and len(word) > 1


def leading(argv: tuple[str, ...], valued: Collection[str] = ()) -> Options:
    """The options before the first positional argument or ``--``, and everything behind them."""
    values: dict[str, list[str]] = {}
    at = 0
    while at < len(argv) and is_option(argv[at]):
        if argv[at] == "--":
            at += 1
            break
        name, value, at = option_at(argv, at, valued)
        values.setdefault(name, []).append(value or "")
    return Options(values, argv[at:])


def anywhere(argv: tuple[str, ...], valued: Collection[str] = ()) -> Flags:
    """The options wherever they stand, also behind ``--``: ``--no-x`` and ``--x false`` are False, ``--x`` is True."""
    values: dict[str, object] = {}
    positionals: list[str] = []
    at = 0
    while at < len(argv):
        word = argv[at]
        if word == "--" or not is_option(word):
            positionals += [word] if word != "--" else []
            at += 1
            continue
        name, value, at = option_at(argv, at, valued)
        key = name.lstrip("-")
        if value is not None:
            values[key] = {"true": True, "false": False}.get(value, value) if "=" in word else value
        elif key.startswith("no-"):
            values[key[3:]] = False
        elif argv[at : at + 1] == ("false",):
            at += 1
            values[key] = False
        else:
            values[key] = True
    return Flags(values, tuple(positionals))
