"""What a server may do to a client, seen from the client, the mint, the exchange and the packument.

Each time the outcome is a value or an `UnreachableError`, it comes by the deadline, and no secret is in it.
"""

import gzip
import itertools
import json
import socket
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from safepublish.detect import http, identity, registry
from safepublish.detect.http import Client, Deadline, UnreachableError
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Exchange, ExchangeResult, Existence, Identity, IdToken, IdTokenRequest, Packument
from safepublish.npm.config.transport import Transport
from tests.support import wire

DEADLINE = 0.6  # where nothing will come
AMPLE = 5.0  # where an answer comes
SLACK = 3.0  # of a busy machine; no server here would ever end by itself
ID_TOKEN = "canaryheader-9d1e.canarypayload-9d1e.canarysignature-9d1e"
REQUEST_TOKEN = "canary-request-token-9d1e"
NPM_TOKEN = "npm_canary9d1e9d1e9d1e"
CANARIES = ("canaryheader", "canarypayload", "canarysignature", "canary-request", "npm_canary")

OK = b"HTTP/1.1 200 OK\r\n"


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> wire.Script:
    """Send *start*, and then *piece* for ever."""

    def script(sock: socket.socket, _: bytes) -> None:
        sock.sendall(start)
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            sock.sendall(piece)
            if pause:
                time.sleep(pause)

    return script


def dripping(data: bytes) -> wire.Script:
    """Send *data* byte by byte, each well before a timeout of its own would strike."""

    def script(sock: socket.socket, _: bytes) -> None:
        for byte in data:
            sock.sendall(bytes([byte]))
            time.sleep(0.1)

    return script


def silent(sock: socket.socket, _: bytes) -> None:
    """Say nothing until the client gives up."""
    sock.recv(1)


def resetting(sock: socket.socket, _: bytes) -> None:
    """Hang up with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    sock.close()


BOMB = gzip.compress(b"\0" * 64_000_000, 9)

UNUSABLE: dict[str, wire.Script] = {
    "a negative length": wire.raw(OK + b"Content-Length: -5\r\n\r\n[]"),
    "a length that is no number": wire.raw(OK + b"Content-Length: many\r\n\r\n[]"),
    "hangs": silent,
    "resets": resetting,
    "closes without a word": wire.raw(b""),
    "speaks no http": wire.raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "breaks off in the status line": wire.raw(b"HTTP/1.1 2"),
    "breaks off in the headers": wire.raw(OK + b"Content-Length: 50\r\nX-"),
    "breaks off in the body": wire.answer(body=b'{"token":"' + NPM_TOKEN.encode(), length=500),
    "breaks off in a chunk": wire.raw(OK + b"Transfer-Encoding: chunked\r\n\r\n50\r\nabc"),
    "breaks off between chunks": wire.raw(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
    "sends chunks of no size": wire.raw(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n"),
    "sends an endless chunk of negative size": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", b"x" * 65536),
    "sends endless chunks": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"8000\r\n" + b"x" * 0x8000 + b"\r\n"),
    "sends an endless size of a chunk": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 4096),
    "sends endless trailers": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 1000),
    "sends an endless body": endless(OK + b"\r\n", b"x" * 65536),
    "announces two gigabytes": endless(OK + b"Content-Length: 2147483648\r\n\r\n", b"x" * 65536),
    "sends one endless header": endless(OK + b"X: ", b"x" * 65536),
    "sends endless headers": endless(OK, b"X: y\r\n"),
    "sends headers without a colon for ever": endless(OK, b"y\r\n"),
    "says continue for ever": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drips its headers": dripping(OK + b"Content-Length: 2\r\n\r\n{}"),
    "drips its body": endless(OK + b"Content-Length: 100\r\n\r\n", b" ", pause=0.1),
    "drips chunks": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", pause=0.1),
    "packs a bomb": wire.answer(body=BOMB, headers={"Content-Encoding": "gzip"}),
    "packs what it does not pack": wire.answer(body=b"{}", headers={"Content-Encoding": "gzip"}),
    "packs half": wire.answer(body=gzip.compress(b"{}" * 99)[:-9], headers={"Content-Encoding": "gzip"}),
    "packs as nobody asked": wire.answer(body=b"{}", headers={"Content-Encoding": "br"}),
}

NO_DOCUMENT: dict[str, wire.Script] = {
    "html": wire.answer(body=b"<!DOCTYPE html><title>hello", headers={"Content-Type": "text/html"}),
    "nothing": wire.answer(204, b""),
    "no json": wire.answer(body=b"\x80\x81 not json"),
    "a list": wire.answer(body=b"[]"),
    "a number": wire.answer(body=b"7"),
    "a nest": wire.answer(body=b"[" * 400_000),
    "a nest of objects": wire.answer(body=b'{"value":' * 100_000),
    "a number without end": wire.answer(body=b'{"value":' + b"9" * 100_000 + b"}"),
    "a token that is an object": wire.answer(body=b'{"value":{"a":1},"token":{"a":1},"versions":[]}'),
    "a token that is empty": wire.answer(body=b'{"value":"","token":"","versions":""}'),
    "a token that is true": wire.answer(body=b'{"value":true,"token":true,"versions":true}'),
    "more than announced": wire.answer(body=b"[]]]]]]]", length=2),
}


def client(https_proxy: str | None = None) -> Client:
    return Client(Transport(https_proxy=https_proxy), Deadline(DEADLINE))


def within(seconds: float, call: Callable[[], Any]) -> Any:
    started = time.monotonic()
    try:
        return call()
    finally:
        assert time.monotonic() - started < seconds + SLACK


def exchanged(url: str, seconds: float = AMPLE) -> tuple[ExchangeResult, list[str]]:
    masked: list[str] = []
    probe = within(
        seconds,
        lambda: registry.exchange("pkg", url, ID_TOKEN, Client(Transport(), Deadline(seconds), mask=masked.append)),
    )
    assert not any(canary in repr(probe) for canary in CANARIES)
    return probe, masked


def minted(url: str, seconds: float = AMPLE) -> tuple[IdToken, str | None]:
    env = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}/mint?v=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN}
    id_token, secret = within(
        seconds,
        lambda: identity.request_id_token(
            Identity(Ci.GITHUB), env, "registry.npmjs.org", Client(Transport(), Deadline(seconds))
        ),
    )
    assert not any(canary in repr(id_token) for canary in CANARIES)
    return id_token, secret


def shown(url: str, seconds: float = AMPLE) -> Packument:
    found: Packument = within(
        seconds,
        lambda: registry.packument("pkg", url, "1.0.0", Client(Transport(), Deadline(seconds))),
    )
    return found


@pytest.mark.parametrize("deed", UNUSABLE)
def test_an_answer_that_cannot_be_used_is_unreachable_by_the_deadline(deed: str) -> None:
    with wire.serving(UNUSABLE[deed]) as server:
        tracemalloc.start()
        try:
            with pytest.raises(UnreachableError) as caught:
                within(
                    DEADLINE,
                    lambda: client().request("GET", server.url, {}, compressed=True),
                )
            assert tracemalloc.get_traced_memory()[1] < 12 * http.LIMIT
        finally:
            tracemalloc.stop()
    assert NPM_TOKEN not in caught.value.message
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("deed", UNUSABLE)
def test_such_an_answer_leaves_all_three_open(deed: str) -> None:
    with wire.serving(UNUSABLE[deed]) as server:
        probe, masked = exchanged(server.url, DEADLINE)
        assert (probe.exchange, masked) == (Exchange.UNREACHABLE, [])
        assert probe.why
        id_token, secret = minted(server.url, DEADLINE)
        assert (id_token.request, secret) == (IdTokenRequest.UNREACHABLE, None)
        assert id_token.trouble
        found = shown(server.url, DEADLINE)
        assert found.existence in {Existence.UNKNOWN, Existence.EXISTS}
        assert found.versions == frozenset()
        assert found.trouble


@pytest.mark.parametrize("document", NO_DOCUMENT)
def test_a_document_that_is_none_says_nothing(document: str) -> None:
    with wire.serving(NO_DOCUMENT[document]) as server:
        probe, masked = exchanged(server.url)
        assert (probe.exchange, masked) == (Exchange.FAILED, [])
        assert probe.why in {
            "the answer has no token",
            "the token in the answer is not a string that a header can carry",
        }
        id_token, secret = minted(server.url)
        assert (id_token.request, secret) == (IdTokenRequest.REFUSED, None)
        assert id_token.trouble == "the answer has no token"
        found = shown(server.url)
        assert (found.existence, found.versions) == (Existence.UNKNOWN, frozenset())
        assert found.trouble


@pytest.mark.parametrize(
    "echo",
    [
        '{"message":"no: SECRET"}',
        '{"error":{"message":"no: Bearer SECRET, LAST"}}',
        "no: SECRET",
        "<html>SECRET",
        "SECRET " * 1000,
        "x" * 290 + "SECRET",
        "x" * 2390 + "SECRET",
    ],
    ids=["message", "error", "text", "html", "many", "at the end of what is kept", "at the end of what is looked at"],
)
@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_secret_that_is_echoed_is_kept_nowhere(status: int, echo: str) -> None:
    with wire.serving(
        wire.answer(status, echo.replace("SECRET", ID_TOKEN).replace("LAST", ID_TOKEN.split(".")[2]).encode())
    ) as server:
        probe, masked = exchanged(server.url)
        assert (probe.status, masked) == (status, [])
    with wire.serving(wire.answer(status, echo.replace("SECRET", REQUEST_TOKEN).encode())) as server:
        assert minted(server.url)[0].status == status


@pytest.mark.parametrize(
    "script",
    [
        endless(b"HTTP/1.1 404 Not Found\r\n\r\n", b"x" * 65536),
        endless(b"HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n", b"x", pause=0.1),
        wire.raw(b"HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\nx"),
        wire.raw(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        wire.answer(404, b"x", {"Content-Encoding": "gzip"}),
        wire.answer(404, b"x", {"Content-Encoding": "br"}),
    ],
    ids=["endless", "dripping", "half", "bad chunk", "not packed", "packed otherwise"],
)
def test_a_refusal_stands_even_when_its_words_do_not_come(script: wire.Script) -> None:
    with wire.serving(script) as server:
        assert exchanged(server.url, 2)[0].exchange is Exchange.REFUSED
        assert shown(server.url, 2).existence is Existence.ABSENT


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_credential_arrives_where_a_redirect_points(status: int) -> None:
    stolen = wire.answer(201, json.dumps({"token": NPM_TOKEN, "value": ID_TOKEN}).encode())
    with (
        wire.serving(stolen) as thief,
        wire.serving(wire.answer(status, headers={"Location": f"{thief.url}/x"})) as server,
    ):
        probe, masked = exchanged(server.url)
        assert (probe.exchange, masked) == (Exchange.UNREACHABLE, [])
        id_token, secret = minted(server.url)
        assert (id_token.request, secret) == (IdTokenRequest.UNREACHABLE, None)
        assert thief.received == []
        shown(server.url)
    assert len(thief.received) == 1
    assert b"uthorization" not in thief.heard


def test_a_redirect_into_the_endless_ends_with_the_deadline() -> None:
    with (
        wire.serving(UNUSABLE["drips its body"]) as slow,
        wire.serving(wire.answer(302, headers={"Location": slow.url})) as server,
    ):
        assert shown(server.url, DEADLINE).existence is Existence.UNKNOWN


def test_a_proxy_that_hangs_ends_with_the_deadline() -> None:
    with wire.serving(silent) as proxy:
        found = within(
            DEADLINE,
            lambda: registry.packument("pkg", "https://registry.example/", None, client(https_proxy=proxy.url)),
        )
    assert found.existence is Existence.UNKNOWN


@pytest.mark.parametrize(
    "script",
    [
        dripping(b"HTTP/1.1 200 Connection established\r\n\r\n"),
        endless(b"HTTP/1.1 200 Connection established\r\n", b"X: y\r\n"),
        wire.raw(b"HTTP/1.1 200 Connection established\r\n\r\n"),
        wire.raw(b"HTTP/1.1 200 Connection established\r\n\r\nthis is no TLS"),
        wire.raw(b"nonsense"),
        silent,
    ],
    ids=["drips", "endless headers", "closes", "no tls", "no http", "hangs"],
)
def test_a_proxys_tunnel_that_leads_nowhere_is_unreachable(script: wire.Script) -> None:
    with wire.serving(script) as proxy, pytest.raises(UnreachableError):
        within(
            DEADLINE,
            lambda: client(https_proxy=proxy.url).request("GET", "https://registry.example/", {}),
        )


def test_a_tls_handshake_that_hangs_ends_with_the_deadline() -> None:
    with wire.serving(silent) as server, pytest.raises(UnreachableError, match="did not answer within"):
        within(
            DEADLINE,
            lambda: client().request("GET", server.url.replace("http:", "https:"), {}),
        )


def test_a_deadline_that_has_passed_sends_nothing() -> None:
    with wire.serving(wire.answer()) as server:
        with pytest.raises(UnreachableError):
            Client(Transport(), Deadline(-1)).request("GET", server.url, {})
        assert server.received == []


def test_a_token_that_would_speak_to_the_runner_is_not_masked_but_dropped() -> None:
    body = json.dumps({"token": "x\n::set-output name=a::b"}).encode()
    with wire.serving(wire.answer(201, body)) as server:
        probe, masked = exchanged(server.url)
    assert (probe.exchange, masked) == (Exchange.FAILED, [])


def test_random_bytes_never_raise_anything_else() -> None:
    # Each is one bit of nonsense in an answer that would be fine.
    fine = OK + b"Content-Type: application/json\r\nContent-Length: 30\r\n\r\n" + b'{"token":"t","value":"a.b.c" }'
    for index in itertools.islice(itertools.count(), 0, len(fine) * 8, 37):
        data = bytearray(fine)
        data[index // 8] ^= 1 << index % 8
        with wire.serving(wire.raw(bytes(data))) as server:
            exchanged(server.url)
            minted(server.url)
            shown(server.url)
