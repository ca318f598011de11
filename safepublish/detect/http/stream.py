"""The bytes on a socket as `http.client` reads them: under the deadline, and never more than a limit."""

import io
from typing import TYPE_CHECKING

from safepublish.detect.http.deadline import Deadline

if TYPE_CHECKING:
    import socket

LARGEST_HEADERS = 256 * 1024
"""Bytes of an answer's headers that are read."""


class DeadlineSocket:
    """A socket as `http.client` uses one: each read and write gets what the deadline leaves, and reading has an end."""

    def __init__(self, sock: "socket.socket", deadline: Deadline, limit: int) -> None:
        """Of *sock*, at most *limit* bytes will be read."""
        self._sock = sock
        self._deadline = deadline
        self._limit = limit
        self._answer: _Answer | None = None

    def sendall(self, data: bytes) -> None:
        """Send all of *data*."""
        self._deadline.arm(self._sock)
        self._sock.sendall(data)

    def makefile(self, *_: object) -> io.BufferedReader:
        """Return the answer as a file."""
        self._answer = _Answer(_Bytes(self._sock, self._deadline, self._limit))
        return self._answer

    @property
    def is_in_step(self) -> bool:
        """Whether nothing came behind the answer, which would be read as the beginning of the next one."""
        return self._answer is not None and self._answer.ended_in_step

    def close(self) -> None:
        """Do nothing: who opened the socket closes it."""


class _Answer(io.BufferedReader):
    """An answer as a file, which knows once it is closed whether more had come than was read."""

    raw: "_Bytes"
    ended_in_step = False

    def close(self) -> None:
        """Close it, and check what is left."""
        if not self.closed:
            self.raw.ended = True
            self.ended_in_step = not self.peek(1)
        super().close()


class _Bytes(io.RawIOBase):
    """What arrives on a socket, up to a limit.

    That limit is the last one: `http.client` reads a chunk of negative size as "all there is".
    """

    def __init__(self, sock: "socket.socket", deadline: Deadline, limit: int) -> None:
        """Read at most *limit* bytes of *sock*."""
        self._sock = sock
        self._deadline = deadline
        self._left = limit
        self.ended = False  # nothing more is read

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override] # what a BufferedReader passes
        """Read what is there."""
        if self.ended:
            return 0
        self._deadline.arm(self._sock)
        count = self._sock.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise OSError(0, "the answer is too large")
        return count
