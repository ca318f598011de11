"""Versions of tools: packaging's, with pre-releases that PEP 440 does not know."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from safepublish.npm import tool_versions, versions
from safepublish.npm.tool_versions import ToolVersion, parse
from tests.npm.test_versions import ORDERED

PRE_RELEASES = ["27.0.0-alpha.0.2.0", "11.0.0-pre.1", "1.0.0-next.3", "12.0.0-dev-20251104", "22.0.0-v8-canary2024x"]


@pytest.mark.parametrize("text", PRE_RELEASES)
def test_a_pre_release_of_a_tool(text: str) -> None:
    version = parse(text)
    assert version is not None
    assert str(version) == f"{version}" == text
    assert version.is_prerelease
    assert version < Version(text.partition("-")[0])
    assert version > Version("0.9.9")
    assert (version.major, version.minor, version.micro) == tuple(map(int, text.partition("-")[0].split(".")))


def test_alphas_of_node_sort() -> None:
    texts = [f"27.0.0-alpha.{each}" for each in ("0.0.0", "0.1.0", "0.1.1", "0.2.0", "0.10.0")]
    shuffled = [parse(text) for text in (texts[3], texts[4], texts[0], texts[2], texts[1])]
    assert [str(each) for each in sorted(filter(None, shuffled))] == texts


@pytest.mark.parametrize(("older", "newer"), list(itertools.combinations(ORDERED, 2)))
def test_tools_sort_as_semver(older: str, newer: str) -> None:
    first, second = parse(older), parse(newer)
    assert first is not None
    assert second is not None
    assert first < second
    assert second > first
    assert first != second


@pytest.mark.parametrize("text", ["1.2", "", "latest", "1.2.3.4", "1.2.3-"])
def test_what_is_no_version(text: str) -> None:
    assert parse(text) is None


def test_a_version_is_shown_without_what_npm_drops() -> None:
    assert str(parse("v11.5.0-pre.1+build")) == "11.5.0-pre.1"
    assert str(parse("v11.5.0+build")) == "11.5.0"
    assert isinstance(parse("11.5.0-pre.1"), ToolVersion)
    assert str(tool_versions.of(24, 5)) == "24.5.0"


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    assert (parse(text) is None) == (versions.parse(text) is None)


_IDENTIFIERS = st.lists(
    st.one_of(st.integers(0, 10**30).map(str), st.text("aAzZ09-", min_size=1, max_size=40)), min_size=1, max_size=6
)


@given(_IDENTIFIERS, _IDENTIFIERS)
def test_any_two_pre_releases_sort_as_semver(one: list[str], other: list[str]) -> None:
    texts = [f"1.0.0-{'.'.join(each)}" for each in (one, other)]
    first, second = map(parse, texts)
    if first is None or second is None:  # a number with a leading zero
        return
    semver, semver_other = map(versions.parse, texts)
    assert semver is not None
    assert semver_other is not None
    assert (first < second) == (semver.order < semver_other.order)
    assert (first == second) == (semver == semver_other)
