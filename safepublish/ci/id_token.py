"""The CI's id token, read without verifying it: what it says, never the token.

The registry verifies the signature. Here the claims only explain what the registry will compare.
"""

import binascii
import json
import re
from typing import Any

from safepublish.facts.run import IdToken

CLAIMS = (
    "repository", "repository_owner", "repository_visibility", "workflow_ref", "job_workflow_ref", "environment",
    "ref", "ref_type", "event_name", "runner_environment", "sub", "iss", "project_path", "project_visibility",
    "ci_config_ref_uri", "namespace_path",
)  # fmt: skip
"""The claims that npmjs.com matches or that explain a mismatch; the others are dropped."""

LONGEST = 256 * 1024
"""Characters of a token that are still read; GitHub's has about 1500, and no server takes so long a header."""

_LONGEST_CLAIM = 1000
_MOST_AUDIENCES = 16
_LAST_SECOND = 2**53
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def decode(token: str) -> IdToken:
    """What *token* says, or why it says nothing: `malformed` when it is no JSON Web Token (RFC 7519, section 7.2).

    Never raises and never verifies. `mint` and `variable` are left to the caller.
    """
    if len(token) > LONGEST:
        return IdToken(trouble=f"it has {len(token)} characters, which is too long to be read")
    if not _HEADER_VALUE.fullmatch(token):
        # minipass-fetch 6.0.0, lib/headers.js, `validateValue`: npm drops the request before it is sent.
        return IdToken(malformed=True, trouble="it has a line break or another character that no header allows")
    parts = token.strip().split(".")
    if len(parts) != 3 or not all(parts):
        return IdToken(malformed=True, trouble="it is not three parts joined by dots")
    payload = _payload(parts[1])
    if payload is None:
        return IdToken(malformed=True, trouble="its second part is not a JSON object in base64")
    return IdToken(
        claims={name: text for name in CLAIMS if (text := _text(payload.get(name))) is not None},
        audiences=_audiences(payload.get("aud")),
        expires=_seconds(payload.get("exp")),
    )


def _payload(part: str) -> dict[str, Any] | None:
    # binascii rather than base64, which imports ten times as much. Strange characters are skipped, as Node skips them.
    standard = part.translate({ord("-"): "+", ord("_"): "/"})
    try:
        payload = json.loads(binascii.a2b_base64(standard.encode("latin-1") + b"=="), parse_int=_whole)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= 20 else None


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return "".join(character for character in str(value)[:_LONGEST_CLAIM] if character.isprintable())
    return None


def _audiences(value: object) -> tuple[str, ...]:
    """The audiences: one text or a list of them (RFC 7519, section 4.1.3)."""
    listed = value if isinstance(value, list) else [value]
    return tuple(_text(one) or "" for one in listed[:_MOST_AUDIENCES] if isinstance(one, str))


def _seconds(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= _LAST_SECOND else None  # not a number compares as false
