"""What a whole run comes to: its verdict in a sentence, the causes behind it, and its packages in order."""

from collections.abc import Callable

from safepublish.causes import judge
from safepublish.facts.finding import Answer, Finding
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import Exchange, Run
from safepublish.npm.publish_rules import is_listed
from safepublish.report import escape


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


SKIPPED = "left out"
"""What stands in place of a verdict for such a package."""


def published(run: Run) -> str:
    """Whether the version is already published, in a word for a table."""
    return {True: "yes", False: "no", None: "?"}[is_listed(run.package)]


def subject(report: Report) -> str:
    """The package by name, or how many there are."""
    if len(report.packages) == 1:
        return escape.plain(spec(report.packages[0].run))
    left_out = len(skipped(report))
    if left_out and not report.nothing_left:
        others = "the other is" if left_out == 1 else "the others are"
        return f"{len(report.packages) - left_out} of {len(report.packages)} packages, {others} out already"
    return f"{len(report.packages)} packages" if report.packages else "this directory"


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


def headline(report: Report, subject: str, write: Callable[[str], str] = str) -> str:
    """The verdict in one sentence; *subject* names the packages as the form writes names, *write* escapes a command."""
    checked = write(_checked_command(report))
    if report.nothing_left:
        is_out = "is" if len(report.packages) == 1 else "are"
        return f"safepublish: nothing is left to publish, {subject} {is_out} out already"
    if report.verdict is Verdict.REFUSE:
        return _refusal(report, checked, subject)
    if report.verdict is Verdict.UNKNOWN:
        what = f"safepublish cannot tell whether {checked} will work for {subject}"
        return f"{what}; npm starts all the same" if report.goes_on else what
    if report.goes_on:
        return f"safepublish lets {write(command(report.packages[0].run))} start for {subject}"
    if report.packages and all(run.package.exchange_result.exchange is Exchange.ACCEPTED for run in to_publish(report)):
        return f"safepublish: {subject} can be published through OIDC (trusted publishing)"
    return f"safepublish found nothing that stops {checked} for {subject}"


def _checked_command(report: Report) -> str:
    """The command that the verdict is about: on a laptop the one that CI will run."""
    if not report.packages:
        return "npm publish"
    run = report.packages[0].run
    if run.options.publish_with is None and run.is_forecast:
        return f"npm {run.command.name} in CI"
    return f"{command(run)} in CI" if run.is_forecast else command(run)


def _refusal(report: Report, checked: str, subject: str) -> str:
    predicted = any(judged.run.is_forecast for judged in report.packages)
    what = f"safepublish {'would refuse' if predicted else 'refuses to start'} {checked} for {subject}"
    refused = sum(judged.verdict is Verdict.REFUSE for judged in report.packages)
    return f"{what}, because of {refused} of them" if refused < len(to_publish(report)) else what


def to_publish(report: Report) -> list[Run]:
    """The runs of the packages that are not skipped."""
    return [judged.run for judged in report.packages if not judged.run.package.skip_published]
