"""The cause self-hosted-runner."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.provenance import generated, statement_is_certain

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


class SelfHostedRunner(Cause):
    """The job runs on a self-hosted runner.

    What happens
        npm fails with E422, 'Unsupported GitHub Actions runner environment: "self-hosted". Only "github-hosted" runners
        are supported when publishing with provenance.' The ID token has `runner_environment: self-hosted`. This also
        holds for runners of Blacksmith, Depot, Namespace and similar providers.

    Why
        npmjs.com refuses provenance from such runners, and npm attaches provenance by itself for public packages of
        public repositories. The exchange itself is reported to work there. docs.npmjs.com, "Trusted publishing for npm
        packages", names only GitHub-hosted runners.

    Fix
        Publish from a small job on a GitHub-hosted runner, with the tarball that the other job packed:

            runs-on: ubuntu-latest

    If you want to ignore it
        `--no-provenance` publishes without a statement, which is reported to work.
    """

    id = "self-hosted-runner"
    title = "the job runs on a self-hosted runner"
    screen = (Screen("E422: Unsupported GitHub Actions runner environment"),)
    applies_with_provenance = True
    rests_on_visibility = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm will attach provenance on a self-hosted runner; warn where it will not."""
        if run.identity.ci is not Ci.GITHUB:
            return SKIPPED
        # The certificate has the claim, and the statement the variable: npmjs.com looks at both.
        if "self-hosted" not in {
            run.identity.id_token.claims.get("runner_environment"),
            run.identity.runner_environment,
        }:
            return PASSED
        remedy = Remedy("Publish from a job on a GitHub-hosted runner.", diff="+   runs-on: ubuntu-latest")
        attached = generated(run)
        if attached and not statement_is_certain(run):
            attached = None
        if attached is None:
            return Judgement(
                Answer.UNKNOWN,
                "this runner is self-hosted; npmjs.com refuses provenance from it, and whether npm attaches provenance"
                " could not be determined",
                evidence=("With `--no-provenance` the publish is reported to work.",),
                remedy=remedy,
            )
        if attached:
            return Judgement(
                Answer.FAIL,
                "this runner is self-hosted; npmjs.com accepts provenance only from GitHub-hosted runners (E422)",
                evidence=("With `--no-provenance` the publish is reported to work.",),
                remedy=remedy,
            )
        return Judgement(
            Answer.WARN,
            "this runner is self-hosted; npm's documentation names only GitHub-hosted runners for trusted publishing",
            remedy=remedy,
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where the job runs on a runner that GitHub does not host; unknown where the label does not show it."""
        runner = step.context.runner
        if runner.hosted is True or step.place.composite:
            return PASSED
        location = runner.entry.value.at if runner.entry else step.place.at
        named = ", ".join(runner.labels) if runner.labels else runner.entry.text if runner.entry else None
        remedy = Remedy("Publish from a job on a GitHub-hosted runner, such as `runs-on: ubuntu-latest`.")
        if runner.hosted is None:
            return Judgement(
                Answer.UNKNOWN,
                f"the host of the runner {named or 'of this job'} could not be determined; trusted publishing requires"
                " a GitHub-hosted runner",
                remedy=remedy,
                location=location,
            )
        provider = runner.provider if runner.provider != "self-hosted" else None
        host = f"hosted by {provider}, not by GitHub" if provider else "self-hosted"
        if step.invocation.hidden is not None:
            answer = Answer.UNKNOWN  # what it publishes, and as whom, is not in these files
        else:
            answer = Answer.WARN if step.invocation.provenance is False else Answer.FAIL
        return Judgement(
            answer,
            f"the runner `{named}` is {host}; npmjs.com accepts trusted publishing and provenance only from"
            " GitHub-hosted runners",
            remedy=remedy,
            location=location,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry refused provenance from this runner."""
        line = log.says("Unsupported GitHub Actions runner environment")
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "this runner is self-hosted; npmjs.com accepts provenance only from GitHub-hosted runners",
            evidence=(str(line),),
            remedy=Remedy(
                "Publish from a GitHub-hosted runner, or without provenance.", command="safepublish --no-provenance"
            ),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Use the GitHub-hosted runner that corresponds to a drop-in replacement."""
        from safepublish.pipelines.fix.runner import use_hosted_runner

        return use_hosted_runner(sheet, step)
