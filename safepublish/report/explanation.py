"""The explanation of a log, for people: the cause of each failed publish, the lines that show it, and the fix."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from safepublish.causes import BY_ID
from safepublish.facts.finding import Answer, Remedy
from safepublish.logs import notes
from safepublish.logs.explanation import Explained, Explanation
from safepublish.logs.log import Log
from safepublish.report import block, diagnostics, escape, verdicts
from safepublish.report.alternatives import alternatives, deciding
from safepublish.report.diagnostics import Diagnostic, Subjects
from safepublish.report.lines import Page
from safepublish.report.severity import Severity
from safepublish.report.tagged_run import FILE_AT_THE_TAG

MOST_FAILURES = 20
MOST_NAMES = 8


class Block(NamedTuple):
    """What is said about failures with the same answer."""

    diagnostic: Diagnostic
    others: str  # which other causes there could be, in one line; "" where there are none
    decides: Remedy | None  # the command that decides between the causes, where the log proves none


def render(explanation: Explanation, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The explanation as lines for a terminal or a log."""
    page = Page(colour=colour, unicode=unicode, width=width)
    shown = blocks(explanation)
    for one in shown[:MOST_FAILURES]:
        block.show(page, one.diagnostic, others=one.others, decides=one.decides)
        page.say("")
    if len(shown) > MOST_FAILURES:
        page.say(f"... and {len(shown) - MOST_FAILURES} more: --format json has all")
    block.summary(page, *summary(explanation, [one.diagnostic for one in shown]))
    return page.text()


def blocks(explanation: Explanation) -> list[Block]:
    """What is said about the publishes that failed, those with the same answer together."""
    return [_block(group) for group in _grouped(explanation.failed)]


def summary(explanation: Explanation, shown: Sequence[Diagnostic]) -> tuple[Severity | None, str]:
    """The last line: what failed and why, and what was published."""
    parts = []
    failed = len(explanation.failed)
    severity = None
    if failed:
        known = sum(explained.certain for explained in explanation.failed)
        certain = [diagnostic for diagnostic in shown if diagnostic.severity is not Severity.UNKNOWN]
        severity = Severity.ERROR if certain else Severity.UNKNOWN
        counts = [verdicts.counts(certain)] if certain else []
        counts += [f"{failed - known} without a known cause"] if known < failed else []
        what = f"{_spec(explanation.failed[0].log)} was not published" if failed == 1 else f"{failed} publishes failed"
        parts.append(f"{what}: {', '.join(counts)}" if certain else f"{what}, and the log does not show why")
    else:
        parts.append(f"no failed publish in {explanation.lines} lines of {_source(explanation)}")
        if explanation.exchanged:
            parts.append("the token exchange succeeded, so a publish through OIDC can log in")
    if explanation.published:
        named = [line.text for line in explanation.published[:MOST_NAMES]]
        more = len(explanation.published) - len(named)
        parts.append(f"published: {', '.join(named)}{f' and {more} more' if more > 0 else ''}")
    return severity, "; ".join(parts)


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


def _diagnostic(group: Sequence[Explained]) -> Diagnostic:
    """What is said about failures with the same answer."""
    first = group[0]
    named = [explained.log for explained in group if explained.log.last.name]
    names = list(dict.fromkeys(escape.plain(_spec(log), 200) for log in named))
    subjects = Subjects(tuple(names[:MOST_NAMES]), max(0, len(names) - MOST_NAMES))
    if first.certain:
        return diagnostics.of_log_finding(first.findings[0])._replace(subjects=subjects)
    script = first.log.says("command failed") or first.log.says("command sh -c")
    message = f"this log does not show why {_spec(first.log)} was not published"
    if not first.findings and script:
        message = f"{_spec(first.log)} was not published: a script of the package failed before the upload"
    elif not first.findings:
        message = f"{_spec(first.log)} was not published; no known cause matches this log"
    return Diagnostic(
        severity=Severity.UNKNOWN,
        id="",
        message=message,
        answer=Answer.UNKNOWN,
        quotes=_ends(first.log),
        subjects=subjects if len(names) > 1 else Subjects(),
    )


def _block(group: Sequence[Explained]) -> Block:
    log, findings = group[0].log, group[0].findings
    diagnostic = _diagnostic(group)
    context = [*notes.worked(log), *(notes.not_at_fault(log) if findings else ())]
    if findings and BY_ID[findings[0].id].is_fixed_in_file and log.quoted("git_tag"):
        context.append(FILE_AT_THE_TAG)
    others = findings[1:] if group[0].certain else findings
    proven = group[0].certain and findings[0].answer is Answer.FAIL
    return Block(
        diagnostic._replace(notes=(*diagnostic.notes, *context)),
        alternatives([finding.id for finding in others]),
        None if proven else deciding(others),
    )


def _ends(log: Log) -> tuple[tuple[int, str], ...]:
    """How the publish ended: lines of the log."""
    found = [*log.quoted("code"), *(str(line) for line in log.errors[:3]), *log.quoted("npm", "npm_since", "npm_hint")]
    quoted = (diagnostics.quote(line) for line in dict.fromkeys(found))
    return tuple(line for line in quoted if line is not None)[:5]


def _spec(log: Log) -> str:
    name, version = log.last.name, log.last.version
    return f"{name}@{version}" if name and version else name or "the package"
