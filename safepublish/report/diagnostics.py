"""What a report shows: each finding once, with the packages or steps that have it, in the order in which it is shown.

Every form renders these: text, annotations, job summary and SARIF.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from safepublish.causes import BY_ID, judge
from safepublish.causes.cause import NO_CLAIM
from safepublish.facts.finding import Answer, Finding, Location, Remedy
from safepublish.facts.report import Judged, Report
from safepublish.facts.run import Run
from safepublish.logs.explanation import Explained
from safepublish.report import escape, verdicts
from safepublish.report.severity import Severity

if TYPE_CHECKING:
    from safepublish.facts.step import File, Step
    from safepublish.facts.step import Judged as JudgedStep

MOST_NAMES = 8
"""Packages that are named beside one finding."""

_PAGES = "https://safepublish.github.io/safepublish/causes/"
_LONGEST_NAME = 100


class Subjects(NamedTuple):
    """The packages or steps that a diagnostic concerns, each as a clean line; none where the report is about one."""

    names: tuple[str, ...] = ()
    unnamed: int = 0  # how many more there are
    separator: str = ", "

    def text(self, write: Callable[[str], str] = str) -> str:
        """The names in one line, each as *write* makes it; "" where there are none."""
        more = f" and {self.unnamed} more" if self.unnamed else ""
        return self.separator.join(map(write, self.names)) + more


class Diagnostic(NamedTuple):
    """A finding as every form shows it; its texts are not escaped yet."""

    severity: Severity
    id: str
    message: str
    answer: Answer
    locations: tuple[Location, ...] = ()
    source: str | None = None  # the line of the file at the first location, where the file is at hand
    notes: tuple[str, ...] = ()
    quotes: tuple[tuple[int, str], ...] = ()  # lines of a log, each with its number
    table: tuple[tuple[str, ...], ...] = ()  # the claims that were compared, the head of the table first
    help: Remedy | None = None
    subjects: Subjects = Subjects()
    waived: str | None = None  # the reason given with --waive, "" when none was given
    anchor: Location | None = None  # where code scanning shows it, which takes nothing without a place

    @property
    def title(self) -> str:
        """The title of its cause."""
        return title(self.id)

    @property
    def notes_beside_table(self) -> tuple[str, ...]:
        """The notes without those that repeat a row of the table."""
        rows = tuple(f"{row[0]}: {row[1]}" for row in self.table[1:])
        return tuple(note for note in self.notes if not rows or not note.startswith(rows))


def title(cause: str) -> str:
    """The title of the cause with this id, or the id itself."""
    return BY_ID[cause].title if cause in BY_ID else cause


def manual(cause: str) -> str:
    """The manual page of the cause with this id, or the id itself."""
    return BY_ID[cause].page if cause in BY_ID else cause


def url(cause: str) -> str:
    """The URL of the manual page of the cause with this id."""
    return f"{_PAGES}{cause}/"


def of_finding(finding: Finding, *, strict: bool = False, published: bool = False) -> Diagnostic:
    """A finding that concerns one package or step; *published*: npm has published it all the same."""
    fails = finding.answer is not Answer.WARN and not published
    evidence = finding.evidence + finding.if_it_fails if fails else finding.evidence
    return Diagnostic(
        severity=_severity(finding, strict=strict),
        id=finding.id,
        message=finding.message,
        answer=finding.answer,
        locations=(finding.location,) if finding.location else (),
        notes=tuple(note for note in evidence if quote(note) is None),
        quotes=tuple(quoted for note in evidence if (quoted := quote(note)) is not None),
        help=finding.remedy,
        waived=finding.waived,
    )


def of_packages(finding: Finding, packages: Sequence[Judged], *, named: bool, published: bool = False) -> Diagnostic:
    """A finding that all these packages have.

    *named*: the report is about more than one package; *published*: npm has published them all the same.
    """
    run = packages[0].run
    names = tuple(escape.plain(verdicts.spec(judged.run), _LONGEST_NAME) for judged in packages[:MOST_NAMES])
    return of_finding(finding, strict=run.options.strict, published=published)._replace(
        table=_claims(finding, run),
        source=_line_of_job(finding.location, run),
        subjects=Subjects(names, max(0, len(packages) - MOST_NAMES)) if named else Subjects(),
        anchor=_in_repository(finding.location or Location(run.package.manifest.file or "package.json"), run),
    )


def of_report(report: Report) -> tuple[Diagnostic, ...]:
    """The findings of all packages: errors, what could not be checked, warnings, waived findings.

    Findings that differ in nothing but the packages' names are one.
    """
    own = _own_words(report) if len(report.packages) > 1 else frozenset()
    found: dict[tuple[object, ...], list[tuple[Finding, Judged]]] = {}
    for judged in report.packages:
        for finding in judged.findings:
            found.setdefault(_without_names(finding, judged.run, own), []).append((finding, judged))
    named = len(report.packages) > 1
    return _in_order(_of_same_packages(same, named=named) for same in found.values())


def _of_same_packages(same: Sequence[tuple[Finding, Judged]], *, named: bool) -> Diagnostic:
    """The first of findings that are the same but for the packages' names, with what each needs to be fixed."""
    first = same[0][0]
    remedies = [finding.remedy for finding, _ in same[:MOST_NAMES] if finding.remedy is not None]
    if first.remedy is not None:
        command = "\n".join(dict.fromkeys(remedy.command for remedy in remedies if remedy.command))
        first = first._replace(remedy=first.remedy._replace(command=command or None))
    return of_packages(first, [judged for _, judged in same], named=named)


def _own_words(report: Report) -> frozenset[str]:
    """Every word in which only one package of the report differs from another: names, versions and paths."""
    texts: set[str] = set()
    for judged in report.packages:
        package = judged.run.package
        texts |= {package.spec, package.manifest.name or "", package.manifest.version or "", verdicts.spec(judged.run)}
        texts |= {package.manifest.file or "", package.path or ""}
    return frozenset(word for text in texts for word in _WORD.findall(text))


_WORD = re.compile(r"[^\s/\\:;,'\"`()]*[^\s/\\:;,'\"`().]")


def _without_names(finding: Finding, run: Run, own: frozenset[str]) -> tuple[object, ...]:
    """*finding* as a key that is the same for packages which differ in nothing but their own words."""

    def general(value: object) -> object:
        if isinstance(value, str):
            return _WORD.sub(lambda match: "\0" if match[0] in own else match[0], value)
        return tuple(map(general, value)) if isinstance(value, tuple) else value

    return tuple(map(general, (finding, _claims(finding, run) if own else ())))


def of_steps(file: "File", judged: "Sequence[JudgedStep]") -> tuple[Diagnostic, ...]:
    """The findings of a file's steps, in the order of `of_report`; a finding has the places of all its steps."""
    found: dict[tuple[object, ...], list[tuple[Finding, Step]]] = {}
    for step, findings, _ in judged:
        for finding in findings:
            key = (finding.id, finding.answer, finding.message, finding.remedy)
            found.setdefault(key, []).append((finding, step))
    return _in_order(_of_same(file, same, named=len(judged) > 1) for same in found.values())


def of_log(explained: Explained, source: str) -> tuple[Diagnostic, ...]:
    """The causes of one failed publish, the most likely first, at the line of the log in the file *source*."""
    path = "stdin" if source == "-" else escape.encodable(source).replace("\\", "/")
    found = map(of_log_finding, explained.findings)
    return tuple(
        diagnostic._replace(anchor=Location(path, next((number for number, _ in diagnostic.quotes), None)))
        for diagnostic in found
    )


def of_log_finding(finding: Finding) -> Diagnostic:
    """A cause that a log proves, points to, or does not exclude."""
    severities = {Answer.FAIL: Severity.ERROR, Answer.WARN: Severity.PROBABLE}
    return of_finding(finding)._replace(severity=severities.get(finding.answer, Severity.UNKNOWN))


def as_lines(diagnostic: Diagnostic, most_notes: int = escape.LINES, most_lines: int = escape.LINES) -> str:
    """A diagnostic in lines of plain text: the message, whom it concerns, notes and help."""
    lines = [escape.plain(diagnostic.message)]
    lines += [f"log:{number} | {escape.plain(text)}" for number, text in diagnostic.quotes[:most_notes]]
    if diagnostic.subjects.names:
        lines.append(f"note: affects {diagnostic.subjects.text()}")
    lines += [f"note: {escape.plain(note)}" for note in diagnostic.notes[:most_notes]]
    if diagnostic.help:
        lines.append(f"help: {escape.plain(diagnostic.help.text)}")
        lines += escape.lines(diagnostic.help.command or "", most_lines)
        lines += escape.lines(diagnostic.help.diff or "", most_lines)
    return "\n".join(lines)


def step_name(step: "Step") -> str:
    """The place of a step in its file: the job, and the step's number, counted from 1."""
    return step.place.job if step.place.position is None else f"{step.place.job}, step {step.place.position + 1}"


def _severity(finding: Finding, *, strict: bool) -> Severity:
    if finding.answer is Answer.FAIL or judge.refuses((finding,), strict=strict):
        return Severity.ERROR
    if finding.answer is Answer.UNKNOWN:
        return Severity.UNKNOWN
    return Severity.WARNING if finding.remedy else Severity.INFO


_RANKS = {Severity.ERROR: 0, Severity.PROBABLE: 0, Severity.UNKNOWN: 1, Severity.WARNING: 2, Severity.INFO: 2}


def _in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(
        sorted(
            diagnostics,
            key=lambda diagnostic: _RANKS[diagnostic.severity] if diagnostic.waived is None else len(_RANKS),
        )
    )


def _of_same(file: "File", same: "Sequence[tuple[Finding, Step]]", *, named: bool) -> Diagnostic:
    """A finding that several steps of a file have."""
    places = tuple(dict.fromkeys(finding.location or step.place.at for finding, step in same))
    names = tuple(escape.plain(step_name(step)) for _, step in same)
    return of_finding(same[0][0])._replace(
        locations=places,
        source=source_line(file, places[0]),
        subjects=Subjects(names, separator="; ") if named else Subjects(),
    )


def source_line(file: "File", place: Location) -> str | None:
    """The line of *file* at *place*; None where it is not in it."""
    if place.path != file.path or place.line is None:
        return None
    lines = file.text.split("\n")
    return lines[place.line - 1].rstrip("\r") if 0 < place.line <= len(lines) else None


def _claims(finding: Finding, run: Run) -> tuple[tuple[str, ...], ...]:
    """The table of the claims that the finding is about, its head first; empty where it is about none.

    The column of the last version is omitted where nothing of it is known.
    """
    rows = BY_ID[finding.id].claims(run) if finding.id in BY_ID else ()
    if not rows:
        return ()
    if all(theirs == NO_CLAIM for _, _, theirs in rows):
        return ("claim", "this run"), *(row[:2] for row in rows)
    return ("claim", "this run", "last version", ""), *((*row, _difference(row[1], row[2])) for row in rows)


def _difference(ours: str, theirs: str) -> str:
    return "differs" if theirs not in {ours, NO_CLAIM} else ""


def _in_repository(place: Location, run: Run) -> Location:
    """*place* with its path from the repository's root, as code scanning takes it."""
    root = (run.repository.root or "").replace("\\", "/").rstrip("/")
    path = escape.encodable(place.path).replace("\\", "/")
    return place._replace(path=path.removeprefix(f"{root}/") if root else path)


def _line_of_job(place: Location | None, run: Run) -> str | None:
    """The line of the running job's workflow at *place*, where it is known."""
    workflow = run.repository.workflow
    if place is None or workflow is None or place != workflow.node_version_at:
        return None
    return workflow.node_version_line


def quote(note: str) -> tuple[int, str] | None:
    """The line of a log that *note* quotes, with its number; None where it quotes none."""
    number, colon, text = note.removeprefix("line ").partition(": ")
    if note.startswith("line ") and colon and number.isascii() and number.isdigit():
        return int(number), text
    return None
