"""An answer, and what its body says: a JSON object, or a message for people."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_LONGEST_MESSAGE = 300  # characters


class Response(NamedTuple):
    """An answer. The body of a good one (below 300) came whole, that of another may be cut short."""

    status: int
    headers: Mapping[str, str]  # names in lower case; of a repeated one the last
    body: bytes

    def __repr__(self) -> str:
        return f"Response({self.status})"  # a body may hold a token

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object in the body, empty when that holds something else."""
        return json_as_node_reads(self.body) or {}

    def message(self, *secrets: str) -> str | None:
        """Return the `message` or `error` of the body's JSON, or its text, but no web page; without *secrets*."""
        document = self.document
        error = document.get("error")
        for message in (document.get("message"), error.get("message") if isinstance(error, dict) else error):
            if isinstance(message, str):
                return one_line(message, *secrets) or None
        if document or self.body.lstrip()[:1] == b"<":
            return None
        return one_line(self.body.decode("utf-8", "replace"), *secrets) or None


def json_as_node_reads(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object that *body* holds for minipass-fetch (6.0.0, lib/body.js, `json`), None where it throws.

    That is UTF-8 without a byte order mark.
    """
    import json

    def refuse(text: str) -> NoReturn:
        raise ValueError(f"{text} is not JSON")

    try:
        document = json.loads(body.decode("utf-8", "replace"), parse_constant=refuse, parse_int=float)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def one_line(text: str, *secrets: str) -> str:
    """Return foreign *text* fit to be kept: without *secrets*, on one line, printable, at most 300 characters."""
    from safepublish.npm.secrets import redacted, without  # most answers have no message

    kept = without(text, secrets)[: 8 * _LONGEST_MESSAGE]
    line = redacted(" ".join("".join(char if char.isprintable() else " " for char in kept).split()))
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[: _LONGEST_MESSAGE - 1]}…"


def is_header_value(text: str) -> bool:
    """Whether a header may carry *text* (minipass-fetch 6.0.0, lib/headers.js, `validateValue`)."""
    return _HEADER_VALUE.fullmatch(text) is not None
