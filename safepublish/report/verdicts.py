"""What a whole run comes to: its verdict in a sentence, the causes behind it, and its packages in order."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from safepublish.causes import judge
from safepublish.facts.finding import Answer, Finding
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import Exchange, Run
from safepublish.npm.publish_rules import is_listed
from safepublish.report import escape
from safepublish.report.severity import Severity

if TYPE_CHECKING:
    from safepublish.report.diagnostics import Diagnostic


def refuses(finding: Finding, judged: Judged) -> bool:
    """Whether *finding* keeps npm from starting."""
    return judge.refuses((finding,), strict=judged.run.options.strict)


def reasons(judged: Judged) -> tuple[str, ...]:
    """The ids of the causes that gave the package its verdict."""
    if judged.verdict is Verdict.PASS:
        return ()
    decide = [finding for finding in judged.findings if finding.waived is None]
    if judged.verdict is Verdict.REFUSE:
        return tuple(finding.id for finding in decide if refuses(finding, judged))
    return tuple(finding.id for finding in decide if finding.answer is Answer.UNKNOWN)


def worst_first(report: Report) -> tuple[Judged, ...]:
    """The packages: refused, unknown, passed, skipped."""
    order = (Verdict.REFUSE, Verdict.UNKNOWN, Verdict.PASS)
    return tuple(
        sorted(report.packages, key=lambda judged: (order.index(judged.verdict), judged.run.package.skip_published))
    )


def skipped(report: Report) -> tuple[Judged, ...]:
    """The packages that are already published, which npm is not to publish again."""
    return tuple(judged for judged in report.packages if judged.run.package.skip_published)


SKIPPED = "skipped"
"""What stands in place of a verdict for such a package."""


def published(run: Run) -> str:
    """Whether the version is already published, in a word for a table."""
    return {True: "yes", False: "no", None: "?"}[is_listed(run.package)]


def subject(report: Report) -> str:
    """The package by name, or how many there are to publish."""
    if len(report.packages) == 1:
        return escape.plain(spec(report.packages[0].run))
    if not report.packages:
        return "this directory"
    omitted = 0 if report.nothing_left else len(skipped(report))
    total = len(report.packages)
    return f"{total - omitted} of {total} packages" if omitted else f"{total} packages"


def spec(run: Run) -> str:
    """What npm calls the package: name@version, or how it was given when its manifest cannot be read."""
    package = run.package
    if package.manifest.name is None:
        return package.spec
    return (
        package.manifest.name
        if package.manifest.version is None
        else f"{package.manifest.name}@{package.manifest.version}"
    )


def command(run: Run) -> str:
    """The command that was checked: npm's, or the tool's in its place."""
    if run.options.publish_with is not None:
        return run.options.publish_with
    return f"npm {run.command.name}{' --dry-run' if run.command.dry_run else ''}"


def summary(
    report: Report, found: "Sequence[Diagnostic]", subject: str, write: Callable[[str], str] = str
) -> tuple[Severity | None, str]:
    """The last line: its severity, and the verdict in one sentence.

    *subject* names the packages as the form writes names, *write* escapes a command.
    """
    checked = write(_checked_command(report))
    starts = write(command(report.packages[0].run) if report.packages else "npm publish")
    effects = counts(found)
    result = f": {effects}" if effects else ""
    if report.nothing_left:
        are = "is" if len(report.packages) == 1 else "are"
        return None, f"nothing to publish: {subject} {are} already published"
    if report.verdict is Verdict.REFUSE:
        return Severity.ERROR, _refusal(report, subject, effects)
    skips = _states((len(skipped(report)), "already published"))
    if report.verdict is Verdict.UNKNOWN:
        if report.goes_on:
            said = f"starting {starts} for {subject}{skips}, although a check was inconclusive{result}"
            return Severity.UNKNOWN, said
        return Severity.UNKNOWN, f"{checked} may fail for {subject}{skips}: a check was inconclusive{result}"
    warns = any(diagnostic.waived is None and diagnostic.severity is Severity.WARNING for diagnostic in found)
    severity = Severity.WARNING if warns else None
    if report.goes_on:
        return severity, f"starting {starts} for {subject}{skips}{result}"
    if report.packages and all(run.package.exchange_result.exchange is Exchange.ACCEPTED for run in to_publish(report)):
        return severity, f"{subject} can be published through OIDC (trusted publishing){skips}{result}"
    return severity, f"no error was found with {checked} for {subject}{skips}{result}"


def counts(found: "Iterable[Diagnostic]") -> str:
    """How many findings of each severity there are, with the ids of their causes: 1 error (X), 2 warnings (Y, Z)."""
    causes: dict[str, list[str]] = {}
    for diagnostic in found:
        kind = "waived" if diagnostic.waived is not None else diagnostic.severity.counted
        ids = causes.setdefault(kind, [])
        if diagnostic.id not in ids:
            ids.append(diagnostic.id)
    return ", ".join(
        f"{len(ids)} {kind}{'s' if len(ids) > 1 and kind in _COUNTABLE else ''} ({', '.join(ids)})"
        for kind, ids in causes.items()
    )


_COUNTABLE = {"error", "warning", "probable cause", "note"}


def _states(*states: tuple[int, str]) -> str:
    """How many packages are in each state, in parentheses."""
    parts = [f"{number} {'is' if number == 1 else 'are'} {state}" for number, state in states if number]
    return f" ({', '.join(parts)})" if parts else ""


def _checked_command(report: Report) -> str:
    """The command that the verdict is about: on a laptop the one that CI will run."""
    if not report.packages:
        return "npm publish"
    run = report.packages[0].run
    if run.options.publish_with is None and run.is_forecast:
        return f"npm {run.command.name} in CI"
    return f"{command(run)} in CI" if run.is_forecast else command(run)


def _refusal(report: Report, subject: str, effects: str) -> str:
    run = report.packages[0].run
    only_checked = report.checks_only or run.command.dry_run
    done = "staged" if run.command.name == "stage publish" else "published"
    from_ci = " from CI" if run.is_forecast else ""
    number = len(report.packages)
    if number == 1:
        what = f"{subject} cannot be {done}{from_ci}" if only_checked else f"{subject} was not {done}"
        return f"{what}: {effects}" if effects else what
    refused = sum(judged.verdict is Verdict.REFUSE for judged in report.packages)
    ready = [judged for judged in report.packages if judged.verdict is Verdict.PASS]
    states = _states(
        (sum(not judged.run.package.skip_published for judged in ready), "ready"),
        (sum(judged.verdict is Verdict.UNKNOWN for judged in report.packages), "unknown"),
        (len(skipped(report)), "already published"),
    )
    have = f"{refused} of {number} packages {'has' if refused == 1 else 'have'} errors"
    if refused == number:
        have = f"all {number} packages have errors"
    return f"{have}{states}" if only_checked else f"nothing was {done}: {have}{states}"


def to_publish(report: Report) -> list[Run]:
    """The runs of the packages that are not skipped."""
    return [judged.run for judged in report.packages if not judged.run.package.skip_published]
