"""What the requests of one run share: the connections that are kept, and the pauses that hosts asked for."""

import threading
from typing import TYPE_CHECKING

from safepublish.detect.http.deadline import Deadline

if TYPE_CHECKING:
    import socket


class Traffic:
    """The connections and pauses of one run; its methods may be called from several threads."""

    def __init__(self, *, keeps_connections: bool = False) -> None:
        """With *keeps_connections*, a connection whose answer came whole is used again."""
        self.keeps_connections = keeps_connections
        self._idle: dict[object, list[socket.socket]] = {}
        self._resume: dict[str, float] = {}  # by host, when it may be asked again, by `Clock.monotonic`
        self._lock = threading.Lock()

    def take(self, key: object) -> "socket.socket | None":
        """Return a kept connection, which no other request has then."""
        with self._lock:
            kept = self._idle.get(key)
            return kept.pop() if kept else None

    def give(self, key: object, sock: "socket.socket") -> bool:
        """Keep *sock* for the next request; False where none is kept."""
        with self._lock:
            if self.keeps_connections:
                self._idle.setdefault(key, []).append(sock)
            return self.keeps_connections

    def pause(self, host: str, seconds: float, deadline: Deadline) -> None:
        """Let no request go to *host* for so long."""
        with self._lock:
            self._resume[host] = max(self._resume.get(host, 0.0), deadline.clock.monotonic() + seconds)

    def wait(self, host: str, deadline: Deadline) -> None:
        """Wait until *host* may be asked; not past *deadline*."""
        left = self._resume.get(host, 0.0) - deadline.clock.monotonic()
        if left > 0:
            deadline.sleep(left)

    def close(self) -> None:
        """Close what is kept."""
        with self._lock:
            kept = [sock for socks in self._idle.values() for sock in socks]
            self._idle.clear()
            self.keeps_connections = False
        for sock in kept:
            sock.close()
