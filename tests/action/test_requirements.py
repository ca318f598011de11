"""requirements.txt holds what pyproject.toml's dependencies need everywhere, and no more; `make lock` makes it so."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "action" / "requirements.txt").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins() -> dict[str, Requirement]:
    """The locked packages."""
    blocks = [block for block in re.split(r"\n(?=\S)", LOCK) if not block.startswith("#")]
    found = [Requirement(block.partition("\\")[0].strip()) for block in blocks]
    return {canonicalize_name(one.name): one for one in found}


def needed() -> list[Requirement]:
    """What the project needs, and what that needs in turn, on every platform and Python."""
    due, found = [Requirement(one) for one in PROJECT["dependencies"]], []
    while due:
        one = due.pop()
        found.append(one)
        for text in importlib.metadata.requires(one.name) or ():
            further = Requirement(text)
            if further.marker is None or "extra" not in str(further.marker):
                due.append(further)
    return found


def test_it_holds_what_the_project_needs_and_nothing_else() -> None:
    assert set(pins()) == {canonicalize_name(one.name) for one in needed()}, "run make lock"


def test_each_pin_is_one_that_the_project_takes() -> None:
    for one in needed():
        pin = pins()[canonicalize_name(one.name)]
        (exact,) = pin.specifier
        assert exact.operator == "=="
        assert Version(exact.version) in one.specifier, f"{pin} is not {one}: run make lock"


def test_each_pin_has_hashes_and_names_no_place() -> None:
    for block in re.split(r"\n(?=[a-z])", LOCK)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block)
    assert "://" not in LOCK
    assert "--index" not in LOCK


def test_the_newest_python_is_the_newest_that_the_project_names() -> None:
    named = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if "Python :: 3." in one]
    fits = (ROOT / "action" / "fits.py").read_text(encoding="utf-8")
    run = (ROOT / "action" / "run.sh").read_text(encoding="utf-8")
    oldest, newest = (
        tuple(map(int, text.split("."))) for text in (PROJECT["requires-python"].removeprefix(">="), named[-1])
    )
    assert f"OLDEST = {oldest}\nNEWEST = {newest} " in fits
    minors = " ".join(one.partition(".")[2] for one in reversed(named))
    assert f"for minor in {minors}; do" in run
    assert f"No CPython {'.'.join(map(str, oldest))} to {named[-1]} with pip was found" in run
