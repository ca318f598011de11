"""The cause transparency-log-conflict."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
from safepublish.logs.log import Log


class TransparencyLogConflict(Cause):
    """The transparency log already holds this entry.

    What it is
        Signing the provenance statement ends with TLOG_CREATE_ENTRY_ERROR, often with 409, "an equivalent entry already
        exists".

    Why npm behaves so
        npm writes the statement into Sigstore's public log before it uploads the package. Where that request is sent
        twice, because the first answer was lost, the second finds the entry of the first. The fault lies with neither
        the identity nor the package.

    How to mend
        See first whether the version is published after all: `npm view NAME@VERSION`. If not, run the job again.

    How to ignore
        It is seen only in a log, and refuses nothing.
    """

    id = "transparency-log-conflict"
    title = "the transparency log already holds this entry"
    screen = (
        Screen("E409", rank=3),
        Screen("an equivalent entry already exists"),
    )

    def in_log(self, log: Log) -> Judgement:
        """Fail when Sigstore's transparency log did not take the entry."""
        line = log.says("TLOG_CREATE_ENTRY_ERROR") or log.says("equivalent entry already exists")
        if not (log.code or "").startswith("TLOG") and line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "Sigstore's transparency log did not take the entry just then",
            evidence=tuple(map(str, log.errors[:2])),
            remedy=Remedy("See whether the version is out; if not, run the job again."),
        )
