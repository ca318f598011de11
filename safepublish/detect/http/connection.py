"""Connects to a target: name look-up, the addresses in turn, the proxy's tunnel, TLS."""

import socket
import threading

from safepublish.detect.http.deadline import Deadline
from safepublish.detect.http.errors import UnreachableError
from safepublish.detect.http.proxy import Proxy, open_tunnel
from safepublish.detect.http.stream import LARGEST_HEADERS, DeadlineSocket
from safepublish.detect.http.target import Target, is_loopback
from safepublish.npm.config.transport import Transport

_FIRST_ADDRESS = 2.0  # seconds for each address of a host but the last, which gets what is left

Address = tuple[int, int, int, str, tuple[str, int]]
"""An entry of `socket.getaddrinfo`."""


def connect(target: Target, proxy: Proxy | None, deadline: Deadline, transport: Transport) -> socket.socket:
    """Return a socket to *target*, through the proxy's tunnel and with TLS where they are due.

    Raises `UnreachableError`, and OSError, HTTPException and ValueError as the standard library does.
    """
    if transport.routes is not None:
        sock = _dial("127.0.0.1", _rehearsed_port(target, dict(transport.routes)), deadline)
    elif proxy is None:
        sock = _dial(target.host, target.port, deadline)
    else:
        try:
            sock = _dial(proxy.host, proxy.port, deadline)
        except OSError as error:
            why = error.strerror or "no answer in time"
            raise UnreachableError(f"the proxy {proxy.host}:{proxy.port} could not be reached: {why}") from error
    if not target.secure:
        return sock
    from safepublish.detect.http.tls import encrypt  # only for https

    try:
        if proxy is not None:
            open_tunnel(DeadlineSocket(sock, deadline, LARGEST_HEADERS), target, proxy)
        return encrypt(sock, target, deadline, transport)
    except BaseException:
        sock.close()
        raise


def _rehearsed_port(target: Target, routes: dict[str, int]) -> int:
    """Return the port of this machine that stands for *target* in a rehearsal, from which nothing leaves."""
    port = target.port if is_loopback(target.host) else routes.get(target.authority)
    if port is None:
        raise UnreachableError(f"{target.authority} is not contacted in a rehearsal")
    return port


def _dial(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Return a socket that is connected to the first address of *host* that takes a connection."""
    addresses = _look_up(host, port, deadline)
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        last = index == len(addresses) - 1
        sock = socket.socket(family, kind, protocol)
        try:
            deadline.arm(sock, None if last else _FIRST_ADDRESS)
            sock.connect(address)
        except OSError:
            sock.close()
            if last:
                raise
            continue
        return sock
    raise UnreachableError(f"the name {host} has no address")


def _look_up(host: str, port: int, deadline: Deadline) -> list[Address]:
    """Return the addresses of *host*. Looked up in a thread of its own: the system's resolver knows no deadline."""
    found: list[list[Address]] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM))  # type: ignore[arg-type] # every socket address starts so
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline.left()))
    if found:
        return found[0]
    if failed:
        raise UnreachableError(f"the name {host} could not be resolved: {failed[0].strerror}") from failed[0]
    raise TimeoutError
