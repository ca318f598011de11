"""Versions in semver's order, as npm compares them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.npm.versions import PackageVersion, parse

ORDERED = [  # semver 2.0.0, section 11, and npm's own pre-releases
    "0.0.1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
    "1.0.0-rc.1", "1.0.0", "11.5.0", "11.5.1-pre.0", "11.5.1", "11.21.2", "12.0.0-pre.0.0", "12.0.0-pre.1", "12.0.0",
]  # fmt: skip


@pytest.mark.parametrize(("older", "newer"), list(itertools.combinations(ORDERED, 2)))
def test_semver_order(older: str, newer: str) -> None:
    first, second = parse(older), parse(newer)
    assert first is not None
    assert second is not None
    assert first.older_than(second)
    assert not second.older_than(first)


@pytest.mark.parametrize("text", ORDERED)
def test_a_version_is_not_older_than_itself(text: str) -> None:
    version = parse(text)
    assert version is not None
    assert not version.older_than(version)
    assert str(version) == text


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v1.2.3", PackageVersion(1, 2, 3)),
        ("=1.2.3", PackageVersion(1, 2, 3)),
        (" 1.2.3\n", PackageVersion(1, 2, 3)),
        ("1.2.3+build.5", PackageVersion(1, 2, 3)),
        ("1.2.3-x.7.z+b", PackageVersion(1, 2, 3, ("x", "7", "z"))),
        ("1.2", None),
        ("1.2.3.4", None),
        ("01.2.3", None),
        ("1.2.3-01", None),
        ("1.2.3-", None),
        ("latest", None),
        ("", None),
        ("1.2.3 || 2", None),
        ("٣.1.1", None),
    ],
)
def test_what_is_a_version(text: str, version: PackageVersion | None) -> None:
    assert parse(text) == version


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    version = parse(text)
    assert version is None or parse(str(version)) == version
