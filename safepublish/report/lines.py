"""The lines of a text report, each made safe for terminals and for GitHub's runner."""

from safepublish.facts.finding import Answer, Remedy
from safepublish.report import escape

INDENT = "    "
LABELLED = " " * 10
BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"
MARKS = {Answer.FAIL: "✗", Answer.WARN: "!", Answer.UNKNOWN: "?"}
COLOURS = {Answer.FAIL: RED, Answer.WARN: YELLOW, Answer.UNKNOWN: CYAN}


class Page:
    """The lines of one output, each made safe for terminals and for GitHub's runner before it is coloured."""

    def __init__(self, *, colour: bool = False, unicode: bool = True, width: int = 100) -> None:
        """A page of *width* columns, coloured and in Unicode or not."""
        self.width = max(width, 40)
        self._colour, self._unicode = colour, unicode
        self._lines: list[str] = []

    def say(self, line: str, *, head: str = "", sgr: str = BOLD) -> None:
        """Add *line*; its beginning *head* is coloured with *sgr*."""
        if not self._unicode:
            line, head = escape.ascii_only(line), escape.ascii_only(head)
        line = escape.inert(line.rstrip())
        if self._colour and head and line.startswith(head):
            line = f"\x1b[{sgr}m{head}\x1b[0m{line[len(head) :]}"
        self._lines.append(line)

    def paragraph(self, label: str, text: str, *, hang: str = LABELLED, sgr: str = BOLD) -> None:
        """Add *text* after *label*, broken between words at the page's width; the label is coloured."""
        first, *rest = _broken(escape.plain(text), self.width - len(label), self.width - len(hang))
        self.say(label + first, head=label.rstrip(), sgr=sgr)
        for line in rest:
            self.say(hang + line)

    def text(self) -> str:
        """All lines, each ended."""
        return "".join(f"{line}\n" for line in self._lines)


def _broken(text: str, first: int, others: int) -> list[str]:
    """*text* in lines of at most *first*, then *others* characters. A longer word, such as a URL, stays whole."""
    if len(text) <= first:
        return [text]
    found = [""]
    for word in text.split(" "):
        room = first if len(found) == 1 else others
        if not found[-1]:
            found[-1] = word
        elif len(found[-1]) + 1 + len(word) <= room:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


def remedy(page: Page, fix: Remedy) -> None:
    """Add a fix: its sentence, and what is to be pasted."""
    page.paragraph(f"{INDENT}Mend: ", fix.text, sgr=GREEN)
    for line in escape.lines(fix.command or ""):
        page.say(LABELLED + line)
    for line in escape.lines(fix.diff or ""):
        changed = {"+": GREEN, "-": RED}.get(line[:1])
        page.say(LABELLED + line, head=LABELLED + line if changed else "", sgr=changed or "")
