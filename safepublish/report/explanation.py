"""The explanation of a log, for people: the cause of each failed publish, the lines that show it, and the fix."""

from collections.abc import Iterable, Sequence

from safepublish.facts.finding import Answer, Finding
from safepublish.logs import notes
from safepublish.logs.explanation import Explained, Explanation
from safepublish.logs.log import Log
from safepublish.report import escape
from safepublish.report.lines import BOLD, COLOURS, DIM, GREEN, INDENT, MARKS, Page, remedy

MOST_FAILURES = 20
MOST_NAMES = 8
MOST_EVIDENCE = 6
MOST_ALTERNATIVES = 5

_LIKELY = "most likely "


def render(explanation: Explanation, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The explanation as lines for a terminal or a log."""
    page = Page(colour=colour, unicode=unicode, width=width)
    groups = _grouped(explanation.failed)
    for group in groups[:MOST_FAILURES]:
        _failure(page, group)
    if len(groups) > MOST_FAILURES:
        page.say(f"… and {len(groups) - MOST_FAILURES} more: --format json has all")
    page.paragraph("", summary(explanation), hang=INDENT)
    return page.text()


def summary(explanation: Explanation) -> str:
    """The last line: what failed and what was published."""
    parts = []
    failed = len(explanation.failed)
    if failed:
        known = sum(failed.certain for failed in explanation.failed)
        what = "the failed publish" if failed == 1 else f"{failed} failed publishes"
        if known == failed:
            parts.append(f"explained {what}")
        else:
            parts.append(f"this log does not show why {what} failed" if not known else f"explained {known} of {what}")
    else:
        parts.append(f"no failed publish in {explanation.lines} lines of {_source(explanation)}")
        if explanation.exchanged:
            parts.append("the exchange succeeded in it, so a publish through OIDC can log in")
    if explanation.published:
        names = [line.text for line in explanation.published[:MOST_NAMES]]
        more = len(explanation.published) - len(names)
        parts.append(f"went out: {', '.join(names)}{f' and {more} more' if more > 0 else ''}")
    return f"safepublish: {'; '.join(parts)}."


def _source(explanation: Explanation) -> str:
    return "the log" if explanation.source == "-" else explanation.source


def _grouped(failed: Iterable[Explained]) -> list[list[Explained]]:
    """Failures with the same answer for the same reason, as they come: packages of one release mostly fail alike."""
    groups: dict[tuple[object, ...], list[Explained]] = {}
    for index, explained in enumerate(failed):
        ids = tuple((finding.id, finding.answer) for finding in explained.findings)
        key = (ids, explained.log.code, explained.log.tool) if ids else (index,)
        groups.setdefault(key, []).append(explained)
    return list(groups.values())


def _failure(page: Page, group: Sequence[Explained]) -> None:
    first = group[0]
    if not first.findings:
        _unknown(page, first.log)
        return
    likely, *others = first.findings
    if not first.certain:
        page.paragraph("? ", _open(first.log), hang=INDENT, sgr=f"{BOLD};{COLOURS[Answer.UNKNOWN]}")
    else:
        mark = MARKS[likely.answer]
        label = f"{mark} {_LIKELY if likely.answer is Answer.WARN else ''}{likely.id}: "
        page.paragraph(label, likely.message, hang=INDENT, sgr=f"{BOLD};{COLOURS[likely.answer]}")
    names = _names(group)
    if names:
        page.paragraph(f"{INDENT}For:  ", names, sgr=DIM)
    if first.certain:
        _lines(page, "Seen", likely.evidence[:MOST_EVIDENCE])
    else:
        _lines(page, "Seen", _ends(first.log))
    _lines(page, "Fine", notes.worked(first.log))
    _lines(page, "Note", notes.not_at_fault(first.log))
    if first.certain and likely.remedy:
        remedy(page, likely.remedy)
        page.paragraph(f"{INDENT}More: ", f"safepublish explain {likely.id}", sgr=DIM)
    _alternatives(page, others if first.certain else first.findings, certain=likely.answer is Answer.FAIL)


def _alternatives(page: Page, findings: Sequence[Finding], *, certain: bool) -> None:
    """The causes that the log cannot exclude, and the one command that decides between them."""
    if not findings:
        return
    label = f"{INDENT}Also: " if certain else f"{INDENT}Or:   "
    for finding in findings[:MOST_ALTERNATIVES]:
        page.paragraph(label, f"{finding.id}: {finding.message}", sgr=DIM)
        label = " " * len(label)
    if len(findings) > MOST_ALTERNATIVES:
        less_likely = f"… and {len(findings) - MOST_ALTERNATIVES} less likely ones: --format json has all"
        page.paragraph(label, less_likely, sgr=DIM)
    deciding = next(
        (
            finding.remedy
            for finding in findings
            if finding.answer is Answer.UNKNOWN and finding.remedy and finding.remedy.command
        ),
        None,
    )
    if deciding is not None and not certain:
        page.paragraph(f"{INDENT}Ask:  ", deciding.text, sgr=GREEN)
        for line in escape.lines(deciding.command or ""):
            page.say(" " * len(label) + line)


def _open(log: Log) -> str:
    return f"this log does not show why {escape.plain(_spec(log))} was not published; it cannot exclude what follows"


def _unknown(page: Page, log: Log) -> None:
    """Add a publish that failed without a line that any cause recognises."""
    script = log.says("command failed") or log.says("command sh -c")
    why = (
        "a script of the package failed before npm reached the registry"
        if script
        else "no cause is known for how it ended"
    )
    page.paragraph("? ", f"{_spec(log)} was not published: {why}", hang=INDENT, sgr=f"{BOLD};{COLOURS[Answer.UNKNOWN]}")
    _lines(page, "Seen", _ends(log))
    _lines(page, "Fine", notes.worked(log))


def _ends(log: Log) -> tuple[str, ...]:
    """How the publish ended: lines of the log."""
    lines = [*log.quoted("code"), *(str(line) for line in log.errors[:3]), *log.quoted("npm", "npm_since", "npm_hint")]
    return tuple(dict.fromkeys(lines))[:5]


def _spec(log: Log) -> str:
    name, version = log.last.name, log.last.version
    return f"{name}@{version}" if name and version else name or "the package"


def _names(group: Sequence[Explained]) -> str:
    named = list(
        dict.fromkeys(escape.plain(_spec(explained.log), 200) for explained in group if explained.log.last.name)
    )
    more = len(named) - MOST_NAMES
    return ", ".join(named[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _lines(page: Page, name: str, lines: Iterable[str]) -> None:
    label = f"{INDENT}{name}: "
    for line in lines:
        page.paragraph(label, line, sgr=DIM)
        label = " " * len(label)
