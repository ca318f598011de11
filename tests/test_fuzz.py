"""What the fuzzers start from, and every input that once failed: `fuzz/run.py` finds more."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FUZZ = Path(__file__).resolve().parent.parent / "fuzz"


def _targets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("targets", FUZZ / "targets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["targets"] = module
    spec.loader.exec_module(module)
    return module


TARGETS = _targets()


@pytest.mark.parametrize("name", TARGETS.TARGETS)
def test_what_the_fuzzers_start_from(name: str) -> None:
    seeds = TARGETS.seeds(name)
    assert seeds
    for seed in (*seeds, b"", b"\x00", b"\xff" * 100):
        TARGETS.TARGETS[name].run(seed)


@pytest.mark.parametrize(
    "path", sorted(Path(TARGETS.FINDINGS).rglob("*-*")), ids=lambda path: f"{path.parent.name}/{path.name[:24]}"
)
def test_what_was_found_once(path: Path) -> None:
    TARGETS.TARGETS[path.parent.name].run(path.read_bytes())
