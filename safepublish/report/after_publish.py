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
from safepublish.report import block, diagnostics, escape, verdicts
from safepublish.report.alternatives import alternatives, deciding
from safepublish.report.lines import CYAN, INDENT, Page
from safepublish.report.severity import Severity


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
    again = " Fix the error and run it again: packages that are already published are skipped."
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
    page.paragraph("safepublish: ", f"{name} exited with code {status}. To explain its output, run:", hang=INDENT)
    return page.text() + f"{INDENT}{log}\n"


def after_failure(findings: Sequence[Finding], *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """Why npm failed: the most likely cause, its evidence and its fix, and a summary line; "" without a cause."""
    if not findings:
        return ""
    page = Page(colour=colour, unicode=unicode, width=width)
    likely, *others = map(diagnostics.of_log_finding, findings)
    if likely.severity is not Severity.UNKNOWN:
        block.show(page, likely, others=alternatives([other.id for other in others]))
        page.say("")
        block.summary(page, Severity.ERROR, f"npm could not publish: {verdicts.counts([likely])}")
        return page.text()
    block.heading(page, Severity.UNKNOWN.value, "", "npm's log does not show why it could not publish", CYAN)
    block.note(page, alternatives([diagnostic.id for diagnostic in (likely, *others)]))
    decides = deciding(findings)
    if decides is not None:
        block.help_(page, decides)
    return page.text()
