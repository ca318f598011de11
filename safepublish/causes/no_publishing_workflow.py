"""The cause no-publishing-workflow."""

from safepublish.causes.cause import Cause
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Run


class NoPublishingWorkflow(Cause):
    """`safepublish check` finds no workflow in this repository that publishes to npm.

    What happens
        On a laptop, `safepublish check` predicts the publish that CI would do from the repository's workflow files.
        None of them has a step that is known to publish to npm.

    Why
        A trusted publisher names a workflow file, so it cannot match without one. safepublish does not see a publish
        in an action or workflow of another repository, or in a program of this repository.

    Fix
        Add a workflow that publishes, or run the check in the CI job that publishes.

    If you want to ignore it
        The verdict is `unknown`, which is an error only with `--strict`.
    """

    id = "no-publishing-workflow"
    title = "no workflow in this repository publishes to npm, as far as its files show"

    def in_run(self, run: Run) -> Judgement:
        """Unknown on a laptop whose repository has no workflow that publishes."""
        if not run.is_forecast:
            return SKIPPED
        if run.repository.workflow is not None:
            return PASSED
        where = f"in {run.repository.root}" if run.repository.root else "in this directory or above it"
        return Judgement(
            Answer.UNKNOWN,
            f"the publish in CI could not be checked: no workflow file {where} has a step that publishes to npm",
            remedy=Remedy("Add a workflow that publishes, or run the check in the CI job that publishes."),
        )
