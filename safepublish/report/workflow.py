"""What will happen at the publish steps of workflow files, as text, annotations and SARIF."""

from collections import Counter
from collections.abc import Sequence

from safepublish.facts.finding import Answer, Finding, Location
from safepublish.facts.step import File, Judged, Step, Verdict
from safepublish.report import diagnostics, escape, lines, text

Files = Sequence[tuple[File, Sequence[Judged]]]

_INDENT = "    "
_COLOURS = {
    Verdict.BROKEN: "31",
    Verdict.UNKNOWN: "36",
    Verdict.WAIVED: "33",
    Verdict.TOKEN: "33",
    Verdict.TRUSTED: "32",
}


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
    for step, _, verdict in judged:
        label = f"{_INDENT}{verdict.value.ljust(8)}"
        page.paragraph(label, _described(step), hang=f"{_INDENT}{' ' * 8}", sgr=_COLOURS[verdict])
    for diagnostic in diagnostics.of_steps(file, judged):
        text.show(page, diagnostic)
    page.say("")


def _described(step: Step) -> str:
    """A step in one line: its place in the file, its line, its command."""
    line = f", line {step.place.at.line}" if step.place.at.line and step.place.at.path == step.place.path else ""
    return f"{diagnostics.step_name(step)}{line}: {escape.plain(step.invocation.command, 120)}"


def summary(files: Files) -> str:
    """How many steps there are, and how many of each verdict."""
    verdicts = Counter(step.verdict for _, judged in files for step in judged)
    steps = sum(verdicts.values())
    if not steps:
        return f"no step of {_counted(len(files), 'workflow file')} publishes to npm, as far as it can be seen."
    counts = ", ".join(f"{verdicts[verdict]} {verdict.value}" for verdict in Verdict if verdicts[verdict])
    where = sum(1 for _, judged in files if judged)
    return f"{_counted(steps, 'publish step')} in {_counted(where, 'workflow file')}: {counts}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def unreadable(file: File) -> str:
    """Why a file cannot be read."""
    line = f":{file.line}" if file.line else ""
    return f"{file.path}{line}: GitHub cannot read this file: {file.trouble}"


def annotations(files: Files) -> str:
    """One workflow command for each finding and place; a file that cannot be read is an error."""
    from safepublish.report import github  # on GitHub alone

    found = []
    for file, judged in files:
        if file.trouble is not None:
            finding = Finding("unreadable", Answer.FAIL, unreadable(file), location=Location(file.path, file.line))
            found.append(diagnostics.of_finding(finding))
        found += diagnostics.of_steps(file, judged)
    return github.commands(found)


def as_sarif(files: Files) -> str:
    """The findings as a SARIF document; a file that cannot be read has no result."""
    from safepublish.report import sarif  # seldom requested

    return sarif.document(diagnostic for file, judged in files for diagnostic in diagnostics.of_steps(file, judged))
