"""The client against servers that behave: redirects, credentials, TLS, proxies."""

import gzip
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safepublish.detect import http
from safepublish.detect.http import Client, Deadline, NotSentError, Response, UnreachableError
from safepublish.detect.http.proxy import find_proxy
from safepublish.detect.http.target import read_target
from safepublish.npm.config.transport import Transport
from tests.support import wire

SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CANARY = "canary-credential-5f2c"
BEARER = {"Authorization": f"Bearer {CANARY}"}


def client(transport: Transport | None = None, seconds: float = 5) -> Client:
    return Client(transport or Transport(), Deadline(seconds))


def get(url: str, transport: Transport | None = None, headers: dict[str, str] | None = None) -> Response:
    return client(transport).request("GET", url, headers or {})


def why(url: str, transport: Transport | None = None, headers: dict[str, str] | None = None) -> str:
    with pytest.raises(UnreachableError) as caught:
        get(url, transport, headers)
    assert CANARY not in caught.value.message
    return caught.value.message


def test_an_answer_comes_with_its_status_headers_and_body() -> None:
    with wire.serving(wire.answer(201, b'{"a":1}', {"X-One": "1"})) as server:
        response = get(server.url + "/p?q=1", headers={"Accept": "x/y"})
    assert (response.status, response.headers["x-one"], response.body) == (201, "1", b'{"a":1}')
    lines = server.received[0].split(b"\r\n")
    assert lines[0] == b"GET /p?q=1 HTTP/1.1"
    assert {b"Accept: x/y", b"Accept-Encoding: identity", f"Host: 127.0.0.1:{server.port}".encode()} <= set(lines)


def test_a_post_without_a_body_says_that_it_has_none() -> None:
    with wire.serving(wire.answer()) as server:
        client().request("POST", server.url, {})
    assert b"Content-Length: 0\r\n" in server.received[0]


def test_the_repr_of_an_answer_shows_no_body() -> None:
    assert CANARY not in repr(Response(200, {}, CANARY.encode()))


def test_a_packed_answer_is_unpacked() -> None:
    with wire.serving(wire.answer(body=gzip.compress(b"long " * 100), headers={"Content-Encoding": "gzip"})) as server:
        response = client().request("GET", server.url, {}, compressed=True)
    assert response.body == b"long " * 100
    assert b"Accept-Encoding: gzip\r\n" in server.received[0]


def test_a_chunked_answer_is_put_together() -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with wire.serving(wire.raw(data)) as server:
        assert get(server.url).body == b"abcde"


def test_an_answer_may_end_with_the_connection() -> None:
    with wire.serving(wire.raw(b"HTTP/1.0 200 OK\r\n\r\nall")) as server:
        assert get(server.url).body == b"all"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_stranger_is_followed(status: int) -> None:
    with (
        wire.serving(wire.answer(body=b"there")) as there,
        wire.serving(wire.answer(status, headers={"Location": f"{there.url}/x"})) as here,
    ):
        assert get(here.url).body == b"there"


def test_a_relative_redirect_is_followed() -> None:
    with wire.serving(wire.answer(302, headers={"Location": "../b"}), wire.answer(body=b"there")) as server:
        assert get(server.url + "/a/x").body == b"there"
    assert server.received[1].startswith(b"GET /b HTTP/1.1")


def test_a_ring_of_redirects_ends() -> None:
    with wire.serving(wire.answer(302, headers={"Location": "/"})) as server:
        assert "redirects more than 5 times" in why(server.url)
    assert len(server.received) == 6


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/", "http://[", "javascript:1", "http://a b/"])
def test_a_redirect_to_nowhere_ends_there(location: str) -> None:
    with wire.serving(wire.answer(302, headers={"Location": location})) as server:
        assert get(server.url).status == 302
    assert len(server.received) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_credential_follows_no_redirect(method: str, status: int) -> None:
    with (
        wire.serving(wire.answer()) as elsewhere,
        wire.serving(wire.answer(status, headers={"Location": elsewhere.url})) as here,
    ):
        response = client().request(method, here.url, BEARER)
    assert response.status == status
    assert elsewhere.received == []


def test_a_post_follows_no_redirect() -> None:
    with wire.serving(wire.answer(307, headers={"Location": "/again"})) as server:
        assert client().request("POST", server.url, {}).status == 307
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://registry.example/",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "http://128.0.0.1/",
        "http://user@registry.example/",
        "http://registry.example\\@127.0.0.1/",
    ],
)
def test_a_credential_is_not_sent_unencrypted(url: str) -> None:
    with pytest.raises(NotSentError, match="plain http"):
        get(url, headers=BEARER)


def test_a_credential_for_loopback_is_not_shown_to_a_proxy_elsewhere() -> None:
    transport = Transport(proxy="http://proxy.example:3128")
    with pytest.raises(NotSentError, match=r"the proxy proxy\.example:3128 would read"):
        get("http://127.0.0.1:9/", transport, BEARER)


def test_a_credential_may_go_to_loopback() -> None:
    with wire.serving(wire.answer()) as server:
        assert get(server.url, headers=BEARER).status == 200
    assert CANARY.encode() in server.heard


@pytest.mark.parametrize("value", ["two\r\nX-Injected: 1", "a\nb", "naïve ✓", "nul\0"])
def test_a_header_that_no_header_may_hold_is_not_sent(value: str) -> None:
    with wire.serving(wire.answer()) as server:
        assert "a character that is not allowed" in why(server.url, headers={"Authorization": value})
    assert server.received == []


@pytest.mark.parametrize(
    "url", ["", "registry.npmjs.org", "ftp://x/", "file:///etc/passwd", "http://", "http://[::1", "https://a:99999/"]
)
def test_an_address_that_is_no_url_is_unreachable(url: str) -> None:
    assert "the address" in why(url)


def test_the_userinfo_of_an_address_is_neither_sent_nor_shown() -> None:
    with wire.serving(wire.answer(302, headers={"Location": "/"})) as server:
        assert "redirects" in why(f"http://user:{CANARY}@127.0.0.1:{server.port}/")
    assert CANARY.encode() not in server.heard
    assert b"Authorization" not in server.heard


def test_odd_characters_of_a_path_are_escaped() -> None:
    with wire.serving(wire.answer()) as server:
        get(f"{server.url}/a b\r\nX: 1/%2f/ü?q=✓")
    assert server.received[0].split(b"\r\n")[0] == b"GET /a%20bX:%201/%2f/%C3%BC?q=%E2%9C%93 HTTP/1.1"


def test_who_refuses_the_connection_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert why(f"http://127.0.0.1:{port}/") == f"127.0.0.1:{port} refused the connection"


def test_a_name_that_is_none_is_named() -> None:
    assert why("http://no-such-host.invalid/").startswith("the name no-such-host.invalid could not be resolved")


def test_a_name_whose_lookup_hangs_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        release.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        with pytest.raises(UnreachableError, match=r"registry\.example:443 did not answer within 0\.2 s"):
            client(seconds=0.2).request("GET", "https://registry.example/", {})
    finally:
        release.set()


def test_a_second_address_is_tried_when_the_first_takes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        refused = listener.getsockname()
    with wire.serving(wire.answer(body=b"second")) as server:
        inet = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        found = [(*inet, refused), (*inet, ("127.0.0.1", server.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        assert get("http://registry.example/").body == b"second"


@SLOWLY
@given(st.text() | st.from_regex(r"https?://[^/]*/.*"))
def test_no_address_raises_anything_else(url: str) -> None:
    try:
        target = read_target(url)
    except UnreachableError:
        return
    assert target.host.isascii()
    assert target.path.isascii()
    assert target.path.startswith("/")
    assert target.path.isprintable()
    assert " " not in target.path


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture
def cafile(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    path.write_bytes("# Überschrift\n".encode() + authority.cert_pem.bytes())
    return str(path)


@pytest.fixture
def secure(tls: ssl.SSLContext) -> Iterator[str]:
    with wire.serving(wire.answer(body=b"safe"), tls=tls) as server:
        yield f"https://127.0.0.1:{server.port}/"


def test_a_certificate_of_an_unknown_authority_is_refused_as_tls(secure: str) -> None:
    assert why(secure).startswith("TLS: the certificate of 127.0.0.1:")


def test_npms_cafile_is_trusted(secure: str, cafile: str) -> None:
    assert get(secure, Transport(cafile=cafile), BEARER).body == b"safe"


def test_npms_ca_is_trusted(secure: str, authority: trustme.CA) -> None:
    assert get(secure, Transport(ca=(authority.cert_pem.bytes().decode(),))).body == b"safe"


def test_tls_maps_no_name_by_pythons_own_rules(secure: str, cafile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_arguments: object) -> None:
        pytest.fail("Python's own IDNA 2003 was asked")

    monkeypatch.setattr("encodings.idna.Codec.encode", never)
    assert get(secure.replace("127.0.0.1", "localhost"), Transport(cafile=cafile, strict_ssl=False)).body == b"safe"


@pytest.mark.parametrize("location", ["/\\127.0.0.1:{port}/x", "http:\\\\127.1:{port}\\x", "//0x7f.1:{port}/x"])
def test_a_redirect_goes_to_the_host_that_node_reads(location: str) -> None:
    with wire.serving(wire.answer(body=b"here")) as other:
        to = location.format(port=other.port)
        with wire.serving(wire.answer(302, b"", {"Location": to})) as server:
            assert get(server.url + "/p").body == b"here"
    assert other.received[0].startswith(b"GET /x HTTP/1.1")


@pytest.mark.parametrize("url", ["https://straße.example/", "https://xn--a.example/", "https://%C3%9F.example/"])
def test_no_name_is_looked_up_whose_reading_is_uncertain(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: pytest.fail("a name was looked up"))
    assert "could not be determined" in why(url, headers=BEARER)
    assert "could not be determined" in why(
        "https://registry.example/", Transport(https_proxy=url.replace("s:", ":", 1))
    )


def test_node_extra_ca_certs_is_trusted(secure: str, cafile: str) -> None:
    assert get(secure, Transport(extra_ca_certs=cafile)).body == b"safe"


def test_npms_ca_replaces_node_extra_ca_certs(secure: str, cafile: str) -> None:
    other = trustme.CA().cert_pem.bytes().decode()
    assert why(secure, Transport(ca=(other,), extra_ca_certs=cafile)).startswith("TLS: the certificate")


@pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_cafile_without_a_certificate_adds_nothing(secure: str, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    assert why(secure, Transport(cafile=str(path))).startswith("TLS: the certificate")


def test_a_cafile_with_a_broken_certificate_is_told_as_tls(secure: str, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert why(secure, Transport(cafile=str(path))).startswith("TLS with 127.0.0.1")


def test_without_strict_ssl_any_certificate_will_do(secure: str) -> None:
    assert get(secure, Transport(strict_ssl=False)).body == b"safe"


def test_a_certificate_for_another_name_is_refused(authority: trustme.CA, cafile: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("registry.example").configure_cert(context)
    with wire.serving(wire.answer(), tls=context) as server:
        told = why(f"https://127.0.0.1:{server.port}/", Transport(cafile=cafile))
    assert told.startswith("TLS: the certificate")


def test_a_server_that_speaks_no_tls_is_named() -> None:
    with wire.serving(wire.raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        assert why(f"https://127.0.0.1:{server.port}/").startswith(f"TLS with 127.0.0.1:{server.port} fails")


def test_a_redirect_from_https_to_http_is_not_followed(tls: ssl.SSLContext, cafile: str) -> None:
    with (
        wire.serving(wire.answer()) as plain,
        wire.serving(wire.answer(302, headers={"Location": plain.url}), tls=tls) as secure,
    ):
        assert get(f"https://127.0.0.1:{secure.port}/", Transport(cafile=cafile)).status == 302
    assert plain.received == []


def test_a_client_certificate_is_shown_and_leaves_no_file(
    authority: trustme.CA, cafile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    mine = authority.issue_cert("me@example.com")
    cert, key = mine.cert_chain_pems[0].bytes().decode(), mine.private_key_pem.bytes().decode()
    with wire.serving(wire.answer(body=b"known"), tls=context) as server:
        url = f"https://127.0.0.1:{server.port}/"
        assert get(url, Transport(cafile=cafile, cert=cert, key=key)).body == b"known"
        assert str(server.port) in why(url, Transport(cafile=cafile))
        locked = load_pem_private_key(key.encode(), None).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
        )
        for unusable in ("y", locked.decode()):
            assert "client certificate" in why(url, Transport(cafile=cafile, cert=cert, key=unusable))
    assert list((tmp_path / "tmp").iterdir()) == []


# Proxies


def test_https_goes_through_the_proxys_tunnel(secure: str, cafile: str) -> None:
    with wire.serving(wire.forwarding()) as proxy:
        assert get(secure, Transport(https_proxy=proxy.url, cafile=cafile), BEARER).body == b"safe"
    port = secure.rsplit(":", 1)[1].strip("/")
    assert proxy.received[0].startswith(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n".encode())
    assert CANARY.encode() not in proxy.heard


def test_the_proxys_user_and_password_are_shown_to_it_alone(tls: ssl.SSLContext, cafile: str) -> None:
    userinfo = "us%40er:pass%3Aword"
    with (
        wire.serving(wire.forwarding(b"dXNAZXI6cGFzczp3b3Jk")) as proxy,
        wire.serving(wire.answer(body=b"safe"), tls=tls) as server,
    ):
        transport = Transport(https_proxy=f"http://{userinfo}@127.0.0.1:{proxy.port}", cafile=cafile)
        assert get(f"https://127.0.0.1:{server.port}/", transport).body == b"safe"
    assert b"Proxy-Authorization" not in server.heard


def test_a_proxy_that_wants_a_password_is_named_without_the_one_it_got(secure: str) -> None:
    with wire.serving(wire.forwarding(b"other")) as proxy:
        told = why(secure, Transport(https_proxy=f"http://u:{CANARY}@127.0.0.1:{proxy.port}"))
    assert told.startswith(f"the proxy 127.0.0.1:{proxy.port} requires a user and password")


def test_a_proxy_that_refuses_the_tunnel_is_named(secure: str) -> None:
    with wire.serving(wire.answer(403, b"blocked")) as proxy:
        assert f"the proxy 127.0.0.1:{proxy.port} answered 403" in why(secure, Transport(https_proxy=proxy.url))


def test_a_proxy_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    told = why("https://registry.example/", Transport(https_proxy=f"http://127.0.0.1:{port}"))
    assert told.startswith(f"the proxy 127.0.0.1:{port} could not be reached")


@pytest.mark.parametrize(
    "proxy",
    ["http://", "http://[", "http://h:port", f"http://u:{CANARY}#@h:80", f"http://u:{CANARY}@a b/", "http://ü.example"],
)
def test_a_proxy_that_is_no_url_is_told_without_what_it_holds(proxy: str) -> None:
    told = why("https://registry.example/", Transport(https_proxy=proxy))
    if proxy.isascii():
        assert told == "the configured proxy is not a valid http or https URL"
    else:
        assert told.startswith("npm's reading of the host in the configured proxy could not be")


def test_a_proxys_password_may_hold_any_bytes() -> None:
    with wire.serving(wire.answer(body=b"proxied")) as proxy:
        transport = Transport(proxy=f"http://u:\udcff@127.0.0.1:{proxy.port}")
        assert get("http://registry.example/", transport).body == b"proxied"
    assert b"Proxy-Authorization: Basic dTrvv70=\r\n" in proxy.received[0]


def test_the_repr_of_a_proxy_shows_no_password() -> None:
    target = read_target("https://registry.example/")
    proxy = find_proxy(target, Transport(https_proxy=f"http://u:{CANARY}@proxy.example"))
    assert repr(proxy) == "Proxy(proxy.example:80)"


def test_plain_http_is_asked_of_the_proxy_in_full() -> None:
    with wire.serving(wire.answer(body=b"proxied")) as proxy:
        transport = Transport(proxy=f"http://u:p@127.0.0.1:{proxy.port}")
        assert get("http://registry.example/pkg", transport).body == b"proxied"
    asked = proxy.received[0]
    assert asked.startswith(b"GET http://registry.example/pkg HTTP/1.1\r\nHost: registry.example\r\n")
    assert b"Proxy-Authorization: Basic dTpw\r\n" in asked


@pytest.mark.parametrize("scheme", ["https", "socks5", "socks", "ftp"])
def test_a_proxy_of_another_kind_leaves_it_open(scheme: str) -> None:
    told = why("https://registry.example/", Transport(https_proxy=f"{scheme}://u:{CANARY}@proxy.example:1080"))
    assert told == "the proxy proxy.example is not an http proxy; npm may still be able to use it"


# Words


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("two\nlines\t and \x1b[31mred", "two lines and [31mred"),
        ("right\u202eleft", "right left"),
        ("\ud800lone", "lone"),
        ("x" * 300, "x" * 300),
        ("x" * 301, "x" * 299 + "…"),
        ("", ""),
    ],
)
def test_foreign_words_become_one_printable_line(text: str, kept: str) -> None:
    assert http.one_line(text) == kept


def test_foreign_words_lose_the_secret_they_echo_whole_or_in_parts() -> None:
    token = "aaaaaaaaaa.bbbbbbbbbb.cccccccccc"
    assert http.one_line(f"no {token} and no bbbbbbbbbb", token) == "no *** and no ***"
    assert http.one_line("no short", "short", "") == "no ***"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"message":"no"}', "no"),
        (b'{"error":"no"}', "no"),
        (b'{"error":{"message":"no"}}', "no"),
        (b'{"message":7}', None),
        (b'{"message":""}', None),
        (b'{"else":"no"}', None),
        (b"plain", "plain"),
        (b"", None),
        (b" <html><b>no", None),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"[" * 100_000, "[" * 299 + "…"),
    ],
)
def test_what_an_answer_says(body: bytes, told: str | None) -> None:
    assert Response(400, {}, body).message() == told


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"1", b"null", b"[" * 100_000, b'{"a":' * 100_000, b"\xff", b'\xef\xbb\xbf{"a":1}', b'{"a":NaN}'],
)
def test_what_is_no_json_object_is_an_empty_one(body: bytes) -> None:
    assert Response(200, {}, body).document == {}
