"""Somebody who visits the site, with a record of everything that the browser loads and complains about."""

from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page

from docs.site.server import Server

PATIENCE = 180_000.0
"""Milliseconds for Python to start in a browser of a busy machine; a few thousand do on a quiet one."""

_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


class Visitor:
    """A page in a browser context of its own."""

    def __init__(self, browser: Browser, server: Server, **options: Any) -> None:
        self.server = server
        self.context = browser.new_context(**options)
        self.context.add_init_script(_VIOLATIONS)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.context.on("console", self._note)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("dialog", self._dismiss)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self.check()
        finally:
            self.context.close()

    def check(self) -> None:
        """Nothing was loaded from elsewhere, nothing failed, nothing broke the policy."""
        own = f"http://{urlsplit(self.server.url).netloc}/"
        assert [url for url in self.requests if not url.startswith((own, "data:"))] == []
        for page in self.context.pages:
            if page.url.startswith(own):
                self.complaints += page.evaluate("window.violations ?? []")
        assert self.complaints == []

    def goes_to(self, path: str) -> Page:
        """Open the page at *path* below the site."""
        self.page.goto(self.server.url + path)
        if path.startswith("playground/"):
            self.page.wait_for_selector("#playground[data-state]")
        return self.page

    def stays_at(self, path: str) -> Page:
        """Open the page of the playground at *path*, or clear it where it is open, so that Python stays loaded."""
        if self.page.url != self.server.url + path:
            return self.goes_to(path)
        self.page.click("#clear")
        return self.page

    def puts(self, text: str, *, name: str = "input.txt") -> Page:
        """Give *text* to the playground as a file, and wait for the answer."""
        file: Any = {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
        self.page.set_input_files("#file", file)
        return self.waits()

    def waits(self) -> Page:
        """Wait until there is an answer."""
        self.page.wait_for_selector("#playground[data-state=done]")
        return self.page

    def answer(self) -> str:
        """The text of the answer."""
        return str(self.page.inner_text("#answer"))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def _dismiss(self, dialog: Any) -> None:
        self.complaints.append(f"a dialog: {dialog.message}")
        dialog.dismiss()
