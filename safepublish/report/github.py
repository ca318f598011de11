"""The report for GitHub Actions: text for the step's log, and annotations."""

from collections.abc import Iterable, Sequence

from safepublish.facts.finding import Finding, Location
from safepublish.facts.report import Report
from safepublish.logs.explanation import Explanation
from safepublish.report import after_publish, diagnostics, escape, text
from safepublish.report.diagnostics import Diagnostic, Subjects
from safepublish.report.severity import Severity

MOST_ANNOTATIONS = 10
"""Annotations of one level that GitHub shows for a step; the others it drops."""

HELP_LINES = 12
"""Lines of a command or diff in an annotation."""

_MOST_NOTES = 3
_LEVELS = {
    Severity.ERROR: "error",
    Severity.PROBABLE: "error",
    Severity.WARNING: "warning",
    Severity.UNKNOWN: "notice",
    Severity.INFO: "notice",
}


def render(report: Report, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The text for the step's log, followed by the annotations."""
    return text.render(report, colour=colour, unicode=unicode, width=width) + annotations(report)


def annotations(report: Report) -> str:
    """One workflow command for each finding that is not waived."""
    return commands(diagnostics.of_report(report))


def after_failure(findings: Sequence[Finding], *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """Why npm failed, for the log, and the most likely cause as an annotation."""
    annotation = command("error", diagnostics.of_log_finding(findings[0])) if findings else ""
    return after_publish.after_failure(findings, colour=colour, unicode=unicode, width=width) + annotation


def explained(explanation: Explanation, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The explanation of a log, for the step's log, and an annotation for each publish that failed."""
    from safepublish.report import explanation as as_text

    shown = as_text.render(explanation, colour=colour, unicode=unicode, width=width)
    certain = [failed for failed in explanation.failed if failed.certain]
    for failed in certain[:MOST_ANNOTATIONS]:
        name = escape.plain(failed.log.last.name or "")
        likely = diagnostics.of_log_finding(failed.findings[0])
        shown += command("error", likely._replace(subjects=Subjects((name,) if name else ())))
    return shown


def commands(found: Iterable[Diagnostic]) -> str:
    """One workflow command for each place of a diagnostic that is not waived, errors first."""
    shown: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for diagnostic in found:
        if diagnostic.waived is None:
            level = _LEVELS[diagnostic.severity]
            places: Iterable[Location | None] = diagnostic.locations or (None,)
            shown[level] += [command(level, diagnostic, place) for place in places]
    return "".join(command for level in shown.values() for command in level[:MOST_ANNOTATIONS])


def command(level: str, diagnostic: Diagnostic, location: Location | None = None) -> str:
    """A workflow command (GitHub docs, "Workflow commands for GitHub Actions", setting an error message).

    GitHub shows it at *location*, else at the diagnostic's first place.
    """
    where = ""
    location = location or next(iter(diagnostic.locations), None)
    if location:
        parts = (("file", location.path), ("line", location.line), ("col", location.column))
        where = "".join(f"{key}={escape.command_property(str(value))}," for key, value in parts if value is not None)
    title = escape.command_property(f"safepublish: {diagnostic.id}")
    message = diagnostics.as_lines(diagnostic, _MOST_NOTES, HELP_LINES)
    return f"::{level} {where}title={title}::{escape.command_data(message)}\n"
