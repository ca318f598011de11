"""A loopback server that says exactly the bytes a test wants, and remembers what it was sent."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

Script = Callable[[socket.socket, bytes], None]


class Wire:
    """What a server on 127.0.0.1 was sent, one entry a request."""

    def __init__(self, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self.received: list[bytes] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def heard(self) -> bytes:
        return b"\n".join(self.received)


def answer(
    status: int = 200, body: bytes = b"{}", headers: dict[str, str] | None = None, *, length: int | None = None
) -> Script:
    """Answer with *status* and *body*."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return raw("\r\n".join([*lines, "", ""]).encode("latin-1") + body)


def raw(data: bytes) -> Script:
    """Answer with *data* as it stands, and close."""

    def script(sock: socket.socket, _: bytes) -> None:
        sock.sendall(data)

    return script


def forwarding(password: bytes | None = None) -> Script:
    """A CONNECT proxy, which wants *password* if there is one."""

    def script(sock: socket.socket, asked: bytes) -> None:
        if password is not None and b"Proxy-Authorization: Basic " + password not in asked:
            sock.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        host, _, port = asked.split(b" ")[1].rpartition(b":")
        with socket.create_connection((host.decode(), int(port))) as onward:
            sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threads = [
                threading.Thread(target=pump, args=pair, daemon=True) for pair in ((sock, onward), (onward, sock))
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(5)

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    return script


@contextlib.contextmanager
def serving(*scripts: Script, tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    """Serve one script a connection, the last one for all that follow."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = Wire(listener)
        listener.settimeout(0.05)
        threads: list[threading.Thread] = []

        def one(sock: socket.socket, script: Script) -> None:
            with contextlib.suppress(OSError):
                if tls is not None:
                    sock.settimeout(5)
                    sock = tls.wrap_socket(sock, server_side=True)
                sock.settimeout(5)
                asked = head(sock)
                wire.received.append(asked)
                script(sock, asked)
                sock.shutdown(socket.SHUT_WR)
            sock.close()

        def accept() -> None:
            count = 0
            while not wire.closing.is_set():
                try:
                    sock, _ = listener.accept()
                except TimeoutError:
                    continue
                thread = threading.Thread(target=one, args=(sock, scripts[min(count, len(scripts) - 1)]), daemon=True)
                thread.start()
                threads.append(thread)
                count += 1

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield wire
        finally:
            wire.closing.set()
            thread.join()
            for one_ in threads:
                one_.join(5)


def head(sock: socket.socket) -> bytes:
    """Everything up to the blank line; the requests of these tests have no body."""
    got = b""
    while b"\r\n\r\n" not in got and got[:1] != b"\x16":  # which begins a TLS handshake
        more = sock.recv(65536)
        if not more:
            break
        got += more
    return got
