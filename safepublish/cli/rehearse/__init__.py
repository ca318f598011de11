"""The command `rehearse`: the publish of a workflow, simulated on this machine with the npm that CI would have.

In come the options and the repository around the working directory; out go a text and an exit code. One module chooses
the step, one says what the embedded registry contains, one runs the simulation, one writes the text.
It may import every other package, and prints through `cli.terminal`.
"""

import os
import signal
from collections.abc import Mapping
from types import FrameType
from typing import Any

from safepublish import run_npm
from safepublish.cli import exit_codes, terminal
from safepublish.cli.arguments import Invocation
from safepublish.cli.rehearse.choose_step import choose_step
from safepublish.cli.rehearse.request import RehearsalError, Request, read_request
from safepublish.cli.rehearse.simulation import Simulation
from safepublish.detect import repository, workflows
from safepublish.rehearsal.directory import RehearsalDirectory
from safepublish.rehearsal.job_setup import SetupError
from safepublish.rehearsal.plan import CannotSimulateError


class _SignalReceived(BaseException):
    """A signal ended the rehearsal: after the cleanup this process dies of it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run(invocation: Invocation) -> int:
    """Rehearse the publish that *invocation* names; returns the exit code, or dies of the signal that ended it."""
    try:
        request = read_request(invocation)
        return run_npm.end_like(rehearse(request, dict(os.environ), terminal.working_directory()))
    except RehearsalError as error:
        terminal.write_message(str(error), error.details)
        return error.exit_code


def rehearse(request: Request, env: Mapping[str, str], cwd: str) -> int:
    """Rehearse; returns 0 if npm published through OIDC and 3 if not, or a signal's number, negative.

    A dry run counts as a publish if npm logged in through OIDC.

    Raises `RehearsalError`.
    """
    previous = _raise_on_signals()
    try:
        return _rehearse(request, env, cwd)
    except _SignalReceived as received:
        return -received.number
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _raise_on_signals() -> dict[int, Any]:
    """Make signals raise `_SignalReceived`; returns the handlers they had. An ignored signal stays ignored (nohup)."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        raise _SignalReceived(number)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    return {
        number: signal.signal(number, interrupt) for number in numbers if signal.getsignal(number) != signal.SIG_IGN
    }


def _rehearse(request: Request, env: Mapping[str, str], cwd: str) -> int:
    local = repository.read({}, cwd)
    root = local.root
    if root is None:
        raise RehearsalError(
            "this directory is not in a git repository; rehearse simulates a workflow of the repository"
        )
    file, legs = choose_step(request, workflows.Checkout(root), root)
    try:
        with RehearsalDirectory() as directory:
            simulation = Simulation(request, directory, root, remote=local.remote, env=env, cwd=cwd)
            rehearsed = simulation.run_legs(file, legs)
            failing = next(((leg, one) for leg, one in rehearsed if not one.works), None)
            works = failing is None
            if request.fixed and failing is not None:
                fixed = simulation.run_fixed(file, failing[0])
                works = fixed is not None and fixed.works
    except (CannotSimulateError, SetupError) as error:
        raise RehearsalError(str(error)) from error
    except OSError as error:  # a disk that is full, a file that cannot be copied
        raise RehearsalError(f"{error.filename or 'the rehearsal'}: {error.strerror or error}") from error
    return exit_codes.OK if works else exit_codes.REFUSED
