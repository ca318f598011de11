"""What will happen at the publish steps of workflow files, as text, annotations and SARIF."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from safepublish.facts.finding import Answer, Finding, Location
from safepublish.facts.step import File, Judged, Step, Verdict
from safepublish.report import escape, lines, text

Files = Sequence[tuple[File, Sequence[Judged]]]

_INDENT = "    "
_COLOURS = {
    Verdict.BROKEN: "31",
    Verdict.UNKNOWN: "36",
    Verdict.WAIVED: "33",
    Verdict.TOKEN: "33",
    Verdict.TRUSTED: "32",
}


class Group(NamedTuple):
    """A finding of a file, the steps that all have it, and the places where it stands, the finding's own first."""

    finding: Finding
    steps: tuple[Step, ...]
    places: tuple[Location, ...]


def groups(judged: Iterable[Judged]) -> tuple[Group, ...]:
    """The findings of a file's steps, each once; what fails first, then what cannot be told, then warnings."""
    found: dict[tuple[object, ...], list[tuple[Finding, Step]]] = {}
    for one in judged:
        for finding in one.findings:
            key = (finding.id, finding.answer, finding.message, finding.remedy)
            found.setdefault(key, []).append((finding, one.step))
    order = (Answer.FAIL, Answer.UNKNOWN, Answer.WARN)
    told = [_group(same) for same in found.values()]
    return tuple(sorted(told, key=lambda one: (one.finding.waived is not None, order.index(one.finding.answer))))


def _group(same: Sequence[tuple[Finding, Step]]) -> Group:
    places = dict.fromkeys(finding.location or step.place.at for finding, step in same)
    return Group(same[0][0], tuple(step for _, step in same), tuple(places))


def render(files: Files, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The files that publish, each with its steps and what is found there, and one line that counts them."""
    page = lines.Page(colour=colour, unicode=unicode, width=width)
    for file, judged in files:
        if file.trouble is not None:
            page.paragraph("✗ ", f"{unreadable(file)}", hang=_INDENT, sgr="31")
        elif judged:
            _file(page, file, judged)
    page.paragraph("safepublish: ", summary(files), hang=_INDENT)
    return page.text()


def _file(page: lines.Page, file: File, judged: Sequence[Judged]) -> None:
    page.say(escape.plain(file.path), head=escape.plain(file.path))
    for one in judged:
        label = f"{_INDENT}{one.verdict.value.ljust(8)}"
        page.paragraph(label, described(one.step), hang=f"{_INDENT}{' ' * 8}", sgr=_COLOURS[one.verdict])
    for group in groups(judged):
        text.heading(page, group.finding)
        if group.finding.waived is not None:
            continue
        if len(judged) > 1:
            page.paragraph(f"{_INDENT}For:  ", concerned(group), sgr="2")
        text.details(page, group.finding, group.finding.evidence, group.places[1:])
    page.say("")


def described(step: Step) -> str:
    """A step in one line: its place in the file, its line, its command."""
    place = step.place
    where = place.job if place.position is None else f"{place.job}, step {place.position + 1}"
    line = f", line {place.at.line}" if place.at.line and place.at.path == place.path else ""
    return f"{where}{line}: {escape.plain(step.invocation.command, 120)}"


def concerned(group: Group) -> str:
    """The steps of a group by their places."""
    return "; ".join(
        step.place.job if step.place.position is None else f"{step.place.job}, step {step.place.position + 1}"
        for step in group.steps
    )


def summary(files: Files) -> str:
    """How many steps there are, and how many of each verdict."""
    verdicts = Counter(one.verdict for _, judged in files for one in judged)
    steps = sum(verdicts.values())
    if not steps:
        return f"no step of {_counted(len(files), 'workflow file')} publishes to npm, as far as it can be seen."
    told = ", ".join(f"{verdicts[verdict]} {verdict.value}" for verdict in Verdict if verdicts[verdict])
    where = sum(1 for _, judged in files if judged)
    return f"{_counted(steps, 'publish step')} in {_counted(where, 'workflow file')}: {told}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def unreadable(file: File) -> str:
    """Why a file cannot be read."""
    line = f":{file.line}" if file.line else ""
    return f"{file.path}{line}: GitHub cannot read this file: {file.trouble}"


def annotations(files: Files) -> str:
    """One workflow command for each finding: an error where a step is broken by it, else a warning or a notice."""
    from safepublish.report import github  # on GitHub alone

    shown: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for file, judged in files:
        if file.trouble is not None:
            finding = Finding("unreadable", Answer.FAIL, unreadable(file), location=Location(file.path, file.line))
            shown["error"].append(github.command("error", finding, ""))
        for group in groups(judged):
            if group.finding.waived is None:
                level = _LEVELS[group.finding.answer]
                names = concerned(group) if len(judged) > 1 else ""
                for place in group.places:
                    shown[level].append(github.command(level, group.finding._replace(location=place), names))
    return "".join(one for commands in shown.values() for one in commands[: github.MOST_ANNOTATIONS])


_LEVELS = {Answer.FAIL: "error", Answer.WARN: "warning", Answer.UNKNOWN: "notice"}


def as_sarif(files: Files) -> str:
    """The findings as a SARIF document; a file that cannot be read is a notification of the tool, no result."""
    from safepublish.report import sarif  # seldom asked for

    told = [(group, len(judged) > 1) for _, judged in files for group in groups(judged)]
    rules = list(dict.fromkeys(group.finding.id for group, _ in told))
    return sarif.document(rules, list(_results(told, rules)))


def _results(told: Iterable[tuple[Group, bool]], rules: Sequence[str]) -> Iterator[dict[str, Any]]:
    from safepublish.report import sarif

    for group, named in told:
        finding = group.finding
        result: dict[str, Any] = {
            "ruleId": finding.id,
            "ruleIndex": rules.index(finding.id),
            "level": {Answer.FAIL: "error", Answer.WARN: "warning"}.get(finding.answer, "note"),
            "message": {"text": sarif.message(finding, concerned(group) if named else "")},
            "locations": [{"physicalLocation": sarif.physical(place)} for place in group.places],
        }
        if finding.waived is not None:
            result["suppressions"] = [
                {"kind": "external", "status": "accepted"}
                | ({"justification": escape.plain(finding.waived)} if finding.waived else {})
            ]
        yield result
