"""Lines for after npm has run: through what it published, or why it failed."""

from collections.abc import Sequence

from safepublish.causes.wording import where
from safepublish.facts.finding import Finding
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.log import Attempt
from safepublish.facts.report import Report
from safepublish.facts.run import Credential
from safepublish.logs.log import Log
from safepublish.npm import publish_rules
from safepublish.npm.oidc import skipped_as_private
from safepublish.report import diagnostics, escape, text, verdicts
from safepublish.report.lines import BOLD, DIM, INDENT, RED, Page, remedy


def after_success(attempt: Attempt, report: Report) -> str:
    """One line once npm has published: through OIDC, or with what else and why."""
    staged = bool(report.packages) and report.packages[0].run.command.name == "stage publish"
    name = attempt.name if attempt.version is None else f"{attempt.name}@{attempt.version}"
    credential = _credential(attempt, report)
    sentence = f"safepublish: {'staged' if staged else 'published'} {escape.plain(name or 'a package')}"
    if attempt.exchanged and not credential.beats_oidc:
        return escape.inert(
            f"{sentence} through OIDC (trusted publishing){'; it waits for approval' if staged else ''}."
        )
    token = ""
    if credential.kind is CredentialKind.SET:
        token = (
            f" with a token (from {escape.plain(where(credential.origin, compact=True))}),"
            if credential.origin
            else " with a token,"
        )
    why = (
        "a more specific key of npm's configuration overrides the exchanged token"
        if attempt.exchanged
        else attempt.oidc
    )
    return escape.inert(f"{sentence}{token} not through OIDC: {escape.plain(why or 'npm did not try it').rstrip('.')}.")


def _credential(attempt: Attempt, report: Report) -> Credential:
    packages = [judged.run.package for judged in report.packages]
    return next(
        (package.credential for package in packages if package.manifest.name == attempt.name),
        Credential(CredentialKind.ABSENT),
    )


def half_done(log: Log, report: Report, *, width: int = 100) -> str:
    """What was published before npm stopped at one of several packages, and what to do next; "" for one package."""
    if len(report.packages) < 2:
        return ""
    runs = [judged.run for judged in report.packages]
    due = {run.package.manifest.name: run.package.manifest.version for run in runs if not skipped_as_private(run)}
    done = [attempt for attempt in log.attempts if log.was_published(attempt) and attempt.name in due]
    number = f"{len(done)} of {len(report.packages) - len(verdicts.skipped(report))} packages"
    page = Page(width=width)
    if not done:
        page.paragraph("safepublish: ", f"none of the {len(report.packages)} packages was published", hang=INDENT)
        return page.text()
    names = ", ".join(
        escape.plain(f"{attempt.name}@{due[attempt.name]}", 100) for attempt in done[: diagnostics.MOST_NAMES]
    )
    more = f" and {len(done) - diagnostics.MOST_NAMES} more" if len(done) > diagnostics.MOST_NAMES else ""
    stopped = " before npm stopped" if runs[0].tool is None else ""  # some go on with the others
    sentence = f"{number} {'was' if len(done) == 1 else 'were'} published{stopped}: {names}{more}."
    again = " Run it again once that is mended: what is out is left out."
    skips = publish_rules.skips_published(runs[0].options, [run.package for run in runs])
    page.paragraph("safepublish: ", sentence + (again if skips else ""), hang=INDENT)
    return page.text()


def after_tool(report: Report, status: int, github_run: str | None, *, width: int = 100) -> str:
    """How to explain the failure of a tool, whose output went to the terminal only.

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
    """Why npm failed, in a few lines: the most likely cause, its first evidence and its fix; "" without a cause."""
    if not findings:
        return ""
    page = Page(colour=colour, unicode=unicode, width=width)
    likely, *others = findings
    page.paragraph(f"safepublish: {likely.id}: ", likely.message, hang=INDENT, sgr=f"{BOLD};{RED}")
    text.evidence(page, likely.evidence[:1])
    if likely.location:
        page.paragraph(f"{INDENT}File: ", text.place(likely.location), sgr=DIM)
    if likely.remedy:
        remedy(page, likely.remedy)
    page.paragraph(f"{INDENT}More: ", f"safepublish explain {likely.id}", sgr=DIM)
    if others:
        page.paragraph(f"{INDENT}Also: ", ", ".join(dict.fromkeys(other.id for other in others)), sgr=DIM)
    return page.text()
