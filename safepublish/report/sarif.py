"""The report as SARIF 2.1.0 (OASIS), for GitHub code scanning and other readers of results."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from safepublish import __version__
from safepublish import report as common
from safepublish.facts.finding import Answer, Finding, Location
from safepublish.facts.report import Explanation, Report
from safepublish.report import escape, text

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LINE = re.compile(r"line (\d+): ")
HOME = "https://github.com/safepublish/safepublish"


def render(report: Report) -> str:
    """The report as a SARIF document: a rule for each cause found, a result for each finding."""
    groups = common.groups(report)
    rules = list(dict.fromkeys(group.finding.id for group in groups))
    return document(rules, [_result(group, rules.index(group.finding.id), report) for group in groups])


def explained(explanation: Explanation) -> str:
    """The explanation of a log as a SARIF document: a result for each cause, at the line of the log that shows it."""
    found = [(failed.log, one) for failed in explanation.failed for one in failed.findings]
    rules = list(dict.fromkeys(one.id for _, one in found))
    results = [
        {
            "ruleId": one.id,
            "ruleIndex": rules.index(one.id),
            "level": {Answer.FAIL: "error", Answer.WARN: "warning"}.get(one.answer, "note"),
            "message": {"text": message(one)},
            "locations": [{"physicalLocation": _in_log(one, explanation.source)}],
        }
        for _, one in found
    ]
    return document(rules, results)


def _in_log(finding: Finding, source: str) -> dict[str, Any]:
    line = next((match[1] for match in map(_LINE.match, finding.evidence) if match), None)
    path = "stdin" if source == "-" else escape.encodable(source).replace("\\", "/")
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(path)}}
    return physical | ({"region": {"startLine": int(line)}} if line else {})


def document(rules: Sequence[str], results: Sequence[Mapping[str, Any]]) -> str:
    """The document of one run of safepublish: a rule for each cause in *rules*, and the *results*."""
    driver = {
        "name": "safepublish",
        "version": __version__,
        "informationUri": HOME,
        "rules": [_rule(cause) for cause in rules],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": list(results)}
    return escape.json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(cause: str) -> dict[str, Any]:
    return {
        "id": cause,
        "shortDescription": {"text": common.title(cause)},
        "help": {"text": common.manual(cause)},
        "helpUri": common.page(cause),
    }


def _result(group: common.Group, rule: int, report: Report) -> dict[str, Any]:
    finding = group.finding
    result: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": _level(group),
        "message": {"text": _message(group, named=len(report.packages) > 1)},
        "locations": [{"physicalLocation": _physical(group)}],
    }
    if finding.waived is not None:
        suppression = {"kind": "external", "status": "accepted"}
        result["suppressions"] = [
            suppression | ({"justification": escape.plain(finding.waived)} if finding.waived else {})
        ]
    return result


def _level(group: common.Group) -> str:
    if group.refuses or group.finding.answer is Answer.FAIL:
        return "error"
    return "warning" if group.finding.answer is Answer.WARN else "note"


def _message(group: common.Group, *, named: bool) -> str:
    return message(group.finding, text.names(group) if named else "")


def message(finding: Finding, names: str = "") -> str:
    """What a finding says, with whom it concerns."""
    said = [escape.plain(finding.message)]
    if names:
        said.append(f"For: {names}")
    said += [f"Seen: {escape.plain(seen)}" for seen in finding.evidence[: escape.LINES]]
    if finding.remedy:
        said.append(f"Mend: {escape.plain(finding.remedy.text)}")
        said += escape.lines(finding.remedy.command or "")
        said += escape.lines(finding.remedy.diff or "")
    return "\n".join(said)


def _physical(group: common.Group) -> dict[str, Any]:
    """Where the finding is: its place, else the package's manifest, since code scanning asks for a place."""
    run = group.packages[0].run
    location = group.finding.location or Location(run.package.manifest or "package.json")
    root = (run.repository.root or "").replace("\\", "/").rstrip("/")
    path = escape.encodable(location.path).replace("\\", "/")
    if root and path.startswith(f"{root}/"):
        path = path[len(root) + 1 :]
    return physical(location._replace(path=path))


def physical(location: Location) -> dict[str, Any]:
    """A place in a file of the repository."""
    path = location.path
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(escape.encodable(path).removeprefix("./"))}}
    if location.line is not None:
        column = {} if location.column is None else {"startColumn": location.column}
        place["region"] = {"startLine": location.line, **column}
    return place
