"""Checks the built site: each link leads to a page, and to a place on that page; nothing loads from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

_HERE = "https://safepublish.github.io/safepublish/"
_LOADED = {"script", "link", "img", "iframe", "source", "audio", "video", "object", "embed"}
_NOT_LOADED = {"canonical", "prev", "next", "alternate"}  # relations of a link element that load nothing


class _Page(HTMLParser):
    """The links of a page, what it loads, and the names of its places."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what *tag* links to."""
        values = {name: value or "" for name, value in attributes}
        self.places |= {values[name] for name in ("id", "name") if name in values}
        target = values.get("href" if tag in {"a", "link"} else "src")
        if target is None:
            return
        loads = tag in _LOADED and values.get("rel") not in _NOT_LOADED
        (self.loaded if loads else self.links).append(target)


def broken(site: Path) -> list[str]:
    """The links of the pages below *site* that lead to nothing, each with its page."""
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        at = path.relative_to(site).as_posix()
        url = urljoin(_HERE, at.removesuffix("index.html"))
        for link in (*page.links, *page.loaded):
            target = urljoin(url, link)
            if not target.startswith(_HERE):
                if link in page.loaded and not link.startswith("data:"):
                    found.append(f"{at}: loads {link}")
                continue
            parts = urlsplit(target)
            file = site / unquote(parts.path).removeprefix(urlsplit(_HERE).path)
            file = file / "index.html" if file.is_dir() or not file.name else file
            if not file.exists():
                found.append(f"{at}: {link}")
            elif file in pages and unquote(parts.fragment) not in pages[file].places and at != "404.html":
                found.append(f"{at}: {link} (no such place on the page)")
    return found
