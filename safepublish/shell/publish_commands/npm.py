"""The commands of npm and safepublish."""

import shlex

from safepublish.shell import own_options
from safepublish.shell.options import names
from safepublish.shell.publish_commands.effects import Call, Effect, RunsScript, Upgrade, with_hooks
from safepublish.shell.publish_commands.managers import bumps_version
from safepublish.shell.publish_commands.programs import npx
from safepublish.shell.publish_commands.publish import (
    decided,
    npm_command,
    npm_upgrade,
    parsed_as_npm,
    placed_by_npm,
    publish,
    written,
)

_RUN = frozenset({"run", "run-script", "rum", "urn"})
_LIFECYCLE = {"test": "test", "t": "test", "tst": "test", "start": "start", "stop": "stop", "restart": "restart"}
_INSTALL = names("install i in ins inst insta instal isnt isnta isntal isntall add update up upgrade udpate")


def npm_runner(call: Call) -> Call | None:
    """`npm exec -- program`, `npm x pkg@1`."""
    argv = call.argv[1:]
    verb = next((index for index, word in enumerate(argv) if not word.startswith("-")), None)
    if verb is None or argv[verb] not in {"exec", "x"}:
        return None
    return npx(call._replace(argv=("npx", *argv[:verb], *argv[verb + 1 :])))


def npm(call: Call) -> Effect | None:
    """What a command of npm does."""
    values, positionals = parsed_as_npm(decided(call.argv[1:], call))
    if not positionals or values.get("usage") is True or values.get("version") is True:  # it only prints
        return None
    call = placed_by_npm(call, values)
    verb, rest = positionals[0], positionals[1:]
    command = npm_command(positionals)
    if command:
        return publish(call, "npm", command, values, positionals[len(command) :])
    if verb in _RUN and rest:
        return RunsScript("npm", with_hooks(rest[0]), rest[1:], call.directory, call.workspaces)
    if verb in _LIFECYCLE:
        return RunsScript("npm", with_hooks(_LIFECYCLE[verb]), rest, call.directory, call.workspaces)
    if verb in {"version", "verison"} and rest:
        return bumps_version("npm", call)
    if verb in _INSTALL:
        everywhere = values.get("global") is True or values.get("location") == "global"
        if verb[:2] in {"up", "ud"} and everywhere and not rest:
            return Upgrade("npm", "latest")
        prefix = written(call, "--prefix")
        if prefix is not None:  # a global one only where PATH leads to it
            call, everywhere = call._replace(directory=prefix), False
        return npm_upgrade(call, "npm", rest, everywhere=everywhere, forced=values.get("force") is True)
    return None


def safepublish_runner(call: Call) -> Call | None:
    """`safepublish --with 'pnpm publish -r'`, which starts that command; None where npm publishes, or it is unknown."""
    try:
        reading = own_options.parse(call.argv[1:])
        other = next((option.value for option in reading.options if option.option.name == "--with"), None)
        words = shlex.split(other or "")
    except (own_options.UsageError, ValueError):
        return None
    if reading.command != "publish" or not words or any(other in word for word in call.unknown if other):
        return None
    return call._replace(argv=tuple(words), npm_directory=call.directory or ".")


def safepublish(call: Call) -> Effect | None:
    """What a command of safepublish does."""
    given = call.argv[1:]
    try:
        reading = own_options.parse(given)
    except own_options.UsageError:  # it publishes nothing as it is, and yet the step is there to publish
        reading = own_options.CommandLine("publish", arguments=given)
    if reading.command not in {"publish", "stage"}:
        return None
    values, spec = parsed_as_npm(tuple(reading.arguments))
    command = ("stage", "publish") if reading.command == "stage" else ("publish",)
    return publish(placed_by_npm(call, values), "safepublish", command, values, spec)._replace(arguments=given)
