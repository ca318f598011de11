"""The report for GitHub Actions: annotations beside the log's text, the job summary, and the step's outputs."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from safepublish import report as common
from safepublish.facts.finding import Answer, Finding
from safepublish.facts.log import Attempt, Log
from safepublish.facts.report import Explanation, Judged, Report, Verdict
from safepublish.npm.oidc import skipped_as_private
from safepublish.report import escape, text

MOST_ANNOTATIONS = 10
"""Annotations of one level that GitHub shows for a step; the others it drops."""

MOST_BYTES = 900_000
"""Bytes of a summary; GitHub takes 1 MiB for a step and drops what is longer, whole."""

MOST_ROWS = 300
"""Rows of the table of packages."""

MEND_LINES = 12
"""Lines of a command or diff in an annotation."""

LONGEST_PATH = 4096
"""Characters of a path that is told whole."""

_SAID = {Verdict.PASS: "✅ pass", Verdict.UNKNOWN: "❔ unknown", Verdict.REFUSE: "❌ refuse"}


def render(report: Report, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The text for the step's log, followed by the annotations."""
    return text.render(report, colour=colour, unicode=unicode, width=width) + annotations(report)


def after_failure(findings: Sequence[Finding], *, colour: bool = False, unicode: bool = True) -> str:
    """Why npm failed, for the log, and the most likely cause as an annotation."""
    told = command("error", findings[0], "") if findings else ""
    return text.after_failure(findings, colour=colour, unicode=unicode) + told


def explained(explanation: Explanation, *, colour: bool = False, unicode: bool = True) -> str:
    """The explanation of a log, for the step's log, and an annotation for each publish that failed."""
    from safepublish.report import explanation as as_text

    told = as_text.render(explanation, colour=colour, unicode=unicode)
    certain = [one for one in explanation.failed if one.certain]
    for one in certain[:MOST_ANNOTATIONS]:
        told += command("error", one.findings[0], escape.plain(one.log.last.name or ""))
    return told


def annotations(report: Report) -> str:
    """One workflow command for each finding that is not waived: an error where it refuses, else a warning or a notice.

    What cannot be told, and a warning with nothing to mend, is a notice.
    """
    shown: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for group in common.groups(report):
        if group.finding.waived is None:
            names = text.names(group) if len(report.packages) > 1 else ""
            level = _level(group)
            shown[level].append(command(level, group.finding, names))
    return "".join(one for commands in shown.values() for one in commands[:MOST_ANNOTATIONS])


def _level(group: common.Group) -> str:
    if group.refuses:
        return "error"
    return "warning" if group.finding.answer is Answer.WARN and group.finding.remedy else "notice"


def command(level: str, finding: Finding, names: str) -> str:
    """A workflow command (GitHub docs, "Workflow commands for GitHub Actions", setting an error message)."""
    where = ""
    if finding.location:
        place = (("file", finding.location.path), ("line", finding.location.line), ("col", finding.location.column))
        where = "".join(f"{key}={escape.command_property(str(value))}," for key, value in place if value is not None)
    title = escape.command_property(f"safepublish: {finding.id}")
    return f"::{level} {where}title={title}::{escape.command_data(_message(finding, names))}\n"


def _message(finding: Finding, names: str) -> str:
    said = [escape.plain(finding.message)]
    if names:
        said.append(f"For: {names}")
    said += [f"Seen: {escape.plain(seen)}" for seen in finding.evidence[:3]]
    if finding.remedy:
        said.append(f"Mend: {escape.plain(finding.remedy.text)}")
        said += escape.lines(finding.remedy.command or "", MEND_LINES)
        said += escape.lines(finding.remedy.diff or "", MEND_LINES)
    return "\n".join(said)


def summary(report: Report) -> str:
    """The job summary, in GitHub Markdown, under GitHub's limit of 1 MiB."""
    if not report.packages:
        return ""
    parts = [f"## {_headline(report)}\n", _checked(report)]
    if len(report.packages) > 1:
        parts.append(_packages(report))
    parts += [_section(group, named=len(report.packages) > 1) for group in common.groups(report)]
    return within(parts)


def within(parts: Sequence[str]) -> str:
    """The parts that fit, and a word about those that do not."""
    kept: list[str] = []
    room = MOST_BYTES
    for part in parts:
        room -= len(part.encode()) + 1
        if room < 0:
            kept.append("The rest does not fit here: `safepublish check --format json` has it all.\n")
            break
        kept.append(part)
    return "\n".join(part for part in kept if part)


def _headline(report: Report) -> str:
    if len(report.packages) == 1:
        return common.headline(report, escape.code(common.spec(report.packages[0].run)), escape.markdown)
    return common.headline(report, text.subject(report), escape.markdown)


def _checked(report: Report) -> str:
    if report.verdict is not Verdict.PASS:
        return ""
    return table(("checked", "seen"), ((name, escape.markdown(seen)) for name, seen in common.checked(report)))


def _packages(report: Report) -> str:
    rows = [
        (
            escape.code(judged.run.package.name or judged.run.package.spec),
            escape.code(judged.run.package.version or ""),
            common.published(judged.run),
            f"⏭️ {common.LEFT_OUT}" if judged.run.package.skip_published else _SAID[judged.verdict],
            ", ".join(escape.code(cause) for cause in common.reasons(judged)),
        )
        for judged in common.worst_first(report)[:MOST_ROWS]
    ]
    more = len(report.packages) - len(rows)
    return table(("package", "version", "published", "verdict", "cause"), rows) + (
        f"\nand {more} more\n" if more else ""
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are escaped already."""
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *rows))


def _section(group: common.Group, *, named: bool) -> str:
    finding = group.finding
    said = [f"### {_word(group)}: {escape.markdown(common.title(finding.id))}\n"]
    said.append(f"{escape.code(finding.id)}: {escape.prose(finding.message)}\n")
    if finding.waived is not None:
        because = f": {escape.markdown(finding.waived)}" if finding.waived else ""
        return "\n".join([*said, f"Waived{because}\n"])
    if named:
        concerned, more = common.names(group)
        said.append(f"For {', '.join(escape.code(name, 100) for name in concerned)}{more}\n")
    claims = common.claims(group)
    if claims:
        said.append(_claims(*claims))
    return "\n".join([*said, *shown(finding, common.evidence(group))])


def shown(finding: Finding, evidence: Sequence[str]) -> list[str]:
    """What was seen, where, the mend, and the page of the cause."""
    said = []
    if evidence:
        said.append("".join(f"- {escape.prose(seen)}\n" for seen in evidence[: escape.LINES]))
    if finding.location:
        said.append(f"In {escape.code(text.place(finding.location))}\n")
    if finding.remedy:
        said.append(f"**Mend:** {escape.prose(finding.remedy.text)}\n")
        said += [
            escape.fence(block, language) + "\n"
            for block, language in ((finding.remedy.command, "sh"), (finding.remedy.diff, "diff"))
            if block
        ]
    return [*said, f"[What {escape.code(finding.id)} means]({common.page(finding.id)})\n"]


def _claims(head: Sequence[str], *rows: Sequence[str]) -> str:
    told = ((escape.markdown(row[0]), *map(escape.code, row[1:3]), *row[3:]) for row in rows)
    return table(head, told) + (
        "\nThese are this run's claims, not necessarily the ones that a trusted publisher should have.\n"
    )


def _word(group: common.Group) -> str:
    if group.finding.waived is not None:
        return "Waived"
    if group.refuses:
        return "❌ Refused"
    return "⚠️ Warning" if group.finding.answer is Answer.WARN else "❔ Not told"


def summary_after_success(attempts: Iterable[Attempt], report: Report) -> str:
    """What went out and through what, one item for each package; for the end of the job summary."""
    if report.packages[0].run.dry_run:
        return ""
    said = [_went_out_as(attempt, report) for attempt in attempts if attempt.name is not None]
    return f"\n{''.join(said)}" if said else ""


def _went_out_as(attempt: Attempt, report: Report) -> str:
    said = text.after_success(attempt, report).removeprefix("safepublish: ")
    name = attempt.name if attempt.version is None else f"{attempt.name}@{attempt.version}"
    return f"- {escape.prose(said.replace(str(name), f'`{name}`', 1))}\n"


def summary_after_failure(findings: Sequence[Finding], log: Log, report: Report, status: int) -> str:
    """Why npm failed, for the end of the job summary: the most likely cause in full, the others by name.

    Where no cause is known, npm's own words.
    """
    ended = f"\n### ❌ {escape.markdown(common.command(report.packages[0].run))} ended with exit status {status}"
    if not findings:
        return f"{ended}\n\n" + (
            escape.fence("\n".join(line.text for line in log.errors), "") + "\n" if log.errors else ""
        )
    likely, *others = findings
    said = [f"{ended}: {escape.markdown(common.title(likely.id))}\n"]
    said.append(f"{escape.code(likely.id)}: {escape.prose(likely.message)}\n")
    said += shown(likely, likely.evidence)
    if others:
        said.append(f"Also: {', '.join(escape.code(other) for other in dict.fromkeys(one.id for one in others))}\n")
    return "\n".join(said)


class Went(NamedTuple):
    """Whether a package is out, and through what it went: `oidc` or `token`; None where it did not, or nobody knows."""

    published: bool = False
    via: str | None = None


def outputs(report: Report, document: str | None = None) -> str:
    """Lines for GITHUB_OUTPUT, before npm: the verdict, the causes that keep packages from passing (a,b), and the rest.

    *document* is the path of the JSON report. Name and version are those of the only package.
    """
    deciding = dict.fromkeys(cause for judged in common.worst_first(report) for cause in common.reasons(judged))
    only = report.packages[0].run.package if len(report.packages) == 1 else None
    return (
        f"verdict={report.verdict.value}\n"
        f"causes={','.join(deciding)}\n"
        f"name={escape.plain(only.name or '') if only else ''}\n"
        f"version={escape.plain(only.version or '') if only else ''}\n"
        f"report={escape.plain(document or '', LONGEST_PATH)}\n"
    ) + _outcome(report, lambda judged: Went(published=judged.run.package.skip_published))


def outputs_afterwards(report: Report, status: int, log: Log | None) -> str:
    """Lines for GITHUB_OUTPUT once npm ended with *status*: what went out, and through what. The last line counts."""
    return _outcome(report, lambda judged: _went(judged, report, status, log))


def _went(judged: Judged, report: Report, status: int, log: Log | None) -> Went:
    run = judged.run
    if run.package.skip_published:
        return Went(published=True)
    if run.dry_run or skipped_as_private(run):
        return Went()
    attempts = log.attempts if log else ()
    attempt = next((one for one in attempts if one.name == run.package.name), None)
    if attempt is None and len(report.packages) == 1 and attempts:
        # npm names no package with --json, and a script may change the name; a log of another package says nothing.
        last = attempts[-1]
        attempt = (
            last if last.name is None or run.package.name is None or run.package.scripts_may_change_manifest else None
        )
    sent = attempt is not None and attempt.put_status is not None and attempt.put_status < 300
    if not (sent or status == 0):
        return Went()
    published = run.command == "publish"
    if attempt is None:
        return Went(published)
    return Went(published, "oidc" if attempt.exchanged and not run.package.credential.beats_oidc else "token")


def _outcome(report: Report, went: Callable[[Judged], Went]) -> str:
    import json  # the outputs are written after all else is decided

    told = [(judged, went(judged)) for judged in common.worst_first(report)]
    packages = [
        {
            "name": _or_none(judged.run.package.name),
            "version": _or_none(judged.run.package.version),
            "verdict": judged.verdict.value,
            "causes": common.reasons(judged),
            **one._asdict(),
            "left_out": judged.run.package.skip_published,
        }
        for judged, one in told
    ]
    due = [one for judged, one in told if not (judged.run.package.skip_published or skipped_as_private(judged.run))]
    published = bool(due) and all(one.published for one in due)
    ways = {one.via for one in due if one.via}
    return (
        f"published={'true' if published else 'false'}\n"
        f"via={'token' if 'token' in ways else ''.join(ways)}\n"
        f"packages={json.dumps(packages, separators=(',', ':'))}\n"
    )


def _or_none(text_or_none: str | None) -> str | None:
    return None if text_or_none is None else escape.encodable(text_or_none)
