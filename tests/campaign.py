"""What the long campaigns share: many runs side by side, as long as there is time, and stopped without losing count."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import TypeVar

Given = TypeVar("Given")
Result = TypeVar("Result")


class Stop(BaseException):
    """A signal: what is being played is played to its end, and not counted."""


def played(run: Callable[[Given], Result], given: Sequence[Given], *, jobs: int, until: float) -> Iterator[Result]:
    """The results as they come, of what begins before *until*, in seconds of the monotonic clock, or a signal."""
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
