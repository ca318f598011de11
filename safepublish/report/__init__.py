"""Pure text: each module renders a `Report` in one form. Nothing here prints.

This module holds what every form says: which findings come first, whom they concern, and the words for a fact.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from safepublish.causes import BY_ID, judge
from safepublish.causes.cause import NO_CLAIM
from safepublish.facts.finding import Answer, Finding
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import Credential, Exchange, Origin, Run
from safepublish.npm.publish_rules import is_listed
from safepublish.npm.secrets import shown_setting

if TYPE_CHECKING:
    from safepublish.facts.step import Step

PAGES = "https://github.com/safepublish/safepublish/blob/main/docs/causes/"


def page(cause: str) -> str:
    """Where the manual page of the cause with this id is."""
    return f"{PAGES}{cause}.md"


MOST_NAMES = 8
"""Packages named beside one finding."""


class Group(NamedTuple):
    """A finding, and the packages that all have this same finding."""

    finding: Finding
    packages: tuple[Judged, ...]
    refuses: bool


def groups(report: Report) -> tuple[Group, ...]:
    """The findings of all packages, each said once: refusing ones, what cannot be told, warnings, waived ones."""
    found: dict[Finding, list[Judged]] = {}
    for judged in report.packages:
        for finding in judged.findings:
            found.setdefault(finding, []).append(judged)
    told = [Group(finding, tuple(packages), refuses(finding, packages[0])) for finding, packages in found.items()]
    return tuple(sorted(told, key=_rank))


def refuses(finding: Finding, judged: Judged) -> bool:
    """Whether *finding* keeps npm from starting."""
    return judge.refuses((finding,), strict=judged.run.options.strict)


def _rank(group: Group) -> int:
    if group.finding.waived is not None:
        return 3
    if group.refuses:
        return 0
    return 1 if group.finding.answer is Answer.UNKNOWN else 2


def reasons(judged: Judged) -> tuple[str, ...]:
    """The ids of the causes that gave the package its verdict."""
    if judged.verdict is Verdict.PASS:
        return ()
    decide = [finding for finding in judged.findings if finding.waived is None]
    if judged.verdict is Verdict.REFUSE:
        return tuple(finding.id for finding in decide if refuses(finding, judged))
    return tuple(finding.id for finding in decide if finding.answer is Answer.UNKNOWN)


def worst_first(report: Report) -> tuple[Judged, ...]:
    """The packages: refused, not told, passed, left out."""
    order = (Verdict.REFUSE, Verdict.UNKNOWN, Verdict.PASS)
    return tuple(
        sorted(report.packages, key=lambda judged: (order.index(judged.verdict), judged.run.package.skip_published))
    )


def left_out(report: Report) -> tuple[Judged, ...]:
    """The packages that are out already and that npm is told to leave."""
    return tuple(judged for judged in report.packages if judged.run.package.skip_published)


LEFT_OUT = "left out"
"""The word that stands for a verdict where npm is not to publish a package again."""


def published(run: Run) -> str:
    """Whether the version is out already, in a word for a table."""
    return {True: "yes", False: "no", None: "?"}[is_listed(run.package)]


def spec(run: Run) -> str:
    """What npm calls the package: name@version, or how it was given when its manifest cannot be read."""
    package = run.package
    if package.name is None:
        return package.spec
    return package.name if package.version is None else f"{package.name}@{package.version}"


def claims(group: Group) -> tuple[tuple[str, ...], ...]:
    """The table of the claims that the finding is about, its head first; empty where it is about none.

    What the last publisher had is left out where nothing of it is known.
    """
    cause = BY_ID.get(group.finding.id)
    rows = cause.claims(group.packages[0].run) if cause is not None else ()
    if not rows:
        return ()
    if all(theirs == NO_CLAIM for _, _, theirs in rows):
        return ("claim", "this run"), *(row[:2] for row in rows)
    return ("claim", "this run", "last publisher", ""), *((*row, _differs(row[1], row[2])) for row in rows)


def _differs(ours: str, theirs: str) -> str:
    return "differs" if theirs not in {ours, NO_CLAIM} else ""


def evidence(group: Group) -> tuple[str, ...]:
    """What was seen, without the lines that repeat a row of the table of claims."""
    rows = tuple(f"{row[0]}: {row[1]}" for row in claims(group)[1:])
    return tuple(seen for seen in group.finding.evidence if not rows or not seen.startswith(rows))


def names(group: Group) -> tuple[tuple[str, ...], str]:
    """The first packages that a finding concerns, and a word about the others."""
    more = len(group.packages) - MOST_NAMES
    return tuple(spec(judged.run) for judged in group.packages[:MOST_NAMES]), f" and {more} more" if more > 0 else ""


def command(run: Run) -> str:
    """The command under judgement: npm's, or what stands in its place."""
    if run.options.publish_with is not None:
        return run.options.publish_with
    return f"npm {run.command}{' --dry-run' if run.dry_run else ''}"


def title(cause: str) -> str:
    """The title of the cause with this id, or the id itself."""
    return BY_ID[cause].title if cause in BY_ID else cause


def manual(cause: str) -> str:
    """The manual page of the cause with this id, or the id itself."""
    return BY_ID[cause].page if cause in BY_ID else cause


def headline(report: Report, subject: str, write: Callable[[str], str] = str) -> str:
    """The verdict in one sentence; *subject* names the packages as the form writes names, *write* does any command."""
    said = write(_judged_command(report))
    if report.nothing_left:
        is_out = "is" if len(report.packages) == 1 else "are"
        return f"safepublish: nothing is left to publish, {subject} {is_out} out already"
    if report.verdict is Verdict.REFUSE:
        return _refusal(report, said, subject)
    if report.verdict is Verdict.UNKNOWN:
        what = f"safepublish cannot tell whether {said} will work for {subject}"
        return f"{what}; npm starts all the same" if report.goes_on else what
    if report.goes_on:
        return f"safepublish lets {write(command(report.packages[0].run))} start for {subject}"
    if report.packages and all(
        run.package.exchange_result.exchange is Exchange.ACCEPTED for run in _to_publish(report)
    ):
        return f"safepublish: {subject} can be published through OIDC (trusted publishing)"
    return f"safepublish found nothing that stops {said} for {subject}"


def _judged_command(report: Report) -> str:
    """The command that the verdict is about: on a laptop the one that CI will run."""
    if not report.packages:
        return "npm publish"
    run = report.packages[0].run
    if run.options.publish_with is None and run.is_forecast:
        return f"npm {run.command} in CI"
    return f"{command(run)} in CI" if run.is_forecast else command(run)


def _refusal(report: Report, said: str, subject: str) -> str:
    predicted = any(judged.run.is_forecast for judged in report.packages)
    what = f"safepublish {'would refuse' if predicted else 'refuses to start'} {said} for {subject}"
    refused = sum(judged.verdict is Verdict.REFUSE for judged in report.packages)
    return f"{what}, because of {refused} of them" if refused < len(_to_publish(report)) else what


def checked(report: Report) -> tuple[tuple[str, str], ...]:
    """What was looked at, as (subject, what was seen); what differs between packages is given for each value."""
    if not report.packages:
        return ()
    runs = _to_publish(report) or [judged.run for judged in report.packages]
    return (
        ("npm", npm(runs[0])),
        ("identity", identity(runs[0])),
        ("registry", _each(registry(run) for run in runs)),
        ("credential", _each(credential(run.package.credential) for run in runs)),
        ("exchange", _each(exchange(run) for run in runs)),
    )


def _to_publish(report: Report) -> list[Run]:
    return [judged.run for judged in report.packages if not judged.run.package.skip_published]


def _each(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(values))


def npm(run: Run) -> str:
    """The npm that will run, and on which Node; on a laptop the one that CI's Node brings; the tool in its place."""
    if run.tool is not None and not run.tool.npm:
        return f"not used: {run.tool.called} {run.tool.version or 'of unknown version'}, {run.tool.path}"
    if run.is_forecast:
        step = run.repository.workflow.step if run.repository.workflow else None
        return "CI's, which cannot be told" if step is None else npm_in_ci(step)
    if run.npm is None:
        return "none on PATH"
    version = run.npm.version or "of unknown version"
    node = f" on node {run.npm.node_version}" if run.npm.node_version else ""
    return f"{version}{node}, {run.npm.path}"


def npm_in_ci(step: "Step") -> str:
    """The npm that a publish step of a workflow will run, and what brings it."""
    npms = step.toolchain.npm.npms
    if npms is None:
        return f"CI's, which cannot be told{f': {step.toolchain.npm.why}' if step.toolchain.npm.why else ''}"
    if npms.highest is None:
        version = f"{npms.lowest} or newer"
    else:
        version = str(npms.lowest) if npms.lowest == npms.highest else f"{npms.lowest} to {npms.highest}"
    return f"{version}, which {npms.why} brings in CI" if npms.why else f"{version} in CI"


def identity(run: Run) -> str:
    """Who the CI says this job is."""
    who = run.identity
    if who.ci is Ci.NONE:
        workflow = run.repository.workflow
        return f"none here, judged for {workflow.path}" if workflow else "none: not in CI"
    environment = who.id_token.claims.get("environment")
    known = [
        who.ci_name or who.ci.value,
        who.workflow_ref or who.repository,
        f"event {who.event}" if who.event else None,
        f"environment {environment}" if environment else None,
        who.runner_environment,
    ]
    return ", ".join(word for word in known if word)


def registry_url(run: Run) -> str | None:
    """The registry's URL, without a user and password written into it."""
    return shown_setting(run.package.registry) if run.package.registry else None


def registry(run: Run) -> str:
    """The registry and which layer of npm's configuration chose it."""
    setting = run.package.registry
    return f"{registry_url(run)} from {origin(setting.origin)}" if setting else "unknown"


def origin(place: Origin) -> str:
    """Where a value of npm's configuration stands, to be found by a person."""
    if place.layer == "default":
        return "npm's default"
    if place.layer == "cli":
        return f"the argument {place.source}"
    if place.layer == "env":
        return f"the variable {place.source}"
    at = place.source if place.line is None else f"{place.source}:{place.line}"
    return f"publishConfig in {at}" if place.layer == "publishConfig" else at


def credential(held: Credential) -> str:
    """What of a credential may be said: its kind and where it stands."""
    if held.kind is CredentialKind.ABSENT:
        return "none in reach"
    said = {
        CredentialKind.EMPTY: "an empty one",
        CredentialKind.PLACEHOLDER: "setup-node's placeholder",
        CredentialKind.UNRESOLVED: "a fallback value, for which npm has no syntax"
        if held.fallback
        else f"the unset variable ${{{held.variable}}}"
        if held.variable
        else "an unset variable",
        CredentialKind.SET: "one is set",
    }[held.kind]
    return f"{said}, in {origin(held.origin)}" if held.origin else said


def exchange(run: Run) -> str:
    """What became of asking the registry for an OIDC token."""
    probe = run.package.exchange_result
    status = f" with {probe.status}" if probe.status else ""
    words = {
        Exchange.ACCEPTED: "accepted: the registry trusts this workflow",
        Exchange.REFUSED: f"refused{status}",
        Exchange.FAILED: f"failed{status}",
        Exchange.UNREACHABLE: "not reached",
        Exchange.NOT_ASKED: "not asked",
    }[probe.exchange]
    why = probe.why or probe.message
    return f"{words}: {why}" if why and probe.exchange is not Exchange.ACCEPTED else words
