"""All figures as one table of ratios: `python -m bench`, and with `--write` those of docs/.

Each benchmark also runs by itself, with options of its own; what of its lines holds no ratio is printed by it alone.
"""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "speed.md"
APART = {
    "__main__.py": "this",
    "playground.py": "it takes the built site, and a browser",
    "mends.py": "it takes a directory of real workflows",
}
"""What stands here and is no benchmark."""
WRITES = {"many.py": "--draw", "startup.py": "--write"}
"""What lets a benchmark put its own figures into docs/."""
MARKS = ("<!-- bench -->\n", "<!-- /bench -->\n")
HEAD = ["| benchmark | ratio | figure |", "| --- | ---: | --- |"]

_RATIO = re.compile(r"(\d+(?:\.\d+)?) (times|of it)\b")


def benchmarks() -> list[Path]:
    """The scripts that are run, in turn."""
    return sorted(path for path in HERE.glob("*.py") if path.name not in APART)


def rows(name: str, printed: str) -> list[str]:
    """The lines with a ratio that the benchmark *name* has printed, as rows of the table; the last ratio counts."""
    found = []
    for line in printed.splitlines():
        ratios = _RATIO.findall(line)
        if ratios:
            found.append(f"| {name} | {ratios[-1][0]} | {line.strip().replace('|', '&#124;')} |")
    return found


def written(text: str, table: Sequence[str]) -> str:
    """The page's *text* with *table* between its marks."""
    before, begin, rest = text.partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not end:
        raise SystemExit(f"{PAGE.name} has no {MARKS[0].strip()} and {MARKS[1].strip()}")
    return before + begin + "\n".join(table) + "\n" + end + after


def main() -> int:
    """Run every benchmark, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/speed.md and docs/many.svg")
    chosen = parser.parse_args()
    started = time.monotonic()
    table, failed = list(HEAD), False
    print("\n".join(HEAD), flush=True)
    for script in benchmarks():
        words = [WRITES[script.name]] if chosen.write and script.name in WRITES else []
        ended = subprocess.run(
            [sys.executable, "-m", f"bench.{script.stem}", *words], capture_output=True, text=True, check=False
        )
        found = rows(script.stem, ended.stdout)
        table += found
        print("\n".join(found), flush=True)
        if ended.returncode or not found:
            failed = True
            print(f"{script.name} ended with {ended.returncode}\n{ended.stderr[-2000:]}", file=sys.stderr)
    print(f"\n{time.monotonic() - started:.0f} s; ratios are of one run on this machine.")
    if failed:
        return 1
    if chosen.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), table), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
