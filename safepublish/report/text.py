"""The report for a terminal or a log: worst first, each cause with what was seen and the edit that mends it."""

from collections.abc import Iterable, Sequence

from safepublish import report as common
from safepublish.causes.publisher_mismatch import publisher_fields, trust_command
from safepublish.facts.finding import Answer, Finding, Location
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.log import Attempt, Log
from safepublish.facts.report import Report, Verdict
from safepublish.facts.run import Credential
from safepublish.npm import publish_rules
from safepublish.npm.oidc import skipped_as_private
from safepublish.report import escape
from safepublish.report.lines import BOLD, COLOURS, DIM, GREEN, INDENT, LABELLED, MARKS, RED, Page, remedy

MOST_FINDINGS = 30
"""Findings shown; the JSON report has all."""

MOST_PACKAGES = 40
"""Rows of the table of packages."""


def render(report: Report, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The report as lines for a terminal, or "" when npm goes on and there is nothing to say."""
    groups = common.groups(report)
    left_out = common.left_out(report)
    if report.goes_on and not groups and not left_out:
        return ""
    page = Page(colour=colour, unicode=unicode, width=width)
    fine = report.verdict is Verdict.PASS
    if not fine or report.goes_on or report.nothing_left:
        page.paragraph("", common.headline(report, subject(report)), hang=INDENT)
    if len(report.packages) > 1:
        _packages(page, report)
    if report.nothing_left:
        return page.text()
    for group in groups[:MOST_FINDINGS]:
        show(page, group, named=len(report.packages) > 1)
    if len(groups) > MOST_FINDINGS:
        page.say(f"… and {len(groups) - MOST_FINDINGS} more: safepublish check --format json")
    if fine and not report.goes_on:
        _fine(page, report)
    elif groups:
        page.paragraph("", _summary(report, groups), hang=INDENT)
    _wanted_publishers(page, report)
    return page.text()


def subject(report: Report) -> str:
    """The package by name, or how many there are."""
    if len(report.packages) == 1:
        return escape.plain(common.spec(report.packages[0].run))
    left_out = len(common.left_out(report))
    if left_out and not report.nothing_left:
        others = "the other is" if left_out == 1 else "the others are"
        return f"{len(report.packages) - left_out} of {len(report.packages)} packages, {others} out already"
    return f"{len(report.packages)} packages" if report.packages else "this directory"


def _packages(page: Page, report: Report) -> None:
    """The table of packages, worst first."""
    rows = [("package", "version", "published", "verdict", "cause")]
    for judged in common.worst_first(report)[:MOST_PACKAGES]:
        package = judged.run.package
        rows.append(
            (
                escape.plain(package.name or package.spec, 60),
                escape.plain(package.version or "", 40),
                common.published(judged.run),
                common.LEFT_OUT if package.skip_published else judged.verdict.value,
                ", ".join(common.reasons(judged)),
            )
        )
    _table(page, rows)
    if len(report.packages) > MOST_PACKAGES:
        page.say(f"{INDENT}… and {len(report.packages) - MOST_PACKAGES} more")
    page.say("")


def _table(page: Page, rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for index, row in enumerate(rows):
        line = INDENT + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        page.say(line, head="" if index else line, sgr=DIM)


def show(page: Page, group: common.Group, *, named: bool) -> None:
    """Add one finding: what was seen, where, and the mend."""
    finding = group.finding
    heading(page, finding)
    if finding.waived is not None:
        return
    if named:
        page.paragraph(f"{INDENT}For:  ", names(group), sgr=DIM)
    claims = common.claims(group)
    if claims:
        _table(page, [tuple(map(escape.plain, row)) for row in claims])
    details(page, finding, common.evidence(group))


def details(page: Page, finding: Finding, evidence: Iterable[str], more: Sequence[Location] = ()) -> None:
    """Below a finding's first line: what was seen, where and where else, the mend, and where more is said."""
    _evidence(page, evidence)
    places = [*([finding.location] if finding.location else []), *more]
    for index, location in enumerate(places[: escape.LINES]):
        page.paragraph(LABELLED if index else f"{INDENT}File: ", place(location), sgr=DIM)
    if finding.remedy:
        remedy(page, finding.remedy)
    page.paragraph(f"{INDENT}More: ", f"safepublish explain {finding.id}", sgr=DIM)


def heading(page: Page, finding: Finding) -> None:
    """A finding's first line: its mark, its id and what was seen against what is needed."""
    if finding.waived is not None:
        because = f", waived ({escape.plain(finding.waived, 100)})" if finding.waived else ", waived"
        page.paragraph(f"- {finding.id}{because}: ", finding.message, hang=INDENT, sgr=DIM)
        return
    label = f"{MARKS[finding.answer]} {finding.id}: "
    page.paragraph(label, finding.message, hang=INDENT, sgr=f"{BOLD};{COLOURS[finding.answer]}")


def names(group: common.Group) -> str:
    """The packages that a finding concerns, the first few by name."""
    named, more = common.names(group)
    return ", ".join(escape.plain(name, 100) for name in named) + more


def _evidence(page: Page, evidence: Iterable[str]) -> None:
    label = f"{INDENT}Seen: "
    for seen in tuple(evidence)[: escape.LINES]:
        page.paragraph(label, seen, sgr=DIM)
        label = LABELLED


def place(location: Location) -> str:
    """A place as editors and terminals take it: path:line:column."""
    parts = [escape.plain(location.path), location.line, location.column]
    return ":".join(str(part) for part in parts if part is not None)


def _summary(report: Report, groups: Sequence[common.Group]) -> str:
    """The last line: which causes decided, and whether npm starts."""
    said: dict[str, list[str]] = {}
    for group in groups:
        causes = said.setdefault(_part(group), [])
        if group.finding.id not in causes:
            causes.append(group.finding.id)
    parts = "; ".join(f"{part} {', '.join(causes)}" for part, causes in said.items())
    started = "starts" if report.goes_on and report.verdict is not Verdict.REFUSE else "was not started"
    run = report.packages[0].run
    if run.is_forecast and not run.dry_run:
        return f"safepublish: {parts}."
    return f"safepublish: {parts}. {common.command(run)} {started}."


def _part(group: common.Group) -> str:
    """What a finding did to the verdict."""
    if group.finding.waived is not None:
        return "waived"
    if group.refuses:
        return "refused by" if group.finding.answer is Answer.FAIL else "refused by --strict:"
    return "cannot be told:" if group.finding.answer is Answer.UNKNOWN else "warned of"


def _fine(page: Page, report: Report) -> None:
    page.paragraph("✓ ", common.headline(report, subject(report)), hang=INDENT, sgr=GREEN)
    for name, seen in common.checked(report):
        page.paragraph(f"{INDENT}{name.ljust(12)}", seen, hang=f"{INDENT}{' ' * 12}", sgr=DIM)


def _wanted_publishers(page: Page, report: Report) -> None:
    """On a laptop: what npmjs.com must hold for each package, since nothing here can ask it."""
    for judged in report.packages[: common.MOST_NAMES]:
        run = judged.run
        command = trust_command(run)
        if not run.is_forecast or command is None or run.package.name is None:
            continue
        page.say("")
        page.paragraph("", f"The trusted publisher that {run.package.name} needs on npmjs.com:", hang=INDENT)
        for field, value in publisher_fields(run):
            page.paragraph(f"{INDENT}{field.ljust(22)}", value, hang=f"{INDENT}{' ' * 22}", sgr=DIM)
        page.paragraph(INDENT, "or, logged in with two-factor authentication:")
        page.say(f"{INDENT * 2}{escape.plain(command)}")


def passed_line(report: Report) -> str:
    """One line for a verbose run that passed: what was looked at."""
    seen = "; ".join(f"{name} {what}" for name, what in common.checked(report))
    return escape.inert(escape.plain(f"safepublish: {subject(report)}: {seen}", 4 * escape.LINE))


def after_success(attempt: Attempt, report: Report) -> str:
    """One line once npm has published: through OIDC, or with what else and why."""
    staged = bool(report.packages) and report.packages[0].run.command == "stage publish"
    name = attempt.name if attempt.version is None else f"{attempt.name}@{attempt.version}"
    held = _held(attempt, report)
    said = f"safepublish: {'staged' if staged else 'published'} {escape.plain(name or 'a package')}"
    if attempt.exchanged and not held.beats_oidc:
        return escape.inert(f"{said} through OIDC (trusted publishing){'; it waits for approval' if staged else ''}.")
    token = ""
    if held.kind is CredentialKind.SET:
        token = f" with a token (from {escape.plain(common.origin(held.origin))})," if held.origin else " with a token,"
    why = (
        "a more specific key of npm's configuration overrides the exchanged token"
        if attempt.exchanged
        else attempt.oidc
    )
    return escape.inert(f"{said}{token} not through OIDC: {escape.plain(why or 'npm did not try it').rstrip('.')}.")


def _held(attempt: Attempt, report: Report) -> Credential:
    packages = [judged.run.package for judged in report.packages]
    return next(
        (package.credential for package in packages if package.name == attempt.name), Credential(CredentialKind.ABSENT)
    )


def half_done(log: Log, report: Report, *, width: int = 100) -> str:
    """What went out before npm stopped at one of several packages, and how the rest follows; "" for one package."""
    if len(report.packages) < 2:
        return ""
    runs = [judged.run for judged in report.packages]
    due = {run.package.name: run.package.version for run in runs if not skipped_as_private(run)}
    done = [one for one in log.attempts if log.went_out(one) and one.name in due]
    number = f"{len(done)} of {len(report.packages) - len(common.left_out(report))} packages"
    page = Page(width=width)
    if not done:
        page.paragraph("safepublish: ", f"none of the {len(report.packages)} packages was published", hang=INDENT)
        return page.text()
    names = ", ".join(escape.plain(f"{one.name}@{due[one.name]}", 100) for one in done[: common.MOST_NAMES])
    more = f" and {len(done) - common.MOST_NAMES} more" if len(done) > common.MOST_NAMES else ""
    stopped = " before npm stopped" if runs[0].tool is None else ""  # some go on with the others
    said = f"{number} {'was' if len(done) == 1 else 'were'} published{stopped}: {names}{more}."
    again = " Run it again once that is mended: what is out is left out."
    skips = publish_rules.skips_published(runs[0].options, [run.package for run in runs])
    page.paragraph("safepublish: ", said + (again if skips else ""), hang=INDENT)
    return page.text()


def after_tool(report: Report, status: int, github_run: str | None, *, width: int = 100) -> str:
    """How the failure of a tool is explained whose output went to the terminal, where nobody but people could read it.

    *github_run* is the id of the workflow run, whose log GitHub keeps.
    """
    tool, command = report.packages[0].run.tool, report.packages[0].run.options.publish_with or ""
    name = escape.plain(tool.called if tool is not None else command)
    log = f"{escape.plain(command, 300)} 2>&1 | tee publish.log; safepublish explain publish.log"
    if github_run and github_run.isascii() and github_run.isdigit():
        log = f"gh run view {github_run} --log-failed | safepublish explain"
    page = Page(width=width)
    page.paragraph("safepublish: ", f"{name} ended with {status}. What it printed can be explained:", hang=INDENT)
    return page.text() + f"{INDENT}{log}\n"


def after_failure(findings: Sequence[Finding], *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """Why npm failed, in a few lines: the most likely cause, its first evidence and the mend; "" without a cause."""
    if not findings:
        return ""
    page = Page(colour=colour, unicode=unicode, width=width)
    likely, *others = findings
    page.paragraph(f"safepublish: {likely.id}: ", likely.message, hang=INDENT, sgr=f"{BOLD};{RED}")
    _evidence(page, likely.evidence[:1])
    if likely.location:
        page.paragraph(f"{INDENT}File: ", place(likely.location), sgr=DIM)
    if likely.remedy:
        remedy(page, likely.remedy)
    page.paragraph(f"{INDENT}More: ", f"safepublish explain {likely.id}", sgr=DIM)
    if others:
        page.paragraph(f"{INDENT}Also: ", ", ".join(dict.fromkeys(other.id for other in others)), sgr=DIM)
    return page.text()
