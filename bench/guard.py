"""What the guard costs: `python -m bench.guard` prints ratios from one run, never asserted anywhere.

A and B run in turn, so that a machine that slows down slows both; the figures are medians.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from safepublish.rehearsal import Fault, PublishedPackage, TrustedPublisher
from tests.support import world

ROOT = Path(__file__).resolve().parent.parent

NPM = "12.2.0"
SAFEPUBLISH = Path(sys.executable).with_name("safepublish")


class Cost(NamedTuple):
    """One run of a command: seconds on the wall, seconds of CPU, peak memory in MB."""

    wall: float
    cpu: float
    memory: float


def cost(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Cost:
    """Run *command*; memory is the largest process's."""
    started = time.perf_counter()
    process = subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}:\n{out.decode(errors='replace')}")
    scale = 1024 if sys.platform.startswith("linux") else 1024 * 1024
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale)


def in_turn(commands: Sequence[Sequence[str]], times: int, cwd: Path, env: Mapping[str, str]) -> list[list[Cost]]:
    """Run each of *commands* in turn, *times* times after one warm-up."""
    costs: list[list[Cost]] = [[] for _ in commands]
    for turn in range(times + 1):
        for index, command in enumerate(commands):
            seen = cost(command, cwd, env)
            if turn:
                costs[index].append(seen)
    return costs


def median(costs: Sequence[Cost], field: str) -> float:
    """The median of one field."""
    return statistics.median(getattr(one, field) for one in costs)


def main() -> None:
    """Print the ratios that the README quotes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=15)
    times = parser.parse_args().times
    package = PublishedPackage(("0.9.0",), publishers=(TrustedPublisher("octo-org/hello-oidc", "publish.yml"),))
    with tempfile.TemporaryDirectory() as directory, world.Loopback(Path(directory)) as loopback:
        project = loopback.project()
        bins = Path(directory, "bin")  # npm 12 on the newest Node
        bins.mkdir()
        (bins / "node").symlink_to(world.node(26))
        (bins / "npm").symlink_to(world.npm(NPM) / "bin" / "npm-cli.js")
        env = loopback.environment(NPM)
        env["PATH"] = f"{bins}:{env['PATH']}"
        env.pop("NODE_OPTIONS")
        loopback.registry.job = loopback.registry.job._replace(
            visibility="private"
        )  # no provenance: Sigstore is not here

        def publish(words: list[str]) -> Cost:
            loopback.registry.packages["hello-oidc"] = package
            return cost(words, project, env)

        npm = [str(bins / "npm"), "publish", "--silent"]
        guarded = [str(SAFEPUBLISH), "--silent"]
        alone, behind = [], []
        for turn in range(times + 1):
            one, other = publish(npm), publish(guarded)
            if turn:
                alone.append(one)
                behind.append(other)
        ratio = statistics.median(b.wall / a.wall for a, b in zip(alone, behind, strict=True))
        print(f"npm publish alone, npm {NPM} on Node {world.NODE[26]}: {median(alone, 'wall'):.3f} s")
        print(f"safepublish around it: {median(behind, 'wall'):.3f} s, {ratio:.2f} times")

        loopback.registry.packages["hello-oidc"] = package
        check = [str(SAFEPUBLISH), "check", "--silent"]
        checks, versions = in_turn([check, [str(bins / "npm"), "--version"]], times, project, env)
        cpu = median(checks, "cpu") / median(versions, "cpu")
        print(f"the guard's CPU: {median(checks, 'cpu'):.3f} s, {cpu:.2f} times that of npm --version")
        print(f"its peak memory: {median(checks, 'memory'):.0f} MB")

        loopback.server.faults.update({"id-token": Fault(delay=0.2), "exchange": Fault(delay=0.8)})
        slow, start = in_turn([check, [str(SAFEPUBLISH), "--version"]], max(3, times // 3), project, env)
        whole, started = median(slow, "wall"), median(start, "wall")
        print(
            "with 200 ms at the identity endpoint and 800 ms at the exchange: looking around takes"
            f" {whole - started:.2f} times their sum ({whole:.3f} s less the {started:.3f} s of safepublish --version)"
        )


if __name__ == "__main__":
    main()
