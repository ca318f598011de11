"""Runs npm: on the same terminal, with its signals and its exit code, and reads its debug log afterwards.

It starts the npm that `detect` found, never another. It imports `detect`, `logs` and `facts`.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from safepublish.detect.programs import kill_all
from safepublish.facts.run import Npm
from safepublish.logs.log import Log

if TYPE_CHECKING:
    import subprocess
    from types import FrameType

    from safepublish.logs.debug_log import Process
    from safepublish.logs.staged import Staged

LOG_LIMIT = 32 * 1024 * 1024
"""Bytes of a debug log that are read; npm's own are a few kilobytes."""

_LOGS_KEPT = 10  # by npm, unless `logs-max` says otherwise
_LOGS_FOR_EACH = 4  # of a tool's packages, a script that starts npm included

DRY_RUN_SECONDS = 120
"""How long npm's dry run before a refusal may take: packing a large package takes long."""


class NpmResult(NamedTuple):
    """How npm ended."""

    exit_code: int  # negative for the signal that ended it
    log: Log | None  # its debug log
    internal_error: Exception | None = None  # a bug of ours, met while npm ran
    staged: "tuple[Staged, ...]" = ()  # what waits for approval now


def command(npm: Npm | str) -> list[str]:
    """The program and first arguments that start npm, or the tool in its place: by absolute path, without a shell.

    Windows cannot start `npm.cmd` without a shell, so there node runs npm's own npm-cli.js.
    """
    if isinstance(npm, str):  # the tool that publishes instead of npm
        return [npm]
    if sys.platform == "win32" and npm.node and npm.cli:
        return [npm.node, npm.cli]
    return [npm.path]


def run(
    npm: Npm | str,
    arguments: Sequence[str],
    *,
    logs_dir: str | None,
    packages: int = 1,
    names: Collection[str] | None = None,
    renames: bool = False,
    stdout: int | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> NpmResult:
    """Run npm, or the tool in its place, with *arguments* on this process's own stdin, stdout and stderr.

    Signals that reach this process reach npm. *logs_dir* is where npm writes its debug log; it is only read.
    A tool may start npm for each of its *packages*: the log then contains all of their publishes.
    Another npm may write a log there meanwhile: *names* are those of our packages, None where one is unknown, and
    *renames* says that a script may change them.
    *stdout* is a descriptor that npm gets in place of our stdout.
    *meanwhile* is called once npm runs, which uses one processor only.
    """
    import subprocess

    before = _debug_logs(logs_dir)
    started_at = time.time()
    is_tool = isinstance(npm, str)
    env = _environment_that_keeps_logs(packages) if is_tool and logs_dir is not None else None
    with _forward_signals(_send_signal) as started:
        # Not by plumbum, whose import is a tenth of a publish. npm gets our own descriptors, no pipe.
        arguments = [*command(npm), *arguments]
        process = subprocess.Popen(arguments, env=env, stdout=stdout)  # noqa: S603 - the npm that was detected
        started(process.pid)
        internal_error: Exception | None = None
        try:
            meanwhile()
        except Exception as error:  # noqa: BLE001 - npm runs, and a bug of ours must not change how that ends
            internal_error = error
        exit_code = process.wait()
    try:
        if not _debug_logs(logs_dir) - before:
            return NpmResult(exit_code, None, internal_error)
        from safepublish.logs import debug_log  # only where there is a log

        started_process = debug_log.Process(started_at, names, renames, None if is_tool else _cwd(), exit_code)
        return NpmResult(exit_code, _own_log(npm, logs_dir, before, started_process), internal_error)
    except Exception as error:  # noqa: BLE001 - as above
        return NpmResult(exit_code, None, error)


def _own_log(npm: Npm | str, logs_dir: str | None, before: frozenset[str], process: "Process") -> Log | None:
    """The debug log of *process*, never that of another; None where it is not certain which one that is."""
    from safepublish.logs import debug_log  # only where there is a log

    if isinstance(npm, str):
        return merge_logs(tuple(_publish_logs(logs_dir, before, process._replace(status=None))))
    if npm.cli is None:  # a wrapper may change the directory and the exit code
        process = process._replace(cwd=None, status=None)
    return debug_log.only(_publish_logs(logs_dir, before, process), process.names)


def _cwd() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None


def _environment_that_keeps_logs(packages: int) -> dict[str, str] | None:
    """The environment in which npm keeps a log for each of *packages*; None where ours does.

    Each npm that starts removes all logs but the newest ten (`logs-max`; npm 12.2.0, lib/utils/log-file.js), and
    changesets starts npm twice for each package.
    """
    needed = _LOGS_FOR_EACH * packages
    if needed <= _LOGS_KEPT or any(name.lower() == "npm_config_logs_max" for name in os.environ):
        return None
    return {**os.environ, "npm_config_logs_max": str(needed)}


def merge_logs(logs: Sequence[Log]) -> Log | None:
    """One log of all publishes of a tool: the first log that failed, else the last, and every package published before.

    None where there are no *logs*.
    """
    if not logs:
        return None
    main = next((log for log in logs if log.failed), logs[-1])
    published = [attempt for log in logs if log is not main for attempt in log.attempts if log.was_published(attempt)]
    return main._replace(attempts=(*published, *main.attempts))


def run_in_rehearsal(
    npm: Npm, arguments: Sequence[str], *, env: Mapping[str, str], cwd: str, group: int | None, logs_dir: str | None
) -> NpmResult:
    """Run npm with *arguments* in *cwd* and *env*, as CI does without a terminal; its output goes where ours goes.

    It joins the process group *group*, so that it gets no signal from the terminal.
    """
    import subprocess  # only for a rehearsal

    for name in ("SIGTTIN", "SIGTTOU"):  # npm runs in the background, where it must not stop for the terminal
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    # Not by plumbum's popen, which adds the environment of this process to *env*.
    process = subprocess.Popen(  # noqa: S603 - the npm that was detected
        [*command(npm), *arguments],
        stdin=subprocess.DEVNULL,
        env=dict(env),
        cwd=cwd,
        process_group=group,
    )
    return NpmResult(process.wait(), _first_publish_log(logs_dir))


def dry_run(npm: Npm, arguments: Sequence[str], env: Mapping[str, str], seconds: float = DRY_RUN_SECONDS) -> Log | None:
    """Run npm with *arguments* as a dry run without scripts; returns its debug log, which shows npm's own exchange.

    `npm publish --dry-run` does the real exchange and exits 0 when it fails (npm 11.5.1 to 12.2.0,
    lib/commands/publish.js).
    None where npm did not end within *seconds*. A signal that reaches this process meanwhile ends both.
    """
    import shutil  # only before a refusal
    import tempfile

    try:
        directory = tempfile.mkdtemp(prefix="safepublish-")
    except OSError:
        return None
    caught: list[int] = []

    def end(pid: int, number: int) -> None:
        caught.append(number)
        kill_all(pid)

    try:
        options = [
            "--dry-run",
            "--ignore-scripts",
            "--loglevel=verbose",
            "--json=false",
            f"--logs-dir={directory}",
            "--logs-max=10",
        ]
        end_of_options = arguments.index("--") if "--" in arguments else len(arguments)
        with_options = [*arguments[:end_of_options], *options, *arguments[end_of_options:]]
        with _forward_signals(end) as started:
            ended = _run_without_output(npm, with_options, env, started, seconds)
        log = _first_publish_log(directory) if ended else None
    except OSError:
        log = None
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    if caught:
        raise SystemExit(end_like(-caught[0]))
    return log


def _run_without_output(
    npm: Npm, arguments: Sequence[str], env: Mapping[str, str], started: Callable[[int], None], seconds: float
) -> bool:
    """Run npm without a terminal, in a process group of its own; returns whether it ended within *seconds*."""
    import subprocess

    from plumbum import local  # only before a refusal

    null = subprocess.DEVNULL
    program, *first = command(npm)
    popen = local[program].popen(
        [*first, *arguments], stdin=null, stdout=null, stderr=null, env=dict(env), new_session=True
    )
    process = cast("subprocess.Popen[bytes]", popen)  # plumbum adds to it, and hides its timeout from mypy
    started(process.pid)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    finally:
        if process.poll() is None:
            kill_all(process.pid)
            process.wait()
    return True


def end_like(exit_code: int) -> int:
    """End as npm did: returns its *exit_code*, or, where that is negative, dies of the same signal."""
    if exit_code >= 0:
        return exit_code
    number = -exit_code
    _disable_core_file()
    with contextlib.suppress(OSError, ValueError):  # SIGKILL's handler cannot be set
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number  # only where the signal is blocked


def _disable_core_file() -> None:
    """Write no core file on a signal such as SIGQUIT: this process may contain a token."""
    if sys.platform != "win32":
        import resource  # only for a death by signal

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def die_of_interrupt() -> int:
    """Die of SIGINT, without a traceback: for Ctrl-C while npm does not run."""
    return end_like(-signal.SIGINT)


@contextlib.contextmanager
def _forward_signals(forward: Callable[[int, int], None]) -> Iterator[Callable[[int], None]]:
    """Call *forward* with npm's process id and each signal that reaches us, also one that comes while npm starts.

    Yields a function that takes the process id once npm has started.
    """
    child: list[int] = []
    pending: list[int] = []

    def handle(number: int, _frame: "FrameType | None") -> None:
        if not child:
            pending.append(number)
            return
        with contextlib.suppress(ProcessLookupError):
            forward(child[0], number)

    def started(pid: int) -> None:
        child.append(pid)
        for number in pending:
            handle(number, None)

    # A signal that the caller ignores (nohup) stays ignored, in npm too.
    numbers = [number for number in _ending_signals() if signal.getsignal(number) not in {signal.SIG_IGN, None}]
    previous = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield started
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


_NOT_ENDING = ("KILL", "STOP", "CHLD", "CLD", "CONT", "TSTP", "TTIN", "TTOU", "URG", "WINCH", "INFO")
"""Signals that cannot be caught, or that end no process."""

_FAULTS = ("SEGV", "BUS", "FPE", "ILL", "SYS", "TRAP")
"""Signals of a fault in the interpreter itself: a handler would only be called again and again."""


def _ending_signals() -> list[int]:
    """The signals that end a process without a handler, SIGQUIT, SIGUSR1 and SIGALRM as well as SIGTERM."""
    if sys.platform == "win32":  # the others reach every process of the console
        return [signal.SIGINT, signal.SIGTERM]
    excluded = {getattr(signal, f"SIG{name}", None) for name in (*_NOT_ENDING, *_FAULTS)}
    return sorted(signal.valid_signals() - excluded)


def _send_signal(pid: int, number: int) -> None:
    if number == signal.SIGINT and _terminal_sends_to_all():
        return
    os.kill(pid, number)


def _terminal_sends_to_all() -> bool:
    """Whether npm gets Ctrl-C without us: a terminal sends it to the whole foreground process group.

    On Windows every process of the console gets it, and os.kill would end npm at once.
    """
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except (OSError, AttributeError):
        return False


def _debug_logs(logs_dir: str | None) -> frozenset[str]:
    """The names of the debug logs in *logs_dir*."""
    if logs_dir is None:
        return frozenset()
    try:
        return frozenset(name for name in os.listdir(logs_dir) if name.endswith("-debug-0.log"))
    except OSError:
        return frozenset()


def _first_publish_log(logs_dir: str | None) -> Log | None:
    """The log of the first publish in *logs_dir*."""
    return next(_publish_logs(logs_dir, frozenset()), None)


def _publish_logs(logs_dir: str | None, before: frozenset[str], process: "Process | None" = None) -> Iterator[Log]:
    """The logs of publishes in *logs_dir*, without those in *before*, and where *process* is given of it alone.

    Scripts that start npm write logs there too.
    """
    for name in sorted(_debug_logs(logs_dir) - before):
        content = _read_file(os.path.join(logs_dir or "", name))
        log = _parse_log(content)
        if log is None or log.command is None or not log.command.startswith(("npm pub", "npm stage")):
            continue
        if process is None or _is_from(name, content, log, process):
            yield log


def _is_from(name: str, content: bytes, log: Log, process: "Process") -> bool:
    from safepublish.logs import debug_log  # only where there is a log

    return debug_log.is_from(debug_log.trace(name, content), log, process)


def _read_file(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(LOG_LIMIT)
    except OSError:
        return b""


def _parse_log(content: bytes) -> Log | None:
    from safepublish.logs import reader  # only where there is a log

    logs = reader.read((content,)).logs
    return logs[0] if logs else None
