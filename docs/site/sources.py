"""Writes the Markdown that the site is built from: the pages of docs/ with titles for searches, one page a cause."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from docs.site import cause_pages
from docs.site.pages import HOME, PAGES, SECTIONS, Page
from safepublish.causes import CAUSES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REPOSITORY = "https://github.com/safepublish/safepublish/blob/main/"
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:;"
    " object-src 'none'; base-uri 'self'; form-action 'none'"
)
"""The content security policy of every page: nothing from elsewhere, nothing inline; Python is WebAssembly."""

_LINK = re.compile(r"\]\((?P<path>[^)#\s]+)(?P<fragment>#[^)\s]*)?\)")
_COPIED = {".svg", ".json", ".cast"}
_CAUSES = ("causes/README.md", "causes/index.md")


def write(directory: Path) -> None:
    """Write every page below *directory*."""
    shutil.rmtree(directory, ignore_errors=True)
    for page in PAGES:
        text = (DOCS / page.source).read_text(encoding="utf-8")
        _write(directory / page.target, front_matter(page) + relinked(text, page.source, page.target))
    for name, text in cause_pages.pages().items():
        _write(directory / "causes" / name, text)
    for path in sorted(DOCS.rglob("*")):
        if path.suffix in _COPIED and not path.is_relative_to(DOCS / "site"):
            target = directory / path.relative_to(DOCS)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def configuration(directory: Path, site: Path) -> str:
    """The configuration for mkdocs: mkdocs.yml with the pages, the policy and the paths."""
    read: dict[str, Any] = yaml.safe_load((DOCS / "site" / "mkdocs.yml").read_text(encoding="utf-8"))
    read["docs_dir"], read["site_dir"] = str(directory), str(site)
    read["theme"]["custom_dir"] = str(DOCS / "site" / "theme")
    read["nav"] = navigation()
    read["extra"] = {"policy": POLICY, "generator": False}
    return json.dumps(read, indent=2)  # which YAML is too


def navigation() -> list[dict[str, Any]]:
    """The pages by section."""
    sections: list[dict[str, Any]] = [
        {name: [{page.name: page.target} for page in pages]} for name, pages in SECTIONS.items()
    ]
    causes: list[Any] = [_CAUSES[1], *({cause.id: f"causes/{cause.id}.md"} for cause in CAUSES)]
    sections.insert(-1, {"Causes": causes})
    return [{HOME.name: HOME.target}, *sections]


def front_matter(page: Page) -> str:
    """What a page says about itself, for searches."""
    about = {"title": page.title, "description": page.description}
    return cause_pages.front_matter({**about, **({"script": page.script} if page.script else {})})


def relinked(text: str, source: str, target: str) -> str:
    """*text* of the page *source* with links that hold at *target*; what the site has not is linked in the repository.

    Raises `ValueError` where a link leads to nothing.
    """

    def replaced(match: re.Match[str]) -> str:
        path, fragment = match["path"], match["fragment"] or ""
        if re.match(r"[a-z]+:", path):
            return match[0]
        return f"]({_target(path, source, target)}{fragment})"

    return _LINK.sub(replaced, text)


def _target(path: str, source: str, target: str) -> str:
    """What the link *path* of the page *source* is at *target*."""
    from_root = os.path.normpath(f"docs/{os.path.dirname(source)}/{path}").replace(os.sep, "/")
    if not (ROOT / from_root).exists():
        raise ValueError(f"docs/{source} links to {path}, which is not there")
    below = from_root.removeprefix("docs/")
    in_site = {page.source: page.target for page in PAGES} | dict([_CAUSES])
    if from_root.startswith("docs/") and (below in in_site or below.endswith(tuple(_COPIED)) or _is_cause(below)):
        return os.path.relpath(in_site.get(below, below), os.path.dirname(target) or ".").replace(os.sep, "/")
    return REPOSITORY + from_root


def _is_cause(path: str) -> bool:
    return path.startswith("causes/") and path.endswith(".md")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
