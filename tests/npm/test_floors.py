"""The table of floors: every row is a range that `packaging` reads, and answers as npm's own range does."""

import pytest

from safepublish.npm import floors
from safepublish.npm.floors import Floor
from safepublish.npm.tool_versions import parse


@pytest.mark.parametrize("floor", Floor, ids=lambda floor: floor.name)
def test_every_row_holds_its_oldest_version(floor: Floor) -> None:
    assert floor.oldest in floor
    before = parse("{}.{}.{}-pre.1".format(*(*floor.oldest.release, 0, 0)[:3]))
    assert before is not None
    assert before not in floor
    assert floor.what
    assert floor.source


@pytest.mark.parametrize(
    ("floor", "versions", "others"),
    [
        (Floor.EXCHANGE, "11.5.0 11.5.1-pre.0 12.0.0-pre.1 12.2.0", "11.4.2 11.5.0-pre.1 10.9.4"),
        (Floor.PUBLISH, "11.5.1 12.0.0", "11.5.0 11.5.1-pre.0"),
        (Floor.CIRCLECI, "11.11.0 12.0.0", "11.10.1"),
        (Floor.STAGE, "11.15.0 12.0.0", "11.14.1"),
        (Floor.CI_FALSE, "11.6.2 12.0.0", "11.6.1"),
        (Floor.DIST_TAG, "11.21.0 11.21.2 12.2.0 12.2.3 13.0.0", "11.20.9 12.0.0 12.1.5 12.0.0-pre.1"),
        (Floor.PROVENANCE_FILE_FIRST, "11.20.0 12.1.0 13.0.0", "11.19.9 12.0.3"),
        (Floor.NPM_8_ENGINES, "12.13.0 12.22.0 14.15.0 16.0.0 27.0.0-alpha.0.2.0", "12.12.0 13.14.0 14.14.9 15.14.0"),
        (Floor.NPM_10_ENGINES, "18.17.0 20.5.0 21.0.0", "18.16.9 19.9.0 20.4.9"),
        (Floor.NPM_11_ENGINES, "20.17.0 20.19.9 22.9.0 23.0.0 24.0.0", "20.16.0 21.7.0 22.8.0 18.20.0"),
        (Floor.NPM_12_ENGINES, "22.22.2 22.23.5 24.15.0 26.0.0 27.0.0-alpha.0.2.0", "22.22.1 23.11.0 24.14.1 25.9.0"),
    ],
)
def test_which_versions_a_row_holds(floor: Floor, versions: str, others: str) -> None:
    parsed = {text: parse(text) for text in f"{versions} {others}".split()}
    held = [text for text, version in parsed.items() if version is not None and version in floor]
    assert held == versions.split()


def test_engines_are_found_by_major() -> None:
    assert floors.engines(11) is Floor.NPM_11_ENGINES
    assert floors.engines(5) is None
