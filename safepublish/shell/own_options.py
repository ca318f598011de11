"""The commands and options of safepublish, and the parser that separates them from npm's arguments.

`OPTIONS` is the only table of options: the command line, the variables and the readers of workflow files use it.
"""

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

COMMANDS = ("publish", "stage", "check", "workflow", "explain", "rehearse", "trust", "init", "completion")
"""The commands; `publish` is the default."""

PUBLISHING = frozenset({"publish", "stage", "check", "rehearse"})
"""The commands whose other arguments are those of `npm publish`."""

OPTION_COMMANDS = {"--help": "help", "-h": "help", "--version": "version"}
"""The options that are commands: each overrides everything else before the first ``--``."""

_RESERVED = ("publish", "version", "help")
"""Names that people try as a command, and that are not packages."""
_CLOSE = 0.75


class UsageError(Exception):
    """A command line or a variable is invalid; the message says which one, and what is allowed."""


class Option(NamedTuple):
    """One option."""

    name: str
    commands: frozenset[str]  # where it works
    value: str | None = None  # what its value is called; None: a flag
    optional: bool = False  # it may stand without its value
    variable: str | None = None  # the environment variable that sets it too, for more commands where `npm_has_it`
    npm_has_it: bool = False  # npm has an option of this name: where ours does not work, it is npm's


def _option(
    name: str,
    commands: str,
    value: str | None = None,
    variable: str = "",
    *,
    optional: bool = False,
    npm_has_it: bool = False,
) -> Option:
    own = f"SAFEPUBLISH_{variable}" if variable else None
    return Option(name, frozenset(commands.split()), value, optional, own, npm_has_it)


OPTIONS = (
    _option("--allow-token", "publish stage check", variable="ALLOW_TOKEN"),
    _option("--no-probe", "publish stage check", variable="NO_PROBE"),
    _option("--strict", "publish stage check workflow", variable="STRICT"),
    _option("--waive", "publish stage check workflow rehearse", "ID[=reason]", "WAIVE"),
    _option("--format", "publish stage check workflow explain", "FORMAT", "FORMAT"),
    _option("--color", "workflow explain rehearse trust", "auto|always|never", "COLOR", npm_has_it=True),
    _option("--quiet", "workflow explain rehearse", variable="QUIET", npm_has_it=True),
    _option("--verbose", "workflow explain rehearse", variable="VERBOSE", npm_has_it=True),
    _option("--deadline", "publish stage check rehearse trust", "SECONDS", "DEADLINE"),
    _option("--with", "publish check", "'COMMAND'"),
    _option("--already-published", "publish stage check", "skip|refuse", "ALREADY_PUBLISHED"),
    _option("--hold", "publish stage check", "NAME", "HOLD"),
    _option("--wait", "publish", "SECONDS", "WAIT", optional=True),
    _option("--diff", "workflow"),
    _option("--fix", "workflow"),
    _option("--migrate", "workflow"),
    _option("--list", "explain"),
    _option("--workflow", "check rehearse trust", "FILE[:LINE]"),
    _option("--job", "check rehearse trust", "JOB"),
    _option("--fixed", "rehearse"),
    _option("--publisher", "rehearse", "OWNER/REPO:FILE[:ENV]"),
    _option("--assume-published", "rehearse", "VERSION", optional=True),
    _option("--no-secrets", "rehearse"),
    _option("--script", "trust", "sh|powershell"),
    _option("--file", "init", "NAME"),
    _option("--trigger", "init", "release|tag"),
    _option("--environment", "init", "NAME"),
    _option("--stage", "init"),
)
BY_NAME = {option.name: option for option in OPTIONS}

REPORTING = frozenset({"publish", "stage", "check", "workflow", "explain", "rehearse"})
"""The commands that print a report: how it looks can be set with a variable for each of them."""


class OptionValue(NamedTuple):
    """An option of the command line with its value; None for a flag, and for an optional value that is not there."""

    option: Option
    value: str | None


class CommandLine(NamedTuple):
    """A parsed command line."""

    command: str  # one of COMMANDS, or help, version
    options: tuple[OptionValue, ...] = ()
    arguments: tuple[str, ...] = ()  # npm's with the ``--``, or the command's operands without it; of help the command


def parse(arguments: Sequence[str], exists: Callable[[str], bool] = lambda _: False) -> CommandLine:
    """The command, options and other arguments in *arguments*; *exists* checks whether a path exists.

    Options after the first ``--`` are not ours. Raises `UsageError`.
    """
    end = next((index for index, argument in enumerate(arguments) if is_separator(argument)), len(arguments))
    override = next((OPTION_COMMANDS[argument] for argument in arguments[:end] if argument in OPTION_COMMANDS), None)
    if override is not None:
        named = next((argument for argument in arguments[:end] if argument in COMMANDS), None)
        return CommandLine(override, arguments=(named,) if named is not None else ())
    parser = _Parser(arguments[:end], _own_options(arguments[:end]))
    parser.run()
    command = parser.command or "publish"
    if command == "help":
        return CommandLine(command, arguments=_help_topic(parser.arguments))
    for option, _ in parser.options:
        _check_command(option, command)
    if command in PUBLISHING:
        _check_first_argument(command, parser.arguments[len(_prefix(command, parser.arguments)) :], exists)
        return CommandLine(command, tuple(parser.options), (*parser.arguments, *arguments[end:]))
    unknown = next((argument for argument in parser.arguments if argument.startswith("-") and argument != "-"), None)
    if unknown is not None:
        raise UsageError(f"{command} has no option {shown(_name(unknown))}{_options_of(command)}")
    return CommandLine(command, tuple(parser.options), (*parser.arguments, *arguments[end + 1 :]))


def _own_options(arguments: Sequence[str]) -> dict[str, Option]:
    """The options that are ours in *arguments*, by name: where the command does not have `--verbose`, it is npm's."""
    shared = {name for name, option in BY_NAME.items() if option.npm_has_it}
    if not any(_name(argument) in shared for argument in arguments):
        return BY_NAME
    parser = _Parser(arguments, BY_NAME)
    with contextlib.suppress(UsageError):  # the second parser raises it, unless the option is npm's
        parser.run()
    command = parser.command or next((argument for argument in parser.rest if argument in COMMANDS), "publish")
    is_npms = command in PUBLISHING
    return {
        name: option
        for name, option in BY_NAME.items()
        if not option.npm_has_it or not is_npms or command in option.commands
    }


def is_separator(argument: str) -> bool:
    """Whether *argument* ends the options: for npm any two or more hyphens do (nopt-lib.js, `parse`)."""
    return len(argument) >= 2 and not argument.strip("-")


def shown(text: str) -> str:
    """*text* as an error message quotes it: short, with secrets masked."""
    from safepublish.npm import secrets  # only on the way to an error

    return repr(secrets.word(text)[:40])


class _Parser:
    """The parser of the arguments before the first ``--``."""

    def __init__(self, arguments: Sequence[str], known: Mapping[str, Option]) -> None:
        self.rest = list(arguments)
        self._known = known
        self.command: str | None = None
        self.options: list[OptionValue] = []
        self.arguments: list[str] = []
        self._publish_dropped = False  # a leading `publish`, which is npm's name of the command

    def run(self) -> None:
        while self.rest:
            argument = self.rest.pop(0)
            name, equals, value = argument.partition("=")
            option = self._known.get(name)
            if name in OPTION_COMMANDS:
                raise UsageError(f"{name} takes no value")
            if option is not None:
                if self.arguments and _awaits_value(self.arguments[-1]):  # npm would use what follows ours as its value
                    raise UsageError(f"{shown(self.arguments[-1])} has no value: the next argument is {name}")
                self.options.append(OptionValue(option, self._value(option, value if equals else None)))
                continue
            _check_spelling(name)
            if not self._is_command(argument):
                self.arguments.append(argument)

    def _is_command(self, argument: str) -> bool:
        """Whether *argument* is a command, or npm's name of it: only our own options may precede it."""
        if self.arguments and self.arguments != ["stage"]:
            return False
        if self.command is None and argument in {*COMMANDS, "help"}:
            self.command = argument
            self._publish_dropped = argument == "publish"
            return True
        if argument == "publish" and self.command in {"stage", "check", "rehearse"} and not self._publish_dropped:
            self._publish_dropped = True
            return True
        return False

    def _value(self, option: Option, value: str | None) -> str | None:
        if option.value is None:
            if value is not None:
                raise UsageError(f"{option.name} takes no value")
            return None
        if value is None and option.optional:
            is_value = _is_number if option.value == "SECONDS" else _is_version
            return self.rest.pop(0) if self.rest and is_value(self.rest[0]) else None
        if value is None:
            if not self.rest or self.rest[0].startswith("-"):
                raise UsageError(f"{option.name} needs a value: {option.name}={option.value}")
            return self.rest.pop(0)
        return value


def _awaits_value(argument: str) -> bool:
    """Whether *argument* is an option of npm whose value is the next argument, as `--otp` before an empty variable."""
    if not argument.startswith("-") or "=" in argument:
        return False
    from safepublish.npm import options as npm_options  # the publish needs it too

    name = argument.lstrip("-")
    name = npm_options.SHORTHANDS.get(name, (name,))[-1].lstrip("-")
    kinds = npm_options.options(npm_options.NEWEST).get(name, "").split()
    return bool(kinds) and "B" not in kinds


def _is_number(argument: str) -> bool:
    return argument.isascii() and argument.isdigit()


def _is_version(argument: str) -> bool:
    from safepublish.npm import versions  # of rehearse alone

    return versions.parse(argument) is not None


def _prefix(command: str, arguments: Sequence[str]) -> Sequence[str]:
    """The `stage` of `rehearse stage`."""
    return arguments[:1] if command == "rehearse" and arguments[:1] == ["stage"] else ()


def _check_command(option: Option, command: str) -> None:
    """Raise `UsageError` where *option* is not one of *command*."""
    if command in option.commands:
        return
    *others, last = [f"`{title(other)}`" for other in COMMANDS if other in option.commands]
    listed = f"{', '.join(others)} and {last}" if others else last
    text = f"{option.name} is an option of {listed}, not of `{title(command)}`"
    if command in PUBLISHING:
        from safepublish.npm import options as npm_options  # only on the way to an error

        if option.name.removeprefix("--") in npm_options.options(npm_options.NEWEST):
            variable = f"npm_config_{option.name[2:].replace('-', '_')}"
            text += f"; for npm's own, set {variable}"
    raise UsageError(text)


def title(command: str) -> str:
    """*command* as a user types it."""
    return "safepublish" if command == "publish" else f"safepublish {command}"


def _check_spelling(name: str) -> None:
    """Raise `UsageError` for a misspelt option of ours, such as -fix or --no-strict: npm would ignore it."""
    if not name.startswith("-") or name == "-":
        return
    bare = name.lstrip("-")
    own = [option.name for option in OPTIONS if not option.npm_has_it]
    ours = next((option for option in (*own, *OPTION_COMMANDS) if _bare(option) == _bare(name)), None)
    if ours is None or (name.startswith("--no-") and ours in OPTION_COMMANDS):
        return
    if f"--{bare}" == ours:
        raise UsageError(f"{shown(name)} is not an option; write {ours}")
    raise UsageError(f"{shown(name)} is not an option; to switch {ours} off, leave it out")


def _bare(name: str) -> str:
    return re.sub(r"^(?:no-)+", "", name.lstrip("-"))


def _name(argument: str) -> str:
    return argument.partition("=")[0]


def _options_of(command: str) -> str:
    names = ", ".join(option.name for option in OPTIONS if command in option.commands)
    return f"; it has {names}" if names else ""


def _check_first_argument(command: str, arguments: Sequence[str], exists: Callable[[str], bool]) -> None:
    """Raise `UsageError` where the first argument is a misspelt command: npm would look for it in the registry."""
    likely = [
        argument
        for argument in arguments
        if re.fullmatch(r"[A-Za-z]+", argument) and (argument in COMMANDS or _nearest_command(argument))
    ]
    if not likely:
        return
    first = _first_positional(arguments)
    if first not in likely or exists(first):
        return
    if first in COMMANDS:
        other = command != "publish" or first == "publish"
        advice = f"`{title(command)}` takes no second command" if other else f"write it first: {title(first)}"
        raise UsageError(f"'{first}' is a command; {advice}")
    nearest = _nearest_command(first)
    raise UsageError(f"unknown command '{first}'" + (f"; did you mean '{nearest}'?" if nearest != first else ""))


def _nearest_command(argument: str) -> str | None:
    """The command that *argument* misspells; *argument* itself where it is neither a command nor a package."""
    lower = argument.lower()
    if lower in _RESERVED:
        return {"version": "--version", "help": "help", "publish": "publish"}.get(lower, argument)
    import difflib  # seldom needed: few arguments are plain words

    starts = [command for command in COMMANDS if len(lower) >= 3 and command.startswith(lower)]
    close = starts or difflib.get_close_matches(lower, [*COMMANDS, "help"], n=1, cutoff=_CLOSE)
    return close[0] if close else None


def _first_positional(arguments: Sequence[str]) -> str | None:
    """The first argument that is not the value of an option, where the oldest and the newest npm agree on it."""
    from packaging.version import Version

    from safepublish.npm import arguments as npm_arguments  # only for an argument that may be misspelt
    from safepublish.npm import options as npm_options

    nowhere = npm_arguments.Places("/", "/")
    first = {
        npm_arguments.parse(["publish", *arguments], version, nowhere).remain[1:2]
        for version in (Version("9.0.0"), npm_options.NEWEST)
    }
    return next(iter(first))[0] if len(first) == 1 and first != {()} else None


def _help_topic(arguments: Sequence[str]) -> tuple[str, ...]:
    """The command after `help`; raises `UsageError`."""
    if len(arguments) > 1:
        raise UsageError("help takes one command")
    if arguments and arguments[0] not in {*COMMANDS, "help"}:
        nearest = _nearest_command(arguments[0])
        hint = f"did you mean '{nearest}'?" if nearest in COMMANDS else f"the commands are {', '.join(COMMANDS)}"
        raise UsageError(f"unknown command {shown(arguments[0])}; {hint}")
    return tuple(arguments)
