"""The cause workflow-invalid."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause
from safepublish.facts.finding import PASSED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci

if TYPE_CHECKING:
    from safepublish.facts.step import Step


_REFUSES = {
    Ci.GITHUB: "GitHub does not run this workflow",
    Ci.GITLAB: "GitLab does not create this pipeline",
    Ci.CIRCLECI: "CircleCI does not run this configuration",
}


class WorkflowInvalid(Cause):
    """The CI refuses the file: "This run likely failed because of a workflow file issue".

    What happens
        GitHub shows "Invalid workflow file" and runs no job of it. With an action of the repository the job ends at
        the step that uses it: "Failed to load action.yml". Nothing is published.

    Why
        The YAML can be read, and yet it is no workflow: `needs` names a job that is not in the file, jobs wait for
        each other, a step has neither `run` nor `uses`, or an expression uses a context that does not exist in its
        place. A composite action has no `secrets`, a job's `if` no `matrix`, and `runs-on` no `env` (GitHub's own
        parser, on npm as @actions/workflow-parser).

    Fix
        Correct the line that the message names. A secret reaches a composite action as an input:

            - uses: ./.github/actions/publish
              with:
                npm-token: ${{ secrets.NPM_TOKEN }}

    If you want to ignore it
        `--waive workflow-invalid=reason`.
    """

    id = "workflow-invalid"
    title = "the CI refuses the workflow file"
    any_registry = True
    whatever_the_token = True

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where GitHub does not run the file, or its runner does not load an action of it."""
        refused = step.context.refused
        if refused is None:
            return PASSED
        is_action = refused.at.path.endswith(("action.yml", "action.yaml"))
        who = "GitHub's runner does not load this action" if is_action else _REFUSES[step.context.ci]
        return Judgement(
            Answer.FAIL, f"{who}: {refused.text}", remedy=Remedy("Correct this line."), location=refused.at
        )
