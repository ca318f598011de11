"""The built pages, as a search engine reads them: titles, descriptions, the words on the screen, no inline script."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import safepublish
from docs.site import links
from safepublish.causes import CAUSES
from safepublish.causes.cause import Cause
from safepublish.report import diagnostics

BASE = "https://safepublish.github.io/safepublish/"


class Read(HTMLParser):
    """What stands in the head of a page, its text, and what a content security policy would refuse."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.title, self.text, self.canonical = "", "", ""
        self.meta: dict[str, str] = {}
        self.inline: list[str] = []
        self._open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        self._open.append(tag)
        if tag == "meta":
            self.meta[values.get("name") or values.get("http-equiv") or ""] = values.get("content", "")
        if tag == "link" and values.get("rel") == "canonical":
            self.canonical = values["href"]
        self.inline += [f"{tag} {name}" for name in values if name == "style" or name.startswith("on")]
        if (tag == "script" and "src" not in values and values.get("type") != "application/json") or tag == "style":
            self.inline.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title" and not self.title:
            self.title = data
        self.text += data


def pages(built: Path) -> dict[str, Read]:
    found = (path for path in sorted(built.rglob("*.html")) if path.name != "404.html")
    return {path.relative_to(built).parent.as_posix(): Read(path) for path in found}


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_each_cause_has_a_page_with_the_words_that_people_search(cause: Cause, built: Path) -> None:
    page = Read(built / "causes" / cause.id / "index.html")
    assert page.canonical == f"{BASE}causes/{cause.id}/" == diagnostics.url(cause.id)
    seen = [shown.text for shown in cause.screen if shown.text]
    assert [text for text in seen if text not in page.text] == []
    if any(not shown.hidden and shown.text for shown in cause.screen):
        assert any(text.rstrip(".:") in page.title for text in seen)
    assert cause.title.casefold() in page.title.casefold()
    first = re.sub(r"\s+", " ", cause.page.partition("\n")[0])
    assert page.meta["description"].startswith(first)
    assert page.meta["description"] != first
    for line in cause.page.splitlines():
        words = re.sub(r"[`*]", "", line).strip().removeprefix("- ")
        assert words in re.sub(r"[`*]", "", page.text), line


def test_every_page_has_a_title_and_a_description_of_its_own(built: Path) -> None:
    read = pages(built)
    titles = [page.title for page in read.values()]
    descriptions = [page.meta.get("description", "") for page in read.values()]
    assert len(set(titles)) == len(set(descriptions)) == len(read)


def test_the_sitemap_has_every_page(built: Path) -> None:
    places = {node.text for node in ET.parse(built / "sitemap.xml").iter() if node.tag.endswith("loc")}
    assert places == {f"{BASE}{path}/".replace("./", "") for path in pages(built)}
    assert {page.canonical for page in pages(built).values()} == places


def test_nothing_is_inline(built: Path) -> None:
    for path, page in pages(built).items():
        assert page.inline == [], path
        assert "'unsafe-inline'" not in page.meta["Content-Security-Policy"]
        assert page.meta["Content-Security-Policy"].startswith("default-src 'self';")


def test_every_link_leads_somewhere(built: Path, tmp_path: Path) -> None:
    assert links.broken(built) == []
    (tmp_path / "index.html").write_text('<a href="gone/">x</a><a href="#no">y</a><script src="https://cdn.test/x.js">')
    assert len(links.broken(tmp_path)) == 3


def test_the_site_runs_this_version(built: Path) -> None:
    about = json.loads((built / "assets" / "playground" / "engine.json").read_text(encoding="utf-8"))
    assert about["wheel"].startswith(f"safepublish-{safepublish.__version__}-")
    assert {path.name for path in (built / "assets" / "playground" / "engine").iterdir()} == set(about["files"])
