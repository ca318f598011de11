"""What the start costs: `python bench/startup.py` prints ratios from one run, and the slowest imports of a check."""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from guard import SAFEPUBLISH, in_turn, median
from world import Loopback

SELDOM = ("urllib3", "rich", "pydantic", "yaml", "email.utils", "tarfile", "importlib.metadata", "shlex", "tempfile")
"""What a check of one package has no use for."""


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
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as directory, Loopback(Path(directory)) as loopback:
        project, env = loopback.project(), loopback.environment(more={"SAFEPUBLISH_FORMAT": "text"})
        bare = [sys.executable, "-c", "pass"]
        started, python = in_turn([[str(SAFEPUBLISH), "--version"], bare], times, project, env)
        ratio = statistics.median(a.wall / b.wall for a, b in zip(started, python, strict=True))
        print(f"safepublish --version: {ratio:.2f} times the wall time of python -c pass")
        print(f"its CPU: {median(started, 'cpu') / median(python, 'cpu'):.2f} times that of python -c pass")
        alone = set(imports(["-c", "pass"], project, env))
        seen = imports(["-m", "safepublish", "check", "--silent"], project, env)
    ours = {name: own for name, own in seen.items() if name not in alone}
    named = sorted(ours, key=lambda name: -ours[name])[:8]
    print(
        f"a check imports {len(ours)} modules beyond Python's own, {sum(ours.values()) / 1000:.0f} ms under the profile"
    )
    print("the slowest: " + ", ".join(f"{name} {ours[name] / 1000:.1f} ms" for name in named))
    needless = [name for name in SELDOM if name in ours]
    print(f"of what it has no use for: {', '.join(needless) or 'none'}")


if __name__ == "__main__":
    main()
