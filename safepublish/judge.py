"""The verdict: what the causes say of every package, and what that comes to."""

from collections.abc import Sequence

from safepublish import causes
from safepublish.facts.finding import Answer, Finding, Judgement
from safepublish.facts.log import Log
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import Ci, Run

ON_THE_NETWORK = frozenset({
    "id-token-rejected", "id-token-request-failed", "package-missing", "publisher-mismatch", "registry-without-oidc",
    "token-conflict", "token-rejected",
})  # fmt: skip
"""Causes that rest only on what the network answered us; hand-made clients get answers that npm does not get."""

_BY_SEVERITY = (Verdict.PASS, Verdict.UNKNOWN, Verdict.REFUSE)


def report(runs: Sequence[Run], *, goes_on: bool) -> Report:
    """Judge every package; the verdict of the whole is the worst of its packages."""
    packages = tuple(_judged(run) for run in runs)
    verdict = max((one.verdict for one in packages), key=_BY_SEVERITY.index, default=Verdict.PASS)
    in_ci = not any(run.identity.ci is Ci.NONE and not run.identity.ci_disabled for run in runs)
    return Report(packages, verdict, goes_on, in_ci)


def _judged(run: Run) -> Judged:
    findings = causes.judge(run)
    if causes.refuses(findings, strict=run.options.strict):
        return Judged(run, findings, Verdict.REFUSE)
    unknown = any(finding.answer is Answer.UNKNOWN and finding.waived is None for finding in findings)
    return Judged(run, findings, Verdict.UNKNOWN if unknown else Verdict.PASS)


def rests_on_the_network(judged: Report) -> bool:
    """Whether the refusal has no other ground than what the network answered us, so that npm is asked first."""
    refusing = [
        finding.id
        for package in judged.packages
        for finding in package.findings
        if causes.refuses((finding,), strict=package.run.options.strict)
    ]
    return bool(refusing) and ON_THE_NETWORK.issuperset(refusing)


def explain(log: Log) -> tuple[Finding, ...]:
    """Why npm failed, from its debug log: the causes that recognise it, worst first."""
    findings = []
    for cause in causes.CAUSES:
        in_log = getattr(cause, "in_log", None)
        if in_log is None:
            continue
        judgement: Judgement = in_log(log)
        if judgement.answer is Answer.FAIL:
            findings.append(
                Finding(cause.ID, judgement.answer, judgement.message, judgement.evidence, judgement.remedy)
            )
    return tuple(findings)
