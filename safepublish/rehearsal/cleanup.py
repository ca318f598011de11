"""A process that removes what a rehearsal leaves behind, also where the rehearsal is killed.

`python cleanup.py` creates the rehearsal's directory and prints it, after the process group for the rehearsal's
programs. When its stdin ends, because the rehearsal has ended, it kills that group and every process with the
rehearsal's variable in its environment, and removes the directory.
"""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time

DIRECTORY_VARIABLE = "SAFEPUBLISH_REHEARSAL_DIRECTORY"
"""The environment variable of every program of a rehearsal: its directory."""

_TRIES = 50  # a program that is being killed may still write


def main() -> None:
    """Create the directory, wait for the end of the rehearsal, then clean up."""
    try:
        directory = os.path.realpath(tempfile.mkdtemp(prefix="safepublish-rehearsal-"))
    except OSError:
        return  # the rehearsal reads nothing, and reports that
    group = _new_group()
    with contextlib.suppress(OSError):  # the rehearsal may have ended before it reads this
        print(group, directory, flush=True)  # noqa: T201 - read by the rehearsal
        sys.stdin.read()
    for _ in range(_TRIES):
        _kill(group, directory)
        shutil.rmtree(directory, ignore_errors=True)
        if not os.path.lexists(directory):
            break
        time.sleep(0.02)


def _new_group() -> int:
    """A process group that exists until its leader, which does nothing, is killed; 0 on Windows."""
    if sys.platform == "win32":
        return 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the rehearsal ends, this process does not
    leader = os.fork()
    if leader == 0:
        os.setpgid(0, 0)
        os.close(0)
        os.close(1)
        while True:
            signal.pause()
    with contextlib.suppress(PermissionError):  # it has called setpgid itself
        os.setpgid(leader, leader)
    return leader


def _kill(group: int, directory: str) -> None:
    if sys.platform == "win32":
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(group, 0)  # once its leader is reaped, no process can join the group
    for pid in _processes_of(directory):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _processes_of(directory: str) -> list[int]:
    """The processes with the variable in their environment, such as a daemon that left the group; read from /proc."""
    variable = f"{DIRECTORY_VARIABLE}={directory}".encode()
    pids = []
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:
                if variable in file.read().split(b"\0"):
                    pids.append(int(name))
    return pids


if __name__ == "__main__":
    main()
