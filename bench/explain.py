"""What `safepublish explain` costs over a large log: processor time, beside `grep -c npm` on the same file, and memory.

`python -m bench.explain`, also in `make bench`: 200 MB with one failing publish inside, in the log of a build that says
nothing of npm, and in one that is full of npm's own requests; medians of three runs in turn.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PUBLISH = b"""\
2026-11-25T07:00:00.0000000Z ##[group]Run npm publish --provenance
2026-11-25T07:00:00.0000000Z npm notice Publishing to https://registry.npmjs.org/ with tag latest and public access
2026-11-25T07:00:00.0000000Z npm notice Access token expired or revoked. Please try logging in again.
2026-11-25T07:00:00.0000000Z npm error code E404
2026-11-25T07:00:00.0000000Z npm error 404 Not Found - PUT https://registry.npmjs.org/hello-oidc - Not found
2026-11-25T07:00:00.0000000Z npm error 404  'hello-oidc@1.0.0' is not in this registry.
"""
FILLERS = {
    "build": b"2026-11-25T07:00:00.0000000Z [%d/9999] compiling src/module/of/the/project/file.ts with its options\n",
    "requests": b"2026-11-25T07:00:00.0000000Z npm http fetch GET 200 https://registry.npmjs.org/lib-%d 12ms\n",
}
RUNS = 3


def lay(path: Path, filler: bytes, size: int) -> None:
    """Write a log of *size* bytes with the publish at two thirds."""
    chunk = b"".join(filler % number for number in range(10_000))
    with path.open("wb") as file:
        written, told = 0, False
        while written < size:
            if written > size * 2 // 3 and not told:
                file.write(PUBLISH)
                told = True
            file.write(chunk)
            written += len(chunk)


def spent(command: list[str], expected: int) -> tuple[float, int]:
    """Seconds of the processor, which other work on the machine does not stretch, and the peak memory in MB."""
    with tempfile.TemporaryFile() as output:  # grep stops at the first match where its output is thrown away
        process = subprocess.Popen(command, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
    taken = usage.ru_utime + usage.ru_stime
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected:
        sys.exit(f"{command} ended with {process.returncode}, not {expected}")
    return taken, usage.ru_maxrss // (1024 if sys.platform != "darwin" else 1024 * 1024)


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--runs", type=int, default=RUNS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        for name, filler in FILLERS.items():
            log, small = Path(directory, "large.log"), Path(directory, "small.log")
            lay(log, filler, chosen.megabytes * 10**6)
            lay(small, filler, chosen.megabytes * 10**5)
            explain = [sys.executable, "-m", "safepublish", "explain", "--format=text", str(log)]
            pairs = [(spent(["grep", "-c", "npm", str(log)], 0), spent(explain, 0)) for _ in range(chosen.runs)]
            grep = statistics.median(one[0][0] for one in pairs)
            ours = statistics.median(one[1][0] for one in pairs)
            _, little = spent([*explain[:-1], str(small)], 0)
            print(
                f"{name:9} {chosen.megabytes} MB: explain takes {ours / grep:.1f} times what grep -c npm takes"
                f" (at most 10); peak memory {pairs[0][1][1]} MB, {little} MB for a tenth of it"
            )


if __name__ == "__main__":
    main()
