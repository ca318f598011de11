"""Diagnostics as SARIF 2.1.0 (OASIS), for GitHub code scanning and other readers of results."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from safepublish import __version__
from safepublish.facts.finding import Location
from safepublish.facts.report import Report
from safepublish.logs.explanation import Explanation
from safepublish.report import diagnostics, escape
from safepublish.report.diagnostics import Diagnostic
from safepublish.report.severity import Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/safepublish/safepublish"

_LEVELS = {
    Severity.ERROR: "error",
    Severity.PROBABLE: "warning",
    Severity.WARNING: "warning",
    Severity.INFO: "warning",
    Severity.UNKNOWN: "note",
}


def render(report: Report) -> str:
    """The report as a SARIF document."""
    return document(diagnostics.of_report(report))


def explained(explanation: Explanation) -> str:
    """The explanation of a log as a SARIF document: a result for each cause, at the line of the log that shows it."""
    return document(
        diagnostic for failed in explanation.failed for diagnostic in diagnostics.of_log(failed, explanation.source)
    )


def document(found: Iterable[Diagnostic]) -> str:
    """The document of one run of safepublish: a rule for each cause, and a result for each diagnostic."""
    results = list(found)
    rules = list(dict.fromkeys(diagnostic.id for diagnostic in results))
    driver = {
        "name": "safepublish",
        "version": __version__,
        "informationUri": HOME,
        "rules": [_rule(cause) for cause in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, rules) for diagnostic in results],
    }
    return escape.json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(cause: str) -> dict[str, Any]:
    return {
        "id": cause,
        "shortDescription": {"text": diagnostics.title(cause)},
        "help": {"text": diagnostics.manual(cause)},
        "helpUri": diagnostics.url(cause),
    }


def _result(diagnostic: Diagnostic, rules: Sequence[str]) -> dict[str, Any]:
    places = (diagnostic.anchor,) if diagnostic.anchor else diagnostic.locations
    result: dict[str, Any] = {
        "ruleId": diagnostic.id,
        "ruleIndex": rules.index(diagnostic.id),
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": diagnostics.as_lines(diagnostic)},
        "locations": [{"physicalLocation": _physical(place)} for place in places],
    }
    if diagnostic.waived is not None:
        reason = {"justification": escape.plain(diagnostic.waived)} if diagnostic.waived else {}
        result["suppressions"] = [{"kind": "external", "status": "accepted"} | reason]
    return result


def _physical(location: Location) -> dict[str, Any]:
    """A place in a file of the repository."""
    path = escape.encodable(location.path).removeprefix("./")
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(path)}}
    if location.line is not None:
        column = {} if location.column is None else {"startColumn": location.column}
        place["region"] = {"startLine": location.line, **column}
    return place
