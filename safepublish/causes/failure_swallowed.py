"""The cause failure-swallowed."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy

if TYPE_CHECKING:
    from safepublish.facts.step import Step


class FailureSwallowed(Cause):
    """npm publish fails, but the job stays green.

    What happens
        The publish command is followed by `|| true` or `|| echo …`, or its step has `continue-on-error: true`.

    Why
        npm exits with a code other than 0, and the shell or GitHub then continues. The job is green, and nobody
        notices that nothing was published. Often this was added because the version may already be published.

    Fix
        Check whether the version is already published, and let every other failure fail the job:

            - run: npm view "$NAME@$VERSION" version || npm publish

    If you want to ignore it
        It is never an error; `--waive failure-swallowed=reason` accepts it.
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
            f"the job does not fail when this publish fails, because of `{step.invocation.swallowed}`",
            remedy=Remedy("Check first whether the version is already published, and let the publish fail."),
            location=step.place.at,
        )
