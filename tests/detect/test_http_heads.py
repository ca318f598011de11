"""Which beginnings of an answer Node's HTTP parser takes; situations of the campaign hold them against the real npm."""

import pytest

from safepublish.detect.http.stream import is_read_by_node

OK = b"HTTP/1.1 201 Created\r\n"


@pytest.mark.parametrize(
    ("head", "taken"),
    [
        pytest.param(OK + b"content-length: 2\r\n\r\n{}", True, id="plain"),
        pytest.param(b"HTTP/1.1 201\r\n\r\n", True, id="no-reason"),
        pytest.param(b"HTTP/1.0 201 Created\r\n\r\n", True, id="http-1.0"),
        pytest.param(OK + b"transfer-encoding: chunked\r\n\r\n", True, id="chunked"),
        pytest.param(OK + b"x:\r\n\r\n", True, id="an-empty-header"),
        pytest.param(OK + b"x: caf\xe9\r\n\r\n", True, id="latin-1"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"\r\n", True, id="after-a-continue"),
        pytest.param(OK + b"x: " + b"a" * 15_000 + b"\r\n\r\n", True, id="15-kb"),
        pytest.param(OK + b"x: " + b"a" * 17_000 + b"\r\n\r\n", False, id="17-kb"),
        pytest.param(b"HTTP/1.1 201 Created\ncontent-length: 2\n\n{}", False, id="bare-line-feeds"),
        pytest.param(OK + b"x: a\r\n b\r\n\r\n", False, id="folded"),
        pytest.param(OK + b"x : a\r\n\r\n", False, id="a-blank-before-the-colon"),
        pytest.param(OK + b"x: a\x01b\r\n\r\n", False, id="a-control-character"),
        pytest.param(OK + b"content-length: 2\r\ncontent-length: 2\r\n\r\n", False, id="two-lengths"),
        pytest.param(OK + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n", False, id="chunked-and-a-length"),
        pytest.param(OK + b"content-length: +2\r\n\r\n", False, id="a-signed-length"),
        pytest.param(b"HTTP/2 201 Created\r\n\r\n", False, id="http-2"),
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", False, id="another-protocol"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 2", False, id="nothing-after-a-continue"),
        pytest.param(OK, False, id="cut-off"),
    ],
)
def test_whether_node_takes_it(head: bytes, taken: bool) -> None:
    assert is_read_by_node(head) is taken
