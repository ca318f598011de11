"""All figures as one table: `python -m bench`. Each benchmark also runs by itself, with options of its own."""

import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
APART = {"__main__.py", "faults.py", "mends.py"}
"""No benchmark, a campaign (`make faults`), or what needs a corpus."""

_RATIO = re.compile(r"(\d+\.\d+|\d+) times\b")


def rows(script: Path) -> list[str]:
    """The lines that a benchmark prints, as rows: the ratio that a line holds, and the line."""
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    if ended.returncode:
        return [f"| {script.stem} | | ended with {ended.returncode}: {ended.stderr.strip().splitlines()[-1:]} |"]
    found = []
    for line in ended.stdout.splitlines():
        ratio = _RATIO.search(line)
        found.append(f"| {script.stem} | {f'{ratio[1]} times' if ratio else ''} | {line.strip()} |")
    return found


def main() -> None:
    """Run every benchmark, one after the other."""
    started = time.monotonic()
    print("| benchmark | ratio | figure |\n| --- | ---: | --- |", flush=True)
    for script in sorted(HERE.glob("*.py")):
        if script.name not in APART:
            print("\n".join(rows(script)), flush=True)
    print(f"\n{time.monotonic() - started:.0f} s; ratios are of one run on this machine.")


if __name__ == "__main__":
    main()
