"""Reads the body of an answer: unpacked, whole, and never larger than a limit."""

import zlib
from http.client import HTTPException, HTTPResponse

from safepublish.detect.http.errors import TooLargeError, UnreachableError

_CHUNK = 64 * 1024


def read_body(answer: HTTPResponse, limit: int) -> bytes:
    """Return the body of *answer*, unpacked. Of one that is not good, what came of it: only its message is used."""
    body = bytearray()
    try:
        _fill(body, answer, limit)
    except zlib.error as error:
        if answer.status < 300:
            raise UnreachableError("the answer cannot be decompressed") from error
    except (OSError, ValueError, HTTPException, UnreachableError):
        if answer.status < 300:
            raise
    return bytes(body[:limit])


def _fill(body: bytearray, answer: HTTPResponse, limit: int) -> None:
    unpack = _unpacker(answer)
    while piece := answer.read(_CHUNK):
        body += unpack.decompress(piece, limit + 1 - len(body)) if unpack else piece
        if len(body) > limit:
            raise TooLargeError(f"the answer is larger than {limit} bytes")
    if answer.length or (unpack and not unpack.eof):  # http.client ends without an error where the connection does
        raise UnreachableError("the answer is incomplete", retry=True)


def _unpacker(answer: HTTPResponse) -> "zlib._Decompress | None":
    encoding = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if encoding == "identity":
        return None
    if encoding in {"gzip", "x-gzip"}:
        return zlib.decompressobj(wbits=31)
    raise UnreachableError("the answer has an encoding that was not requested")
