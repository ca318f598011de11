"""What is generated is current; `make docs` makes it so."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def generate() -> ModuleType:
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
