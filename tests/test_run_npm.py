"""npm runs on our terminal, gets our signals, and its end is ours."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from safepublish import run_npm
from safepublish.facts.log import Attempt
from safepublish.facts.run import Npm
from safepublish.logs.log import Log

pytestmark = [
    pytest.mark.real_process,
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and shebangs"),
]

PRESS = """
import sys
from safepublish import run_npm
from safepublish.facts.run import Npm
ended = run_npm.run(Npm(sys.argv[1], None, None, None, None), sys.argv[2:], logs_dir=None)
sys.exit(run_npm.end_like(ended.exit_code))
"""


def npm_that(tmp_path: Path, body: str) -> Npm:
    """A stand-in for npm whose whole behaviour is *body*, a shell script."""
    path = tmp_path / "npm"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return Npm(str(path), None, None, None, None)


def start(npm: Npm, *words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", PRESS, npm.path, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def wait_for(path: Path) -> None:
    for _ in range(500):
        if path.exists():
            return
        time.sleep(0.02)
    pytest.fail(f"{path.name} did not appear")


@pytest.mark.parametrize("status", [0, 1, 2, 13, 127, 255])
def test_npms_exit_status_is_ours(tmp_path: Path, status: int) -> None:
    process = start(npm_that(tmp_path, f"exit {status}"))
    process.communicate(timeout=20)
    assert process.returncode == status


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGINT])
def test_npms_death_by_signal_is_ours(tmp_path: Path, number: signal.Signals) -> None:
    process = start(npm_that(tmp_path, f"kill -{number.value} $$"))
    process.communicate(timeout=20)
    assert process.returncode == -number


ENDING = [
    getattr(signal, f"SIG{name}")
    for name in ("INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "ALRM", "VTALRM", "PROF", "XCPU", "ABRT", "RTMAX")
    if hasattr(signal, f"SIG{name}")
]


@pytest.mark.parametrize("number", ENDING, ids=str)
def test_a_signal_to_us_reaches_npm(tmp_path: Path, number: signal.Signals) -> None:
    npm = npm_that(
        tmp_path,
        f"trap 'echo caught; exit 42' {number.value}\ntouch {tmp_path}/up; while :; do sleep 0.05; done",
    )
    process = start(npm)
    wait_for(tmp_path / "up")
    process.send_signal(number)
    out, _ = process.communicate(timeout=20)
    assert out == b"caught\n"
    assert process.returncode == 42


@pytest.mark.parametrize("number", ENDING, ids=str)
def test_a_signal_ends_both(tmp_path: Path, number: signal.Signals) -> None:
    npm = npm_that(tmp_path, f"echo $$ > {tmp_path}/pid; mv {tmp_path}/pid {tmp_path}/up; exec sleep 60")
    process = start(npm)
    wait_for(tmp_path / "up")
    child = int((tmp_path / "up").read_text())
    process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode == -number
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@pytest.mark.parametrize("number", [signal.SIGCHLD, signal.SIGWINCH, signal.SIGURG, signal.SIGCONT], ids=str)
def test_a_signal_that_ends_nobody_ends_nobody(tmp_path: Path, number: signal.Signals) -> None:
    process = start(npm_that(tmp_path, f"touch {tmp_path}/up; sleep 0.3; exit 7"))
    wait_for(tmp_path / "up")
    process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode == 7


def test_words_reach_npm_untouched(tmp_path: Path) -> None:
    npm = npm_that(tmp_path, 'for word in "$@"; do printf "[%s]" "$word"; done')
    words = ["publish", "--tag", "a b", "$(touch x)", "--", "-ws", "", "it's", "*", "ä\n"]
    process = start(npm, *words)
    out, _ = process.communicate(timeout=20)
    assert out.decode() == "".join(f"[{word}]" for word in words)


def test_stdin_is_npms_own(tmp_path: Path) -> None:
    npm = npm_that(tmp_path, "cat")
    process = subprocess.run(
        [sys.executable, "-c", PRESS, npm.path], input=b"otp 123456", capture_output=True, timeout=20, check=False
    )
    assert process.stdout == b"otp 123456"


LOG = """\
0 verbose cli /n/bin/node /n/lib/node_modules/npm/bin/npm-cli.js
1 info using npm@11.5.1
7 verbose title npm {title}
12 verbose publish [ '.' ]
30 verbose oidc Failed token exchange request with body message: {said}
"""


def test_the_publishs_own_log_is_read_not_that_of_its_scripts(tmp_path: Path) -> None:
    logs = tmp_path / "_logs"
    logs.mkdir()
    (logs / "2026-01-01T00_00_00_000Z-debug-0.log").write_text(LOG.format(title="publish", said="an older run"))
    new = logs / "2999-01-02T00_00_00"
    body = f"""
cat > {new}_000Z-debug-0.log <<'X'
{LOG.format(title="publish", said="this run")}X
cat > {new}_500Z-debug-0.log <<'X'
{LOG.format(title="run build", said="a script")}X
"""
    ended = run_npm.run(npm_that(tmp_path, body), ["publish"], logs_dir=str(logs))
    assert ended.exit_code == 0
    assert ended.log is not None
    assert ended.log.last.oidc == "Failed token exchange request with body message: this run"


def test_no_log_is_no_trouble(tmp_path: Path) -> None:
    assert run_npm.run(npm_that(tmp_path, "exit 3"), ["publish"], logs_dir=str(tmp_path / "none")).log is None


def published(name: str, put: int = 201) -> Log:
    """The debug log of one npm that a tool started."""
    code = None if put < 300 else "E403"
    return Log(attempts=(Attempt(name, put_status=put),), code=code, status=int(code is not None))


TOGETHER: dict[str, tuple[tuple[Log, ...], str | None, list[str]]] = {
    "nothing": ((), None, []),
    "all went out": ((published("a"), published("b")), None, ["a", "b"]),
    "the middle one failed": ((published("a"), published("b", 403), published("c")), "E403", ["a", "c", "b"]),
    "two failed, the first is told": ((published("a", 403), published("b", 403), published("c")), "E403", ["c", "a"]),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_what_a_tool_started_is_told_as_one(name: str) -> None:
    logs, code, order = TOGETHER[name]
    log = run_npm.merge_logs(logs)
    assert (log.code, [one.name for one in log.attempts]) == (code, order) if log else not logs


@pytest.mark.parametrize(("packages", "kept"), [(2, None), (3, "12")])
def test_npm_keeps_the_logs_of_all_that_a_tool_publishes(
    packages: int, kept: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tmp_path / "said"
    tool = tmp_path / "tool"
    tool.write_text(f'#!/bin/sh\necho "$npm_config_logs_max" >"{said}"\n')
    tool.chmod(0o755)
    monkeypatch.delenv("npm_config_logs_max", raising=False)
    run_npm.run(str(tool), [], logs_dir=str(tmp_path), packages=packages)
    assert said.read_text() == f"{kept or ''}\n"
    monkeypatch.setenv("NPM_CONFIG_LOGS_MAX", "0")
    run_npm.run(str(tool), [], logs_dir=str(tmp_path), packages=packages)
    assert said.read_text() == "\n"
