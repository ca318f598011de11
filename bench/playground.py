"""What the playground costs: `python -m bench.playground`, after `make site`, in a real Chromium.

The first answer is compared with the start of Pyodide alone, which no page that runs Python can avoid. `--write` puts
what it prints into docs/speed.md.
"""

import argparse
import statistics
import time
from pathlib import Path

from playwright.sync_api import Browser

from bench.guard import ROOT
from docs.generate import between
from docs.site.server import Server
from tests.support import browser

PAGE = ROOT / "docs" / "speed.md"
SITE = ROOT / "build" / "site"
WARM = 10
"""Answers that are timed once Python runs."""
PATIENCE = 300_000.0

_BARE = """
async (engine) => {
  const source = `
    onmessage = async ({ data }) => {
      const { loadPyodide } = await import(data + "pyodide.mjs");
      await loadPyodide({ indexURL: data });
      postMessage("done");
    };`;
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), { type: "module" });
  const start = performance.now();
  await new Promise((resolve) => { worker.onmessage = resolve; worker.postMessage(engine); });
  return (performance.now() - start) / 1000;
}
"""


def bare(chromium: Browser, url: str) -> float:
    """Seconds for Pyodide alone, in a browser that has nothing of it yet."""
    context = chromium.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(url)
    seconds: float = page.evaluate(_BARE, f"{url}assets/playground/engine/")
    context.close()
    return seconds


def answers(chromium: Browser, url: str) -> tuple[float, float]:
    """Seconds for the first answer, the same way, and the median of those that follow."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}playground/log/")
    page.wait_for_selector("#playground[data-state=idle]")
    start = time.perf_counter()
    page.select_option("#example", "npm-too-old.log")
    page.wait_for_selector("#playground[data-state=done]")
    first = time.perf_counter() - start
    following = []
    for _ in range(WARM):
        start = time.perf_counter()
        page.click("#run")
        page.wait_for_selector("#playground[data-state=done]")
        following.append(time.perf_counter() - start)
    context.close()
    return first, statistics.median(following)


def measured() -> str:
    """What is printed."""
    with Server(SITE) as server, browser.chromium() as chromium:
        starts, firsts, nexts = [], [], []
        for _ in range(3):
            starts.append(bare(chromium, server.url))
            first, following = answers(chromium, server.url)
            firsts.append(first)
            nexts.append(following)
    start, first, following = map(statistics.median, (starts, firsts, nexts))
    return (
        f"the first answer: {first:.2f} s, {first / start:.2f} times Pyodide's bare start ({start:.2f} s)\n"
        f"the next: {following * 1000:.0f} ms\n"
    )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.playground", description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/speed.md")
    chosen = parser.parse_args()
    printed = measured()
    print(printed, end="")
    if chosen.write:
        text = Path(PAGE).read_text(encoding="utf-8")
        PAGE.write_text(between(text, "playground", f"```text\n{printed}```\n"), encoding="utf-8")


if __name__ == "__main__":
    main()
