"""The command `trust`: how the packages were published, and the `npm trust` commands that are missing."""

import os
import sys

from safepublish.cli import exit_codes, terminal
from safepublish.cli.arguments import Invocation
from safepublish.detect import repository, trust
from safepublish.report import trust as page
from safepublish.shell import own_options
from safepublish.shell.own_options import UsageError


def run(invocation: Invocation) -> int:
    """Print the table or the script for the packages that *invocation* names; returns the exit code."""
    own = invocation.own_options
    cwd = terminal.working_directory()
    local = repository.read({}, cwd)
    root = local.root or cwd
    shell = own.get("--script")
    if shell not in {None, "sh", "powershell"}:
        raise UsageError(f"--script is {own_options.shown(shell or '')}; it takes sh or powershell")
    if shell is not None and local.remote is None:
        raise UsageError("--script needs the repository on GitHub, but git's remote origin does not name one")
    try:
        packages = trust.read(
            invocation.arguments,
            root,
            local.remote,
            env=dict(os.environ),
            cwd=cwd,
            seconds=invocation.options.deadline,
            workflow=own.get("--workflow"),
            job=own.get("--job"),
        )
    except trust.NoPackageError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{error.filename} could not be read: {error.strerror}") from error
    if shell is not None:
        terminal.write_out(page.script(packages, shell))
        return exit_codes.OK
    output = terminal.Output(sys.stdout, invocation.display)
    output.write(page.render(packages, colour=output.colour, unicode=output.unicode, width=output.width))
    return exit_codes.OK
