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
    """`CI=false` hides the CI from npm.

    What happens
        npm fails with ENEEDAUTH, "This command requires you to be logged in to …". With provenance it fails with
        EUSAGE, "Automatic provenance generation not supported for provider: null". The variable CI is `false`, often so
        that a build does not treat its warnings as errors.

    Why
        npm uses the package ci-info to detect the CI. ci-info 4.4.0 detects no CI where CI is `false` (index.js), so
        npm 11.6.2 and newer neither try OIDC nor attach provenance. npm 11.5.0 to 11.6.1 ship ci-info 4.3.0, which
        reads CI only for `isCI`. Those versions do the exchange all the same.

    Fix
        Set CI for the build only, not for the job:

            - run: CI=false npm run build

        Or override it for this step: `CI=true safepublish`.

    If you want to ignore it
        Add `--allow-token` if a token is meant to publish.
    """

    id = "oidc-disabled"
    title = "CI=false hides the CI from npm"
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
            "Set CI to true for this step. Set it to false only for the build that needs it.", command="export CI=true"
        )
        if hidden is None:
            return Judgement(
                Answer.UNKNOWN,
                f"CI is false, which hides {run.identity.ci.value} from npm {Floor.CI_FALSE.oldest} and newer;"
                " the npm version could not be determined",
                remedy=remedy,
            )
        if hidden:
            return Judgement(
                failure_answer(run),
                f"CI is false, so npm does not detect {run.identity.ci.value} and does not try OIDC",
                remedy=remedy,
            )
        return PASSED

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where CI=false reaches an npm that then detects no CI."""
        from safepublish.npm.publish_tools import starts_npm

        lost = step.context.lost_variable
        if lost is not None or step.context.drops_environment:
            return Judgement(
                Answer.FAIL if lost else Answer.UNKNOWN,
                f"{lost} is empty for this command, and npm needs it for OIDC"
                if lost
                else "sudo may not hand the CI's variables on to npm, which needs them for OIDC",
                remedy=Remedy("Leave the variable as it is." if lost else "Publish without sudo, or with `sudo -E`."),
                location=step.place.at,
            )
        if (
            step.context.ci_disabled is None
            or starts_npm(step.invocation.tool, step.invocation.tool_version) is not True
        ):
            return SKIPPED
        blind = meets(step.toolchain.npm.npms, Floor.CI_FALSE) if step.toolchain.npm.npms else None
        remedy = Remedy("Remove `CI: false` from this step. Set it only for the build that needs it.")
        if blind is None:
            return Judgement(
                Answer.UNKNOWN,
                f"CI is false, which hides GitHub Actions from npm {Floor.CI_FALSE.oldest} and newer;"
                " the npm version could not be determined",
                remedy=remedy,
                location=step.context.ci_disabled,
            )
        if blind:
            return Judgement(
                Answer.FAIL,
                "CI is false, so npm does not detect GitHub Actions and does not try OIDC",
                remedy=remedy,
                location=step.context.ci_disabled,
            )
        return PASSED

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm detected no CI and the log shows CI=false; unset variables have the same effect."""
        shown = "ci_false" in log.quotes
        untried = log.oidc is Oidc.NOT_TRIED and log.unauthenticated
        if log.ci is Ci.NONE or not (untried or log.hides_reason):
            return SKIPPED
        remedy = Remedy(
            "Remove CI=false from the workflow, and pass the CI's variables on to npm. To see the value of CI, run:",
            command="env | grep ^CI=",
        )
        known = log.ci in SUPPORTED
        if (untried and known) or shown:
            return Judgement(
                Answer.FAIL if shown and untried else Answer.WARN,
                "npm did not detect its CI: CI is false, or the CI's variables do not reach npm (docker run, sudo)",
                evidence=log.quoted("ci_false", "npm", "code"),
                remedy=remedy,
            )
        return Judgement(Answer.UNKNOWN, "CI=false could hide the CI from npm", log.quoted("code"), remedy)
