"""The job summary of GitHub Actions, in GitHub Markdown."""

from collections.abc import Iterable, Sequence

from safepublish.facts.finding import Finding
from safepublish.facts.log import Attempt
from safepublish.facts.report import Report, Verdict
from safepublish.logs.log import Log
from safepublish.report import after_publish, block, checked, diagnostics, escape, verdicts
from safepublish.report.diagnostics import Diagnostic
from safepublish.report.severity import Severity

MOST_BYTES = 900_000
"""Bytes of a summary; GitHub takes 1 MiB for a step and drops what is longer, whole."""

MOST_ROWS = 300
"""Rows of the table of packages."""

_VERDICTS = {Verdict.PASS: "✅ pass", Verdict.UNKNOWN: "❔ unknown", Verdict.REFUSE: "❌ refuse"}
_SEVERITIES = {Severity.WARNING: "⚠️ Warning", Severity.INFO: "💡 Info", Severity.UNKNOWN: "❔ Unknown"}


def render(report: Report) -> str:
    """The job summary, under GitHub's limit of 1 MiB."""
    if not report.packages:
        return ""
    found = diagnostics.of_report(report)
    parts = [f"## {_headline(report, found)}\n", _checked(report)]
    if len(report.packages) > 1:
        parts.append(_packages(report))
    if report.held:
        parts.append(f"Held back, and not published: {', '.join(map(escape.code, report.held))}\n")
    parts += [section(diagnostic, error="❌ Error") for diagnostic in found]
    return within(parts)


def within(parts: Sequence[str]) -> str:
    """The parts that fit, and where to find the rest."""
    kept: list[str] = []
    room = MOST_BYTES
    for part in parts:
        room -= len(part.encode()) + 1
        if room < 0:
            kept.append("The rest does not fit here: `safepublish check --format json` has it all.\n")
            break
        kept.append(part)
    return "\n".join(part for part in kept if part)


def _headline(report: Report, found: Sequence[Diagnostic]) -> str:
    single = len(report.packages) == 1
    subject = escape.code(verdicts.spec(report.packages[0].run)) if single else verdicts.subject(report)
    severity, sentence = verdicts.summary(report, found, subject, escape.markdown)
    return f"{'safepublish' if severity is None else severity.value}: {sentence}"


def _checked(report: Report) -> str:
    if report.verdict is not Verdict.PASS:
        return ""
    return table(("checked", "result"), ((name, escape.markdown(result)) for name, result in checked.checked(report)))


def _packages(report: Report) -> str:
    rows = [
        (
            escape.code(judged.run.package.manifest.name or judged.run.package.spec),
            escape.code(judged.run.package.manifest.version or ""),
            verdicts.published(judged.run),
            f"⏭️ {verdicts.SKIPPED}" if judged.run.package.skip_published else _VERDICTS[judged.verdict],
            ", ".join(escape.code(cause) for cause in verdicts.reasons(judged)),
        )
        for judged in verdicts.worst_first(report)[:MOST_ROWS]
    ]
    more = len(report.packages) - len(rows)
    return table(("package", "version", "published", "verdict", "cause"), rows) + (
        f"\nand {more} more\n" if more else ""
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are escaped already."""
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *rows))


def section(diagnostic: Diagnostic, *, error: str) -> str:
    """A diagnostic under its title; *error* stands before the title of an error."""
    waived = diagnostic.waived is not None
    severity = "Waived" if waived else _SEVERITIES.get(diagnostic.severity, error)
    parts = [f"### {severity}: {escape.markdown(diagnostic.title)}\n", _message(diagnostic)]
    if diagnostic.waived is not None:
        reason = f": {escape.markdown(diagnostic.waived)}" if diagnostic.waived else ""
        return "\n".join([*parts, f"Waived{reason}\n"])
    if diagnostic.subjects.names:
        parts.append(f"Affects {diagnostic.subjects.text(escape.code)}\n")
    if diagnostic.table:
        parts.append(_claims(*diagnostic.table))
    return "\n".join([*parts, *_details(diagnostic)])


def _message(diagnostic: Diagnostic) -> str:
    return f"{escape.code(diagnostic.id)}: {escape.prose(diagnostic.message)}\n"


def _details(diagnostic: Diagnostic) -> list[str]:
    """The evidence, the place, the fix, and the page of the cause."""
    parts = []
    if diagnostic.quotes:
        quoted = "\n".join(f"log:{number} | {text}" for number, text in diagnostic.quotes)
        parts.append(escape.fence(quoted, "") + "\n")
    notes = diagnostic.notes_beside_table[: escape.LINES]
    if notes:
        parts.append("".join(f"- {escape.prose(note)}\n" for note in notes))
    if diagnostic.locations:
        parts.append(f"In {escape.code(block.place(diagnostic.locations[0]))}\n")
    if diagnostic.help:
        parts.append(f"**Help:** {escape.prose(diagnostic.help.text)}\n")
        parts += [
            escape.fence(block, language) + "\n"
            for block, language in ((diagnostic.help.command, "sh"), (diagnostic.help.diff, "diff"))
            if block
        ]
    return [*parts, f"[What {escape.code(diagnostic.id)} means]({diagnostics.url(diagnostic.id)})\n"]


def _claims(head: Sequence[str], *rows: Sequence[str]) -> str:
    cells = ((escape.markdown(row[0]), *map(escape.code, row[1:3]), *row[3:]) for row in rows)
    return table(head, cells) + (
        "\nThese are this run's claims, not necessarily the ones that a trusted publisher should have.\n"
    )


def after_success(attempts: Iterable[Attempt], report: Report) -> str:
    """What was published and through what, one item for each package; for the end of the job summary."""
    if report.packages[0].run.command.dry_run:
        return ""
    items = [_published(attempt, report) for attempt in attempts if attempt.name is not None]
    return f"\n{''.join(items)}" if items else ""


def _published(attempt: Attempt, report: Report) -> str:
    line = after_publish.after_success(attempt, report).removeprefix("safepublish: ")
    name = attempt.name if attempt.version is None else f"{attempt.name}@{attempt.version}"
    return f"- {escape.prose(line.replace(str(name), f'`{name}`', 1))}\n"


def after_failure(findings: Sequence[Finding], log: Log, report: Report, status: int) -> str:
    """Why npm failed, for the end of the job summary: the most likely cause in full, the others by name.

    Where no cause is known, npm's own error lines.
    """
    command = escape.markdown(verdicts.command(report.packages[0].run))
    ended = f"\n### ❌ {command} exited with code {status}"
    if not findings:
        errors = escape.fence("\n".join(line.text for line in log.errors), "") + "\n" if log.errors else ""
        return f"{ended}\n\n{errors}"
    likely, *others = map(diagnostics.of_log_finding, findings)
    parts = [f"{ended}: {escape.markdown(likely.title)}\n", _message(likely), *_details(likely)]
    if others:
        parts.append(f"Could also be: {', '.join(map(escape.code, dict.fromkeys(other.id for other in others)))}\n")
    return "\n".join(parts)
