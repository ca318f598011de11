"""What a report shows: each finding once, with the packages or steps that have it, in the order in which it is shown.

Every form renders these: text, annotations, job summary and SARIF.
"""

import enum
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from safepublish.causes import BY_ID, judge
from safepublish.causes.cause import NO_CLAIM
from safepublish.facts.finding import Answer, Finding, Location, Remedy
from safepublish.facts.report import Judged, Report
from safepublish.facts.run import Run
from safepublish.logs.explanation import Explained
from safepublish.report import escape, verdicts

if TYPE_CHECKING:
    from safepublish.facts.step import File, Step
    from safepublish.facts.step import Judged as JudgedStep

MOST_NAMES = 8
"""Packages that are named beside one finding."""

_PAGES = "https://github.com/safepublish/safepublish/blob/main/docs/causes/"
_LONGEST_NAME = 100


class Severity(enum.Enum):
    """What a finding does to the verdict."""

    ERROR = "error"  # refuses
    WARNING = "warning"
    UNKNOWN = "unknown"  # could not be checked
    INFO = "info"  # a warning without a fix


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
    return f"{_PAGES}{cause}.md"


def of_finding(finding: Finding, *, strict: bool = False) -> Diagnostic:
    """A finding that concerns one package or step."""
    return Diagnostic(
        severity=_severity(finding, strict=strict),
        id=finding.id,
        message=finding.message,
        answer=finding.answer,
        locations=(finding.location,) if finding.location else (),
        notes=finding.evidence,
        help=finding.remedy,
        waived=finding.waived,
    )


def of_packages(finding: Finding, packages: Sequence[Judged], *, named: bool) -> Diagnostic:
    """A finding that all these packages have; *named*: the report is about more than one package."""
    run = packages[0].run
    names = tuple(escape.plain(verdicts.spec(judged.run), _LONGEST_NAME) for judged in packages[:MOST_NAMES])
    return of_finding(finding, strict=run.options.strict)._replace(
        table=_claims(finding, run),
        subjects=Subjects(names, max(0, len(packages) - MOST_NAMES)) if named else Subjects(),
        anchor=_in_repository(finding.location or Location(run.package.manifest.file or "package.json"), run),
    )


def of_report(report: Report) -> tuple[Diagnostic, ...]:
    """The findings of all packages: errors, what could not be checked, warnings, waived findings."""
    found: dict[Finding, list[Judged]] = {}
    for judged in report.packages:
        for finding in judged.findings:
            found.setdefault(finding, []).append(judged)
    named = len(report.packages) > 1
    return _in_order(of_packages(finding, packages, named=named) for finding, packages in found.items())


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
    return tuple(
        of_finding(finding)._replace(anchor=Location(path, _quoted_line(finding))) for finding in explained.findings
    )


def as_lines(diagnostic: Diagnostic, most_notes: int = escape.LINES, most_lines: int = escape.LINES) -> str:
    """A diagnostic in lines of plain text: the message, whom it concerns, notes and help."""
    lines = [escape.plain(diagnostic.message)]
    if diagnostic.subjects.names:
        lines.append(f"For: {diagnostic.subjects.text()}")
    lines += [f"Seen: {escape.plain(note)}" for note in diagnostic.notes[:most_notes]]
    if diagnostic.help:
        lines.append(f"Mend: {escape.plain(diagnostic.help.text)}")
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


_RANKS = {Severity.ERROR: 0, Severity.UNKNOWN: 1, Severity.WARNING: 2, Severity.INFO: 2}


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
        source=_source(file, places[0]),
        subjects=Subjects(names, separator="; ") if named else Subjects(),
    )


def _source(file: "File", place: Location) -> str | None:
    """The line of *file* at *place*, where that is in it."""
    if place.path != file.path or place.line is None:
        return None
    lines = file.text.split("\n")
    return lines[place.line - 1].rstrip("\r") if 0 < place.line <= len(lines) else None


def _claims(finding: Finding, run: Run) -> tuple[tuple[str, ...], ...]:
    """The table of the claims that the finding is about, its head first; empty where it is about none.

    The column of the last publisher is omitted where nothing of it is known.
    """
    rows = BY_ID[finding.id].claims(run) if finding.id in BY_ID else ()
    if not rows:
        return ()
    if all(theirs == NO_CLAIM for _, _, theirs in rows):
        return ("claim", "this run"), *(row[:2] for row in rows)
    return ("claim", "this run", "last publisher", ""), *((*row, _difference(row[1], row[2])) for row in rows)


def _difference(ours: str, theirs: str) -> str:
    return "differs" if theirs not in {ours, NO_CLAIM} else ""


def _in_repository(place: Location, run: Run) -> Location:
    """*place* with its path from the repository's root, as code scanning takes it."""
    root = (run.repository.root or "").replace("\\", "/").rstrip("/")
    path = escape.encodable(place.path).replace("\\", "/")
    return place._replace(path=path.removeprefix(f"{root}/") if root else path)


def _quoted_line(finding: Finding) -> int | None:
    """The number of the first line of the log that the finding quotes."""
    for note in finding.evidence:
        number, colon, _ = note.removeprefix("line ").partition(": ")
        if note.startswith("line ") and colon and number.isascii() and number.isdigit():
            return int(number)
    return None
