"""fits.py: which Pythons the locked wheels are for."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

FITS = Path(__file__).resolve().parents[2] / "action" / "fits.py"


@pytest.fixture(scope="module")
def fits() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fits", FITS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("version", "found", "named"),
    [
        ((3, 11, 1), "is 3.11.1, older than 3.11.2", "is 3.11.1, older than 3.11.2"),
        ((3, 11, 2), None, None),
        ((3, 14, 99), None, None),
        ((3, 15, 0), "is 3.15.0, newer than 3.14", None),
    ],
)
def test_versions(
    version: tuple[int, ...], found: str | None, named: str | None, fits: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    assert fits.trouble(named=False) == found
    assert fits.trouble(named=True) == named


def test_another_implementation_a_free_threaded_one_and_one_without_pip(
    fits: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "implementation", SimpleNamespace(name="pypy"))
        assert fits.trouble(named=False) == fits.trouble(named=True) == "is pypy, not CPython"
    with monkeypatch.context() as patch:
        patch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
        assert (fits.trouble(named=False), fits.trouble(named=True)) == (f"is {version}, free-threaded", None)
    with monkeypatch.context() as patch:
        patch.setattr(importlib.util, "find_spec", lambda _name: None)
        assert fits.trouble(named=False) == f"is {version} without pip"
