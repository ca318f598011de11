"""What many packages cost: `python -m bench.many` prints ratios from one run, and draws docs/many.svg.

A bare urllib3 pool sends the same requests with the same number at once, in a process of its own, as the guard does.
The registry is the rehearsal's, in a third process, and every answer of it takes 50 ms.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.guard import ROOT, SAFEPUBLISH, Cost, cost
from safepublish.detect.network import AT_ONCE
from safepublish.rehearsal import Fault, PublishedPackage, Registry, Server, TrustedPublisher
from tests.support.world import Loopback

LATENCY = 0.05
PICTURE = ROOT / "docs" / "many.svg"
OURS = (TrustedPublisher("octo-org/hello-oidc", "publish.yml"),)

BARE = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
import urllib3

plan = json.load(open(sys.argv[1]))
pool = urllib3.PoolManager(maxsize=plan["at_once"], block=True, retries=False)
minted = pool.request("GET", plan["mint"], headers={"Authorization": "Bearer " + plan["request_token"]})
bearer = {"Authorization": "Bearer " + minted.json()["value"]}

def ask(job):
    method, url = job
    answer = pool.request(method, url, headers=bearer if method == "POST" else plan["accept"])
    assert answer.status < 300, answer.status
    return len(json.loads(answer.data))

with ThreadPoolExecutor(plan["at_once"]) as threads:
    assert all(threads.map(ask, plan["jobs"]))
"""


def name(number: int) -> str:
    """The name of one of the packages."""
    return f"bench-{number:05}"


def _serve(packages: int, pipe: Any) -> None:
    registry = Registry({name(number): PublishedPackage(("0.9.0",), publishers=OURS) for number in range(packages)})
    slow = Fault(delay=LATENCY)
    with Server(registry, faults={"exchange": slow, "packument": slow, "id-token": slow}) as server:
        pipe.send((server.url, server.variables()))
        pipe.recv()


@contextmanager
def registry_of(packages: int) -> Iterator[tuple[str, dict[str, str]]]:
    """A registry in a process of its own: its url, and the variables of the job that may publish."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(packages, there))
    process.start()
    try:
        yield here.recv()
    finally:
        here.send(None)
        process.join()


def measure(packages: int, times: int) -> tuple[list[Cost], list[Cost]]:
    """The guard, and the bare pool, over so many packages, in turn."""
    with tempfile.TemporaryDirectory() as directory, Loopback(Path(directory)) as loopback:
        root = loopback.project("mono", name="root", private=True, workspaces=["packages/*"])
        for number in range(packages):
            loopback.project(f"mono/packages/{name(number)}", name=name(number))
        with registry_of(packages) as (url, variables):
            env = {**loopback.environment(), **variables, "npm_config_registry": url, "SAFEPUBLISH_DEADLINE": "600"}
            plan = Path(directory, "plan.json")
            jobs = [
                job
                for number in range(packages)
                for job in (
                    ("POST", f"{url}-/npm/v1/oidc/token/exchange/package/{name(number)}"),
                    ("GET", f"{url}{name(number)}"),
                )
            ]
            accept = {"Accept": "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*"}
            asked = {"at_once": AT_ONCE, "jobs": jobs, "accept": accept}
            asked["mint"] = variables["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=npm:127.0.0.1"
            asked["request_token"] = variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
            plan.write_text(json.dumps(asked))
            guarded, bare = [], []
            for _ in range(times):
                guarded.append(cost([str(SAFEPUBLISH), "check", "--silent", "--workspaces"], root, env))
                bare.append(cost([sys.executable, "-c", BARE, str(plan)], root, env))
    return guarded, bare


def picture(points: Sequence[tuple[int, float, float]]) -> str:
    """The curve as SVG, both axes logarithmic: packages, seconds of the guard, seconds of the bare pool."""
    import math

    wide, high, left, top, right, bottom = 640, 360, 70, 30, 20, 50
    first, last = points[0][0], points[-1][0]
    seconds = [value for _, *values in points for value in values]
    low, most = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))

    def x(packages: float) -> float:
        return left + (wide - left - right) * math.log(packages / first) / math.log(last / first)

    def y(value: float) -> float:
        return top + (high - top - bottom) * (most - math.log10(value)) / (most - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="sans-serif" font-size="13">',
        f'<rect width="{wide}" height="{high}" fill="white"/>',
    ]
    for power in range(low, most + 1):
        at = y(10**power)
        parts.append(f'<path d="M{left} {at:.1f}H{wide - right}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{10**power:g} s</text>')
    for packages, *_ in points:
        parts.append(f'<path d="M{x(packages):.1f} {top}V{high - bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{x(packages):.1f}" y="{high - 28}" text-anchor="middle">{packages:,}</text>')
    parts.append(f'<text x="{(left + wide - right) / 2}" y="{high - 8}" text-anchor="middle">packages</text>')
    for index, (label, colour) in enumerate((("safepublish check", "#b3261e"), ("a bare urllib3 pool", "#1f5fa8"))):
        line = " ".join(f"{x(point[0]):.1f},{y(point[1 + index]):.1f}" for point in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(point[0]):.1f}" cy="{y(point[1 + index]):.1f}" r="3.5" fill="{colour}"/>'
            for point in points
        ]
        parts.append(f'<text x="{left + 12}" y="{top + 16 + 18 * index}" fill="{colour}">{label}</text>')
    return "\n".join([*parts, "</svg>\n"])


def main() -> None:
    """Print the figures, and with --draw replace the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=int, nargs="+", default=[50, 500, 5000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--draw", action="store_true")
    chosen = parser.parse_args()
    points = []
    print(f"{AT_ONCE} requests at once, {LATENCY * 1000:.0f} ms each, two for each package")
    for packages in chosen.packages:
        guarded, bare = measure(packages, chosen.times if packages < 5000 else 1)
        ratio = statistics.median(one.wall / other.wall for one, other in zip(guarded, bare, strict=True))
        ours, theirs = (statistics.median(one.wall for one in costs) for costs in (guarded, bare))
        memory = max(one.memory for one in guarded)
        cpu = statistics.median(one.cpu for one in guarded)
        print(
            f"{packages:5} packages: {ours:.2f} s, {ratio:.2f} times a bare urllib3 pool ({theirs:.2f} s);"
            f" CPU {cpu:.2f} s; peak memory {memory:.0f} MB",
            flush=True,
        )
        points.append((packages, ours, theirs))
    if chosen.draw:
        PICTURE.write_text(picture(points), encoding="utf-8")


if __name__ == "__main__":
    main()
