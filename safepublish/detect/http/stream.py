"""The bytes on a socket as `http.client` reads them: under the deadline, and never more than a limit."""

import io
import re
from typing import TYPE_CHECKING

from safepublish.detect.http.deadline import Deadline

if TYPE_CHECKING:
    import socket

LARGEST_HEADERS = 256 * 1024
"""Bytes of an answer's headers that are read."""

LARGEST_NODE_READS = 16 * 1024
"""Bytes of headers that Node reads (`--max-http-header-size`)."""

_STATUS = re.compile(rb"HTTP/1\.[01] [1-9][0-9]{2}(?: [\t\x20-\x7e\x80-\xff]*)?")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)")


def is_read_by_node(head: bytes) -> bool:
    """Whether Node's HTTP parser takes *head*, the beginning of an answer (llhttp 9, which is strict by default).

    `http.client` also takes bare line feeds, folded headers, a length beside chunks, and much longer headers.
    """
    while True:
        lines, end, head = head.partition(b"\r\n\r\n")
        status, *headers = lines.split(b"\r\n")
        if not end or len(lines) > LARGEST_NODE_READS or _STATUS.fullmatch(status) is None:
            return False
        fields = [match.groups() for match in map(_HEADER.fullmatch, headers) if match is not None]
        if len(fields) < len(headers) or not _is_framed([(name.lower(), value.strip()) for name, value in fields]):
            return False
        if status[9:12] == b"101":
            return False
        if status[9:10] != b"1":  # else another answer follows
            return True


def _is_framed(fields: list[tuple[bytes, bytes]]) -> bool:
    """Whether the end of the body is said once."""
    lengths = [value for name, value in fields if name == b"content-length"]
    chunked = any(name == b"transfer-encoding" for name, _ in fields)
    return len(lengths) + chunked <= 1 and all(value.isdigit() for value in lengths)


class DeadlineSocket:
    """A socket as `http.client` uses one: each read and write gets what the deadline leaves, and reading has an end."""

    def __init__(self, sock: "socket.socket", deadline: Deadline, limit: int) -> None:
        """Of *sock*, at most *limit* bytes will be read."""
        self._sock = sock
        self._deadline = deadline
        self._limit = limit
        self._answer: _Answer | None = None
        self._bytes: _Bytes | None = None

    def sendall(self, data: bytes) -> None:
        """Send all of *data*."""
        self._deadline.arm(self._sock)
        self._sock.sendall(data)

    def makefile(self, *_: object) -> io.BufferedReader:
        """Return the answer as a file."""
        self._bytes = _Bytes(self._sock, self._deadline, self._limit)
        self._answer = _Answer(self._bytes)
        return self._answer

    @property
    def is_read_by_node(self) -> bool:
        """Whether Node's parser takes the head of the answer that was read."""
        return self._bytes is None or is_read_by_node(bytes(self._bytes.head))

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
        self.head = bytearray()  # the first bytes, with all that Node takes for headers

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override] # what a BufferedReader passes
        """Read what is there."""
        if self.ended:
            return 0
        self._deadline.arm(self._sock)
        count = self._sock.recv_into(buffer)
        if len(self.head) <= LARGEST_NODE_READS:
            self.head += memoryview(buffer)[:count]
        self._left -= count
        if self._left < 0:
            raise OSError(0, "the answer is too large")
        return count
