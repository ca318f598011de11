"""What a rehearsal's scripts change outside its copy is noticed."""

import os
from pathlib import Path

import pytest

from safepublish.rehearsal import working_tree


def test_what_is_written_made_and_removed_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("kept", "written", "a/removed"):
        (tmp_path / name).write_text("x")
    before = working_tree.snapshot(str(tmp_path))
    assert working_tree.changed_files(str(tmp_path), before) == []
    (tmp_path / "written").write_text("xy")
    (tmp_path / "a" / "removed").unlink()
    (tmp_path / "a" / "made").write_text("")
    (tmp_path / ".git" / "index").write_text("")
    assert working_tree.changed_files(str(tmp_path), before) == [
        os.path.join("a", "made"),
        os.path.join("a", "removed"),
        "written",
    ]


def test_a_great_tree_is_watched_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working_tree, "MOST_FILES", 2)
    for name in "abc":
        (tmp_path / name).write_text("x")
    before = working_tree.snapshot(str(tmp_path))
    (tmp_path / "c").write_text("changed")
    (tmp_path / "a").write_text("changed")
    assert working_tree.changed_files(str(tmp_path), before) == ["a"]
