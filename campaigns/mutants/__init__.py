"""Puts small errors into the pure rooms, one at a time, and counts those that a test notices.

A mutant is a copy of the package with one error in it (operators.py). The tests that run the line it is on are run
against it, those of its own test file first; it survives if all pass. Tables are run by no line of their own: there the
tests of the whole module are chosen. Each mutant is tried in a forked process, and ended when it takes too long.

mutmut 3 changes functions only, and cosmic-ray knows no strings and no tables and changes the working tree, so neither
does what is needed here: most of what this project may get wrong stands in tables and patterns.

`--write` puts the score into docs/reliability.md; equivalent.json names the mutants that change nothing, and why.
"""

import argparse
import datetime as dt
import itertools
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from campaigns.mutants.operators import Mutant, enums, mutants

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.json")
WHOLE = ("causes", "npm", "ci")
ROOMS = (*WHOLE, "facts", "logs", "pipelines", "shell")
"""The rooms that are mutated: the first whole, the others in their tables and patterns."""
PLACES = ("tests/test_docs.py", "tests/cli/test_arguments.py", "tests/cli/test_cli.py", "tests/cli/test_slips.py")
"""Tests of these rooms that stand elsewhere."""
NOT_COPIED = (".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", ".coverage*")
REIMPORT = "ignore::pytest.PytestAssertRewriteWarning"  # hypothesis is imported before the forks
ARGUMENTS = (
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:cov",
    "--hypothesis-seed=0",
    "-W",
    REIMPORT,
)
SHORT = 2  # seconds; a test that takes longer is not run against mutants
LONGEST = 10  # seconds; what takes the tests of one mutant longer is not run either
PATIENCE = (20, 3)  # seconds of the processor that a mutant's tests may take, and so often what they take without it
LIMIT = 900  # seconds that they may take by the clock, for what waits for something


class Coverage:
    """As a pytest plugin: which test runs which lines, and how long each takes; those that fail are never chosen."""

    def __init__(self, package: Path) -> None:
        import coverage

        self._coverage = coverage.Coverage(data_file=None, source=[str(package)], config_file=False)
        self.seconds: dict[str, float] = {}
        self.lines: dict[str, dict[int, list[str]]] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        started = time.process_time()
        self._coverage.switch_context(item.nodeid)
        yield
        self._coverage.switch_context("")
        self.seconds[item.nodeid] = time.process_time() - started

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:  # some measure time, which coverage takes
            self.failed.add(report.nodeid)

    def pytest_sessionstart(self) -> None:
        self._coverage.start()

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        self.seconds |= dict.fromkeys(self.failed, float("inf"))
        data = self._coverage.get_data()
        for path in data.measured_files():
            self.lines[path.partition("/copy/")[2]] = {
                line: [test for test in tests if test] for line, tests in data.contexts_by_lineno(path).items()
            }


class Chosen:
    """As a pytest plugin: runs the chosen tests only, in their order, and those that nobody has timed yet."""

    def __init__(self, tests: Sequence[str], known: dict[str, float]) -> None:
        self.order = {test: at for at, test in enumerate(tests)}
        self.known = known

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = [item for item in items if item.nodeid in self.order or item.nodeid not in self.known]
        items[:] = sorted(chosen, key=lambda item: self.order.get(item.nodeid, -1))


class Tests(NamedTuple):
    """What the run without a mutant showed."""

    seconds: dict[str, float]
    lines: dict[str, dict[str, list[str]]]

    def of(self, path: str, lines: range) -> list[str]:
        """The tests that run these lines, else those of the module, its own test file's first and then the quickest."""
        covered = self.lines.get(path, {})
        tests = {test for line in lines for test in covered.get(str(line), ())}
        tests = tests or {test for found in covered.values() for test in found} or set(self.seconds)
        own = f"/test_{Path(path).stem}.py::"
        short = [test for test in tests if self.seconds.get(test, 0) < SHORT]
        ordered = sorted(short, key=lambda test: (own not in test, self.seconds.get(test, 0), test))
        ends = itertools.accumulate(self.seconds.get(test, 0) for test in ordered)
        return [test for test, end in zip(ordered, ends, strict=True) if end < LONGEST]


def forked(copy: Path, arguments: Sequence[str], plugin: Callable[[], Any], after: Callable[[Any], None]) -> int:
    """Run pytest in a child, in *copy*; returns the child's process id."""
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        os._exit(in_child(copy, arguments, plugin, after))
    except BaseException:  # noqa: BLE001 - nothing may reach the parent's code
        traceback.print_exc()
        os._exit(1)


def in_child(copy: Path, arguments: Sequence[str], plugin: Callable[[], Any], after: Callable[[Any], None]) -> int:
    """Run pytest in *copy*; its exit code."""
    os.chdir(copy)
    os.environ["PYTHONPATH"] = str(copy)
    sys.path.insert(0, str(copy))
    for name in [name for name in sys.modules if name.partition(".")[0] == "campaigns"]:
        del sys.modules[name]
    quiet = os.open(copy.with_name("output"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    made = plugin()
    status = int(pytest.main([*ARGUMENTS, *arguments], plugins=[made]))
    sys.stdout.flush()
    after(made)
    return status


def ended(child: int, seconds: float) -> int:
    """The exit code of *child*, which is killed after so many *seconds* (and then fails)."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGKILL


def baseline(copy: Path, kept: Path) -> Tests:
    """What the tests run without a mutant; read from *kept* where that is there."""
    if not kept.exists():

        def keep(coverage: Coverage) -> None:
            kept.write_text(json.dumps({"seconds": coverage.seconds, "lines": coverage.lines}), encoding="utf-8")

        places = [*PLACES, *(f"tests/{room}" for room in ROOMS if (copy / "tests" / room).is_dir())]
        ended(forked(copy, places, lambda: Coverage(copy / "safepublish"), keep), 3600)
    if not kept.exists():
        raise SystemExit(copy.with_name("output").read_text(encoding="utf-8", errors="replace")[-3000:])
    return Tests(**json.loads(kept.read_text(encoding="utf-8")))


def drawn(copy: Path, seed: int, only: str) -> Iterator[tuple[str, Mutant]]:
    """The mutants in a random order, each kind as often as the others while it lasts."""
    known = [found for path in (copy / "safepublish").rglob("*.py") for found in enums(path.read_text("utf-8"))]
    kinds: dict[str, list[tuple[str, Mutant]]] = {"table": [], "pattern": [], "logic": []}
    equivalent = json.loads(EQUIVALENT.read_text(encoding="utf-8"))
    paths = sorted(path for room in ROOMS for path in (copy / "safepublish" / room).rglob("*.py"))
    for path in paths:
        name = path.relative_to(copy).as_posix()
        for mutant in mutants(path.read_text(encoding="utf-8"), known):
            wanted = mutant.kind != "logic" or name.split("/")[1] in WHOLE
            named = f"{name}:{mutant.lines.start}: {mutant.kind}: {mutant.change}"
            if wanted and only in named and f"{name}: {mutant.change}" not in equivalent:
                kinds[mutant.kind].append((name, mutant))
    for found in kinds.values():
        random.Random(seed).shuffle(found)
    while any(kinds.values()):
        yield from (found.pop() for found in kinds.values() if found)


def survives(copy: Path, name: str, mutant: Mutant, tests: Tests, number: int) -> bool:
    """Whether every chosen test passes with *mutant* in its place."""
    chosen, path = tests.of(name, mutant.lines), copy / name
    own = (found.relative_to(copy).as_posix() for found in copy.glob(f"tests/**/test_{path.stem}.py"))  # maybe new
    files = list(dict.fromkeys([*own, *(test.partition("::")[0] for test in chosen)]))
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(mutant.applied(text), encoding="utf-8")
        os.utime(path, (number, number))  # no compiled module fits it
        seconds = PATIENCE[0] + PATIENCE[1] * sum(tests.seconds[test] for test in chosen)

        def plugin() -> Chosen:
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
            return Chosen(chosen, tests.seconds)

        status = ended(forked(copy, ["-x", *files], plugin, lambda _: None), LIMIT)
    finally:
        path.write_text(text, encoding="utf-8")
    return status in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}


def main() -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=24 * 60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="mutants whose path:line: kind: change holds this")
    parser.add_argument("--kept", type=Path, help="file to which the coverage is written, or from which it is read")
    parser.add_argument("--write", action="store_true", help="put the score into docs/reliability.md")
    chosen = parser.parse_args()
    import hypothesis  # noqa: F401 - imported before the forks, so that each has it
    import yaml  # noqa: F401 - the same

    tally = Counter[tuple[str, str, bool]]()
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory, "copy")
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
        tests = baseline(copy, chosen.kept or Path(directory, "coverage.json"))
        until = time.monotonic() + 60 * chosen.minutes
        for number, (name, mutant) in enumerate(drawn(copy, chosen.seed, chosen.only), 1):
            if time.monotonic() > until:
                break
            survived = survives(copy, name, mutant, tests, number)
            tally[name.split("/")[1], mutant.kind, not survived] += 1
            if survived:
                print(f"survived: {name}:{mutant.lines.start}: {mutant.kind}: {mutant.change}", flush=True)
    print(score(tally))
    if chosen.write:
        write(tally, chosen.seed)
    return 0


def score(tally: Counter[tuple[str, str, bool]], kind: str = "", room: str = "") -> str:
    """How many were killed, of one kind or of one room where they are given."""
    fits = {key: number for key, number in tally.items() if kind in {"", key[1]} and room in {"", key[0]}}
    killed, of = sum(number for key, number in fits.items() if key[2]), sum(fits.values())
    return f"killed {killed} of {of} = {100 * killed / of:.0f} %" if of else "none drawn"


def write(tally: Counter[tuple[str, str, bool]], seed: int) -> None:
    """Put the score into the page, between its marks."""
    from docs.generate import between

    page = ROOT / "docs" / "reliability.md"
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    rows = [(kind, score(tally, kind=kind)) for kind in ("table", "pattern", "logic")]
    rows += [(f"`{room}/`", score(tally, room=room)) for room in ROOMS]
    table = "".join(f"| {name} | {found} |\n" for name, found in [*rows, ("**all**", score(tally))])
    today = dt.datetime.now(tz=dt.UTC).date()
    text = f"{today}, commit {commit}, seed {seed}.\n\n| mutants | score |\n| --- | --- |\n{table}"
    page.write_text(between(page.read_text(encoding="utf-8"), "mutants", text), encoding="utf-8")
