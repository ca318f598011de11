"""A browser and the built site, for `make test-site` alone, which sets SAFEPUBLISH_SITE to the site's directory."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.site.visitor import Visitor

_SITE = os.environ.get("SAFEPUBLISH_SITE")
collect_ignore_glob = [] if _SITE else ["test_*.py"]


@pytest.fixture(scope="session")
def built() -> Path:
    """The directory of the built site."""
    return Path(_SITE or "").resolve()


@pytest.fixture(scope="session")
def server(built: Path) -> Iterator[Any]:
    """The site, served on the loopback."""
    from docs.site.server import Server

    with Server(built) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """A real Chromium."""
    from tests.support import browser

    with browser.chromium() as running:
        yield running


@pytest.fixture
def visitor(browser: "Browser", server: Any) -> "Iterator[Visitor]":
    """Somebody who has just come to the site; afterwards nothing may have gone wrong that the browser tells."""
    from tests.site.visitor import Visitor

    with Visitor(browser, server) as someone:
        yield someone


@pytest.fixture(scope="module")
def reader(browser: "Browser", server: Any) -> "Iterator[Visitor]":
    """Somebody who stays for all tests of a module, so that Python is loaded once."""
    from tests.site.visitor import Visitor

    with Visitor(browser, server) as someone:
        yield someone
