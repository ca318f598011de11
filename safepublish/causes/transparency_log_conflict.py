"""The cause transparency-log-conflict."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
from safepublish.logs.log import Log


class TransparencyLogConflict(Cause):
    """Sigstore's transparency log already has this entry.

    What happens
        npm fails with TLOG_CREATE_ENTRY_ERROR while it signs the provenance, often with 409, "an equivalent entry
        already exists".

    Why
        npm writes the statement into Sigstore's public log before it uploads the package. The request is sent again
        when its answer was lost, and then finds the entry of the first request. Neither the identity nor the package is
        at fault.

    Fix
        First check whether the version was published after all: `npm view NAME@VERSION`. If not, run the job again.

    If you want to ignore it
        It is found only in a log, and never refuses.
    """

    id = "transparency-log-conflict"
    title = "Sigstore's transparency log already has this entry"
    screen = (
        Screen("E409", rank=3),
        Screen("an equivalent entry already exists"),
    )

    def in_log(self, log: Log) -> Judgement:
        """Fail when Sigstore's transparency log refused the entry."""
        line = log.says("TLOG_CREATE_ENTRY_ERROR") or log.says("equivalent entry already exists")
        if not (log.code or "").startswith("TLOG") and line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "Sigstore's transparency log refused the entry",
            evidence=tuple(map(str, log.errors[:2])),
            remedy=Remedy("Check whether the version was published. If not, run the job again."),
        )
