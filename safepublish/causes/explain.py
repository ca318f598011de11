"""Explains logs: why a publish failed, the most likely cause first."""

from safepublish.causes import BY_ID, CAUSES
from safepublish.facts.finding import Answer, Finding
from safepublish.logs.explanation import Explained, Explanation
from safepublish.logs.log import Log, Transcript

_CERTAINTY = (Answer.FAIL, Answer.WARN, Answer.UNKNOWN)
_WITHOUT_CREDENTIAL = frozenset({"E401", "E403", "E404"})
"""What the registry answers to an upload without a credential that it accepts."""


def explain_log(log: Log) -> tuple[Finding, ...]:
    """Why a publish failed, from its log, the most likely cause first.

    FAIL: the log proves it. WARN: the log points to it, and cannot exclude what follows. UNKNOWN: it is not excluded.
    """
    status = (log.code or "").removeprefix("E")
    if status.isdecimal() and len(status) == 3 and log.code not in {status, *_WITHOUT_CREDENTIAL}:
        # The registry answered the upload, and not for want of a credential, so nothing of the exchange is the reason.
        last = log.last._replace(oidc=None, exchange_status=None)
        log = log._replace(attempts=(*log.attempts[:-1], last))
    findings = []
    for cause in CAUSES:
        judgement = cause.in_log(log)
        if judgement.answer in _CERTAINTY:
            findings.append(
                Finding(cause.id, judgement.answer, judgement.message, judgement.evidence, judgement.remedy)
            )
    if any(BY_ID[finding.id].only_tokens_publish and finding.answer is Answer.FAIL for finding in findings):
        findings = [
            finding for finding in findings if finding.answer is not Answer.UNKNOWN or BY_ID[finding.id].any_registry
        ]
    return tuple(sorted(findings, key=_order))


def explain_transcript(transcript: Transcript, source: str) -> Explanation:
    """Why each publish of a log failed; what failed and was no publish is named only where a cause is recognised."""
    explained = [Explained(log, explain_log(log)) for log in transcript.failures]
    shown = tuple(failure for failure in explained if failure.findings or failure.log.publishing)
    exchanged = any(log.last.exchanged for log in transcript.logs)
    return Explanation(source, shown, transcript.published, transcript.lines, exchanged)


def _order(finding: Finding) -> tuple[int, int]:
    """The certain first, in the catalogue's order; then what people have most often."""
    likelihood = 0 if finding.answer is Answer.FAIL else BY_ID[finding.id].likelihood
    return _CERTAINTY.index(finding.answer), -likelihood
