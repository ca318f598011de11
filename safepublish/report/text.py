"""The report for a terminal or a log: worst first, each cause with its place, notes and help, then one summary line."""

from safepublish.causes.publisher_mismatch import publisher_fields, trust_command
from safepublish.facts.finding import Remedy
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.report import block, diagnostics, escape, verdicts
from safepublish.report.lines import BOLD, GREEN, INDENT, Page

MOST_FINDINGS = 30
"""Findings shown; the JSON report has all."""

MOST_PACKAGES = 40
"""Rows of the table of packages."""


def render(report: Report, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The report as lines for a terminal, or "" when npm goes on and there is nothing to say."""
    found = diagnostics.of_report(report)
    if report.goes_on and not found and not verdicts.skipped(report):
        return ""
    page = Page(colour=colour, unicode=unicode, width=width)
    for diagnostic in found[:MOST_FINDINGS]:
        block.show(page, diagnostic)
        page.say("")
    if len(found) > MOST_FINDINGS:
        page.say(f"... and {len(found) - MOST_FINDINGS} more: `safepublish check --format json` has all")
        page.say("")
    _wanted_publishers(page, report)
    if report.verdict is not Verdict.PASS and _differ(report):
        _packages(page, report)
    block.summary(page, *verdicts.summary(report, found, verdicts.subject(report)))
    return page.text()


def _differ(report: Report) -> bool:
    """Whether a table of the packages says more than the names of the packages that each finding affects."""
    results = {
        (judged.verdict, verdicts.reasons(judged), judged.run.package.skip_published) for judged in report.packages
    }
    return len(results) > 1 or len(report.packages) > diagnostics.MOST_NAMES


def _packages(page: Page, report: Report) -> None:
    """The table of packages, worst first."""
    rows = [("package", "version", "published", "verdict", "cause")]
    for judged in verdicts.worst_first(report)[:MOST_PACKAGES]:
        package = judged.run.package
        rows.append(
            (
                escape.plain(package.manifest.name or package.spec, 60),
                escape.plain(package.manifest.version or "", 40),
                verdicts.published(judged.run),
                verdicts.SKIPPED if package.skip_published else judged.verdict.value,
                ", ".join(verdicts.reasons(judged)),
            )
        )
    page.table(rows, INDENT)
    if len(report.packages) > MOST_PACKAGES:
        page.say(f"{INDENT}... and {len(report.packages) - MOST_PACKAGES} more")
    page.say("")


def _wanted_publishers(page: Page, report: Report) -> None:
    """On a laptop, where no identity can be tried: the trusted publisher that the packages need on npmjs.com."""
    needed: dict[tuple[tuple[str, str], ...], list[Judged]] = {}
    for judged in report.packages:
        run = judged.run
        if run.is_forecast and trust_command(run) is not None and run.package.manifest.name is not None:
            needed.setdefault(tuple(publisher_fields(run)), []).append(judged)
    for fields, packages in needed.items():
        named = packages[: diagnostics.MOST_NAMES]
        names = ", ".join(escape.plain(judged.run.package.manifest.name or "", 100) for judged in named)
        more = f" and {len(packages) - len(named)} more" if len(packages) > len(named) else ""
        verb = "needs" if len(packages) == 1 else "need"
        block.heading(page, "info", "", f"{names}{more} {verb} this trusted publisher on npmjs.com:", GREEN)
        for field, value in fields:
            label = f"{INDENT}{field.ljust(22)}"
            page.paragraph(label, value, hang=" " * len(label), styles=((label, BOLD),))
        commands = (trust_command(judged.run) or "" for judged in named)
        text = "to add it, log in with two-factor authentication on a laptop and run:"
        block.help_(page, Remedy(text, "\n".join(escape.plain(command) for command in commands)))
        page.say("")
