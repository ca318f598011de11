"""The command line: arguments and SAFEPUBLISH_* variables in, text and an exit code out.

`main` parses the arguments and runs one command; each command is a module of its own with a function `run`.
This is the only package that prints. It may import every other; a command is imported only when it runs, and so is
what only some of its runs need.
"""

import os
import sys
from collections.abc import Callable, Sequence

from safepublish.cli import config_file, exit_codes, terminal
from safepublish.cli.arguments import Invocation, parse
from safepublish.cli.config_file import Settings
from safepublish.shell.own_options import UsageError


def main(argv: Sequence[str] | None = None) -> int:
    """Run safepublish with the arguments *argv*, by default those of this process; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    terminal.replace_closed_streams()
    try:
        invocation = parse(arguments, os.environ, os.path.lexists, _settings)
    except UsageError as error:
        return terminal.report_usage_error(str(error))
    try:
        return _command(invocation.command)(invocation)
    except UsageError as error:
        return terminal.report_usage_error(str(error))
    except KeyboardInterrupt:  # while npm runs, the signal is npm's
        from safepublish import run_npm

        return run_npm.die_of_interrupt()
    except Exception as error:  # noqa: BLE001 - reported as an internal error, with an exit code of its own
        publishes = invocation.command in {"publish", "stage"}
        consequence = "npm publish was not started. You can run it without safepublish." if publishes else ""
        terminal.report_internal_error(error, consequence)
        return exit_codes.INTERNAL_ERROR


def _settings() -> Settings:
    """What the configuration file of the working directory says; nothing where there is no such directory."""
    try:
        cwd = os.getcwd()
    except OSError:  # the command says so
        return Settings()
    return config_file.read(cwd)


def _command(name: str) -> Callable[[Invocation], int]:
    """The function that runs the command *name*; only its module is imported."""
    if name in {"help", "version"}:
        from safepublish.cli.help import run
    elif name == "completion":
        from safepublish.cli.completion import run
    elif name == "explain":
        from safepublish.cli.explain import run
    elif name == "workflow":
        from safepublish.cli.workflow import run
    elif name == "init":
        from safepublish.cli.init import run
    elif name == "trust":
        from safepublish.cli.trust import run
    elif name == "rehearse":
        from safepublish.cli.rehearse import run
    else:
        from safepublish.cli.guard import run
    return run
