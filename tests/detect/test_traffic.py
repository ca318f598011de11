"""What many requests share: connections that are kept, tries that are repeated, and the pause a host asks for."""

import email.utils
import itertools
import socket
import ssl
import time
from collections.abc import Callable, Iterator

import pytest
import trustme

from safepublish.detect import http
from safepublish.detect.http import Deadline, Response, Traffic, Unreachable
from safepublish.npm.config.transport import Transport
from tests.support import wire


@pytest.fixture
def kept() -> Iterator[Traffic]:
    made = Traffic(keep=True)
    yield made
    made.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def ask(url: str, traffic: Traffic, *, tries: int = 1, seconds: float = 5.0, method: str = "GET") -> Response:
    return http.request(
        method, url, headers={}, deadline=Deadline(seconds), transport=Transport(), traffic=traffic, tries=tries
    )


def answering(*answers: bytes) -> wire.Script:
    """Answer one request after the other on the same connection, and then close it."""

    def script(sock: socket.socket, _: bytes) -> None:
        for index, one in enumerate(answers):
            if index and not sock.recv(65536):
                return
            sock.sendall(one)

    return script


def test_a_connection_is_used_again_where_there_are_many_requests(kept: Traffic) -> None:
    with wire.serving(answering(OK, OK, OK), answering(OK)) as server:
        assert [ask(server.url, kept).body for _ in range(4)] == [b"{}"] * 4
        assert len(server.received) == 2  # connections: the first was closed after three answers
    with wire.serving(answering(OK), answering(OK)) as server:
        assert [ask(server.url, Traffic()).status for _ in range(2)] == [200, 200]
        assert len(server.received) == 2
        assert b"Connection: close" in server.heard


NOT_KEPT: dict[str, bytes] = {
    "the server says close": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "more came than was announced": OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    "a body too large": b"HTTP/1.1 404 No\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000,
}


@pytest.mark.parametrize("name", NOT_KEPT)
def test_a_connection_that_may_be_out_of_step_is_not_used_again(name: str, kept: Traffic) -> None:
    with wire.serving(answering(NOT_KEPT[name], b"HTTP/1.1 500 Evil\r\n\r\n"), answering(OK)) as server:
        ask(server.url, kept)
        assert ask(server.url, kept).status == 200
        assert len(server.received) == 2


def test_what_closes_while_it_lies_idle_is_asked_again_at_once(kept: Traffic) -> None:
    with wire.serving(answering(OK), answering(OK)) as server:
        ask(server.url, kept)
        time.sleep(0.1)
        assert ask(server.url, kept, method="POST").status == 200


def test_a_tls_connection_is_used_again_and_never_for_another_trust(kept: Traffic) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusting = Transport(ca=(authority.cert_pem.bytes().decode(),))
    with wire.serving(answering(OK, OK), tls=context) as server:
        url = server.url.replace("http", "https")
        for _ in range(2):
            http.request("GET", url, headers={}, deadline=Deadline(5), transport=trusting, traffic=kept)
        assert len(server.received) == 1
        with pytest.raises(Unreachable, match="not trusted"):
            http.request("GET", url, headers={}, deadline=Deadline(5), transport=Transport(), traffic=kept)


def status(code: int, **headers: str) -> wire.Script:
    return wire.answer(code, b"{}", {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("code", [500, 502, 503, 504, 408])
def test_a_fault_that_may_pass_is_asked_about_again(code: int) -> None:
    with wire.serving(status(code), status(code), status(200)) as server:
        assert ask(server.url, Traffic(), tries=3).status == 200
    with wire.serving(status(code)) as server:
        assert ask(server.url, Traffic(), tries=3).status == code
        assert len(server.received) == 3
    with wire.serving(status(code), status(200)) as server:
        assert ask(server.url, Traffic()).status == code


@pytest.mark.parametrize("code", [200, 301, 400, 401, 403, 404, 422, 501])
def test_what_will_not_pass_is_asked_once(code: int) -> None:
    with wire.serving(status(code)) as server:
        assert ask(server.url, Traffic(), tries=3).status == code
        assert len(server.received) == 1


def test_who_hangs_up_is_asked_again() -> None:
    with wire.serving(wire.raw(b""), status(200)) as server:
        assert ask(server.url, Traffic(), tries=3).status == 200
    with wire.serving(wire.raw(b"")) as server:
        with pytest.raises(Unreachable, match="closed the connection"):
            ask(server.url, Traffic(), tries=3)
        assert len(server.received) == 3


WAITS: dict[str, tuple[Callable[[], str], float]] = {
    "seconds": (lambda: "1", 1.0),
    "none": (lambda: "0", 0.0),
    "a date": (lambda: email.utils.formatdate(time.time() + 2, usegmt=True), 0.9),
    "a date that is over": (lambda: email.utils.formatdate(time.time() - 60, usegmt=True), 0.0),
    "no word of it": (lambda: "soon", 0.15),
    "nothing": (lambda: "", 0.15),
}


@pytest.mark.parametrize("name", WAITS)
def test_a_host_that_asks_for_patience_gets_it(name: str) -> None:
    value, least = WAITS[name]
    with wire.serving(status(429, Retry_After=value()), status(200)) as server:
        started = time.monotonic()
        assert ask(server.url, Traffic(), tries=3).status == 200
        assert time.monotonic() - started >= least


@pytest.mark.parametrize("asked", ["9", "99999999999", "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_pause_longer_than_the_deadline_is_not_waited_for(asked: str) -> None:
    for code in (429, 503):
        with wire.serving(status(code, Retry_After=asked)) as server:
            started = time.monotonic()
            assert ask(server.url, Traffic(), tries=3, seconds=2.0).status == code
            assert time.monotonic() - started < 1.5
            assert len(server.received) == 1


def test_a_pause_holds_for_every_request_to_that_host() -> None:
    traffic = Traffic()
    with wire.serving(status(200)) as server, wire.serving(status(200)) as other:
        traffic.pause(server.url.removeprefix("http://"), 0.5)
        started = time.monotonic()
        ask(other.url, traffic)
        assert time.monotonic() - started < 0.4
        ask(server.url, traffic)
        assert time.monotonic() - started >= 0.5
        traffic.pause(server.url.removeprefix("http://"), 60)
        with pytest.raises(Unreachable, match="did not answer within"):
            ask(server.url, traffic, seconds=0.3)


def test_too_many_requests_for_ever_end_with_the_deadline() -> None:
    with wire.serving(status(429)) as server:
        started = time.monotonic()
        assert ask(server.url, Traffic(), tries=3, seconds=1.5).status == 429
        assert time.monotonic() - started < 2.5


def test_the_pauses_grow_and_differ() -> None:
    pauses = [[http._backoff(tried) for _ in range(20)] for tried in (1, 2, 3, 9)]
    assert all(max(one) < min(other) for one, other in itertools.pairwise(pauses))
    assert len(set(pauses[0])) > 1
    assert max(pauses[-1]) <= 10
