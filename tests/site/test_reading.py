"""The site as people read it: in the dark, on a phone, with a screen reader, with the search, without JavaScript."""

from typing import Any

import pytest

from docs.site.server import Server
from tests.site.test_playground import STORY, STORY_LOG
from tests.site.visitor import Visitor
from tests.support import browser as browsers

pytestmark = pytest.mark.real_process

KINDS = ("", "causes/", "causes/npm-too-old/", "command-line/", "playground/log/", "playground/workflow/")
"""A page of each kind."""
AXE = """
async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`));
}
"""


@pytest.fixture(scope="module", params=["light", "dark"])
def phone(request: pytest.FixtureRequest, browser: Any, server: Server) -> Any:
    """A visitor with a narrow screen, in the light and in the dark."""
    size: Any = {"width": 360, "height": 740}
    with Visitor(browser, server, color_scheme=request.param, viewport=size) as someone:
        yield someone


def answered(phone: Visitor, path: str) -> None:
    """The page at *path*, with an answer where it gives one."""
    phone.goes_to(path)
    if path == "playground/log/":
        phone.puts(STORY_LOG)
    if path == "playground/workflow/":
        phone.puts(STORY)


@pytest.mark.parametrize("path", KINDS)
def test_a_phone_and_a_screen_reader(phone: Visitor, path: str) -> None:
    answered(phone, path)
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 360
    phone.page.evaluate(browsers.axe())
    assert phone.page.evaluate(AXE) == []
    phone.check()


def test_the_colours_that_were_chosen_stay(visitor: Visitor) -> None:
    page = visitor.goes_to("")
    assert page.get_attribute("body", "data-md-color-scheme") == "default"
    page.locator("label[title='Use the light theme']").click()
    page.locator("label[title='Use the dark theme']").click()
    assert page.get_attribute("body", "data-md-color-scheme") == "slate"
    visitor.goes_to("causes/")
    assert page.get_attribute("body", "data-md-color-scheme") == "slate"


@pytest.mark.parametrize("words", ["Access token expired or revoked", "ENEEDAUTH", "publisher-mismatch"])
def test_the_search_finds_the_causes(visitor: Visitor, words: str) -> None:
    page = visitor.goes_to("")
    page.fill(".md-search__input", words)
    page.wait_for_selector(".md-search-result__link")
    assert "/causes/" in (page.locator(".md-search-result__link").first.get_attribute("href") or "")


@pytest.mark.parametrize(
    ("path", "command"), [("playground/log/", "safepublish explain"), ("playground/workflow/", "safepublish workflow")]
)
def test_without_javascript(browser: Any, server: Server, path: str, command: str) -> None:
    with Visitor(browser, server, java_script_enabled=False) as someone:
        page = someone.page
        page.goto(server.url + path)
        assert command in page.inner_text("noscript")
        assert not page.is_visible("#playground")
        someone.complaints.clear()
