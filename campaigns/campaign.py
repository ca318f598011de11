"""What the long campaigns share: many runs side by side, as long as there is time, and stopped without losing count."""

import argparse
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import TypeVar

Given = TypeVar("Given")
Result = TypeVar("Result")


MOMENT = 200  # results between two lines that say how far it is


def options(description: str | None) -> argparse.ArgumentParser:
    """The options of every campaign."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="situations whose id holds this")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1, help="of the order, so that a part of them is a fair part")
    parser.add_argument("--minutes", type=float, default=24 * 60)
    return parser


def counted(results: Iterable[Result], of: int) -> Iterator[Result]:
    """The results as they come; says from time to time how far it is."""
    started = time.monotonic()
    for number, result in enumerate(results, 1):
        if number % MOMENT == 0:
            print(f"{number} of {of} after {time.monotonic() - started:.0f} s", flush=True)
        yield result


class Stop(BaseException):
    """A signal: what is being played is played to its end, and not counted."""


def played(run: Callable[[Given], Result], given: Sequence[Given], *, jobs: int, minutes: float) -> Iterator[Result]:
    """The results as they come, of what begins before so many *minutes* are over, or a signal."""
    until = time.monotonic() + 60 * minutes
    waiting, running = list(reversed(given)), set[Future[Result]]()

    def stop(*_: object) -> None:
        raise Stop

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    pool = ProcessPoolExecutor(jobs, initializer=_leave_signals_to_the_parent)
    try:
        while True:
            while waiting and len(running) < jobs and time.monotonic() < until:
                running.add(pool.submit(run, waiting.pop()))
            if not running:
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                yield one.result()
    except Stop:
        print("stopped", flush=True)
    finally:
        for number in previous:
            signal.signal(number, signal.SIG_IGN)
        pool.shutdown(cancel_futures=True)
        for number, handler in previous.items():
            signal.signal(number, handler)


def _leave_signals_to_the_parent() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # not SIG_IGN, which programs inherit
