"""Which run of npm wrote a debug log, and which of several logs belongs to the npm that this process started.

Every npm of one home writes to the same directory, also one that another process started at the same moment.
"""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from safepublish.logs.log import Log

CLOCK_SLACK = 0.05
"""Seconds by which npm's start, which it writes in milliseconds, may seem to precede ours."""

_NAME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d_\d\d_\d\d_\d{3})Z-debug-0\.log")
_FIRST_LINE = re.compile(rb"^0 verbose cli ", re.MULTILINE)
_LAST_LINES = re.compile(rb"^\d+ verbose (cwd|exit) (.*?)\r?$", re.MULTILINE)


class Trace(NamedTuple):
    """What a debug log says about the process that wrote it; None where it does not say."""

    started: float | None = None  # seconds since 1970, by the file's name (npm 12.2.0, lib/npm.js, `#runId`)
    cwd: str | None = None  # its working directory, which npm writes when it exits (lib/cli/exit-handler.js)
    status: int | None = None  # its exit status, written there too
    shared: bool = False  # two npm started in the same millisecond, and both wrote to this file


class Process(NamedTuple):
    """The npm that this process started, or a tool that starts npm; None where that is not known."""

    started: float  # seconds since 1970
    names: Collection[str] | None = None  # the packages that it publishes
    renames: bool = False  # a script of theirs may change the name
    cwd: str | None = None
    status: int | None = None


def trace(name: str, content: bytes) -> Trace:
    """What the file name and the *content* of a debug log say about the process that wrote it."""
    last = {key: value.decode(errors="surrogateescape") for key, value in _LAST_LINES.findall(content)}
    status = last.get(b"exit", "")
    return Trace(
        _started(name),
        last.get(b"cwd"),
        int(status) if status.isdecimal() and len(status) < 6 else None,
        len(_FIRST_LINE.findall(content)) > 1,
    )


def _started(name: str) -> float | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        return datetime.strptime(match[1], "%Y-%m-%dT%H_%M_%S_%f").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def is_from(found: Trace, log: Log, process: Process) -> bool:
    """Whether nothing in a debug log contradicts that *process* wrote it."""
    if found.shared or (found.started is not None and found.started < process.started - CLOCK_SLACK):
        return False
    for written, known in ((found.cwd, process.cwd), (found.status, process.status)):
        if written is not None and known is not None and written != known:
            return False
    if process.names is None or not _names(log) - {*process.names}:
        return True
    return process.renames and found.cwd is not None and found.cwd == process.cwd


def only(logs: Iterable[Log], names: Collection[str] | None) -> Log | None:
    """The one log of npm among *logs*, all of which it may have written; None where they differ in what happened.

    A log of *names* goes before one that names no package, and that before one of another name.
    """
    candidates = list(logs)
    ours = [log for log in candidates if _names(log) & {*(names or ())}]
    nameless = [log for log in candidates if not _names(log)]
    candidates = ours or nameless or candidates
    return candidates[0] if len({_outcome(log) for log in candidates}) == 1 else None


def _names(log: Log) -> set[str]:
    return {attempt.name for attempt in log.attempts if attempt.name is not None}


def _outcome(log: Log) -> object:
    return log.code, tuple(
        (attempt.name, attempt.oidc, attempt.exchanged, attempt.put_status) for attempt in log.attempts
    )
