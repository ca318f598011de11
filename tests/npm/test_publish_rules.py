"""Whether a release is out already, on both sides of each boundary."""

from typing import Any

import pytest

from safepublish.facts.run import Existence, Options, Package, Packument
from safepublish.npm.publish_rules import is_listed, is_published, skips_published

KNOWN = Packument(Existence.EXISTS, versions=frozenset({"1.0.0", "0.0.0", "0.9.0"}), tags={"latest": "1.0.0"})
SCRIPTED: dict[str, Any] = {"scripts_may_change_manifest": True}


@pytest.mark.parametrize(
    ("fields", "out"),
    [
        ({}, True),
        ({"version": "1.0.1"}, False),
        ({"version": None}, False),
        ({"version": "0.9.0"}, True),
        ({"packument": Packument()}, False),
        ({"packument": Packument(Existence.ABSENT)}, False),
        (SCRIPTED, True),
        ({**SCRIPTED, "script_bumps_version": True}, False),
        ({"script_bumps_version": True}, True),
        ({**SCRIPTED, "version": "0.9.0"}, False),  # the tag has gone on, so a script may raise it
        ({**SCRIPTED, "dist_tag": "next"}, False),
        ({**SCRIPTED, "dist_tag": "next", "packument": KNOWN._replace(tags={"next": "1.0.0"})}, True),
        ({**SCRIPTED, "version": "0.0.0", "packument": KNOWN._replace(tags={"latest": "0.0.0"})}, False),
    ],
)
def test_a_release_that_is_out(fields: dict[str, Any], out: bool) -> None:
    given: dict[str, Any] = {"version": "1.0.0", "packument": KNOWN, **fields}
    assert is_published(Package(".", name="a", **given)) is out


@pytest.mark.parametrize(
    ("version", "packument", "seen"),
    [
        ("1.0.0", KNOWN, True),
        ("2.0.0", KNOWN, False),
        ("2.0.0", Packument(Existence.ABSENT), False),
        ("2.0.0", Packument(), None),
        (None, KNOWN, None),
    ],
)
def test_a_version_that_is_listed(version: str | None, packument: Packument, seen: bool | None) -> None:
    assert is_listed(Package(".", version=version, packument=packument)) is seen


@pytest.mark.parametrize(
    ("asked", "number", "skip_published"),
    [(None, 1, False), (None, 2, True), ("skip", 1, True), ("refuse", 1, False), ("refuse", 2, False)],
)
def test_one_is_refused_and_of_several_it_is_left_out(asked: str | None, number: int, skip_published: bool) -> None:
    assert skips_published(Options(already_published=asked), (Package("."),) * number) is skip_published
