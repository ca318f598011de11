"""What is generated is current; `make docs` makes it so."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    return _script("generate")


def test_the_generated_documents_are_current(generate: ModuleType) -> None:
    stale = [path.name for path, text in generate.documents().items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run make docs"


def test_no_page_is_left_over(generate: ModuleType) -> None:
    assert set(generate.PAGES.glob("*.md")) <= set(generate.documents())


def test_the_readme_holds_the_help(generate: ModuleType) -> None:
    assert generate.HELP in (ROOT / "README.md").read_text(encoding="utf-8")


# The picture of `make demo`, which `make record` takes again


@pytest.fixture(scope="module")
def record() -> ModuleType:
    return _script("record")


def test_the_picture_is_drawn_from_the_recording(record: ModuleType) -> None:
    assert record.draw(record.CAST.read_text(encoding="utf-8")) == record.PICTURE.read_text(encoding="utf-8")


def test_the_recording_is_of_the_demo_as_it_is(record: ModuleType) -> None:
    lines = [record.plain(line.text) for line in record.lines(record.CAST.read_text(encoding="utf-8"))]
    assert lines[0] == "$ safepublish rehearse --fixed --assume-published"
    workflow = (ROOT / "examples" / "hello-oidc" / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    (publishes,) = (line.strip().removeprefix("- run: ") for line in workflow.splitlines() if "npm publish" in line)
    assert f"$ {publishes}" in lines
    story = [
        "npm notice Access token expired or revoked. Please try logging in again.",
        "✗ not published: npm ended with 1",
    ]
    story += ["✓ hello-oidc@1.0.0 is published through OIDC (trusted publishing)"]
    assert _in_order(story, lines)


def test_the_readme_quotes_the_recording(record: ModuleType) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted = readme.partition("Then it says what became of it:\n\n```console\n")[2].partition("```")[0].splitlines()
    lines = [record.plain(line.text) for line in record.lines(record.CAST.read_text(encoding="utf-8"))]
    assert quoted
    assert _in_order(quoted, lines)


def _in_order(wanted: list[str], lines: list[str]) -> bool:
    rest = iter(lines)
    return all(one in rest for one in wanted)
