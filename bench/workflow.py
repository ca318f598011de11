"""What `safepublish workflow` costs, as ratios from one run: `python -m bench.workflow [DIRECTORY]`. `make bench` too.

DIRECTORY holds workflow files, beside each other or below .github/workflows; without one, those that the tests generate
are used. Shown: the whole directory against zizmor --offline, one file against `python -c "import yaml, pydantic"`, the
time for a growing number of files, and the most memory used. Python's modules are compiled beforehand, as pip leaves
them; beside the wall times, of which other work on the machine is a part, stand those of the CPU.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROUNDS = 9
GROWTH = (500, 1000, 2000, 5000)
SAFEPUBLISH = [sys.executable, "-m", "safepublish", "workflow"]
PUBLISH = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: "NODE"
      - run: npm ci
      - run: |
          npm run build
          npm version "$VERSION" --no-git-tag-version
          npm publish --access public
"""


class Took(NamedTuple):
    """What a command took, in milliseconds."""

    wall: float
    cpu: float


def run(words: Sequence[str], where: Path, compiled: Path) -> Took:
    """Run a command whose modules are kept compiled in the directory *compiled*."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        words,
        cwd=where,
        env=env | {"PYTHONPYCACHEPREFIX": str(compiled)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(1000 * wall, 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime))


def beside(ours: Sequence[str], theirs: Sequence[str], where: Path, compiled: Path) -> str:
    """Two commands that take turns: the medians of their times, and of the ratios of each turn."""
    pairs = [(run(ours, where, compiled), run(theirs, where, compiled)) for _ in range(1 + ROUNDS)][1:]
    told = []
    for name in Took._fields:
        times = [(getattr(one, name), getattr(other, name)) for one, other in pairs]
        mine, other = (statistics.median(of) for of in zip(*times, strict=True))
        ratio = statistics.median(one / other for one, other in times)
        told.append(f"{name} {mine:.0f} ms against {other:.0f} ms, {ratio:.2f} times that")
    return "; ".join(told)


def lay(files: Sequence[Path], count: int, into: Path) -> Path:
    """A repository of *count* workflow files, made of *files* over and over."""
    directory = into / ".github" / "workflows"
    directory.mkdir(parents=True)
    for number in range(count):
        shutil.copy(files[number % len(files)], directory / f"{number}.yml")
    return into


def generated(into: Path) -> list[Path]:
    """A few workflow files, for a run without a directory of real ones."""
    files = []
    for node in ("20", "22", "24", "lts/*"):
        path = into / f"{node.replace('/*', '')}.yml"
        path.write_text(PUBLISH.replace("NODE", node), encoding="utf-8")
        files.append(path)
    return files


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?", type=Path)
    given = parser.parse_args().directory
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        found = sorted(p for p in given.rglob("*.y*ml") if "companions" not in p.parts) if given else []
        files = found or generated(scratch)
        all_of_them = lay(files, max(len(files), 200), scratch / "all")
        compiled = scratch / "compiled"
        zizmor = [f"{sys.prefix}/bin/zizmor", "--offline", "."]
        print(f"{max(len(files), 200)} files, zizmor --offline: {beside(SAFEPUBLISH, zizmor, all_of_them, compiled)}")
        one = lay(files, 1, scratch / "one")
        bare = [sys.executable, "-c", "import yaml, pydantic"]
        print(f"one file, `import yaml, pydantic`: {beside(SAFEPUBLISH, bare, one, compiled)}")
        for count in GROWTH:
            many = lay(files, count, scratch / str(count))
            took = min(run(SAFEPUBLISH, many, compiled).cpu for _ in range(3))
            print(f"{count} files: {took:.0f} ms of CPU, {took / count:.2f} ms a file")
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"most memory: {most:.0f} MiB")


if __name__ == "__main__":
    main()
