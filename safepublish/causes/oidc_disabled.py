"""The cause oidc-disabled."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.log import Oidc
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.floors import Floor, meets
from safepublish.npm.oidc import SUPPORTED, ci_hidden, failure_answer

if TYPE_CHECKING:
    from safepublish.facts.step import Step


class OidcDisabled(Cause):
    """CI=false keeps npm from seeing its CI.

    What it is
        The variable CI is set to `false`, often so that a build does not treat its warnings as errors.

    Why npm behaves so
        npm asks the package ci-info where it runs. ci-info 4.4.0 names no CI at all where CI is `false` (index.js), so
        npm 11.6.2 and newer try no OIDC and make no provenance. npm 11.5.0 to 11.6.1 hold ci-info 4.3.0, which looks at
        CI only for `isCI`: those exchange all the same.

    How to mend
        Set CI for the build only, not for the job:

            - run: CI=false npm run build

        or clear it for this step: `CI=true safepublish`.

    How to ignore
        `--allow-token` when a token is meant to publish.
    """

    id = "oidc-disabled"
    title = "CI=false keeps npm from seeing its CI"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=12),
        Screen("EUSAGE: Automatic provenance generation not supported for provider", rank=2),
    )
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where CI=false hides the CI from the npm that will run."""
        if run.is_forecast or run.identity.ci not in SUPPORTED:
            return SKIPPED
        hidden = ci_hidden(run)
        remedy = Remedy(
            "Set CI to true for this step, and to false only where the build needs it.", command="export CI=true"
        )
        if hidden is None:
            return Judgement(
                Answer.UNKNOWN,
                f"CI is false, which hides {run.identity.ci.value} from npm {Floor.CI_FALSE.oldest} and newer;"
                " which npm runs cannot be told",
                remedy=remedy,
            )
        if hidden:
            return Judgement(
                failure_answer(run),
                f"CI is false, so npm does not see {run.identity.ci.value} and tries no OIDC",
                remedy=remedy,
            )
        return PASSED

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where CI=false reaches an npm that then sees no CI."""
        from safepublish.npm.publish_tools import starts_npm

        if (
            step.context.ci_disabled is None
            or starts_npm(step.invocation.tool, step.invocation.tool_version) is not True
        ):
            return SKIPPED
        blind = meets(step.toolchain.npm.npms, Floor.CI_FALSE) if step.toolchain.npm.npms else None
        remedy = Remedy("Set CI to false only where the build needs it.")
        if blind is None:
            return Judgement(
                Answer.UNKNOWN,
                f"CI is false, which hides GitHub Actions from npm {Floor.CI_FALSE.oldest} and newer;"
                " which npm runs cannot be told",
                remedy=remedy,
                location=step.context.ci_disabled,
            )
        if blind:
            return Judgement(
                Answer.FAIL,
                "CI is false, so npm does not see GitHub Actions and tries no OIDC",
                remedy=remedy,
                location=step.context.ci_disabled,
            )
        return PASSED

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm did not see its CI and the log shows CI=false; without that, unset variables do the same."""
        shown = "ci_false" in log.quotes
        untried = log.oidc is Oidc.NOT_TRIED and log.unauthenticated
        if log.ci is Ci.NONE or not (untried or log.hides_reason):
            return SKIPPED
        remedy = Remedy("Look for CI=false in the workflow, and hand the variables on:", command="env | grep ^CI=")
        known = log.ci in SUPPORTED
        if (untried and known) or shown:
            return Judgement(
                Answer.FAIL if shown and untried else Answer.WARN,
                "npm did not see that it runs in a CI: CI=false, or its variables do not reach npm (docker run, sudo)",
                evidence=log.quoted("ci_false", "npm", "code"),
                remedy=remedy,
            )
        return Judgement(Answer.UNKNOWN, "perhaps CI=false hides the CI from npm", log.quoted("code"), remedy)
