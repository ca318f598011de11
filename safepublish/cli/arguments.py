"""Builds an `Invocation` from the command line and the SAFEPUBLISH_* variables."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from safepublish.cli.config_file import Settings
from safepublish.facts.run import Options
from safepublish.shell import own_options
from safepublish.shell.own_options import UsageError

CONFIGURED = frozenset({"publish", "stage", "check", "workflow", "rehearse"})
"""The commands for which the configuration file is read."""

FORMATS = ("text", "github", "json", "sarif")
_COLORS = ("auto", "always", "never")
_LONGEST_DEADLINE = 600.0
_LONGEST_WAIT = 7200.0
_WAIT = 900.0
"""Seconds: npm scans new versions for up to 15 minutes, seldom longer."""


class Display(NamedTuple):
    """How much is printed, and in colour or not."""

    color: str = "auto"  # auto, always or never
    quiet: bool = False  # only errors
    verbose: bool = False  # also what was checked


class Invocation(NamedTuple):
    """One run of safepublish: its command, its options and the arguments that are not options of safepublish."""

    command: str  # one of own_options.COMMANDS, or help, version
    options: Options
    arguments: tuple[str, ...] = ()  # npm's, without its command; or the command's own operands
    own_options: Mapping[str, str | None] = {}  # the options of this command alone, with their values
    display: Display = Display()


def parse(
    arguments: Sequence[str],
    env: Mapping[str, str],
    exists: Callable[[str], bool] = lambda _: False,
    settings: Callable[[], Settings] = Settings,
) -> Invocation:
    """The invocation that *arguments* and the variables in *env* describe; *exists* checks whether a path exists.

    *settings* reads the configuration file: what it says, the variables and then the command line replace.
    Options of safepublish are recognized only before the first ``--``. Raises `UsageError`.
    """
    command_line = own_options.parse(arguments, exists)
    if command_line.command in {"help", "version"}:  # whatever the variables contain
        return Invocation(command_line.command, Options(), command_line.arguments)
    options, display = _from_settings(settings, command_line.command)
    options, display, format_source = _from_environment(env, command_line.command, options, display)
    command_options: dict[str, str | None] = {}
    for option, value in command_line.options:
        try:
            if option.name in _SETTERS:
                options = _SETTERS[option.name](options, value or "")
            elif option.name in _DISPLAY_SETTERS:
                display = _DISPLAY_SETTERS[option.name](display, value or "")
            else:
                command_options[option.name] = value
        except _InvalidValueError as error:
            raise UsageError(error.of_option(option.name, value or "")) from None
        format_source = f"--format {options.format}" if option.name == "--format" else format_source
    if {"--quiet", "--verbose"} <= {option.name for option, _ in command_line.options}:
        raise UsageError("--quiet and --verbose exclude each other")
    invocation = Invocation(command_line.command, options, command_line.arguments, command_options, display)
    _check_combinations(invocation, format_source)
    return invocation


class _InvalidValueError(Exception):
    """An option or a variable has an invalid value: what is allowed, and what is wrong with it."""

    def __init__(self, allowed: str, problem: str = "") -> None:
        super().__init__(allowed)
        self.allowed, self.problem = allowed, problem

    def of_option(self, name: str, value: str) -> str:
        """The message for an option."""
        return f"{name} {self.problem or f'is {own_options.shown(value)}'}; {self.allowed}"

    def of_variable(self, name: str) -> str:
        """The message for a variable. It does not quote the value, which may be a secret in the wrong variable."""
        return f"the environment variable {name} is not valid; {self.allowed}"


def _check_combinations(invocation: Invocation, format_source: str) -> None:
    """Raise `UsageError` for options that exclude each other; *format_source* says where the format comes from."""
    document = invocation.options.format in {"json", "sarif"}
    if invocation.command in {"publish", "stage"} and document:
        raise UsageError(f"{format_source} works with `safepublish check` only: the stdout of a publish is npm's")
    if invocation.command == "workflow":
        if "--migrate" in invocation.own_options and not {"--diff", "--fix"} & set(invocation.own_options):
            raise UsageError("--migrate needs --diff, which prints the change, or --fix, which writes it")
        if "--diff" in invocation.own_options and document:
            raise UsageError(f"--diff prints a patch and {format_source} prints a document; use one of them")
    if invocation.options.publish_with is not None and invocation.arguments:
        # Only the name of an option: anything else may be a secret, such as the value of --otp.
        names = [argument.partition("=")[0] for argument in invocation.arguments if argument.startswith("-")]
        rest = own_options.shown(names[0]) if names else "an argument"
        raise UsageError(f"--with takes the whole command as one argument, but {rest} is outside it")


def _from_settings(settings: Callable[[], Settings], command: str) -> tuple[Options, Display]:
    """The options that the configuration file sets for *command*."""
    options, display = Options(), Display()
    if command not in CONFIGURED:
        return options, display
    found = settings()
    for name, value in found.options.items():
        if name in _DISPLAY_SETTERS:
            display = _DISPLAY_SETTERS[name](display, value)
        elif command in own_options.BY_NAME[name].commands:
            options = _SETTERS[name](options, value)
    waive = {waiver.cause: waiver.reason for waiver in found.waivers if waiver.expired is None}
    return options._replace(waive=waive, waivers=found.waivers), display


def _from_environment(
    env: Mapping[str, str], command: str, options: Options, display: Display
) -> tuple[Options, Display, str]:
    """*options* and *display* as the variables change them for *command*, and where its format comes from."""
    options = options._replace(format="github" if env.get("GITHUB_ACTIONS") == "true" else "text")
    format_source = ""
    for option in own_options.OPTIONS:
        variable = option.variable
        commands = own_options.REPORTING if option.npm_has_it else option.commands
        if variable is None or command not in commands or not env.get(variable, "").strip():
            continue
        try:
            if option.name == "--waive":
                options = options._replace(waive={**options.waive, **_parse_waivers(env[variable])})
            elif option.name in _DISPLAY_SETTERS:
                if option.value is not None or _parse_switch(env[variable]):
                    display = _DISPLAY_SETTERS[option.name](display, env[variable])
            elif option.value is not None:
                options = _SETTERS[option.name](options, env[variable])
            else:
                switched = _SETTERS if _parse_switch(env[variable]) else _OFF
                options = switched[option.name](options, "")
        except _InvalidValueError as error:
            raise UsageError(error.of_variable(variable)) from None
        format_source = f"the format of {variable}" if option.name == "--format" else format_source
    return options, display, format_source


def _parse_switch(value: str) -> bool:
    value = value.strip().lower()
    if value in {"0", "false", "no", "off"}:
        return False
    if value in {"1", "true", "yes", "on"}:
        return True
    raise _InvalidValueError("it takes 1 or 0")


def _parse_format(value: str) -> str:
    if value not in FORMATS:
        raise _InvalidValueError(f"it takes {', '.join(FORMATS)}")
    return value


def _parse_color(value: str) -> str:
    if value not in _COLORS:
        raise _InvalidValueError("it takes auto, always or never")
    return value


def _parse_already_published(value: str) -> str:
    if value not in {"skip", "refuse"}:
        raise _InvalidValueError("it takes skip or refuse")
    return value


def _parse_command(value: str) -> str:
    import shlex  # only where something else publishes

    allowed = "it takes a command, such as 'pnpm publish -r'"
    try:
        arguments = shlex.split(value)
    except ValueError as error:
        raise _InvalidValueError(allowed, f"cannot be split into arguments: {error}") from error
    if not arguments:
        raise _InvalidValueError(allowed, "is empty")
    return value


def _parse_deadline(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= _LONGEST_DEADLINE:  # also false for nan
        raise _InvalidValueError(f"it takes a number of seconds above 0, at most {_LONGEST_DEADLINE:.0f}")
    return seconds


def _parse_wait(value: str) -> float:
    if not value:
        return _WAIT
    if not value.isascii() or not value.isdigit() or not 0 < int(value) <= _LONGEST_WAIT:
        raise _InvalidValueError(f"it takes a whole number of seconds above 0, at most {_LONGEST_WAIT:.0f}")
    return float(value)


def _parse_waiver(value: str) -> dict[str, str]:
    name, _, reason = value.partition("=")
    cause = name.lower()
    if cause not in _cause_ids():
        raise _InvalidValueError(cause_hint(name), f"names {own_options.shown(name)}, which is not the id of a cause")
    return {cause: reason}


def cause_hint(name: str) -> str:
    """What to write in place of *name*, which is not the id of a cause."""
    import difflib  # only on the way to an error

    near = difflib.get_close_matches(name.lower(), _cause_ids(), n=1, cutoff=0.7)
    return f"did you mean {near[0]}?" if near else "`safepublish explain --list` lists the ids"


def _parse_waivers(value: str) -> dict[str, str]:
    """The causes that a variable waives, one a line or separated by commas; a reason may contain a comma."""
    waived: dict[str, str] = {}
    for item in _split_waivers(value):
        waived.update(_parse_waiver(item))
    return waived


def _split_waivers(value: str) -> Iterator[str]:
    known = _cause_ids()
    for line in value.splitlines():
        item = ""
        for part in line.split(","):
            name = part.partition("=")[0].strip()
            starts = name.lower() in known or ("=" in part and re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)+", name.lower()))
            if item and "=" in item and not starts:
                item += f",{part}"
                continue
            if item.strip():
                yield item.strip()
            item = part
        if item.strip():
            yield item.strip()


def _cause_ids() -> list[str]:
    from safepublish.causes import BY_ID  # only where something is waived

    return list(BY_ID)


_SETTERS: Mapping[str, Callable[[Options, str], Options]] = {
    "--allow-token": lambda options, _: options._replace(allow_token=True),
    "--no-probe": lambda options, _: options._replace(probe=False),
    "--strict": lambda options, _: options._replace(strict=True),
    "--waive": lambda options, value: options._replace(waive={**options.waive, **_parse_waiver(value)}),
    "--format": lambda options, value: options._replace(format=_parse_format(value)),
    "--deadline": lambda options, value: options._replace(deadline=_parse_deadline(value), deadline_grows=False),
    "--with": lambda options, value: options._replace(publish_with=_parse_command(value)),
    "--hold": lambda options, value: options._replace(hold=(*options.hold, *re.split(r"[,\s]+", value.strip()))),
    "--wait": lambda options, value: options._replace(wait=_parse_wait(value)),
    "--already-published": lambda options, value: options._replace(already_published=_parse_already_published(value)),
}
"""The options that are fields of `Options`; the others belong to one command."""

_OFF: Mapping[str, Callable[[Options, str], Options]] = {
    "--allow-token": lambda options, _: options._replace(allow_token=False),
    "--no-probe": lambda options, _: options._replace(probe=True),
    "--strict": lambda options, _: options._replace(strict=False),
}
"""What a variable that is 0 does to an option that the configuration file has switched on."""

_DISPLAY_SETTERS: Mapping[str, Callable[[Display, str], Display]] = {
    "--color": lambda display, value: display._replace(color=_parse_color(value)),
    "--quiet": lambda display, _: display._replace(quiet=True, verbose=False),
    "--verbose": lambda display, _: display._replace(quiet=False, verbose=True),
}
"""The options that are fields of `Display`."""
