"""Started beside a rehearsal, and outlives it by as long as it takes to leave nothing behind.

`python cleanup.py` makes the rehearsal's directory, and prints the process group that its programs are to join, and the
directory. When its stdin ends, because the rehearsal is over or was killed, it ends that group and what carries the
rehearsal's mark in its environment, and removes the directory.
"""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time

MARK = "SAFEPUBLISH_REHEARSAL_DIRECTORY"
"""The variable that every program of a rehearsal has in its environment: the directory."""

_TRIES = 50  # a program that is being ended may still write


def main() -> None:
    """Wait for the end, then leave nothing."""
    try:
        directory = os.path.realpath(tempfile.mkdtemp(prefix="safepublish-rehearsal-"))
    except OSError:
        return  # which says as much
    group = _group()
    with contextlib.suppress(OSError):  # the rehearsal may be gone before it has read this
        print(group, directory, flush=True)  # noqa: T201 - read by the rehearsal
        sys.stdin.read()
    for _ in range(_TRIES):
        _end(group, directory)
        shutil.rmtree(directory, ignore_errors=True)
        if not os.path.lexists(directory):
            break
        time.sleep(0.02)


def _group() -> int:
    """A process group that exists for as long as its leader, which does nothing, is not ended; 0 on Windows."""
    if sys.platform == "win32":
        return 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # what ends is the rehearsal
    leader = os.fork()
    if leader == 0:
        os.setpgid(0, 0)
        os.close(0)
        os.close(1)
        while True:
            signal.pause()
    with contextlib.suppress(PermissionError):  # it has done so itself
        os.setpgid(leader, leader)
    return leader


def _end(group: int, directory: str) -> None:
    if sys.platform == "win32":
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(group, 0)  # once its leader is reaped, nobody who is late can join the group
    for pid in _marked(directory):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _marked(directory: str) -> list[int]:
    """What left the group, as a daemon does, but inherited the mark: where /proc tells."""
    mark = f"{MARK}={directory}".encode()
    found = []
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:
                if mark in file.read().split(b"\0"):
                    found.append(int(name))
    return found


if __name__ == "__main__":
    main()
