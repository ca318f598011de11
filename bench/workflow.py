"""What `safepublish workflow` costs, as ratios from one run: `python bench/workflow.py [DIRECTORY]`. `make bench` too.

DIRECTORY holds workflow files, beside each other or below .github/workflows; without one, those that the tests generate
are used. Shown: the whole directory against zizmor --offline, one file against `python -c "import yaml, pydantic"`, the
time for a growing number of files, and the most memory used.
"""

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

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


def wall(words: Sequence[str], where: Path) -> float:
    """Seconds that a command takes."""
    start = time.perf_counter()
    subprocess.run(words, cwd=where, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def beside(ours: Sequence[str], theirs: Sequence[str], where: Path) -> tuple[float, float]:
    """The medians of two commands that take turns, in milliseconds."""
    pairs = [(wall(ours, where), wall(theirs, where)) for _ in range(ROUNDS)]
    return tuple(1000 * statistics.median(times) for times in zip(*pairs, strict=True))  # type: ignore[return-value]


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
        ours, zizmor = beside(SAFEPUBLISH, [f"{sys.prefix}/bin/zizmor", "--offline", "."], all_of_them)
        print(
            f"{max(len(files), 200)} files: {ours:.0f} ms, zizmor --offline {zizmor:.0f} ms: {ours / zizmor:.2f} of it"
        )
        one = lay(files, 1, scratch / "one")
        ours, bare = beside(SAFEPUBLISH, [sys.executable, "-c", "import yaml, pydantic"], one)
        print(f"one file: {ours:.0f} ms, `import yaml, pydantic` {bare:.0f} ms: {ours / bare:.2f} of it")
        for count in GROWTH:
            many = lay(files, count, scratch / str(count))
            took = min(wall(SAFEPUBLISH, many) for _ in range(3))
            print(f"{count} files: {1000 * took:.0f} ms, {1000 * took / count:.2f} ms a file")
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"most memory: {most:.0f} MiB")


if __name__ == "__main__":
    main()
