"""One diagnostic as a block of lines, in the form of rustc: message, place, source line, notes, help."""

import re
from collections.abc import Iterable

from safepublish.facts.finding import Location, Remedy
from safepublish.report import escape
from safepublish.report.diagnostics import Diagnostic
from safepublish.report.lines import BLUE, BOLD, CYAN, DIM, GREEN, INDENT, RED, YELLOW, Page
from safepublish.report.severity import Severity

MOST_NOTES = 4
"""Notes of one diagnostic that are shown; the JSON document has all."""

MOST_QUOTES = 6
"""Lines of a log that are quoted."""

_COLOURS = {
    Severity.ERROR: RED,
    Severity.PROBABLE: RED,
    Severity.WARNING: YELLOW,
    Severity.UNKNOWN: CYAN,
    Severity.INFO: GREEN,
}
_GUTTER = 2  # digits of a line number that have room in front of `|`
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s#,\]}]+")


def show(page: Page, diagnostic: Diagnostic, *, others: str = "", decides: Remedy | None = None) -> None:
    """Add a diagnostic; of a waived one the message and the reason only.

    *others* says which other causes there could be, and *decides* is the fix that shows which.
    """
    if diagnostic.waived is not None:
        heading(page, "waived", diagnostic.id, diagnostic.message, DIM)
        if diagnostic.waived:
            note(page, f"waived because: {diagnostic.waived}")
        return
    heading(page, diagnostic.severity.value, diagnostic.id, diagnostic.message, _COLOURS[diagnostic.severity])
    gutter = _gutter(diagnostic)
    _places(page, diagnostic, gutter)
    quotes(page, diagnostic.quotes)
    names = diagnostic.subjects.text()
    if names:
        note(page, f"affects {names}", gutter)
    if diagnostic.table:
        _claims(page, diagnostic, gutter)
    for text in diagnostic.notes_beside_table[:MOST_NOTES]:
        note(page, text, gutter)
    if others:
        note(page, others, gutter)
    for remedy in filter(None, (diagnostic.help, decides)):
        help_(page, remedy, gutter)
    if diagnostic.id:
        details = f"for details, run `safepublish explain {diagnostic.id}`"
        help_(page, Remedy(details), gutter)


def heading(page: Page, severity: str, cause: str, message: str, sgr: str) -> None:
    """Add the first line of a diagnostic; *cause* is its id, "" where it has none."""
    name = f"{severity}[{cause}]" if cause else severity
    page.paragraph(f"{name}: ", message, hang=INDENT, styles=((name, f"{BOLD};{sgr}"), (": ", BOLD)), bold=True)


def summary(page: Page, severity: Severity | None, sentence: str) -> None:
    """Add the line that says what a whole run comes to."""
    if severity is None:
        page.paragraph("safepublish: ", sentence, hang=INDENT)
    else:
        heading(page, severity.value, "", sentence, _COLOURS[severity])


def quotes(page: Page, quoted: Iterable[tuple[int, str]]) -> None:
    """Add lines of a log, each with its number."""
    shown = sorted(tuple(quoted)[:MOST_QUOTES])
    width = max((len(str(number)) for number, _ in shown), default=0)
    for number, text in shown:
        label = f"  log:{str(number).ljust(width)} | "
        page.say(f"{label}{escape.plain(text)}", (label, f"{BOLD};{BLUE}"))


def note(page: Page, text: str, gutter: int = _GUTTER) -> None:
    """Add evidence or context."""
    _labelled(page, "note", text, BOLD, gutter)


def help_(page: Page, remedy: Remedy, gutter: int = _GUTTER) -> None:
    """Add what to do, and what is to be pasted."""
    pasted = [*escape.lines(remedy.command or ""), *escape.lines(remedy.diff or "")]
    text = remedy.text.rstrip()
    if pasted and not text.endswith((":", "?")):
        text = f"{text.rstrip('.')}:"
    indent = _labelled(page, "help", text, f"{BOLD};{CYAN}", gutter)
    for line in escape.lines(remedy.command or ""):
        page.say(indent + line)
    for line in escape.lines(remedy.diff or ""):
        changed = {"+": GREEN, "-": RED}.get(line[:1], "")
        page.say(indent + line, (indent + line, changed))


def _labelled(page: Page, name: str, text: str, sgr: str, gutter: int) -> str:
    """Add *text* under the label *name*; returns the indent of its other lines."""
    equals = f"{' ' * (gutter + 1)}= "
    label = f"{equals}{name}: "
    indent = " " * len(label)
    page.paragraph(label, text, hang=indent, styles=((equals, f"{BOLD};{BLUE}"), (name, sgr), (": ", BOLD)))
    return indent


def _gutter(diagnostic: Diagnostic) -> int:
    line = diagnostic.locations[0].line if diagnostic.locations else None
    return max(_GUTTER, len(str(line or "")))


def place(location: Location) -> str:
    """A place as editors and terminals take it: path:line:column."""
    parts = [escape.plain(location.path), location.line, location.column]
    return ":".join(str(part) for part in parts if part is not None)


def _places(page: Page, diagnostic: Diagnostic, gutter: int) -> None:
    """Add where a diagnostic is, with the source line of its first place."""
    arrow = f"{' ' * gutter}--> "
    blue = f"{BOLD};{BLUE}"
    for index, location in enumerate(diagnostic.locations[: escape.LINES]):
        page.say(f"{arrow}{place(location)}", (arrow, blue))
        source = escape.lines(diagnostic.source or "")
        if index or not source or location.line is None:
            continue
        bar = f"{' ' * (gutter + 1)}|"
        page.say(bar, (bar, blue))
        number = f"{str(location.line).rjust(gutter)} | "
        page.say(f"{number}{source[0]}", (number, blue))
        carets = _carets(diagnostic.source or "", source[0], location.column)
        if carets:
            sgr = f"{BOLD};{_COLOURS[diagnostic.severity]}"
            page.say(f"{bar} {carets}", (f"{bar} ", blue), (carets, sgr))
        page.say(bar, (bar, blue))


def _carets(line: str, shown: str, column: int | None) -> str:
    """Carets under the value at *column* of *line*, which is shown as *shown*; "" where the place is not shown."""
    at = len(line) - len(line.lstrip()) if column is None else column - 1
    value = line[at:].rstrip() if column is None else (match[0] if (match := _VALUE.match(line, at)) else "")
    blanks = len(line[:at])
    # Where characters were hidden or cut before or in it, carets would be under the wrong ones.
    if not value or shown[:blanks] != line[:at].replace("\t", " ") or not shown[blanks:].startswith(value):
        return ""
    return " " * blanks + "^" * len(value.rstrip(":") or value)


def _claims(page: Page, diagnostic: Diagnostic, gutter: int) -> None:
    """Add the claims that were compared."""
    compared = "this run and of the last version" if len(diagnostic.table[0]) > 2 else "this run"
    indent = _labelled(page, "note", f"the claims of {compared}:", BOLD, gutter)
    page.table([tuple(map(escape.plain, row)) for row in diagnostic.table], indent)
