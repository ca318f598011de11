"""What will happen at the publish steps of workflow files, as text, annotations and SARIF."""

from collections import Counter
from collections.abc import Sequence

from safepublish.facts.finding import Answer, Finding, Location
from safepublish.facts.step import File, Judged, Step, Verdict
from safepublish.report import block, diagnostics, escape, lines
from safepublish.report.severity import Severity

Files = Sequence[tuple[File, Sequence[Judged]]]

_COLOURS = {
    Verdict.BROKEN: lines.RED,
    Verdict.UNKNOWN: lines.CYAN,
    Verdict.WAIVED: lines.YELLOW,
    Verdict.TOKEN: lines.YELLOW,
    Verdict.TRUSTED: lines.GREEN,
}


def render(files: Files, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The findings of each file, the steps that publish, and one line that counts them."""
    page = lines.Page(colour=colour, unicode=unicode, width=width)
    for file, judged in files:
        if file.trouble is not None:
            block.show(page, _unreadable(file))
            page.say("")
        for diagnostic in diagnostics.of_steps(file, judged):
            block.show(page, diagnostic)
            page.say("")
    if any(step.findings for _, judged in files for step in judged) or _number(files) > 1:
        for file, judged in files:
            if judged:
                _steps(page, file, judged)
    if number := sum(step.verdict is Verdict.TOKEN for _, judged in files for step in judged):
        page.paragraph("help: ", _to_oidc(number), hang=lines.INDENT)
    block.summary(page, *summary(files))
    return page.text()


def _to_oidc(number: int) -> str:
    """How to change *number* steps that publish with a token."""
    steps, them = ("1 step publishes", "it") if number == 1 else (f"{number} steps publish", "them")
    return (
        f"{steps} with a token, and --fix does not change that; to change {them} to OIDC, "
        "run `safepublish workflow --fix --migrate`"
    )


def _number(files: Files) -> int:
    return sum(len(judged) for _, judged in files)


def _steps(page: lines.Page, file: File, judged: Sequence[Judged]) -> None:
    """The steps of a file, each with its verdict."""
    path = escape.plain(file.path)
    page.say(path, (path, lines.BOLD))
    for step, _, verdict in judged:
        label = f"{lines.INDENT}{verdict.value.ljust(8)}"
        styles = ((label, _COLOURS[verdict]),)
        page.paragraph(label, _described(step), hang=" " * len(label), styles=styles)
    page.say("")


def _described(step: Step) -> str:
    """A step in one line: its place in the file, its line, its command."""
    line = f", line {step.place.at.line}" if step.place.at.line and step.place.at.path == step.place.path else ""
    return f"job {diagnostics.step_name(step)}{line}: {escape.plain(step.invocation.command, 120)}"


def summary(files: Files) -> tuple[Severity | None, str]:
    """How many steps there are, and how many of each verdict."""
    counts = Counter(step.verdict for _, judged in files for step in judged)
    steps = sum(counts.values())
    if not steps:
        return None, f"no step that publishes to npm was found in {_counted(len(files), 'workflow file')}"
    parts = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict])
    number = sum(1 for _, judged in files if judged)
    severity = Severity.ERROR if counts[Verdict.BROKEN] else Severity.UNKNOWN if counts[Verdict.UNKNOWN] else None
    waived = sum(finding.waived is not None for _, judged in files for step in judged for finding in step.findings)
    parts += f" ({_counted(waived, 'finding')} waived)" if waived else ""
    return severity, f"{_counted(steps, 'publish step')} in {_counted(number, 'workflow file')}: {parts}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _reader(path: str) -> str:
    """The service that reads the file at *path*."""
    return "GitLab" if path.endswith(".gitlab-ci.yml") else "CircleCI" if path.endswith("config.yml") else "GitHub"


def unreadable(file: File) -> str:
    """Why a file cannot be read."""
    line = f":{file.line}" if file.line else ""
    return f"{file.path}{line}: {_reader(file.path)} cannot read this file: {file.trouble}"


def _unreadable(file: File) -> diagnostics.Diagnostic:
    """A file that cannot be read, which no cause is about."""
    return diagnostics.Diagnostic(
        severity=Severity.ERROR,
        id="",
        message=f"{_reader(file.path)} cannot read this file: {file.trouble}",
        answer=Answer.FAIL,
        locations=(Location(file.path, file.line),),
        source=diagnostics.source_line(file, Location(file.path, file.line)),
    )


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
