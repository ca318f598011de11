"""A copy of what npm prints on stdout, which still gets every byte: for what npm says nowhere else."""

import contextlib
import os
import select
import threading
from types import TracebackType
from typing import Self

KEPT = 4 * 1024 * 1024
"""Bytes that are kept, the last ones: npm prints the stage ids at its end."""

_STDOUT = 1
_CHUNK = 64 * 1024
_SECONDS = 2.0
"""How long the end of the output is waited for once npm has exited: a process that npm left may hold the pipe open."""


class StdoutCopy:
    """Reads a pipe that npm has as its stdout, and passes every byte on to our own at once.

    Used only where stdout is no terminal, so that npm sees none either way.
    """

    def __init__(self) -> None:
        """Open the pipe."""
        self._read_end, self.pipe = os.pipe()  # the pipe is what npm gets as its stdout
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._copy, daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close_pipe()
        if not self._thread.ident:
            os.close(self._read_end)

    def started(self) -> None:
        """Begin to read, once npm runs and has the pipe."""
        self._close_pipe()
        self._thread.start()

    def printed(self) -> bytes:
        """What npm printed, once it has exited."""
        if self._thread.ident:
            self._thread.join(_SECONDS)
        return bytes(self._kept)

    def _close_pipe(self) -> None:
        if self.pipe != -1:
            os.close(self.pipe)
            self.pipe = -1

    def _copy(self) -> None:
        try:
            while chunk := os.read(self._read_end, _CHUNK):
                self._kept = (self._kept + chunk)[-KEPT:]
                _write_all(chunk)
        except OSError:  # nobody reads our stdout any more: npm learns it from the closed pipe, as it would without us
            pass
        finally:
            os.close(self._read_end)


def _write_all(chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        try:
            rest = rest[os.write(_STDOUT, rest) :]
        except BlockingIOError:
            with contextlib.suppress(ValueError):
                select.select([], [_STDOUT], [])
