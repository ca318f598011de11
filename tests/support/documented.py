"""The YAML that README.md and docs/ show: each block under the file name that stands behind its language."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

_BLOCK = re.compile(r"^```ya?ml(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMIT = "0" * 40


class Block(NamedTuple):
    """One block: where it stands, and the file it is to be."""

    page: Path
    file: str  # .github/workflows/publish.yml, .gitlab-ci.yml; "" where the page names none
    text: str

    @property
    def id(self) -> str:
        """For a test's name."""
        return f"{self.page.relative_to(ROOT)}:{self.file}"


def blocks() -> list[Block]:
    """Every YAML block. The manual pages of the causes show fragments, indented, and none of these."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [
        Block(page, match["file"] or "", match["text"].replace("<commit>", _COMMIT))
        for page in pages
        for match in _BLOCK.finditer(page.read_text(encoding="utf-8"))
    ]


def workflows() -> list[Block]:
    """The workflows of GitHub Actions among them."""
    return [block for block in blocks() if block.file.startswith(".github/workflows/")]


def block(file: str) -> str:
    """The text of the only block for *file*."""
    (found,) = (one.text for one in blocks() if one.file == file)
    return found
