"""What is generated is current; `make docs` makes it so."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import world

from safepublish.causes import CAUSES
from safepublish.rehearsal import registry

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    sys.path.insert(0, str(ROOT / "docs"))
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_documents_are_current(generate: ModuleType) -> None:
    stale = [path.name for path, text in generate.documents().items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run make docs"


def test_no_page_is_left_over(generate: ModuleType) -> None:
    assert set(generate.PAGES.glob("*.md")) <= set(generate.documents())


def test_the_readme_holds_the_help(generate: ModuleType) -> None:
    assert generate.HELP in (ROOT / "README.md").read_text(encoding="utf-8")


NOT_NPMS = {
    "ENONPMTOKEN",
    "No npm token specified",
    "npm: command not found",  # a shell's
    "an equivalent entry already exists",  # Sigstore's
    "Cannot find module 'sigstore'",  # Node's, with a name
    "Cannot find module 'promise-retry'",
}


def test_the_words_on_the_screen_are_npms_or_the_registrys(generate: ModuleType) -> None:
    files = [path for npm in ("12.2.0", "10.9.4") for path in world.npm(npm).rglob("*.js") if "lib" in path.parts[-4:]]
    sources = [path.read_text(encoding="utf-8", errors="replace") for path in files]
    held = "\n".join([*sources, Path(registry.__file__).read_text(encoding="utf-8")])
    held = held.replace("\\'", "'").replace("\\`", "`")
    words = {word for seen in generate.SCREEN for word in seen.words if not re.fullmatch(r"E\d{3}", word)}
    assert {word for word in words if word not in held} - NOT_NPMS == set()


def test_every_cause_that_the_log_shows_is_found_by_its_words(generate: ModuleType) -> None:
    listed = {cause for seen in generate.SCREEN for cause in seen.causes} | set(generate.SILENT)
    assert listed <= {cause.ID for cause in CAUSES}
    assert {cause.ID for cause in CAUSES if hasattr(cause, "in_log")} <= listed


def test_the_index_is_in_order(generate: ModuleType) -> None:
    words = [" ".join(seen.words).casefold() for seen in generate.in_order()]
    assert words == sorted(words)
