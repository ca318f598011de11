"""What many requests share: connections that are kept, tries that are repeated, and the pause a host asks for."""

import email.utils
import itertools
import socket
import ssl
import time
from collections.abc import Callable, Iterator

import pytest
import trustme

from safepublish.detect.http import Client, Deadline, Response, UnreachableError, retry
from safepublish.npm.config.transport import Transport
from tests.support import wire
from tests.support.clock import SkippingClock


@pytest.fixture
def keeping() -> Iterator[Client]:
    """A client that keeps its connections."""
    client = Client(Transport(), Deadline(5), keeps_connections=True)
    yield client
    client.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def skipping(seconds: float = 5.0) -> tuple[Client, SkippingClock]:
    """A client whose pauses take no time, and the clock that has them."""
    clock = SkippingClock()
    return Client(Transport(), Deadline(seconds, clock)), clock


def get(url: str, client: Client, *, tries: int = 1) -> Response:
    return client.request("GET", url, {}, tries=tries)


def answering(*answers: bytes) -> wire.Script:
    """Answer one request after the other on the same connection, and then close it."""

    def script(sock: socket.socket, _: bytes) -> None:
        for index, one in enumerate(answers):
            if index and not sock.recv(65536):
                return
            sock.sendall(one)

    return script


def test_a_connection_is_used_again_where_there_are_many_requests(keeping: Client) -> None:
    with wire.serving(answering(OK, OK, OK), answering(OK)) as server:
        assert [get(server.url, keeping).body for _ in range(4)] == [b"{}"] * 4
        assert len(server.received) == 2  # connections: the first was closed after three answers
    with wire.serving(answering(OK), answering(OK)) as server:
        single = Client(Transport(), Deadline(5))
        assert [get(server.url, single).status for _ in range(2)] == [200, 200]
        assert len(server.received) == 2
        assert b"Connection: close" in server.heard


NOT_KEPT: dict[str, bytes] = {
    "the server says close": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "more came than was announced": OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    "a body too large": b"HTTP/1.1 404 No\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000,
}


@pytest.mark.parametrize("name", NOT_KEPT)
def test_a_connection_that_may_be_out_of_step_is_not_used_again(name: str, keeping: Client) -> None:
    with wire.serving(answering(NOT_KEPT[name], b"HTTP/1.1 500 Evil\r\n\r\n"), answering(OK)) as server:
        get(server.url, keeping)
        assert get(server.url, keeping).status == 200
        assert len(server.received) == 2


def test_what_closes_while_it_lies_idle_is_asked_again_at_once(keeping: Client) -> None:
    with wire.serving(answering(OK), answering(OK)) as server:
        get(server.url, keeping)
        time.sleep(0.1)
        assert keeping.request("POST", server.url, {}).status == 200


def test_a_tls_connection_is_used_again_and_never_for_another_trust(keeping: Client) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    strict = keeping.transport
    with wire.serving(answering(OK, OK), tls=context) as server:
        url = server.url.replace("http", "https")
        keeping.transport = Transport(ca=(authority.cert_pem.bytes().decode(),))
        for _ in range(2):
            get(url, keeping)
        assert len(server.received) == 1
        keeping.transport = strict
        with pytest.raises(UnreachableError, match="not trusted"):
            get(url, keeping)


def status(code: int, **headers: str) -> wire.Script:
    return wire.answer(code, b"{}", {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("code", [408, 420, 425, 500, 501, 502, 503, 504, 520, 599])
def test_a_fault_that_may_pass_is_asked_about_again(code: int) -> None:
    with wire.serving(status(code), status(code), status(200)) as server:
        assert get(server.url, skipping()[0], tries=3).status == 200
    with wire.serving(status(code)) as server:
        assert get(server.url, skipping()[0], tries=3).status == code
        assert len(server.received) == 3
    with wire.serving(status(code), status(200)) as server:
        assert get(server.url, skipping()[0]).status == code


@pytest.mark.parametrize("code", [200, 301, 400, 401, 403, 404, 409, 418, 422, 424, 426, 499])
def test_what_will_not_pass_is_asked_once(code: int) -> None:
    with wire.serving(status(code)) as server:
        client, clock = skipping()
        assert get(server.url, client, tries=3).status == code
        assert (len(server.received), clock.sleeps) == (1, [])


def test_who_hangs_up_is_asked_again() -> None:
    with wire.serving(wire.raw(b""), status(200)) as server:
        assert get(server.url, skipping()[0], tries=3).status == 200
    with wire.serving(wire.raw(b"")) as server:
        client, clock = skipping()
        with pytest.raises(UnreachableError, match="closed the connection"):
            get(server.url, client, tries=3)
        assert len(server.received) == 3
        first, second = clock.sleeps
        assert 0.18 < first < 0.32 < second < 0.94


def test_who_hangs_up_is_not_asked_again_where_no_time_is_left() -> None:
    with wire.serving(wire.raw(b"")) as server:
        client, clock = skipping(0.15)
        with pytest.raises(UnreachableError, match="closed the connection"):
            get(server.url, client, tries=3)
        assert (len(server.received), clock.sleeps) == (1, [])


WAITS: dict[str, tuple[Callable[[], str], float, float]] = {
    "seconds": (lambda: "1", 0.9, 1.0),
    "none": (lambda: "0", 0.0, 0.0),
    "a date": (lambda: email.utils.formatdate(time.time() + 2, usegmt=True), 0.5, 2.0),
    "a date that is over": (lambda: email.utils.formatdate(time.time() - 60, usegmt=True), 0.0, 0.0),
    "no word of it": (lambda: "soon", 0.15, 0.32),
    "nothing": (lambda: "", 0.15, 0.32),
}


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("name", WAITS)
def test_a_host_that_asks_for_patience_gets_it(name: str, code: int) -> None:
    value, least, most = WAITS[name]
    with wire.serving(status(code, Retry_After=value()), status(200)) as server:
        client, clock = skipping()
        assert get(server.url, client, tries=3).status == 200
        assert least <= clock.skipped <= most


@pytest.mark.parametrize("asked", ["9", "99999999999", "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_pause_longer_than_the_deadline_is_not_waited_for(asked: str) -> None:
    for code in (429, 503):
        with wire.serving(status(code, Retry_After=asked)) as server:
            client, clock = skipping(2.0)
            assert get(server.url, client, tries=3).status == code
            assert (len(server.received), clock.sleeps) == (1, [])


def test_a_pause_holds_for_every_request_to_that_host() -> None:
    client, clock = skipping()
    with wire.serving(status(200)) as server, wire.serving(status(200)) as other:
        host = server.url.removeprefix("http://")
        client.traffic.pause(host, 0.5, client.deadline)
        get(other.url, client)
        assert clock.sleeps == []
        get(server.url, client)
        assert 0.2 < clock.skipped <= 0.5
        client.traffic.pause(host, 60, client.deadline)
        with pytest.raises(UnreachableError, match="did not answer within"):
            get(server.url, client)
        assert clock.skipped <= 5


def test_too_many_requests_for_ever_end_with_the_deadline() -> None:
    with wire.serving(status(429)) as server:
        client, clock = skipping(1.5)
        assert get(server.url, client, tries=3).status == 429
        assert clock.skipped < 1.5
        assert len(server.received) < 6
    with wire.serving(status(429, Retry_After="0")) as server:
        assert get(server.url, skipping()[0], tries=3).status == 429
        assert len(server.received) == retry.MOST_TRIES


def test_the_system_clock_sleeps() -> None:
    with wire.serving(status(503), status(200)) as server:
        started = time.monotonic()
        assert get(server.url, Client(Transport(), Deadline(5)), tries=2).status == 200
        assert time.monotonic() - started >= 0.15


def test_the_pauses_grow_and_differ() -> None:
    pauses = [[retry.backoff(tries) for _ in range(20)] for tries in (1, 2, 3, 9)]
    assert all(max(one) < min(other) for one, other in itertools.pairwise(pauses))
    assert len(set(pauses[0])) > 1
    assert max(pauses[-1]) <= 10
