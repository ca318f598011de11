"""The causes that a log cannot exclude, and the one command that decides between them."""

from collections.abc import Sequence

from safepublish.facts.finding import Answer, Finding, Remedy

MOST = 5
"""Causes that are named; the JSON document has all."""


def alternatives(ids: Sequence[str]) -> str:
    """Which other causes there could be, in one line; "" where there are none."""
    distinct = list(dict.fromkeys(ids))
    if not distinct:
        return ""
    more = f" and {len(distinct) - MOST} less likely" if len(distinct) > MOST else ""
    return f"could also be: {', '.join(distinct[:MOST])}{more}"


def deciding(findings: Sequence[Finding]) -> Remedy | None:
    """The command that decides between the causes which the log does not exclude."""
    return next(
        (
            finding.remedy
            for finding in findings
            if finding.answer is Answer.UNKNOWN and finding.remedy and finding.remedy.command
        ),
        None,
    )
