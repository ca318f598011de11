"""How far the looking around is, where there is much to ask: a bar on a terminal, a few lines elsewhere."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

FEWEST = 40
"""Requests from which on it is worth a word."""

_QUARTERS = 4


class Bar:
    """A bar on a terminal, which is gone when everything is answered."""

    def __init__(self, stream: TextIO, instead: "Lines") -> None:
        """A bar on *stream*, from the first word on; *instead* where rich is not installed."""
        self._stream, self._instead = stream, instead
        self._bar: Progress | None = None

    def __call__(self, done: int, whole: int) -> None:
        """Show *done* of *whole*."""
        if whole < FEWEST:
            return
        if self._bar is None:
            try:
                from rich.console import Console  # 250 ms, for many packages on a terminal only
                from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
            except ImportError:
                self._instead(done, whole)
                return
            columns = TextColumn("safepublish asks the registry"), BarColumn(), MofNCompleteColumn()
            console = Console(file=self._stream, highlight=False)
            self._bar = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
            self._bar.start()
            self._bar.add_task("", total=whole)
        self._bar.update(self._bar.task_ids[0], completed=done)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class Lines:
    """A line at each quarter, where nobody watches."""

    def __init__(self, write: Callable[[str], None]) -> None:
        """Lines for *write*."""
        self._write = write
        self._told = 0

    def __call__(self, done: int, whole: int) -> None:
        """Say so at each quarter of *whole*, but not at its end: then there is more to say."""
        quarter = _QUARTERS * done // whole
        if whole >= FEWEST and self._told < quarter < _QUARTERS:
            self._told = quarter
            self._write(f"safepublish: {done} of {whole} requests answered\n")

    def close(self) -> None:
        """Nothing is left to take away."""
