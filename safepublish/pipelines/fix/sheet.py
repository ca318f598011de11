"""The text of a file by lines and columns, with its YAML nodes."""

import re
from typing import Any

from safepublish.facts.step import Span
from safepublish.pipelines import document


class Sheet:
    """A file's text by lines and columns, with its YAML nodes where a fix needs them."""

    def __init__(self, text: str) -> None:
        """Take the *text* of the file, with its byte order mark."""
        self.text = text
        start = 1 if text.startswith("\ufeff") else 0
        self.starts = [start, *(match.end() for match in re.finditer("\r\n|[\n\r\x85\u2028\u2029]", text))]
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self._tree: _Tree | None = None

    def at(self, line: int, column: int) -> int:
        """The offset of a place that counts from 1."""
        if line > len(self.starts):
            return len(self.text)
        return min(self.starts[line - 1] + column - 1, len(self.text))

    def range(self, span: Span) -> tuple[int, int]:
        """The offsets of *span*."""
        return self.at(span.line, span.column), self.at(span.end_line, span.end_column)

    def line(self, number: int) -> str:
        """The line *number*, with its end."""
        return self.text[self.at(number, 1) : self.at(number + 1, 1)]

    @property
    def tree(self) -> "_Tree":
        """The nodes of the file. Raises `UnreadableError`."""
        if self._tree is None:
            self._tree = _Tree(document.compose(self.text))
        return self._tree

    def entry(self, key: Span) -> tuple[Any, int, Any] | None:
        """The mapping node whose key stands at *key*, the index of the entry, and what holds the mapping."""
        return self.tree.keys.get((key.line - 1, key.column - 1))

    def mapping(self, key: Span) -> Any:
        """The mapping node whose key stands at *key*."""
        entry = self.entry(key)
        return entry[0] if entry is not None else None

    def value(self, key: Span) -> Any:
        """The value of the entry whose key stands at *key*."""
        entry = self.entry(key)
        return entry[0].value[entry[1]][1] if entry is not None else None

    def scalar(self, place: Span) -> Any:
        """The scalar that begins at *place*."""
        return next((node for node in self.tree.scalars if _starts_at(node, place.line, place.column)), None)

    def scalar_in(self, start: int, end: int) -> Any:
        """The last scalar that overlaps the offsets from *start* to *end*."""
        found = None
        for node in self.tree.scalars:
            begin = self.at(node.start_mark.line + 1, node.start_mark.column + 1)
            if begin < end and self.at(node.end_mark.line + 1, node.end_mark.column + 1) > start:
                found = node
        return found

    def is_in_block_scalar(self, number: int) -> bool:
        """Whether the line *number* belongs to the text of a block scalar."""
        return any(
            node.style in {"|", ">"}
            and node.start_mark.line + 1 < number <= node.end_mark.line + (node.end_mark.column > 0)
            for node in self.tree.scalars
        )


class _Tree:
    """The nodes of a file, by their places; of what an anchor names, only the place of the anchor."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.keys: dict[tuple[int, int], tuple[Any, int, Any]] = {}
        self.scalars: list[Any] = []
        self.parents: dict[int, tuple[Any, int]] = {}  # by the id of a node: what holds it, and its place there
        waiting: list[tuple[Any, Any]] = [(root, None)]
        visited: set[int] = set()
        while waiting:
            node, parent = waiting.pop()
            if node is None or id(node) in visited:
                continue
            visited.add(id(node))
            if parent is not None:
                self.parents[id(node)] = parent
            if node.id == "scalar":
                self.scalars.append(node)
                continue
            inside = []
            for index, item in enumerate(node.value):
                if node.id == "mapping":
                    mark = item[0].start_mark
                    self.keys.setdefault((mark.line, mark.column), (node, index, parent))
                    inside += [(item[0], (node, index)), (item[1], (node, index))]
                else:
                    inside.append((item, (node, index)))
            waiting += inside[::-1]


def _starts_at(node: Any, line: int, column: int) -> bool:
    return bool(node.start_mark.line == line - 1 and node.start_mark.column == column - 1)
