"""The transparency log already holds this entry.

What it is
    Signing the provenance statement ends with TLOG_CREATE_ENTRY_ERROR, often with 409, "an equivalent entry already
    exists".

Why npm behaves so
    npm writes the statement into Sigstore's public log before it uploads the package. Where that request is sent twice,
    because the first answer was lost, the second finds the entry of the first. The fault lies with neither the identity
    nor the package.

How to mend
    See first whether the version is published after all: `npm view NAME@VERSION`. If not, run the job again.

How to ignore
    It is seen only in a log, and refuses nothing.
"""

from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Log

ID = "transparency-log-conflict"
TITLE = "the transparency log already holds this entry"


def in_log(log: Log) -> Judgement:
    """Fail when Sigstore's transparency log did not take the entry."""
    told = log.says("TLOG_CREATE_ENTRY_ERROR") or log.says("equivalent entry already exists")
    if not (log.code or "").startswith("TLOG") and told is None:
        return SKIPPED
    return Judgement(
        Answer.FAIL,
        "Sigstore's transparency log did not take the entry just then",
        evidence=tuple(map(str, log.errors[:2])),
        remedy=Remedy("See whether the version is out; if not, run the job again."),
    )
