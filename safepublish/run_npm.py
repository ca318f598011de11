"""Runs the npm that was inspected: on the same terminal, with its exit status, and reads its debug log afterwards."""

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

LOG_LIMIT = 32 * 1024 * 1024
"""Bytes of a debug log that are read; npm's own are a few kilobytes."""

_LOGS_KEPT = 10  # by npm, unless `logs-max` says otherwise
_LOGS_FOR_EACH = 4  # of a tool's packages, a script that starts npm included

SECOND_OPINION_SECONDS = 120
"""How long npm's dry run may take before a refusal; packing a large package takes its time."""


_Known = tuple[float, Collection[str] | None, bool, str | None, int]
"""What `facts.debug_log.Process` holds, which is imported only where there is a log."""


class Ended(NamedTuple):
    """How npm ended: its exit status, negative for the signal that killed it, and its debug log."""

    status: int
    log: Log | None
    fault: Exception | None = None  # a bug of ours that was met once npm ran


def command(npm: Npm | str) -> list[str]:
    """The words that start the npm that was inspected, or the tool in its place: by absolute path, through no shell.

    Windows cannot start `npm.cmd` without a shell, so there node runs npm's own npm-cli.js.
    """
    if isinstance(npm, str):  # the tool that publishes in npm's place
        return [npm]
    if sys.platform == "win32" and npm.node and npm.cli:
        return [npm.node, npm.cli]
    return [npm.path]


def run(
    npm: Npm | str,
    words: Sequence[str],
    *,
    logs_dir: str | None,
    packages: int = 1,
    names: Collection[str] | None = None,
    renames: bool = False,
    meanwhile: Callable[[], None] = lambda: None,
) -> Ended:
    """Run npm with *words* on this process's own stdin, stdout and stderr, or a tool in its place.

    Signals that reach this process reach npm. *logs_dir* is where npm writes its debug log; nothing is changed there.
    A tool may start npm for each of its *packages*: then the log holds what became of them all.
    Another npm may write its log there meanwhile: *names* are those of our packages, None where one is unknown, and
    *renames* says that a script may change them.
    *meanwhile* is done once it runs: npm has a processor to itself.
    """
    import subprocess

    before = _logs(logs_dir)
    started_at = time.time()
    tool = isinstance(npm, str)
    env = _keeping_logs(packages) if tool and logs_dir is not None else None
    with _signals_go_to(_pass_on) as started:
        # Not by plumbum, whose import is a tenth of a publish. npm gets our own descriptors, no pipe.
        process = subprocess.Popen([*command(npm), *words], env=env)  # noqa: S603 - the npm that was inspected
        started(process.pid)
        fault: Exception | None = None
        try:
            meanwhile()
            if logs_dir is not None:
                _learn_to_read_logs()
        except Exception as error:  # noqa: BLE001 - npm runs, and a bug of ours does not undo what becomes of it
            fault = error
        status = process.wait()
    try:
        known = (started_at, names, renames, None if tool else _cwd(), status)
        return Ended(status, _own_log(npm, logs_dir, before, known), fault)
    except Exception as error:  # noqa: BLE001 - as above
        return Ended(status, None, error)


def _own_log(npm: Npm | str, logs_dir: str | None, before: frozenset[str], known: "_Known") -> Log | None:
    """The debug log of the npm that was started, never that of another; None where it is not certain which that is."""
    if not _logs(logs_dir) - before:
        return None
    from safepublish.logs import debug_log  # only where there is a log

    process = debug_log.Process(*known)
    if isinstance(npm, str):
        return together(tuple(_publishes(logs_dir, before, process._replace(status=None))))
    if npm.cli is None:  # a wrapper may change the directory, and the exit status
        process = process._replace(cwd=None, status=None)
    return debug_log.only(_publishes(logs_dir, before, process), process.names)


def _cwd() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None


def _keeping_logs(packages: int) -> dict[str, str] | None:
    """The environment in which npm keeps a log for each of *packages*; None where that which is there will do.

    Each npm that starts removes all logs but the newest ten (`logs-max`; npm 12.2.0, lib/utils/log-file.js), and
    changesets starts one to ask and one to publish.
    """
    needed = _LOGS_FOR_EACH * packages
    if needed <= _LOGS_KEPT or any(name.lower() == "npm_config_logs_max" for name in os.environ):
        return None
    return {**os.environ, "npm_config_logs_max": str(needed)}


def together(logs: Sequence[Log]) -> Log | None:
    """The publishes of a tool as one log: the first that failed, or else the last, and before it all that went out."""
    if not logs:
        return None
    chosen = next((log for log in logs if log.failed), logs[-1])
    out = [one for log in logs if log is not chosen for one in log.attempts if log.was_published(one)]
    return chosen._replace(attempts=(*out, *chosen.attempts))


def rehearse(
    npm: Npm, words: Sequence[str], *, env: Mapping[str, str], cwd: str, group: int | None, logs_dir: str | None
) -> Ended:
    """Run npm with *words* in *cwd* and *env* as CI does, without a terminal to ask; its output goes where ours goes.

    It joins the process group *group*, so that a signal from the terminal is not for it.
    """
    import subprocess  # only for a rehearsal

    for name in ("SIGTTIN", "SIGTTOU"):  # npm is in the background: the terminal is neither read nor waited for
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    # Not by plumbum's popen, which adds the environment of this process to *env*.
    process = subprocess.Popen(  # noqa: S603 - the npm that was inspected
        [*command(npm), *words],
        stdin=subprocess.DEVNULL,
        env=dict(env),
        cwd=cwd,
        process_group=group,
    )
    return Ended(process.wait(), _newest(logs_dir, frozenset()))


def second_opinion(
    npm: Npm, words: Sequence[str], env: Mapping[str, str], seconds: float = SECOND_OPINION_SECONDS
) -> Log | None:
    """What npm's own exchange is answered: the same words as a dry run without scripts, its debug log read.

    `npm publish --dry-run` does the real exchange and exits 0 when it fails (npm 11.5.1 to 12.2.0,
    lib/commands/publish.js).
    None when npm could not be asked within *seconds*. A signal that reaches this process meanwhile ends both.
    """
    import shutil  # only on the way to a refusal
    import tempfile  # only on the way to a refusal

    try:
        private = tempfile.mkdtemp(prefix="safepublish-")
    except OSError:
        return None
    caught: list[int] = []

    def end(pid: int, number: int) -> None:
        caught.append(number)
        kill_all(pid)

    try:
        added = [
            "--dry-run",
            "--ignore-scripts",
            "--loglevel=verbose",
            "--json=false",
            f"--logs-dir={private}",
            "--logs-max=10",
        ]
        end_of_options = words.index("--") if "--" in words else len(words)
        asked = [*words[:end_of_options], *added, *words[end_of_options:]]
        with _signals_go_to(end) as started:
            answered = _in_silence(npm, asked, env, started, seconds)
        log = _newest(private, frozenset()) if answered else None
    except OSError:
        log = None
    finally:
        shutil.rmtree(private, ignore_errors=True)
    if caught:
        raise SystemExit(die_as(-caught[0]))
    return log


def _in_silence(
    npm: Npm, words: Sequence[str], env: Mapping[str, str], started: Callable[[int], None], seconds: float
) -> bool:
    """Run npm where nobody hears it, in a process group of its own; whether it ended by itself in *seconds*."""
    import subprocess

    from plumbum import local  # only on the way to a refusal

    nowhere = subprocess.DEVNULL
    program, *first = command(npm)
    process = local[program].popen(
        [*first, *words], stdin=nowhere, stdout=nowhere, stderr=nowhere, env=dict(env), new_session=True
    )
    ended = cast("subprocess.Popen[bytes]", process)  # plumbum adds to it, and hides its timeout from mypy
    started(ended.pid)
    try:
        ended.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    finally:
        if ended.poll() is None:
            kill_all(ended.pid)
            ended.wait()
    return True


def die_as(status: int) -> int:
    """The exit status to end with: npm's own, or its death by signal, which this process then repeats."""
    if status >= 0:
        return status
    number = -status
    _leave_no_core()
    with contextlib.suppress(OSError, ValueError):  # SIGKILL's handler cannot be set
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number  # only where the signal is blocked


def _leave_no_core() -> None:
    """Write no core file on SIGQUIT and its like: this process may hold what it minted."""
    if sys.platform != "win32":
        import resource  # only for a death by signal

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def interrupted() -> int:
    """Die of SIGINT, without a traceback: Ctrl-C while nothing but ourselves runs."""
    return die_as(-signal.SIGINT)


@contextlib.contextmanager
def _signals_go_to(act: Callable[[int, int], None]) -> Iterator[Callable[[int], None]]:
    """Give *act* the pid of the npm that runs and each signal that reaches us, also one that comes while npm starts."""
    child: list[int] = []
    waiting: list[int] = []

    def take(number: int, _frame: "FrameType | None") -> None:
        if not child:
            waiting.append(number)
            return
        with contextlib.suppress(ProcessLookupError):
            act(child[0], number)

    def started(pid: int) -> None:
        child.append(pid)
        for number in waiting:
            take(number, None)

    # A signal that the caller ignores (nohup) stays ignored, in npm too.
    numbers = [number for number in _ending_signals() if signal.getsignal(number) not in {signal.SIG_IGN, None}]
    previous = {number: signal.signal(number, take) for number in numbers}
    try:
        yield started
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


_OTHERS = ("KILL", "STOP", "CHLD", "CLD", "CONT", "TSTP", "TTIN", "TTOU", "URG", "WINCH", "INFO")
"""Signals that cannot be caught, or that end nobody."""

_FAULTS = ("SEGV", "BUS", "FPE", "ILL", "SYS", "TRAP")
"""Signals of a fault in the interpreter itself: a handler would only be called again and again."""


def _ending_signals() -> list[int]:
    """The signals that end a process without a handler, SIGQUIT, SIGUSR1 and SIGALRM as well as SIGTERM."""
    if sys.platform == "win32":  # the others reach every process of the console
        return [signal.SIGINT, signal.SIGTERM]
    left = {getattr(signal, f"SIG{name}", None) for name in (*_OTHERS, *_FAULTS)}
    return sorted(signal.valid_signals() - left)


def _pass_on(pid: int, number: int) -> None:
    if number == signal.SIGINT and _terminal_sends_to_all():
        return
    os.kill(pid, number)


def _terminal_sends_to_all() -> bool:
    """Whether Ctrl-C reaches npm without us: it is sent to the whole foreground process group.

    On Windows it goes to every process of the console, and os.kill would end npm at once.
    """
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except (OSError, AttributeError):
        return False


def _logs(logs_dir: str | None) -> frozenset[str]:
    if logs_dir is None:
        return frozenset()
    try:
        return frozenset(name for name in os.listdir(logs_dir) if name.endswith("-debug-0.log"))
    except OSError:
        return frozenset()


def _newest(logs_dir: str | None, before: frozenset[str]) -> Log | None:
    """The first publish among the debug logs that came since."""
    return next(_publishes(logs_dir, before), None)


def _publishes(logs_dir: str | None, before: frozenset[str], process: "Process | None" = None) -> Iterator[Log]:
    """The publishes among the debug logs that came since, of *process* alone where that is given.

    Scripts that start npm leave logs there too.
    """
    for name in sorted(_logs(logs_dir) - before):
        content = _content(os.path.join(logs_dir or "", name))
        log = _read(content)
        if log is None or log.command is None or not log.command.startswith(("npm pub", "npm stage")):
            continue
        if process is None or _is_from(name, content, log, process):
            yield log


def _is_from(name: str, content: bytes, log: Log, process: "Process") -> bool:
    from safepublish.logs import debug_log  # only where there is a log

    return debug_log.is_from(debug_log.trace(name, content), log, process)


def _learn_to_read_logs() -> None:
    """Import what reads npm's log and says what became of it, while npm has a processor to itself."""
    import safepublish.causes.explain
    import safepublish.logs.reader
    import safepublish.report.after_publish  # noqa: F401 - for the caller


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(LOG_LIMIT)
    except OSError:
        return b""


def _read(content: bytes) -> Log | None:
    from safepublish.logs import reader  # only where there is a log

    logs = reader.read((content,)).logs
    return logs[0] if logs else None
