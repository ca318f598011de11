"""npm's debug log, as the real npm wrote it (npm 11.5.1, 12.2.0 and 10.9.4 against a loopback registry)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.facts.log import Attempt, Log, read, registry_words
from safepublish.facts.versions import Version

HEAD = """\
0 verbose cli /n/bin/node /n/lib/node_modules/npm/bin/npm-cli.js
1 info using npm@12.2.0
2 info using node@v24.21.0
7 verbose title npm publish
8 verbose argv "publish"
12 verbose publish [ '.' ]
19 notice name: pkg
20 notice version: 1.0.0
"""
EXCHANGED = """\
28 http fetch GET http://127.0.0.1:1/idtoken?x=1&audience=npm%3A127.0.0.1 200 13ms
29 http fetch POST 201 http://127.0.0.1:1/-/npm/v1/oidc/token/exchange/package/pkg 5ms
30 verbose oidc Successfully retrieved and set token
"""
REFUSED = """\
29 http fetch POST 404 http://127.0.0.1:1/-/npm/v1/oidc/token/exchange/package/pkg 5ms
30 verbose oidc Failed token exchange request with body message: OIDC token exchange error - package not found
"""


def test_a_publish_through_oidc() -> None:
    log = read((HEAD + EXCHANGED + "38 verbose exit 0\n39 info ok\n").splitlines())
    assert log.npm == Version(12, 2, 0)
    assert log.node == Version(24, 21, 0)
    assert log.command == "npm publish"
    assert log.status == 0
    assert log.attempts == (
        Attempt("pkg", "1.0.0", "Successfully retrieved and set token", exchanged=True, exchange_status=201),
    )


def test_a_refused_exchange_and_a_dead_token() -> None:
    log = read(
        (
            HEAD
            + REFUSED
            + "31 http fetch PUT 404 http://127.0.0.1:1/pkg 4ms\n"
            + "32 notice Access token expired or revoked. Please try logging in again.\n"
            + "33 error code E404\n34 error 404 Not Found - PUT http://127.0.0.1:1/pkg - Not found\n"
            + "35 verbose exit 1\n"
        ).splitlines()
    )
    assert not log.last.exchanged
    assert registry_words(log.last) == "OIDC token exchange error - package not found"
    assert log.last.put_status == 404
    assert log.code == "E404"
    assert log.notices == ("Access token expired or revoked. Please try logging in again.",)
    assert log.says("404 Not Found") is not None
    assert log.says("EOTP") is None


def test_what_follows_a_successful_exchange_does_not_undo_it() -> None:
    provenance = "31 verbose oidc Failed to set provenance with message: 500\n32 verbose oidc Enabling provenance\n"
    assert read((HEAD + EXCHANGED + provenance).splitlines()).last.exchanged


def test_each_package_is_its_own_attempt() -> None:
    second = "40 verbose oidc Cleared previous exchange token\n"
    text = HEAD + EXCHANGED + "39 verbose publish [ '/r/b' ]\n41 notice name: b\n" + second + REFUSED
    first, last = read(text.splitlines()).attempts
    assert (first.name, first.exchanged) == ("pkg", True)
    assert (last.name, last.exchanged) == ("b", False)


@pytest.mark.parametrize(
    ("line", "oidc"),
    [
        (
            "5 silly oidc Skipped because incorrect permissions for id-token within GitHub workflow",
            "Skipped because incorrect permissions for id-token within GitHub workflow",
        ),
        ("5 silly oidc Skipped because no id_token available", "Skipped because no id_token available"),
        ("5 verbose oidc Failure with message: fetch failed", "Failure with message: fetch failed"),
    ],
)
def test_every_oidc_sentence_is_kept(line: str, oidc: str) -> None:
    assert read((HEAD + line).splitlines()).last.oidc == oidc


def test_signed_provenance_is_seen() -> None:
    line = "28 notice publish Signed provenance statement with source and build information from GitHub Actions"
    assert read((HEAD + line).splitlines()).last.signed


@pytest.mark.parametrize(
    ("puts", "status", "out"),
    [
        ((200,), 0, [True]),
        ((299,), 1, [True]),  # a postpublish script failed
        ((300,), 1, [False]),
        ((None,), 0, [True]),  # npm did not wait for the answer's end
        ((None,), 1, [False]),
        ((None,), None, [False]),
        ((None, 403), 1, [True, False]),
        ((None, None), 1, [True, False]),
        ((None, None), 0, [True, True]),
    ],
)
def test_what_went_out(puts: tuple[int | None, ...], status: int | None, out: list[bool]) -> None:
    log = Log(attempts=tuple(Attempt(str(at), put_status=put) for at, put in enumerate(puts)), status=status)
    assert [log.went_out(attempt) for attempt in log.attempts] == out


@given(st.lists(st.text(max_size=80), max_size=40))
def test_no_lines_break_the_reader(lines: list[str]) -> None:
    read(lines)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["silly", "verbose", "http", "notice", "info", "error"]),
            st.sampled_from(["oidc ", "fetch PUT 4", "exit ", "code ", "using npm@", "title ", "name:", ""]),
            st.text(max_size=30),
        ),
        max_size=30,
    )
)
def test_no_npm_like_lines_break_the_reader(lines: list[tuple[str, str, str]]) -> None:
    read(f"{number} {level} {start}{rest}" for number, (level, start, rest) in enumerate(lines))
