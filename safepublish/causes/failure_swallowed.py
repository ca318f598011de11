"""The cause failure-swallowed."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy

if TYPE_CHECKING:
    from safepublish.facts.step import Step


class FailureSwallowed(Cause):
    """A failed publish does not fail the job.

    What happens
        The publish command is followed by `|| true` or `|| echo …`, or its step has `continue-on-error: true`.

    Why
        npm ends with a status other than 0, and the shell or GitHub then goes on as if nothing had happened: the job is
        green, and nobody learns that nothing was published. Often it is there because a version may be out already.

    Fix
        Ask whether the version is out, and let every other failure fail the job:

            - run: npm view "$NAME@$VERSION" version || npm publish

    If you want to ignore it
        It refuses nothing; `--waive failure-swallowed=reason` marks it as known.
    """

    id = "failure-swallowed"
    title = "a failed publish does not fail the job"
    any_registry = True

    def in_workflow(self, step: "Step") -> Judgement:
        """Warn where a failure of the publish is hidden."""
        if step.invocation.swallowed is None:
            return SKIPPED
        return Judgement(
            Answer.WARN,
            f"a failure of this publish goes unnoticed: {step.invocation.swallowed}",
            remedy=Remedy("Ask beforehand whether the version is out, and let the publish fail."),
            location=step.place.at,
        )
