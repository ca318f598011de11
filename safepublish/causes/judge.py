"""Judges runs and the publish steps of workflow files: every cause's findings, and the verdict that follows."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from safepublish.causes import BY_ID, CAUSES
from safepublish.causes.cause import Cause
from safepublish.facts.finding import SKIPPED, Answer, Finding, Judgement
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import Exchange, Run, Visibility
from safepublish.npm.exchange import NPMJS, hostname
from safepublish.npm.floors import Floor
from safepublish.npm.oidc import is_from, skipped_as_private

if TYPE_CHECKING:
    from safepublish.facts.step import File, Step
    from safepublish.facts.step import Judged as JudgedStep
    from safepublish.facts.step import Verdict as StepVerdict
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet
    from safepublish.pipelines.ignores import Ignore

_SILENT = (Answer.PASS, Answer.SKIP)  # no set, whose members are hashed by Python code, 50 times for each package
_WORST_FIRST = ("broken", "unknown", "waived", "token", "trusted")


# A run


def report(runs: Sequence[Run], *, goes_on: bool) -> Report:
    """What the causes find in every package, and the worst verdict. *goes_on*: npm is to run after."""
    packages = tuple(_judged_package(run) for run in runs)
    verdicts = [judged.verdict for judged in packages]
    worst = next((verdict for verdict in (Verdict.REFUSE, Verdict.UNKNOWN) if verdict in verdicts), Verdict.PASS)
    in_ci = any(run.identity.ci is not Ci.NONE for run in runs)
    starts = worst is not Verdict.REFUSE and not (runs and all(run.package.skip_published for run in runs))
    return Report(packages, worst, goes_on and starts, in_ci, checks_only=not goes_on)


def judge_run(run: Run) -> tuple[Finding, ...]:
    """The findings of every cause in *run*, without those that pass or do not apply."""
    findings = []
    private = skipped_as_private(run)
    workflow = run.repository.workflow
    predicted = _judgements(workflow.step) if run.is_forecast and workflow and workflow.step else {}
    for cause in CAUSES:
        if (private and not cause.stops_before_private) or not _applies(cause, run):
            continue
        judgement = cause.in_run(run)
        if judgement.answer in _SILENT:
            judgement = predicted.get(cause, judgement)
        if judgement.answer not in _SILENT:
            judgement = _behind_wrapper(cause, _before_scripts(cause, judgement, run), run)
            findings.append(_finding(cause, judgement, run.options.waive))
    return tuple(findings)


def _behind_wrapper(cause: Cause, judgement: Judgement, run: Run) -> Judgement:
    """*judgement*, unknown where somebody's script starts npm and may change what it rests on."""
    if judgement.answer is not Answer.FAIL or cause.holds_behind_wrapper:
        return judgement
    if run.npm is None or not run.npm.is_wrapper or run.is_forecast or (run.tool is not None and not run.tool.npm):
        return judgement
    note = f"{run.npm.path} is a script that starts npm, and may change its environment, arguments and directory."
    return judgement._replace(answer=Answer.UNKNOWN, evidence=(*judgement.evidence, note))


def _before_scripts(cause: Cause, judgement: Judgement, run: Run) -> Judgement:
    """*judgement*, unknown where a script may change what it rests on before npm reads package.json again."""
    if not cause.rests_on_manifest or judgement.answer is not Answer.FAIL:
        return judgement
    if not run.package.manifest.scripts_may_change_manifest:
        return judgement
    note = "A script that runs before the upload may change package.json, and npm then publishes what that says."
    return judgement._replace(answer=Answer.UNKNOWN, evidence=(*judgement.evidence, note))


def refuses(findings: Sequence[Finding], *, strict: bool) -> bool:
    """Whether *findings* refuse the publish: one that fails, or with *strict* one that is unknown."""
    return any(_refuses(finding, strict=strict) for finding in findings)


def npm_may_know_better(report: Report) -> bool:
    """Whether only what the network answered safepublish decides, so that npm is asked for its own exchange first.

    That is a refusal without another ground, or a fault that may have struck safepublish alone.
    """
    findings = [(finding, judged) for judged in report.packages for finding in judged.findings]
    refusing = [
        cause
        for finding, judged in findings
        if _refuses(finding, strict=judged.run.options.strict) and not (cause := BY_ID[finding.id]).follows_from_oidc
    ]
    if refusing:
        return all(cause.rests_on_network for cause in refusing)
    return any(
        finding.answer is Answer.UNKNOWN and finding.waived is None and BY_ID[finding.id].rests_on_network
        for finding, judged in findings
        if not judged.run.is_forecast
        and judged.run.package.exchange_result.exchange is not Exchange.ACCEPTED
        and not judged.run.package.manifest.scripts_may_change_manifest  # npm's dry run runs no script
    )


def visibility_in_question(report: Report) -> tuple[str, ...]:
    """The packages, by their spec, of which it decides whether the registry calls them public."""
    return tuple(
        judged.run.package.spec
        for judged in report.packages
        if not judged.run.is_forecast and judged.run.options.probe and _asks_visibility(judged)
    )


def _asks_visibility(judged: Judged) -> bool:
    package = judged.run.package
    if package.visibility is Visibility.UNKNOWN:  # to a stranger
        return package.exchange_result.exchange is Exchange.ACCEPTED
    return package.visibility is Visibility.NOT_ASKED and any(
        BY_ID[finding.id].rests_on_visibility and finding.answer is not Answer.WARN for finding in judged.findings
    )


def versions_in_question(report: Report) -> tuple[Judged, ...]:
    """The packages that only the versions which a stranger sees speak against, where npm itself compares versions.

    npmjs.com shows everybody the same versions of what it shows at all.
    """
    return tuple(
        judged
        for judged in report.packages
        if judged.verdict is Verdict.REFUSE and _only_versions_refuse(judged) and _compares_versions(judged.run)
    )


def _only_versions_refuse(judged: Judged) -> bool:
    strict = judged.run.options.strict
    return all(BY_ID[finding.id].rests_on_versions for finding in judged.findings if _refuses(finding, strict=strict))


def _compares_versions(run: Run) -> bool:
    """Whether npm itself stops at the version of *run*: at a release, and not at one that is deprecated."""
    package, version = run.package, run.package.manifest.version
    return (
        run.tool is None
        and run.options.probe
        and not run.is_forecast
        and not run.command.force
        and is_from(run, Floor.LATEST_GUARDED)
        and hostname(run) != NPMJS
        and version is not None
        and "-" not in version
        and version not in package.packument.deprecated
        and package.packument.confirmed_by_npm is None
        and not package.packument.behind  # npm reads the list that lacks the version
    )


def in_doubt(report: Report) -> tuple[Judged, ...]:
    """The packages that only the network's answers to safepublish speak against."""
    return tuple(
        judged
        for judged in report.packages
        if any(BY_ID[finding.id].rests_on_network and finding.waived is None for finding in judged.findings)
        and judged.run.package.exchange_result.exchange is not Exchange.ACCEPTED
    )


def _judged_package(run: Run) -> Judged:
    if run.package.skip_published:  # npm will not publish it
        return Judged(run, (), Verdict.PASS)
    findings = judge_run(run)
    if refuses(findings, strict=run.options.strict):
        return Judged(run, findings, Verdict.REFUSE)
    unknown = any(finding.answer is Answer.UNKNOWN and finding.waived is None for finding in findings)
    return Judged(run, findings, Verdict.UNKNOWN if unknown else Verdict.PASS)


def _applies(cause: Cause, run: Run) -> bool:
    """Whether *cause* can stop what publishes: npm, or a tool in its place."""
    tool = run.tool
    if tool is None or tool.npm or cause.applies_to_tools:
        return True
    return tool.provenance and cause.applies_with_provenance


def _refuses(finding: Finding, *, strict: bool) -> bool:
    refusing = (Answer.FAIL, Answer.UNKNOWN) if strict else (Answer.FAIL,)
    return finding.answer in refusing and finding.waived is None


def _finding(cause: Cause, judgement: Judgement, waive: Mapping[str, str]) -> Finding:
    return Finding(
        cause.id,
        judgement.answer,
        judgement.message,
        judgement.evidence,
        judgement.remedy,
        judgement.location,
        waive.get(cause.id),
        judgement.if_it_fails,
    )


# The steps of a workflow file


def judge_steps(file: "File", waive: Mapping[str, str] | None = None) -> tuple["JudgedStep", ...]:
    """The findings and the verdict of every publish step of a workflow file; of its legs and commands the worst."""
    from safepublish.facts.step import Judged as JudgedStep
    from safepublish.pipelines import ignores

    judged = []
    sheet: Sheet | None = None  # of a file in which something fails
    comments = ignores.read(file.text)
    for legs in file.steps:
        steps = [JudgedStep(step, *_judged_step(step, waive or {}, file.path, comments)) for step in legs]
        worst = min(steps, key=lambda step: _WORST_FIRST.index(step.verdict.value))
        if any(_shows_edit(finding) for finding in worst.findings):
            from safepublish.pipelines.fix import sheet as sheets

            sheet = sheet or sheets.Sheet(file.text)
            findings = [_with_diff(sheet, worst.step, finding) for finding in worst.findings]
            worst = worst._replace(findings=tuple(findings))
        judged.append(worst)
    return tuple(judged)


def has_token(step: "Step") -> bool:
    """Whether npm would publish with a token at *step*, where OIDC gives it none."""
    return any(token.kind is CredentialKind.SET for token in step.credentials.tokens)


def _judged_step(
    step: "Step", waive: Mapping[str, str], path: str, comments: "Sequence[Ignore]"
) -> tuple[tuple[Finding, ...], "StepVerdict"]:
    """The findings, and the verdict that follows from them."""
    from safepublish.facts.step import Verdict as StepVerdict

    judgements = _judgements(step)
    findings = tuple(
        _finding(cause, judgement, waive) for cause, judgement in judgements.items() if judgement.answer not in _SILENT
    )
    if comments:
        findings = tuple(_unless_ignored(finding, step, path, comments) for finding in findings)
    answers = {finding.answer for finding in findings if finding.waived is None}
    if Answer.FAIL in answers:
        return findings, StepVerdict.BROKEN
    if Answer.UNKNOWN in answers:  # never with a token
        return findings, StepVerdict.UNKNOWN
    if any(finding.waived is not None and finding.answer in {Answer.FAIL, Answer.UNKNOWN} for finding in findings):
        return findings, StepVerdict.WAIVED
    return findings, StepVerdict.TOKEN if has_token(step) else StepVerdict.TRUSTED


def _unless_ignored(finding: Finding, step: "Step", path: str, comments: "Sequence[Ignore]") -> Finding:
    """*finding*, waived where a comment at its place, or at the publish command, says so."""
    from safepublish.pipelines import ignores

    if finding.waived is not None:
        return finding
    places = (finding.location, step.place.at)
    reasons = (ignores.reason(comments, finding.id, path, place) for place in places if place is not None)
    return finding._replace(waived=next((reason for reason in reasons if reason is not None), None))


def _judgements(step: "Step") -> dict[Cause, Judgement]:
    """The judgement of each cause on a publish step.

    A token that is available to the step publishes, whatever keeps OIDC from working: then only that fails which stops
    npm all the same, and what is unknown of OIDC does not matter.
    """
    judgements = {cause: cause.in_workflow(step) for cause in CAUSES}
    if any(cause.only_tokens_publish and judgements[cause].answer is Answer.FAIL for cause in CAUSES):
        judgements = {cause: judgement for cause, judgement in judgements.items() if cause.any_registry}
    if not has_token(step):
        return {cause: _without_token(cause, judgement, step) for cause, judgement in judgements.items()}
    return {
        cause: _with_token(cause, judgement, step)
        for cause, judgement in judgements.items()
        if judgement.answer not in _SILENT
    }


def _without_token(cause: Cause, judgement: Judgement, step: "Step") -> Judgement:
    """*judgement* where the files show no token: a part of *step* that they hide may bring one."""
    invocation, hidden = step.invocation, step.credentials.hidden_token
    if judgement.answer is not Answer.FAIL or cause.stops_npm(step):
        return judgement
    if hidden is None and (invocation.hidden is None or step.context.ci is Ci.GITHUB):
        return judgement
    reason = hidden or f"{invocation.hidden} is not in these files"
    note = f"The step may still publish with a token: {reason}."
    return judgement._replace(answer=Answer.UNKNOWN, evidence=(*judgement.evidence, note))


def _with_token(cause: Cause, judgement: Judgement, step: "Step") -> Judgement:
    """*judgement* where a token is available to *step*."""
    if judgement.answer is Answer.UNKNOWN:
        return SKIPPED
    return judgement if cause.stops_npm(step) else judgement._replace(answer=Answer.WARN)


def checked_fix(cause: Cause, sheet: "Sheet", step: "Step") -> "Fix | None":
    """The fix of *cause*, with edits only if they change nothing but what they are meant to; None where it has none."""
    from safepublish.pipelines.fix import edits

    fix = cause.fix(sheet, step)
    return None if fix is None else edits.checked(sheet, fix)


def _with_diff(sheet: "Sheet", step: "Step", finding: Finding) -> Finding:
    """*finding* with the lines that fix it in the file, where its cause is fixed by an edit."""
    from safepublish.pipelines.fix import edits

    if finding.remedy is None or not _shows_edit(finding) or step.place.path != step.place.at.path:
        return finding
    fix = checked_fix(BY_ID[finding.id], sheet, step)
    if fix is None:
        return finding
    if not fix.edits:
        # In other CIs the cause's own lines show the form.
        return finding._replace(remedy=finding.remedy._replace(diff=None)) if step.context.ci is Ci.GITHUB else finding
    text = fix.instruction or finding.remedy.text
    return finding._replace(remedy=finding.remedy._replace(text=text, diff=edits.diff(sheet.text, fix.edits)))


def _shows_edit(finding: Finding) -> bool:
    """Whether the fix is shown as an edit: also of a warning that will fail once the token is gone."""
    warns = finding.answer is Answer.WARN and BY_ID[finding.id].fixes_what_it_warns_of
    return finding.answer is Answer.FAIL or warns
