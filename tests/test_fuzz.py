"""What the fuzzers start from, and every input that once failed: `python -m campaigns fuzz` finds more."""

from pathlib import Path

import pytest

from campaigns.fuzz import targets


@pytest.mark.parametrize("name", targets.TARGETS)
def test_what_the_fuzzers_start_from(name: str) -> None:
    seeds = targets.seeds(name)
    assert seeds
    for seed in (*seeds, b"", b"\x00", b"\xff" * 100):
        targets.TARGETS[name].run(seed)


@pytest.mark.parametrize(
    "path", sorted(Path(targets.FINDINGS).rglob("*-*")), ids=lambda path: f"{path.parent.name}/{path.name[:24]}"
)
def test_what_was_found_once(path: Path) -> None:
    targets.TARGETS[path.parent.name].run(path.read_bytes())
