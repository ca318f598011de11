"""The cause no-publishing-workflow."""

from safepublish.causes.cause import Cause
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Run


class NoPublishingWorkflow(Cause):
    """No workflow of this repository is seen to publish the package.

    What happens
        `safepublish check` on a laptop judges the publish that CI would do, from the workflow files of the repository.
        None of them holds a step that is seen to publish to npm.

    Why
        Trusted publishing matches the workflow's file, so without one there is nothing to match. A publish that another
        repository's action or workflow does, or a program of this one, is not seen here.

    Fix
        Add a workflow that publishes, or run the check inside the CI job that does.

    If you want to ignore it
        The verdict is `unknown`, which refuses nothing unless `--strict` is given.
    """

    id = "no-publishing-workflow"
    title = "no workflow of this repository is seen to publish the package"

    def in_run(self, run: Run) -> Judgement:
        """Unknown on a laptop whose repository has no workflow that publishes."""
        if not run.is_forecast:
            return SKIPPED
        if run.repository.workflow is not None:
            return PASSED
        where = f"in {run.repository.root}" if run.repository.root else "around this directory"
        return Judgement(
            Answer.UNKNOWN,
            f"no workflow file {where} has a step that is seen to publish to npm, so what CI would do cannot be told",
            remedy=Remedy("Add a workflow that publishes, or run the check in the CI job that does."),
        )
