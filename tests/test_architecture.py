"""docs/architecture.md names what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_path_of_the_page_exists() -> None:
    paths: set[str] = set(re.findall(r"`((?:safepublish|tests|campaigns|bench|action)/[\w/.]*)`", PAGE))
    assert len(paths) > 30
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_every_room_has_a_paragraph() -> None:
    rooms = {path.parent.name for path in (ROOT / "safepublish").glob("*/__init__.py")}
    assert sorted(room for room in rooms if f"**`safepublish/{room}/`**" not in PAGE) == []
