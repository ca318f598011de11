"""What the start costs: `python -m bench.startup` prints ratios from one run, and the slowest imports of a check.

`--write` puts what it prints into docs/speed.md.
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.guard import ROOT, SAFEPUBLISH, in_turn, median
from tests.support.world import Loopback

SELDOM = ("urllib3", "rich", "pydantic", "yaml", "tarfile", "importlib.metadata", "shlex", "tempfile")
"""What a check of one package has no use for."""


LEFT_OUT = {
    "http.client, ssl": "what the requests are made with",
    "urllib3": "in its place",
    "plumbum": "where npm is started with subprocess",
    "pydantic": "for the JSON documents",
    "yaml": "of workflows",
    "rich.progress": "of the bar on a terminal",
    "safepublish.logs.reader, safepublish.report.after_publish": "while npm runs",
    "safepublish.pipelines.github": "on the way to a refusal",
}
"""Imports beside which others stand: what a check makes, and what it does without or puts off."""

PAGE = ROOT / "docs" / "speed.md"
MARKS = ("<!-- startup -->\n", "<!-- /startup -->\n")


def imports(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> dict[str, int]:
    """The modules that *command* imports, each with its own microseconds (`-X importtime`)."""
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        cwd=cwd,
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", ended.stderr, re.MULTILINE)
    return {name: int(own) for own, name in found}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--write", action="store_true", help="into docs/speed.md")
    chosen = parser.parse_args()
    lines = []
    for line in measured(chosen.times):
        print(line, flush=True)
        lines.append(f"{line}\n")
    if chosen.write:
        before, begin, rest = PAGE.read_text(encoding="utf-8").partition(MARKS[0])
        _, end, after = rest.partition(MARKS[1])
        PAGE.write_text(f"{before}{begin}```text\n{''.join(lines)}```\n{end}{after}", encoding="utf-8")


def measured(times: int) -> Iterator[str]:
    """The figures, a line each."""
    with tempfile.TemporaryDirectory() as directory, Loopback(Path(directory)) as loopback:
        project, env = loopback.project(), loopback.environment(more={"SAFEPUBLISH_FORMAT": "text"})
        bare = [sys.executable, "-c", "pass"]
        started, python = in_turn([[str(SAFEPUBLISH), "--version"], bare], times, project, env)
        ratio = statistics.median(a.wall / b.wall for a, b in zip(started, python, strict=True))
        yield f"safepublish --version: {ratio:.2f} times the wall time of python -c pass"
        yield f"its CPU: {median(started, 'cpu') / median(python, 'cpu'):.2f} times that of python -c pass"
        words = [[sys.executable, "-c", f"import {name}"] for name in LEFT_OUT]
        check = [str(SAFEPUBLISH), "check", "--silent"]
        whole, nothing, *apart = in_turn([check, bare, *words], times, project, env)
        python_alone = median(nothing, "cpu")
        beyond = 1000 * (median(whole, "cpu") - python_alone)
        yield f"a check: {beyond:.0f} ms of CPU beyond python -c pass; an import:"
        for (name, why), costs in zip(LEFT_OUT.items(), apart, strict=True):
            yield f"  {1000 * (median(costs, 'cpu') - python_alone):4.0f} ms  {name}: {why}"
        alone = set(imports(["-c", "pass"], project, env))
        seen = imports(["-m", "safepublish", "check", "--silent"], project, env)
    ours = {name: own for name, own in seen.items() if name not in alone}
    named = sorted(ours, key=lambda name: -ours[name])[:8]
    spent = sum(ours.values()) / 1000
    yield f"a check imports {len(ours)} modules beyond Python's own, {spent:.0f} ms under -X importtime"
    yield "the slowest: " + ", ".join(f"{name} {ours[name] / 1000:.1f} ms" for name in named)
    needless = [name for name in SELDOM if name in ours]
    yield f"of what it has no use for: {', '.join(needless) or 'none'}"


if __name__ == "__main__":
    main()
