"""The tables of safepublish/data are what the scripts that refresh them make of npm's own packages."""

import pytest

from tests.support import world
from tools import facts

CHANGELOG = """
<a id="24.1.1"></a>
* [[`1`](https://x)] - **deps**: upgrade npm to 11.4.2 (npm team)
* [[`2`](https://x)] - **deps**: upgrade npm to 11.4.10 (npm team)
* [[`3`](https://x)] - **doc**: update npm supported versions link
<a id="24.1.0"></a>
### Notable: fixes
<a id="24.0.0"></a>
* [[`4`](https://x)] - **deps**: update npm to 11.3.0 (npm team)
"""


def test_what_a_changelog_says() -> None:
    assert facts.changes(CHANGELOG) == {"24.1.1": "11.4.10", "24.0.0": "11.3.0"}
    known = {"24.0.0": "11.3.0", "24.1.0": "11.4.10"}
    assert facts.merged(known, facts.changes(CHANGELOG)) == {"24.0.0": "11.3.0", "24.1.0": "11.4.10"}


@pytest.mark.real_process
@pytest.mark.parametrize("version", ["9.9.4", "10.9.4", "11.21.2", "12.2.0"])
def test_the_options_are_npms_own(version: str) -> None:
    document, own = facts.read("npm_options"), facts.defined(world.npm(version))
    assert facts.at(document["options"], version) == own["options"]
    assert {key: sorted(others) for key, others in facts.at(document["exclusive"], version).items()} == {
        key: sorted(others) for key, others in own["exclusive"].items()
    }
    assert document["shorthands"] == own["shorthands"]


def test_steps_keep_every_version_that_was_read() -> None:
    values = {"9.0.0": {"a": 1}, "11.0.0": {"a": 1, "b": 2}, "12.0.0": {"b": 3}}
    table = facts.steps(values)
    assert table == {"a": {"9.0.0": 1, "12.0.0": None}, "b": {"11.0.0": 2, "12.0.0": 3}}
    assert {version: facts.at(table, version) for version in values} == values
    later = facts.steps({**values, "11.5.0": {"a": 1, "b": 4}})
    assert facts.at(later, "12.0.0") == values["12.0.0"]


@pytest.mark.parametrize("name", ["node", "ci", "npm_options"])
def test_a_table_is_written_as_it_stands(name: str) -> None:
    assert facts.as_text(facts.read(name)) == (facts.DATA / f"{name}.json").read_text(encoding="utf-8")
