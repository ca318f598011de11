"""The id token as it is read: what is kept, what is dropped, and that nothing makes it raise."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from safepublish.ci import id_token
from safepublish.facts.run import IdToken

SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CANARY = "canary-signature-77aa"


def token(payload: object, signature: str = CANARY) -> str:
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return ".".join([part(b'{"alg":"RS256"}'), part(text), signature])


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


GITHUB = {
    "iss": "https://token.actions.githubusercontent.com",
    "sub": "repo:o/r:environment:npm",
    "aud": "npm:registry.npmjs.org",
    "repository": "o/r",
    "repository_visibility": "public",
    "workflow_ref": "o/r/.github/workflows/publish.yml@refs/tags/v1",
    "exp": 1790000300,
    "jti": "canary-jti",
    "actor": "someone",
}


def test_the_claims_that_explain_a_mismatch_are_kept_and_the_others_dropped() -> None:
    seen = id_token.decode(token(GITHUB))
    assert seen.claims == {name: GITHUB[name] for name in id_token.CLAIMS if name in GITHUB}
    assert "actor" not in seen.claims
    assert (seen.audiences, seen.expires) == (("npm:registry.npmjs.org",), 1790000300)
    assert (seen.malformed, seen.trouble) == (False, None)


def test_neither_the_token_nor_its_signature_is_kept() -> None:
    whole = token(GITHUB)
    seen = repr(id_token.decode(whole))
    assert CANARY not in seen
    assert "canary-jti" not in seen
    assert whole.split(".")[1] not in seen


@pytest.mark.parametrize("padding", ["", "=", "=="])
@pytest.mark.parametrize("length", range(4))
def test_every_length_of_payload_is_read_padded_or_not(length: int, padding: str) -> None:
    header, payload, signature = token({"ref": "r" * length}).split(".")
    assert id_token.decode(f"{header}.{payload}{padding}.{signature}").claims == {"ref": "r" * length}


def test_both_alphabets_of_base64_are_read() -> None:
    payload = json.dumps({"ref": "~~~???>>>ü"}, ensure_ascii=False).encode()
    standard = base64.b64encode(payload).decode()
    assert {"+", "/"} & set(standard)
    assert (
        id_token.decode(f"h.{standard}.s").claims
        == id_token.decode(f"h.{part(payload)}.s").claims
        == {"ref": "~~~???>>>ü"}
    )


@pytest.mark.parametrize("blank", [" ", "\t", "  "])
def test_blanks_around_it_do_no_harm(blank: str) -> None:
    assert id_token.decode(blank + token(GITHUB) + blank).malformed is False


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("", "three parts"),
        ("npm_abcdefghijklmnop", "three parts"),
        ("a.b", "three parts"),
        ("a.b.c.d.e", "three parts"),
        ("a..c", "three parts"),
        (".b.c", "three parts"),
        ("a.b.", "three parts"),
        ("a.!!!.c", "not a JSON object"),
        (f"a.{part(b'[]')}.c", "not a JSON object"),
        (f"a.{part(b'null')}.c", "not a JSON object"),
        (f"a.{part(b'{')}.c", "not a JSON object"),
        (f"a.{part(b'[' * 90_000)}.c", "not a JSON object"),
        (f"a.{part(bytes([0xFF, 0xFE, 0xFD]))}.c", "not a JSON object"),
        (token(GITHUB) + "\n", "line break"),
        ("a.b\r\n.c", "line break"),
        ("a.b.ü✓", "no header allows"),
    ],
)
def test_what_is_no_token_is_malformed_and_says_why(text: str, trouble: str) -> None:
    seen = id_token.decode(text)
    assert seen.malformed
    assert seen.trouble is not None
    assert trouble in seen.trouble
    assert seen.claims == {}


@pytest.mark.parametrize(("length", "read"), [(id_token.LONGEST, True), (id_token.LONGEST + 1, False)])
def test_a_token_beyond_the_cap_is_not_read_and_not_called_malformed(length: int, read: bool) -> None:
    whole = token({"ref": "r"}, "s")
    seen = id_token.decode(whole + "s" * (length - len(whole)))
    assert (seen.claims == {"ref": "r"}) is read
    assert seen.malformed is False
    assert (seen.trouble is None) is read


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("npm:registry.npmjs.org", ("npm:registry.npmjs.org",)),
        (["a", "b"], ("a", "b")),
        (["a", 1, None, {}], ("a",)),
        ([], ()),
        (None, ()),
        (7, ()),
        ({"a": 1}, ()),
        ([str(one) for one in range(99)], tuple(str(one) for one in range(16))),
    ],
)
def test_audiences_are_texts(value: object, kept: tuple[str, ...]) -> None:
    assert id_token.decode(token({"aud": value})).audiences == kept


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b"0", 0),
        (b"1790000300", 1790000300),
        (b"1790000300.7", 1790000300),
        (b"-1", None),
        (b"true", None),
        (b'"1790000300"', None),
        (b"1e400", None),
        (b"NaN", None),
        (b"-Infinity", None),
        (b"9" * 20, None),
        (b"9" * 21, None),
        (b"9" * 9000, None),
    ],
)
def test_the_expiry_is_a_second_that_may_come(value: bytes, kept: int | None) -> None:
    seen = id_token.decode(token(b'{"exp":' + value + b"}"))
    assert (seen.expires, seen.malformed) == (kept, False)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("main", "main"),
        (7, "7"),
        (True, "true"),
        (False, "false"),
        (None, None),
        ([], None),
        ({}, None),
        (0.5, None),
        ("a\nb\x1b[31m\u202e\ud800c", "ab[31mc"),
        ("x" * 5000, "x" * 1000),
    ],
)
def test_a_claim_is_kept_as_short_printable_text(value: object, kept: str | None) -> None:
    assert id_token.decode(token({"ref": value})).claims.get("ref") == kept


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from([*id_token.CLAIMS, "aud", "exp"]) | st.text(), inner)
    ),
    max_leaves=10,
)


@SLOWLY
@given(payload=json_values)
@example(payload={"exp": 10**4000})
def test_no_payload_raises(payload: object) -> None:
    seen = id_token.decode(token(payload))
    assert isinstance(seen, IdToken)
    assert all(text.isprintable() for text in (*seen.claims.values(), *seen.audiences))
    assert CANARY not in repr(seen)


@SLOWLY
@given(text=st.text() | st.from_regex(r"[\w=+/-]*\.[\w=+/-]*\.[\w=+/-]*"))
def test_no_text_raises(text: str) -> None:
    assert isinstance(id_token.decode(text), IdToken)
