"""Starts npm, Node or a tool to ask it something, for no longer than the deadline leaves."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import cast

from safepublish.detect import budget
from safepublish.facts.error import SafepublishError


class NoOutputError(SafepublishError):
    """A program printed nothing that could be used: it did not start, took too long, or failed."""


def output(
    arguments: Sequence[str], *, env: Mapping[str, str], seconds: float, name: str, cwd: str | None = None
) -> tuple[bytes, int]:
    """Return what a program prints within *seconds*, and its exit status; raises `NoOutputError`, which has its *name*.

    It is started in a session of its own, and ended with all that it started where it takes longer.
    """
    from plumbum import local  # only where a program is to be asked

    left = budget.left(seconds)
    if not left:
        raise NoOutputError(f"{name} was not started: no time was left")
    try:
        started = local[arguments[0]].popen(
            list(arguments[1:]),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            new_session=True,
        )
    except OSError as error:
        raise NoOutputError(f"{name} cannot be started: {error.strerror or error}") from error
    process = cast("subprocess.Popen[bytes]", started)  # plumbum adds to it, and hides its timeout from mypy
    try:
        # What a shim leaves running may hold the pipe open, so neither the program nor the pipe is waited for longer.
        with budget.step(name):
            printed, _ = process.communicate(timeout=left)
    except subprocess.TimeoutExpired as error:
        raise NoOutputError(f"{name} gave no answer within {left:.3g} seconds") from error
    finally:
        if process.poll() is None:
            kill_all(process.pid)
            process.wait()
    return printed, process.returncode


def kill_all(leader: int) -> None:
    """End at once the process that leads a group of its own, and all that it started; on Windows itself alone."""
    import signal

    if sys.platform == "win32":
        os.kill(leader, signal.SIGTERM)
    else:
        os.killpg(leader, signal.SIGKILL)
