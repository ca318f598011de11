"""Two guards that start at the same moment in one home: neither takes the other's debug log for its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from safepublish import run_npm
from safepublish.facts.log import Attempt
from safepublish.facts.run import Npm
from safepublish.logs import debug_log
from safepublish.logs.debug_log import Process, Trace
from safepublish.logs.log import Log
from safepublish.rehearsal import Fault, Registry
from tests.support import world

Make = Callable[..., world.Loopback]
SLOW = Fault(delay=0.5)
FORBIDDEN = Fault(403, b'{"error":"You do not have permission to publish"}', delay=0.5)


def outputs(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


@pytest.mark.parametrize("scripts", [None, {"prepublishOnly": "true"}], ids=["no scripts", "a script"])
@pytest.mark.parametrize("words", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("refused", [0, 1])
def test_each_says_what_became_of_its_own_package(
    make_loopback: Make, refused: int, words: tuple[str, ...], scripts: dict[str, str] | None
) -> None:
    good = make_loopback(faults={"publish": SLOW})
    bad = make_loopback(Registry({"other": world.HELLO}), faults={"publish": FORBIDDEN})
    started = []
    for loopback, name in [(good, "hello-oidc"), (bad, "other")][:: 1 if refused else -1]:
        npmrc = f"registry={loopback.url}\n"
        more: dict[str, Any] = {"scripts": scripts} if scripts else {}
        project = loopback.project(name=name, npmrc=npmrc, **more)
        written = loopback.directory / "outputs"
        env = loopback.environment(more={"HOME": str(good.home), "GITHUB_OUTPUT": str(written)})
        process = subprocess.Popen(
            [sys.executable, "-m", "safepublish", *words],
            cwd=project,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append((process, name, written))
    for process, name, written in started:
        _, err = process.communicate(timeout=60)
        told = outputs(written)
        assert told["name"] == name
        if name == "other":
            assert process.returncode == 1, err
            assert (told["published"], told["via"]) == ("false", "")
            assert "hello-oidc" not in err
            assert "through OIDC" not in err
        else:
            assert process.returncode == 0, err
            assert (told["published"], told["via"]) == ("true", "oidc")
            assert "other" not in err
        assert [one["name"] for one in json.loads(told["packages"])] == [name]


STAMP = "2026-01-02T03_04_05_678Z-debug-0.log"
STARTED = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC).timestamp()
WHOLE = (
    b"0 verbose cli /n/node /n/npm\n1 info using npm@12.2.0\n9 verbose cwd /a b\n94 verbose exit 1\n95 verbose code 1\n"
)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (STAMP, WHOLE, Trace(STARTED, "/a b", 1)),
        (STAMP, WHOLE.replace(b"\n", b"\r\n"), Trace(STARTED, "/a b", 1)),
        (STAMP, WHOLE * 2, Trace(STARTED, "/a b", 1, shared=True)),
        (STAMP, WHOLE[:60], Trace(STARTED)),
        (STAMP, b"5 verbose exit \xff\n6 verbose cwd \xff\n", Trace(STARTED, "\udcff")),
        ("2026-99-02T03_04_05_678Z-debug-0.log", b"", Trace()),
        ("x-debug-0.log", b"", Trace()),
    ],
)
def test_a_log_says_which_process_wrote_it(name: str, content: bytes, told: Trace) -> None:
    assert debug_log.trace(name, content) == told


OURS = Log(attempts=(Attempt("a", put_status=200),))
THEIRS = Log(attempts=(Attempt("b", put_status=200),))
NAMELESS = Log(code="EUSAGE")
HERE = Trace(STARTED, "/here", 0)
WE = Process(STARTED, {"a"}, cwd="/here", status=0)


@pytest.mark.parametrize(
    ("found", "log", "process", "told"),
    [
        (HERE, OURS, WE, True),
        (HERE, NAMELESS, WE, True),
        (Trace(), OURS, WE, True),
        (HERE, THEIRS, WE, False),
        (HERE, THEIRS, WE._replace(renames=True), True),
        (Trace(STARTED), THEIRS, WE._replace(renames=True), False),  # npm that still runs: nothing says it is ours
        (HERE, THEIRS, WE._replace(names=None), True),
        (HERE._replace(cwd="/there"), OURS, WE, False),
        (HERE._replace(status=1), OURS, WE, False),
        (HERE._replace(started=STARTED - 1), OURS, WE, False),
        (HERE._replace(started=STARTED + 60), OURS, WE, True),
        (HERE._replace(shared=True), OURS, WE, False),
        (HERE._replace(cwd="/there", status=1), OURS, Process(STARTED, {"a"}), True),  # of a tool
    ],
)
def test_a_log_counts_where_nothing_contradicts_that_it_is_ours(
    found: Trace, log: Log, process: Process, told: bool
) -> None:
    assert debug_log.is_from(found, log, process) is told


@pytest.mark.parametrize(
    ("logs", "told"),
    [
        ((), None),
        ((OURS,), OURS),
        ((THEIRS, OURS), OURS),
        ((THEIRS, NAMELESS), NAMELESS),
        ((THEIRS,), THEIRS),  # a script gave it another name
        ((OURS, OURS), OURS),
        ((OURS, OURS._replace(code="E403")), None),
    ],
)
def test_of_several_logs_the_one_is_taken_that_names_the_package(logs: tuple[Log, ...], told: Log | None) -> None:
    assert debug_log.only(logs, {"a"}) == told


@pytest.mark.real_process
def test_a_log_of_another_directory_is_not_read(tmp_path: Path) -> None:
    npm = tmp_path / "npm"
    log = "0 verbose cli x\n1 verbose title npm publish\n2 http fetch PUT 200 http://r/a\n3 verbose cwd /elsewhere\n"
    logs = tmp_path / "logs"
    logs.mkdir()
    npm.write_text(f"#!/bin/sh\ncat > {logs}/2999-01-01T00_00_00_000Z-debug-0.log <<'X'\n{log}X\n")
    npm.chmod(0o755)
    wrapper = Npm(str(npm), None, None, None, None)
    assert run_npm.run(wrapper, [], logs_dir=str(logs)).log is not None
    (logs / "2999-01-01T00_00_00_000Z-debug-0.log").unlink()
    assert run_npm.run(wrapper._replace(cli=str(npm)), [], logs_dir=str(logs)).log is None
