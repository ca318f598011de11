"""One file a cause: the reasons why trusted publishing cannot work.

Each module is a cause. Its docstring is its manual page, and it holds every place where the cause is recognised:
`in_run` in the running job before npm starts, `in_log` in what npm printed afterwards.
Recognisers are pure, and their guard clauses stand in the order skip, unknown, fail, pass.
"""

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from safepublish.causes import (
    access_not_public,
    arguments_refused,
    auth_config_invalid,
    command_without_oidc,
    failure_swallowed,
    fork_pull_request,
    id_token_expired,
    id_token_malformed,
    id_token_missing,
    id_token_rejected,
    id_token_request_failed,
    id_token_wrong_audience,
    manifest_unreadable,
    missing_id_token_permission,
    name_invalid,
    no_publishing_workflow,
    not_in_ci,
    npm_missing,
    npm_release_broken,
    npm_too_old,
    npm_upgrade_fails,
    oidc_disabled,
    package_missing,
    package_private,
    prerelease_without_tag,
    provenance_private_repository,
    provenance_redundant,
    provenance_unsupported,
    provenance_without_sigstore_token,
    publisher_mismatch,
    publisher_tool_without_oidc,
    registry_ignored,
    registry_unreachable,
    registry_without_oidc,
    registry_without_slash,
    repository_url_mismatch,
    repository_url_missing,
    self_hosted_runner,
    settings_unread,
    stage_only_publisher,
    token_beats_oidc,
    token_conflict,
    token_rejected,
    transparency_log_conflict,
    two_factor_required,
    unsupported_ci,
    version_missing,
    version_not_latest,
    version_published,
)
from safepublish.facts.finding import SKIPPED, Answer, Finding, Judgement
from safepublish.facts.kinds import Ci, Kind
from safepublish.facts.log import Log, Transcript
from safepublish.facts.report import Explained, Explanation, Judged, Report, Verdict
from safepublish.facts.run import Exchange, Run
from safepublish.npm.oidc import skipped_as_private

if TYPE_CHECKING:
    from safepublish.facts.step import File, Step
    from safepublish.facts.step import Judged as JudgedStep
    from safepublish.facts.step import Verdict as StepVerdict
    from safepublish.pipelines.fix.edits import Sheet

CAUSES: tuple[ModuleType, ...] = (
    # npm does not start, or stops before it looks at the package
    npm_missing,
    npm_release_broken,
    arguments_refused,
    auth_config_invalid,
    manifest_unreadable,
    name_invalid,
    version_missing,
    package_private,
    # no OIDC here
    not_in_ci,
    unsupported_ci,
    npm_too_old,
    npm_upgrade_fails,
    publisher_tool_without_oidc,
    oidc_disabled,
    fork_pull_request,
    missing_id_token_permission,
    id_token_missing,
    id_token_malformed,
    id_token_expired,
    id_token_wrong_audience,
    # the registry refuses the exchange
    registry_without_slash,
    registry_without_oidc,
    package_missing,
    publisher_mismatch,
    id_token_rejected,
    id_token_request_failed,
    stage_only_publisher,
    # the version
    version_published,
    version_not_latest,
    prerelease_without_tag,
    # provenance
    repository_url_missing,
    repository_url_mismatch,
    self_hosted_runner,
    provenance_private_repository,
    provenance_without_sigstore_token,
    provenance_unsupported,
    access_not_public,
    transparency_log_conflict,
    # tokens: what npm does instead
    token_beats_oidc,
    token_conflict,
    token_rejected,
    two_factor_required,
    command_without_oidc,
    # what cannot be told, and notes
    no_publishing_workflow,
    registry_unreachable,
    settings_unread,
    registry_ignored,
    provenance_redundant,
    failure_swallowed,
)
"""Every cause, worst first: findings are shown in this order."""

_IN_WORKFLOW = tuple((cause.ID, cause.in_workflow) for cause in CAUSES if hasattr(cause, "in_workflow"))

BY_THE_NETWORK = frozenset(
    cause.ID
    for cause in (
        registry_without_oidc,
        package_missing,
        publisher_mismatch,
        id_token_rejected,
        id_token_request_failed,
        registry_unreachable,
    )
)
"""The causes that rest on what the network answered safepublish, and npm may be answered differently."""

WITH_A_TOOL = frozenset(
    cause.ID
    for cause in (
        manifest_unreadable,
        package_private,
        version_missing,
        not_in_ci,
        unsupported_ci,
        oidc_disabled,
        fork_pull_request,
        missing_id_token_permission,
        id_token_missing,
        id_token_malformed,
        id_token_expired,
        id_token_wrong_audience,
        publisher_tool_without_oidc,
        registry_without_oidc,
        package_missing,
        publisher_mismatch,
        id_token_rejected,
        id_token_request_failed,
        version_published,
        token_beats_oidc,
        token_conflict,
        registry_unreachable,
    )
)
"""The causes that hold for a tool with an exchange of its own (pnpm, lerna, yarn) as they hold for npm."""

WITH_PROVENANCE = frozenset(cause.ID for cause in (repository_url_missing, repository_url_mismatch, self_hosted_runner))
"""Those that also hold where such a tool attaches provenance as npm does: the registry's own rules."""

_TOKEN_OR_NOT = frozenset(
    cause.ID for cause in (auth_config_invalid, provenance_private_repository, provenance_unsupported)
)
"""The causes at which a publish of a workflow file stops whatever npm logs in with."""

_ANY_REGISTRY = _TOKEN_OR_NOT | {registry_without_oidc.ID, failure_swallowed.ID}
"""The causes that count where a workflow file publishes to a registry that has no trusted publishing."""

BEFORE_PRIVATE = frozenset(
    cause.ID
    for cause in (
        npm_missing,
        npm_release_broken,
        arguments_refused,
        auth_config_invalid,
        manifest_unreadable,
        name_invalid,
        version_missing,
        prerelease_without_tag,
    )
)
"""The causes at which npm stops before it passes a private workspace by (npm 12.2.0, lib/commands/publish.js)."""

_SILENT = (Answer.PASS, Answer.SKIP)


_SILENT = (Answer.PASS, Answer.SKIP)  # no set, whose members are hashed by Python code, 50 times for each package


def judge(run: Run) -> tuple[Finding, ...]:
    """What every cause says about *run*, without those that pass or do not apply."""
    findings = []
    private = skipped_as_private(run)
    workflow = run.repository.workflow
    predicted = _in_workflow(workflow.step) if run.predict and workflow and workflow.step else None
    for cause in CAUSES:
        if (private and cause.ID not in BEFORE_PRIVATE) or not _holds(cause.ID, run):
            continue
        judgement: Judgement = cause.in_run(run) if hasattr(cause, "in_run") else SKIPPED
        if judgement.answer in _SILENT and predicted is not None:
            judgement = predicted.get(cause.ID, judgement)
        if judgement.answer in _SILENT:
            continue
        findings.append(
            Finding(
                id=cause.ID,
                answer=judgement.answer,
                message=judgement.message,
                evidence=judgement.evidence,
                remedy=judgement.remedy,
                location=judgement.location,
                waived=run.options.waive.get(cause.ID),
            )
        )
    return tuple(findings)


def _holds(cause: str, run: Run) -> bool:
    """Whether *cause* can stop what publishes: npm, or a tool in its place."""
    tool = run.tool
    if tool is None or tool.npm or cause in WITH_A_TOOL:
        return True
    return tool.provenance and cause in WITH_PROVENANCE


def judge_steps(file: "File", waive: Mapping[str, str] | None = None) -> tuple["JudgedStep", ...]:
    """What the causes say about every publish step of a workflow file; the worst leg and command of each count."""
    from safepublish.facts.step import Judged as JudgedStep

    judged = []
    sheet: Sheet | None = None  # of a file in which something fails
    for legs in file.steps:
        told = [JudgedStep(step, *_judged_step(step, waive or {})) for step in legs]
        worst = min(told, key=lambda one: _WORST_FIRST.index(one.verdict.value))
        if any(_has_edit(one) for one in worst.findings):
            from safepublish.pipelines.fix import edits

            sheet = sheet or edits.Sheet(file.text)
            findings = [_with_diff(sheet, worst.step, one) for one in worst.findings]
            worst = worst._replace(findings=tuple(findings))
        judged.append(worst)
    return tuple(judged)


def _with_diff(sheet: "Sheet", step: "Step", finding: Finding) -> Finding:
    """*finding* with the lines that mend it in the file, where its cause is mended by an edit."""
    from safepublish.pipelines.fix import edits

    if not _has_edit(finding) or finding.remedy is None or step.path != step.at.path:
        return finding
    mend = edits.build(finding.id, sheet, step)
    if mend is None:
        return finding
    if not mend.edits:
        # Elsewhere the cause's own lines show the form.
        return finding._replace(remedy=finding.remedy._replace(diff=None)) if step.ci is Ci.GITHUB else finding
    said = mend.say or finding.remedy.text
    return finding._replace(remedy=finding.remedy._replace(text=said, diff=edits.diff(sheet.text, mend.edits)))


def _has_edit(finding: Finding) -> bool:
    """Whether the mend is shown as an edit: also of what only has to be mended once the token has gone."""
    warned = finding.id in {npm_too_old.ID, npm_upgrade_fails.ID} and finding.answer is Answer.WARN
    return finding.answer is Answer.FAIL or warned


_WORST_FIRST = ("broken", "unknown", "waived", "token", "trusted")


def _judged_step(step: "Step", waive: Mapping[str, str]) -> tuple[tuple[Finding, ...], "StepVerdict"]:
    """The findings, and the verdict that follows from them."""
    from safepublish.facts.step import Verdict as StepVerdict

    said = {cause: one for cause, one in _in_workflow(step).items() if one.answer not in _SILENT}
    findings = tuple(
        Finding(cause, one.answer, one.message, one.evidence, one.remedy, one.location, waive.get(cause))
        for cause, one in said.items()
    )
    answers = {one.answer for one in findings if one.waived is None}
    if Answer.FAIL in answers:
        return findings, StepVerdict.BROKEN
    if Answer.UNKNOWN in answers:  # never with a token
        return findings, StepVerdict.UNKNOWN
    if any(one.waived is not None and one.answer in {Answer.FAIL, Answer.UNKNOWN} for one in findings):
        return findings, StepVerdict.WAIVED
    return findings, StepVerdict.TOKEN if _has_token(step) else StepVerdict.TRUSTED


def _in_workflow(step: "Step") -> dict[str, Judgement]:
    """What each cause says about a publish step.

    A token that reaches it publishes, whatever keeps OIDC from working: then only that fails which stops npm all the
    same, and what is unknown of OIDC does not matter.
    """
    said = {cause: in_workflow(step) for cause, in_workflow in _IN_WORKFLOW}
    if said[registry_without_oidc.ID].answer is Answer.FAIL:
        said = {cause: one for cause, one in said.items() if cause in _ANY_REGISTRY}
    if not _has_token(step):
        return said
    stops = _TOKEN_OR_NOT
    if missing_id_token_permission.stops_npm(step):
        stops |= {missing_id_token_permission.ID}
    return {
        cause: SKIPPED if one.answer is Answer.UNKNOWN else one if cause in stops else _as_warning(one)
        for cause, one in said.items()
        if one.answer not in _SILENT
    }


def _as_warning(judgement: Judgement) -> Judgement:
    return judgement._replace(answer=Answer.WARN)


def _has_token(step: "Step") -> bool:
    return any(one.kind is Kind.SET for one in step.tokens)


def refuses(findings: Sequence[Finding], *, strict: bool) -> bool:
    """Whether *findings* refuse the publish: one that fails, or with *strict* one that cannot be told."""
    return any(_refuses(finding, strict=strict) for finding in findings)


def report(runs: Sequence[Run], *, goes_on: bool) -> Report:
    """What the causes say about every package, and the verdict: the worst of them. *goes_on*: npm is to run after."""
    packages = tuple(_judged(run) for run in runs)
    verdicts = [judged.verdict for judged in packages]
    worst = next((one for one in (Verdict.REFUSE, Verdict.UNKNOWN) if one in verdicts), Verdict.PASS)
    in_ci = any(run.identity.ci is not Ci.NONE for run in runs)
    starts = worst is not Verdict.REFUSE and not (runs and all(run.package.left_out for run in runs))
    return Report(packages, worst, goes_on and starts, in_ci)


def npm_may_know_better(report: Report) -> bool:
    """Whether nothing decides but what the network answered us, so that npm is asked for its own exchange first.

    That is a refusal without another ground, or a fault that may have struck us alone. A token's own refusal follows
    from that of OIDC and does not count.
    """
    findings = [(finding, judged) for judged in report.packages for finding in judged.findings]
    refusing = {
        finding.id
        for finding, judged in findings
        if _refuses(finding, strict=judged.run.options.strict)
        and finding.id not in {token_conflict.ID, token_beats_oidc.ID}
    }
    if refusing:
        return BY_THE_NETWORK.issuperset(refusing)
    return any(
        finding.answer is Answer.UNKNOWN and finding.waived is None and finding.id in BY_THE_NETWORK
        for finding, judged in findings
        if not judged.run.predict and judged.run.package.probe.exchange is not Exchange.ACCEPTED
    )


def in_doubt(report: Report) -> tuple[Judged, ...]:
    """The packages about which nothing speaks but what the network answered us."""
    return tuple(
        judged
        for judged in report.packages
        if any(finding.id in BY_THE_NETWORK and finding.waived is None for finding in judged.findings)
        and judged.run.package.probe.exchange is not Exchange.ACCEPTED
    )


def explain(log: Log) -> tuple[Finding, ...]:
    """Why a publish failed, from its log, the most likely cause first.

    FAIL: the log proves it. WARN: the log points to it, and cannot exclude what follows. UNKNOWN: it is not excluded.
    """
    findings = []
    for cause in CAUSES:
        in_log = getattr(cause, "in_log", None)
        if in_log is None:
            continue
        told: Judgement = in_log(log)
        if told.answer in {Answer.FAIL, Answer.WARN, Answer.UNKNOWN}:
            findings.append(Finding(cause.ID, told.answer, told.message, told.evidence, told.remedy))
    if any(one.id == registry_without_oidc.ID and one.answer is Answer.FAIL for one in findings):
        # Only a token publishes there, whatever else keeps OIDC from working.
        findings = [one for one in findings if one.answer is not Answer.UNKNOWN or one.id == token_rejected.ID]
    return tuple(sorted(findings, key=lambda finding: (_CERTAINTY.index(finding.answer), _rarity(finding))))


def explain_all(transcript: Transcript, source: str) -> Explanation:
    """Why each publish of a log failed. What failed and was no publish is left out where no cause is recognised."""
    told = [Explained(log, explain(log)) for log in transcript.failures]
    shown = tuple(one for one in told if one.findings or one.log.publishing)
    exchanged = any(log.last.exchanged for log in transcript.logs)
    return Explanation(source, shown, transcript.published, transcript.lines, exchanged)


_CERTAINTY = (Answer.FAIL, Answer.WARN, Answer.UNKNOWN)
_LIKELY = tuple(
    cause.ID
    for cause in (
        publisher_tool_without_oidc,
        publisher_mismatch,
        npm_too_old,
        missing_id_token_permission,
        package_missing,
        token_rejected,
        id_token_missing,
        token_conflict,
    )
)
"""What people are most often found to have hit where a log leaves it open, the most frequent first."""


def _rarity(finding: Finding) -> int:
    if finding.answer is Answer.FAIL or finding.id not in _LIKELY:
        return len(_LIKELY) if finding.answer is not Answer.FAIL else 0
    return _LIKELY.index(finding.id)


def _judged(run: Run) -> Judged:
    if run.package.left_out:  # npm will not look at it
        return Judged(run, (), Verdict.PASS)
    findings = judge(run)
    if refuses(findings, strict=run.options.strict):
        return Judged(run, findings, Verdict.REFUSE)
    open_ = any(finding.answer is Answer.UNKNOWN and finding.waived is None for finding in findings)
    return Judged(run, findings, Verdict.UNKNOWN if open_ else Verdict.PASS)


def _refuses(finding: Finding, *, strict: bool) -> bool:
    refusing = (Answer.FAIL, Answer.UNKNOWN) if strict else (Answer.FAIL,)
    return finding.answer in refusing and finding.waived is None
