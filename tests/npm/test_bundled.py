"""The npm that a workflow's node-version brings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.facts.npms import Npms
from safepublish.npm import bundled, floors, node_version, upgrades
from safepublish.npm.bundled import bundled_npm
from safepublish.npm.floors import Floor


@pytest.mark.parametrize(
    ("asked", "npm"),
    [
        ("22", "10.9.9"),
        ("22.x", "10.9.9"),
        ("v22", "10.9.9"),
        ("^22.9.0", "10.9.9"),
        ("22.20", "10.9.3"),
        ("22.20.0", "10.9.3"),
        ("~22.22.1", "10.9.8"),
        ("22.22.1", "10.9.4"),
        ("22.22.2", "10.9.7"),
        ("lts/jod", "10.9.9"),
        ("lts/Iron", "10.8.2"),
        ("20", "10.8.2"),
        ("18.18.2", "9.8.1"),
        ("24.4.1", "11.4.2"),
        ("24.5.0", "11.5.1"),
        ("24.0.0", "11.3.0"),
        ("25.9.0", "11.12.1"),
        ("24.21.0", "11.19.0"),
        ("24.22.3", "11.19.1"),
        ("26.13.0", "11.20.0"),
        ("27.0.0-alpha.0.0.0", "12.1.0"),
        ("27.0.0-alpha.0.1.1", "12.1.0"),
        ("v27.0.0-alpha.0.2.0", "12.2.3"),
        ("lts/*", None),
        ("latest", None),
        (">=20", None),
        ("99", None),
        ("", None),
        ("${{ matrix.node }}", None),
    ],
)
def test_what_setup_node_brings(asked: str, npm: str | None) -> None:
    version = bundled_npm(asked)
    assert (str(version) if version else None) == npm


def shown(npms: Npms | None) -> str:
    return "-" if npms is None else f"{npms.lowest}..{npms.highest or ''}"


@pytest.mark.parametrize(
    ("asked", "expected", "enough"),
    [
        ("22", "10.9.8..10.9.9", False),
        ("22.x", "10.9.8..10.9.9", False),
        ("v22", "10.9.8..10.9.9", False),
        ("22.14", "10.9.2..10.9.2", False),
        ("22.22.2", "10.9.7..10.9.7", False),
        ("^22.22.0", "10.9.8..10.9.9", False),
        ("~22.22.1", "10.9.8..10.9.8", False),
        ("20", "10.8.2..10.8.2", False),
        ("18.18.2", "9.8.1..9.8.1", False),
        ("16", "8.19.4..8.19.4", False),
        ("14.x", "6.14.18..6.14.18", False),
        ("0.10", "2.15.11..2.15.11", False),
        ("24", "11.17.0..", True),
        ("24.x", "11.17.0..", True),
        ("=24.5.0", "11.5.1..11.5.1", True),
        ("24.4", "11.4.2..11.4.2", False),
        ("24.4.1", "11.4.2..11.4.2", False),
        ("24.5.0", "11.5.1..11.5.1", True),
        ("~24.4.0", "11.4.2..11.4.2", False),
        ("^24.4.0", "11.17.0..", True),
        (">=24 <24.5", "11.4.2..11.4.2", False),
        (">=24 <24.6", "11.5.1..11.5.1", True),
        ("<=24.4", "10.9.8..11.4.2", False),
        ("25", "11.12.1..11.12.1", True),
        ("26", "11.20.0..", True),
        ("27", "11.20.0..", True),
        (">=20", "11.17.0..", True),
        (">= 20", "11.17.0..", True),
        (">20", "11.17.0..", True),
        ("<23", "10.9.8..10.9.9", False),
        ("18 || 20 || 22", "10.9.8..10.9.9", False),
        ("20||24", "11.17.0..", True),
        ("^20.17.0 || >=22.9.0", "11.17.0..", True),
        ("18 - 22", "10.9.8..10.9.9", False),
        ("*", "11.17.0..", True),
        ("lts/*", "11.17.0..", True),
        ("LTS/*", "11.17.0..", True),
        ("lts/-1", "10.9.8..", None),
        ("lts/-2", "10.8.2..10.9.9", False),
        ("lts/-9", "8.19.4..8.19.4", False),
        ("lts/krypton", "11.17.0..", True),
        ("lts/Jod", "10.9.8..10.9.9", False),
        ("lts/gallium", "8.19.4..8.19.4", False),
        ("latest", "11.20.0..", True),
        ("node", "11.20.0..", True),
        ("current", "11.20.0..", True),
        ("22-nightly", "10.5.1..10.9.9", False),
        ("24.0.0-rc.1", "11.3.0..", None),
        ("27.0.0-nightly20261101", "11.20.0..", True),
        ("lts/unknown", "-", None),
        ("system", "-", None),
        ("", "-", None),
        ("${{ matrix.node }}", "-", None),
        ("1" * 300, "-", None),
        ("||" * 100, "-", None),
    ],
)
def test_the_npm_that_setup_node_brings(asked: str, expected: str, enough: bool | None) -> None:
    brought = bundled.brings(asked)
    assert shown(brought) == expected
    assert (floors.meets(brought, Floor.PUBLISH) if brought else None) is enough


@pytest.mark.parametrize("asked", ["24", "24.x", "^24", "lts/*", "lts/krypton", "latest", ">=22", "26"])
def test_what_is_asked_for_today_can_stage_too(asked: str) -> None:
    brought = bundled.brings(asked)
    assert brought is not None
    assert floors.meets(brought, Floor.STAGE)


@pytest.mark.parametrize(
    ("written", "plain", "expected"),
    [
        ("20", True, "20"),
        ("20.10", True, "20.1"),
        ("20.10", False, "20.10"),
        ("24.0", True, "24"),
        ("24.10", True, "24.1"),
        ("24.10.0", True, "24.10.0"),
        ("22.x", True, "22.x"),
        ("0x18", True, "24"),
        ("2e1", True, "20"),
        ("lts/*", True, "lts/*"),
        ("9" * 25, True, "9" * 25),
    ],
)
def test_a_number_without_quotes_loses_its_zeros(written: str, plain: bool, expected: str) -> None:
    assert node_version.as_read(written, plain=plain) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22\n", "22"),
        ("v22.14.0", "22.14.0"),
        ("lts/*\n", "lts/*"),
        ("node 20.1.0", "20.1.0"),
        ("python 3.12\nnodejs 20.1.0\nruby 3\n", "20.1.0"),
        ("22\r\n", "22"),
        ("# comment here\n22\n", "22"),
        ('{"volta": {"node": "20.1.0"}, "engines": {"node": ">=18"}}', "20.1.0"),
        ('{"engines": {"node": ">=18"}}', ">=18"),
        ('{"devEngines": {"runtime": {"name": "node", "version": "^24"}}, "engines": {"node": "18"}}', "^24"),
        ('{"devEngines": {"runtime": [{"name": "bun", "version": "1"}, {"name": "Node", "version": "24"}]}}', "24"),
        ('{"devEngines": {"runtime": {"name": "bun", "version": "1"}}, "engines": {"node": "18"}}', "18"),
        ('{"name": "x"}', None),
        ("name: a\nruns:\n  using: 'node24'\n", "24"),
        ("", None),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_what_a_version_file_says(text: str, expected: str | None) -> None:
    assert node_version.in_file(text) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("ubuntu-24.04", "10.9.8..10.9.9"),
        ("ubuntu-22.04", "10.9.8..10.9.9"),
        ("ubuntu-26.04", "11.17.0.."),
        ("ubuntu-latest", "10.9.8.."),
        ("windows-2025", "10.9.8..10.9.9"),
        ("windows-11-arm", "11.17.0.."),
        ("macos-26", "11.16.0.."),
        ("macos-26-xlarge", "11.16.0.."),
        ("macos-15-intel", "10.9.7..10.9.9"),
        ("macos-14", "-"),
        ("self-hosted", "-"),
        ("ubuntu-24.04-arm", "-"),
    ],
)
def test_the_npm_of_an_image(label: str, expected: str) -> None:
    assert shown(bundled.on_image(label)) == expected


@pytest.mark.parametrize(
    ("asked", "node", "works", "after"),
    [
        ("latest", "20", False, "-"),
        ("", "20", False, "-"),
        ("12", "20", False, "-"),
        ("latest", "22", True, "12.2.2.."),
        ("latest", "22.22.1", False, "-"),
        ("latest", "22.22.3", True, "12.2.2.."),
        ("latest", "22.14.0", False, "-"),
        ("latest", "24.14.1", False, "-"),
        ("latest", "24.15.0", True, "12.2.2.."),
        ("latest", "24", True, "12.2.2.."),
        ("latest", "25", False, "-"),
        ("latest", "26", True, "12.2.2.."),
        ("latest", "lts/*", True, "12.2.2.."),
        ("11", "18", False, "-"),
        ("11", "20.16.0", False, "-"),
        ("11", "20.17.0", True, "11.21.2.."),
        ("11", "22.8.0", False, "-"),
        ("11", "22.9.0", True, "11.21.2.."),
        ("11", "22", True, "11.21.2.."),
        ("^11.5.1", "22", True, "11.21.2.."),
        (">=11.5.1", "20", False, "-"),
        (">=11.5.1 <12", "20", True, "11.21.2.."),
        ("11.5.1", "22", True, "11.5.1..11.5.1"),
        ("12.2.0", "24", True, "12.2.0..12.2.0"),
        ("12.2", "24", True, "12.2.2.."),
        ("11.21.2", "22", True, "11.21.2..11.21.2"),
        ("~11.5", "22", True, "11.5.2..11.5.999"),
        ("next-11", "20", True, "11.21.2.."),
        ("10", "22", True, "10.9.9..10.9.9"),
        ("npm@11", "22", True, "11.21.2.."),
        ("11", None, None, "11.21.2.."),
        ("11", "${{ x }}", None, "11.21.2.."),
        (None, "22", None, "-"),
        ("beta", "22", None, "-"),
    ],
)
def test_an_upgrade(asked: str | None, node: str | None, works: bool | None, after: str) -> None:
    outcome = upgrades.upgraded(asked, node, None)
    assert (outcome.works, shown(outcome.npms)) == (works, after)
    assert bool(outcome.why) is (works is False)


@pytest.mark.parametrize(
    ("node", "asked", "works"),
    [
        ("22.22.2", "11", False),
        ("22.22.2", "latest", False),
        ("22.22.2", "11.10.0", None),
        ("22.22.2", "10", None),
        ("22.22.1", "11", True),
        ("22.22.3", "11", True),
        ("22", "11", True),
    ],
)
def test_npm_10_9_7_cannot_replace_itself(node: str, asked: str, works: bool | None) -> None:
    assert upgrades.upgraded(asked, node, bundled.brings(node)).works is works


def test_a_forced_upgrade_is_not_known_to_fail() -> None:
    assert upgrades.upgraded("latest", "20", None, forced=True).works is None


@given(st.text(alphabet="0123456789.xX*^~<>=|- vlts/nodejr", max_size=30))
def test_no_text_crashes_it(asked: str) -> None:
    bundled.brings(asked)
    upgrades.upgraded(asked, asked, None)
    node_version.in_file(asked)
    node_version.as_read(asked, plain=True)


@pytest.mark.parametrize(
    ("asked", "npm"),
    [("5", "5.0.0..5.999.999"), ("^0.1.2", "0.1.0..0.1.999"), ("13", "13.0.0.."), ("1.2.3", "1.2.3..1.2.3")],
)
def test_what_an_upgrade_to_an_unknown_major_brings(asked: str, npm: str) -> None:
    assert shown(upgrades.upgraded(asked, None, None).npms) == npm
