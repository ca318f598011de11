"""The report for a terminal or a log: worst first, each cause with its evidence, place and fix."""

from collections.abc import Iterable, Sequence

from safepublish.causes.publisher_mismatch import publisher_fields, trust_command
from safepublish.facts.finding import Answer, Location
from safepublish.facts.report import Report, Verdict
from safepublish.report import checked, diagnostics, escape, verdicts
from safepublish.report.diagnostics import Diagnostic, Severity
from safepublish.report.lines import BOLD, COLOURS, DIM, GREEN, INDENT, LABELLED, MARKS, Page, remedy

MOST_FINDINGS = 30
"""Findings shown; the JSON report has all."""

MOST_PACKAGES = 40
"""Rows of the table of packages."""


def render(report: Report, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The report as lines for a terminal, or "" when npm goes on and there is nothing to say."""
    found = diagnostics.of_report(report)
    if report.goes_on and not found and not verdicts.skipped(report):
        return ""
    page = Page(colour=colour, unicode=unicode, width=width)
    fine = report.verdict is Verdict.PASS
    if not fine or report.goes_on or report.nothing_left:
        page.paragraph("", verdicts.headline(report, verdicts.subject(report)), hang=INDENT)
    if len(report.packages) > 1:
        _packages(page, report)
    if report.nothing_left:
        return page.text()
    for diagnostic in found[:MOST_FINDINGS]:
        show(page, diagnostic)
    if len(found) > MOST_FINDINGS:
        page.say(f"… and {len(found) - MOST_FINDINGS} more: safepublish check --format json")
    if fine and not report.goes_on:
        _fine(page, report)
    elif found:
        page.paragraph("", _summary(report, found), hang=INDENT)
    _wanted_publishers(page, report)
    return page.text()


def show(page: Page, diagnostic: Diagnostic) -> None:
    """Add a diagnostic: whom it concerns, its evidence, its places and its fix; of a waived one the first line only."""
    _heading(page, diagnostic)
    if diagnostic.waived is not None:
        return
    if diagnostic.subjects.names:
        page.paragraph(f"{INDENT}For:  ", diagnostic.subjects.text(), sgr=DIM)
    if diagnostic.table:
        _table(page, [tuple(map(escape.plain, row)) for row in diagnostic.table])
    evidence(page, diagnostic.notes_beside_table)
    for index, location in enumerate(diagnostic.locations[: escape.LINES]):
        page.paragraph(LABELLED if index else f"{INDENT}File: ", place(location), sgr=DIM)
    if diagnostic.help:
        remedy(page, diagnostic.help)
    page.paragraph(f"{INDENT}More: ", f"safepublish explain {diagnostic.id}", sgr=DIM)


def _heading(page: Page, diagnostic: Diagnostic) -> None:
    """A diagnostic's first line: its mark, its id and its message."""
    if diagnostic.waived is not None:
        reason = f", waived ({escape.plain(diagnostic.waived, 100)})" if diagnostic.waived else ", waived"
        page.paragraph(f"- {diagnostic.id}{reason}: ", diagnostic.message, hang=INDENT, sgr=DIM)
        return
    label = f"{MARKS[diagnostic.answer]} {diagnostic.id}: "
    page.paragraph(label, diagnostic.message, hang=INDENT, sgr=f"{BOLD};{COLOURS[diagnostic.answer]}")


def evidence(page: Page, notes: Iterable[str]) -> None:
    """Add the evidence of a diagnostic."""
    label = f"{INDENT}Seen: "
    for note in tuple(notes)[: escape.LINES]:
        page.paragraph(label, note, sgr=DIM)
        label = LABELLED


def place(location: Location) -> str:
    """A place as editors and terminals take it: path:line:column."""
    parts = [escape.plain(location.path), location.line, location.column]
    return ":".join(str(part) for part in parts if part is not None)


def _packages(page: Page, report: Report) -> None:
    """The table of packages, worst first."""
    rows = [("package", "version", "published", "verdict", "cause")]
    for judged in verdicts.worst_first(report)[:MOST_PACKAGES]:
        package = judged.run.package
        rows.append(
            (
                escape.plain(package.manifest.name or package.spec, 60),
                escape.plain(package.manifest.version or "", 40),
                verdicts.published(judged.run),
                verdicts.SKIPPED if package.skip_published else judged.verdict.value,
                ", ".join(verdicts.reasons(judged)),
            )
        )
    _table(page, rows)
    if len(report.packages) > MOST_PACKAGES:
        page.say(f"{INDENT}… and {len(report.packages) - MOST_PACKAGES} more")
    page.say("")


def _table(page: Page, rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for index, row in enumerate(rows):
        line = INDENT + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        page.say(line, head="" if index else line, sgr=DIM)


def _summary(report: Report, found: Sequence[Diagnostic]) -> str:
    """The last line: which causes decided, and whether npm starts."""
    causes: dict[str, list[str]] = {}
    for diagnostic in found:
        ids = causes.setdefault(_effect(diagnostic), [])
        if diagnostic.id not in ids:
            ids.append(diagnostic.id)
    effects = "; ".join(f"{effect} {', '.join(ids)}" for effect, ids in causes.items())
    started = "starts" if report.goes_on and report.verdict is not Verdict.REFUSE else "was not started"
    run = report.packages[0].run
    if run.is_forecast and not run.command.dry_run:
        return f"safepublish: {effects}."
    return f"safepublish: {effects}. {verdicts.command(run)} {started}."


def _effect(diagnostic: Diagnostic) -> str:
    """What a diagnostic did to the verdict."""
    if diagnostic.waived is not None:
        return "waived"
    if diagnostic.severity is Severity.ERROR:
        return "refused by" if diagnostic.answer is Answer.FAIL else "refused by --strict:"
    return "cannot be told:" if diagnostic.severity is Severity.UNKNOWN else "warned of"


def _fine(page: Page, report: Report) -> None:
    """What was checked, where nothing was found."""
    page.paragraph("✓ ", verdicts.headline(report, verdicts.subject(report)), hang=INDENT, sgr=GREEN)
    for name, result in checked.checked(report):
        page.paragraph(f"{INDENT}{name.ljust(12)}", result, hang=f"{INDENT}{' ' * 12}", sgr=DIM)


def _wanted_publishers(page: Page, report: Report) -> None:
    """On a laptop, where no identity can be tried: the trusted publisher that each package needs on npmjs.com."""
    for judged in report.packages[: diagnostics.MOST_NAMES]:
        run = judged.run
        command = trust_command(run)
        if not run.is_forecast or command is None or run.package.manifest.name is None:
            continue
        page.say("")
        page.paragraph("", f"The trusted publisher that {run.package.manifest.name} needs on npmjs.com:", hang=INDENT)
        for field, value in publisher_fields(run):
            page.paragraph(f"{INDENT}{field.ljust(22)}", value, hang=f"{INDENT}{' ' * 22}", sgr=DIM)
        page.paragraph(INDENT, "or, logged in with two-factor authentication:")
        page.say(f"{INDENT * 2}{escape.plain(command)}")
