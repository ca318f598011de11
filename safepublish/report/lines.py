"""The lines of a text report, each made safe for terminals and for GitHub's runner."""

from collections.abc import Sequence

from safepublish.report import escape

INDENT = "    "
BOLD, DIM, RED, GREEN, YELLOW, BLUE, CYAN = "1", "2", "31", "32", "33", "34", "36"


class Page:
    """The lines of one output, each made safe for terminals and for GitHub's runner before it is coloured."""

    def __init__(self, *, colour: bool = False, unicode: bool = True, width: int = 100) -> None:
        """A page of *width* columns, coloured and in Unicode or not."""
        self.width = max(width, 40)
        self._colour, self._unicode = colour, unicode
        self._lines: list[str] = []

    def say(self, line: str, *styles: tuple[str, str]) -> None:
        """Add *line*; *styles* are its parts from the beginning on, each with its colour (SGR), "" for none."""
        if not self._unicode:
            line = escape.ascii_only(line)
            styles = tuple((escape.ascii_only(part), sgr) for part, sgr in styles)
        line = escape.inert(line.rstrip())
        self._lines.append(_coloured(line, styles) if self._colour else line)

    def paragraph(
        self, label: str, text: str, *, hang: str, styles: Sequence[tuple[str, str]] = (), bold: bool = False
    ) -> None:
        """Add *text* after *label*, broken between words at the page's width.

        *styles* colour the label (by default it is bold); *bold* is about the text.
        """
        first, *rest = _broken(escape.plain(text), self.width - len(label), self.width - len(hang))
        styles = styles or ((label.rstrip(), BOLD),)
        self.say(label + first, *styles, *([(first, BOLD)] if bold else []))
        for line in rest:
            self.say(hang + line, *([(hang, ""), (line, BOLD)] if bold else []))

    def table(self, rows: Sequence[Sequence[str]], indent: str) -> None:
        """Add a table, its head first; where the page is too narrow for it, each row is a paragraph."""
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        head, *others = rows
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        if len(indent) + max(map(len, lines)) <= self.width:
            self.say(indent + lines[0], (indent + lines[0], DIM))
            for line in lines[1:]:
                self.say(indent + line)
            return
        for row in others:
            cells = [f"{name} {cell}".strip() for name, cell in zip(head[1:], row[1:], strict=True) if cell]
            self.paragraph(f"{indent}{row[0]}: ", ", ".join(cells), hang=f"{indent}  ")

    def text(self) -> str:
        """All lines, each ended."""
        return "".join(f"{line}\n" for line in self._lines)


def _coloured(line: str, styles: Sequence[tuple[str, str]]) -> str:
    shown, rest = "", line
    for part, sgr in styles:
        if not rest.startswith(part):
            break
        shown += f"\x1b[{sgr}m{part}\x1b[0m" if part and sgr else part
        rest = rest[len(part) :]
    return shown + rest


def _broken(text: str, first: int, others: int) -> list[str]:
    """*text* in lines of at most *first*, then *others* characters. A longer word, such as a URL, stays whole."""
    if len(text) <= first:
        return [text]
    found = [""]
    for word in text.split(" "):
        room = first if len(found) == 1 else others
        if not found[-1] and len(word) <= room:
            found[-1] = word
        elif found[-1] and len(found[-1]) + 1 + len(word) <= room:
            found[-1] += f" {word}"
        elif not found[-1] and len(found) > 1:
            found[-1] = word
        else:
            found.append(word)
    return found
