"""What the action costs: `python -m bench.action` prints seconds and ratios from one run, never asserted anywhere.

One job under act, with the runner's own semantics and without its start: the action publishes a package, installing
what it needs from PyPI as pip is set up here; it publishes a second one; and npm publishes a third one without it.
Then what comes before the guard alone, by itself, in seconds of CPU: of those a busy machine makes no more.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from bench.guard import Cost, cost
from safepublish.rehearsal import Registry
from tests.support import (
    act,
    world,
)

ROOT = Path(__file__).resolve().parent.parent

NAMES = ("first", "second", "alone")
WORKFLOW = f"""\
on: push
permissions: {{}}
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: {act.CHECKOUT}
      - id: first
        uses: ./
        with:
          working-directory: first
      - id: second
        uses: ./
        with:
          working-directory: second
      - id: alone
        run: npm publish
        working-directory: alone
"""


def once() -> act.Ended:
    """One job in a world of its own."""
    with tempfile.TemporaryDirectory() as directory:
        registry = Registry(dict.fromkeys(NAMES, world.HELLO))
        with world.Loopback(Path(directory), registry) as loopback:
            repository = act.lay(loopback.directory / "repository")
            for name in NAMES:
                shutil.copytree(loopback.project(name=name), repository / name)
            # pip as this machine has it: the tests' own wheels are out of reach
            pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
            more = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_NO_CACHE_DIR": "1", **pip}
            ended = act.run(loopback, repository, WORKFLOW, more=more)
    if ended.returncode:
        raise SystemExit(ended.said)
    return ended


def start() -> tuple[Cost, Cost]:
    """The action's own start, the guard doing no more than say its version: a first use, and a second."""
    with tempfile.TemporaryDirectory() as directory:
        env = {**os.environ, "RUNNER_TEMP": directory, "INPUT_ARGS": "--version", "PIP_NO_CACHE_DIR": "1"}
        env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"
        words = ["bash", str(ROOT / "action" / "run.sh")]
        return cost(words, Path(directory), env), cost(words, Path(directory), env)


def main() -> None:
    """Print the figures that docs/action.md quotes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    runs = [once().seconds for _ in range(times)]
    cold, warm, alone = (statistics.median(run[name] for run in runs) for name in NAMES)
    print(f"npm publish as a step, npm {world.NEWEST}: {alone:.2f} s")
    print(f"the action's first use in a job, its installation included: {cold:.2f} s, {cold / alone:.1f} times")
    print(f"a second use in the job: {warm:.2f} s, {warm / alone:.1f} times")
    starts = [start() for _ in range(times)]
    first, second = (statistics.median(one[use].cpu for one in starts) for use in (0, 1))
    print(f"before the guard, CPU: {first:.2f} s in a first use, {second:.2f} s in a second")


if __name__ == "__main__":
    main()
