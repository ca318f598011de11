"""The options and commands of safepublish, and the reading of its command line: what is ours, and what is npm's.

`OPTIONS` is the one table: the parser, the environment variables and the readers of workflow files follow it.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

COMMANDS = ("publish", "stage", "check", "workflow", "explain", "rehearse")
"""The commands; `publish` is the one that needs no word."""

PUBLISHING = frozenset({"publish", "stage", "check", "rehearse"})
"""The commands whose other arguments are those of `npm publish`."""

INSTEAD = {"--help": "help", "-h": "help", "--version": "version"}
"""The options that are commands: they win over everything before the first ``--``."""

_RESERVED = ("publish", "init", "version", "help")
"""Words that people try as a command, and that are no package."""
_CLOSE = 0.75


class UsageError(Exception):
    """A command line or a variable that safepublish cannot follow; the text says which, and what is allowed."""


class Option(NamedTuple):
    """One option."""

    name: str
    commands: frozenset[str]  # where it works
    value: str | None = None  # what its value is called; None: a flag
    optional: bool = False  # the value may be left out
    variable: str | None = None  # the environment variable that sets it too


def _option(
    name: str, commands: str, value: str | None = None, variable: str = "", *, optional: bool = False
) -> Option:
    own = f"SAFEPUBLISH_{variable}" if variable else None
    return Option(name, frozenset(commands.split()), value, optional, own)


OPTIONS = (
    _option("--allow-token", "publish stage check", variable="ALLOW_TOKEN"),
    _option("--no-probe", "publish stage check", variable="NO_PROBE"),
    _option("--strict", "publish stage check workflow", variable="STRICT"),
    _option("--waive", "publish stage check workflow rehearse", "ID[=reason]", "WAIVE"),
    _option("--format", "publish stage check workflow explain", "FORMAT", "FORMAT"),
    _option("--deadline", "publish stage check rehearse", "SECONDS", "DEADLINE"),
    _option("--with", "publish check", "'COMMAND'"),
    _option("--already-published", "publish stage check", "skip|refuse", "ALREADY_PUBLISHED"),
    _option("--diff", "workflow"),
    _option("--fix", "workflow"),
    _option("--migrate", "workflow"),
    _option("--workflow", "rehearse", "FILE[:LINE]"),
    _option("--job", "rehearse", "JOB"),
    _option("--fixed", "rehearse"),
    _option("--publisher", "rehearse", "OWNER/REPO:FILE[:ENV]"),
    _option("--assume-published", "rehearse", "VERSION", optional=True),
    _option("--no-secrets", "rehearse"),
)
BY_NAME = {option.name: option for option in OPTIONS}


class Given(NamedTuple):
    """An option of the command line, with its value; None for a flag, and where an optional one was left out."""

    option: Option
    value: str | None


class Reading(NamedTuple):
    """A command line taken apart."""

    command: str  # one of COMMANDS, or help, version
    options: tuple[Given, ...] = ()
    words: tuple[str, ...] = ()  # in order; npm's, with the ``--``, or the command's own operands, without


def read(words: Sequence[str], exists: Callable[[str], bool] = lambda _: False) -> Reading:
    """Take the arguments of safepublish apart; *exists* says whether there is a file or directory of that name.

    Raises `UsageError` for what is ours and cannot be followed. Nothing after the first ``--`` is ours.
    """
    at = next((at for at, word in enumerate(words) if is_separator(word)), len(words))
    instead = next((INSTEAD[word] for word in words[:at] if word in INSTEAD), None)
    if instead is not None:
        return Reading(instead)
    parser = _Parser(words[:at])
    parser.run()
    command = parser.command or "publish"
    if command == "help":
        return Reading(command, words=_topic(parser.words))
    for given in parser.options:
        _check_place(given.option, command)
    if command in PUBLISHING:
        _check_first_word(command, parser.words[len(_prefix(command, parser.words)) :], exists)
        return Reading(command, tuple(parser.options), (*parser.words, *words[at:]))
    unknown = next((word for word in parser.words if word.startswith("-") and word != "-"), None)
    if unknown is not None:
        raise UsageError(f"{command} has no option {shown(_name(unknown))}{_takes(command)}")
    return Reading(command, tuple(parser.options), (*parser.words, *words[at + 1 :]))


def is_separator(word: str) -> bool:
    """Whether *word* ends the options: npm takes any two or more hyphens for that (nopt-lib.js, `parse`)."""
    return len(word) >= 2 and not word.strip("-")


def shown(text: str) -> str:
    """*text* as an error message quotes it: short, and without what may be a secret."""
    from safepublish.npm import secrets  # only on the way to an error

    return repr(secrets.word(text)[:40])


class _Parser:
    """Takes the words before the first ``--`` apart."""

    def __init__(self, words: Sequence[str]) -> None:
        self.rest = list(words)
        self.command: str | None = None
        self.options: list[Given] = []
        self.words: list[str] = []
        self._npms_name = False  # whether a leading `publish` was dropped

    def run(self) -> None:
        while self.rest:
            word = self.rest.pop(0)
            name, equals, value = word.partition("=")
            option = BY_NAME.get(name)
            if name in INSTEAD:
                raise UsageError(f"{name} takes no value")
            if option is not None:
                if self.words and _awaits_value(self.words[-1]):  # npm would take what follows ours for its value
                    raise UsageError(f"{shown(self.words[-1])} has no value: the next argument is {name}")
                self.options.append(Given(option, self._value(option, value if equals else None)))
                continue
            _check_spelling(name)
            if not self._is_command(word):
                self.words.append(word)

    def _is_command(self, word: str) -> bool:
        """Whether *word* is a command, or npm's name of it: only options of ours may stand before it."""
        if self.words and self.words != ["stage"]:
            return False
        if self.command is None and word in {*COMMANDS, "help"}:
            self.command = word
            self._npms_name = word == "publish"
            return True
        if word == "publish" and self.command in {"stage", "check", "rehearse"} and not self._npms_name:
            self._npms_name = True
            return True
        return False

    def _value(self, option: Option, value: str | None) -> str | None:
        if option.value is None:
            if value is not None:
                raise UsageError(f"{option.name} takes no value")
            return None
        if value is None and option.optional:
            return self.rest.pop(0) if self.rest and _is_version(self.rest[0]) else None
        if value is None:
            if not self.rest or self.rest[0].startswith("-"):
                raise UsageError(f"{option.name} needs a value: {option.name}={option.value}")
            return self.rest.pop(0)
        return value


def _awaits_value(word: str) -> bool:
    """Whether *word* is an option of npm's that takes the next word, as `--otp` with an empty variable behind it."""
    if not word.startswith("-") or "=" in word:
        return False
    from safepublish.npm import options as npm_options  # the publish needs it too

    name = word.lstrip("-")
    name = npm_options.SHORTHANDS.get(name, (name,))[-1].lstrip("-")
    kinds = npm_options.options(npm_options.NEWEST).get(name, "").split()
    return bool(kinds) and "B" not in kinds


def _is_version(word: str) -> bool:
    from safepublish.npm import versions  # of rehearse alone

    return versions.parse(word) is not None


def _prefix(command: str, words: Sequence[str]) -> Sequence[str]:
    """The `stage` of `rehearse stage`."""
    return words[:1] if command == "rehearse" and words[:1] == ["stage"] else ()


def _check_place(option: Option, command: str) -> None:
    if command in option.commands:
        return
    *homes, last = [f"`{title(one)}`" for one in COMMANDS if one in option.commands]
    listed = f"{', '.join(homes)} and {last}" if homes else last
    text = f"{option.name} is an option of {listed}, not of `{title(command)}`"
    if command in PUBLISHING:
        from safepublish.npm import options as npm_options  # only on the way to an error

        if option.name.removeprefix("--") in npm_options.options(npm_options.NEWEST):
            text += f"; write npm's own {option.name} after --"
    raise UsageError(text)


def title(command: str) -> str:
    """*command* as it is typed."""
    return "safepublish" if command == "publish" else f"safepublish {command}"


def _check_spelling(name: str) -> None:
    """Refuse another spelling of an option of ours, which npm would warn of and ignore: -fix, --no-strict, --probe."""
    if not name.startswith("-") or name == "-":
        return
    bare = name.lstrip("-")
    ours = next((one for one in (*BY_NAME, "--help", "--version") if _bare(one) == _bare(name)), None)
    if ours is None or (name.startswith("--no-") and ours in INSTEAD):
        return
    if f"--{bare}" == ours:
        raise UsageError(f"{shown(name)} is not an option; write {ours}")
    raise UsageError(f"{shown(name)} is not an option; to switch {ours} off, leave it out")


def _bare(name: str) -> str:
    return re.sub(r"^(?:no-)+", "", name.lstrip("-"))


def _name(word: str) -> str:
    return word.partition("=")[0]


def _takes(command: str) -> str:
    names = ", ".join(option.name for option in OPTIONS if command in option.commands)
    return f"; it takes {names}"


def _check_first_word(command: str, words: Sequence[str], exists: Callable[[str], bool]) -> None:
    """Refuse a first word that is a slip of a command, which npm would look for in the registry."""
    likely = [word for word in words if re.fullmatch(r"[A-Za-z]+", word) and (word in COMMANDS or _near(word))]
    if not likely:
        return
    word = _first_positional(words)
    if word not in likely or exists(word):
        return
    if word in COMMANDS:
        own = " and takes no other command" if command != "publish" or word == "publish" else ""
        raise UsageError(f"'{word}' is a command{own or f'; write it first: {title(word)}'}")
    near = _near(word)
    raise UsageError(f"unknown command '{word}'" + (f"; did you mean '{near}'?" if near != word else ""))


def _near(word: str) -> str | None:
    """The command that *word* is a slip of; *word* itself where it is none of ours and yet no package."""
    low = word.lower()
    if low in _RESERVED:
        return {"version": "--version", "help": "help", "publish": "publish"}.get(low, word)
    import difflib  # seldom needed: few arguments are bare words

    starts = [one for one in COMMANDS if len(low) >= 3 and one.startswith(low)]
    close = starts or difflib.get_close_matches(low, [*COMMANDS, "help"], n=1, cutoff=_CLOSE)
    return close[0] if close else None


def _first_positional(words: Sequence[str]) -> str | None:
    """The first argument that is no option's value, where the oldest and the newest npm agree on it."""
    from packaging.version import Version

    from safepublish.npm import arguments  # only for a word that may be a slip
    from safepublish.npm import options as npm_options

    nowhere = arguments.Places("/", "/")
    first = {
        arguments.parse(["publish", *words], version, nowhere).remain[1:2]
        for version in (Version("9.0.0"), npm_options.NEWEST)
    }
    return next(iter(first))[0] if len(first) == 1 and first != {()} else None


def _topic(words: Sequence[str]) -> tuple[str, ...]:
    """The command that help is wanted for."""
    if len(words) > 1:
        raise UsageError("help takes one command")
    if words and words[0] not in {*COMMANDS, "help"}:
        near = _near(words[0])
        hint = f"did you mean '{near}'?" if near in COMMANDS else f"there are {', '.join(COMMANDS)}"
        raise UsageError(f"unknown command {shown(words[0])}; {hint}")
    return tuple(words)
