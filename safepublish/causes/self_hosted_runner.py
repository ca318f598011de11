"""The cause self-hosted-runner."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.provenance import generated

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


class SelfHostedRunner(Cause):
    """The job runs on a self-hosted runner.

    What it is
        The id token says `runner_environment: self-hosted`. Runners of Blacksmith, Depot, Namespace and the like say so
        too.

    Why npm behaves so
        npmjs.com refuses provenance from such runners with E422: 'Unsupported GitHub Actions runner environment:
        "self-hosted". Only "github-hosted" runners are supported when publishing with provenance.' npm attaches
        provenance by itself for public packages of public repositories. The exchange itself is reported to work there,
        though docs.npmjs.com, "Trusted publishing for npm packages", names only GitHub-hosted runners.

    How to mend
        Publish from a small job on a hosted runner, with the tarball that the other job packed:

            runs-on: ubuntu-latest

    How to ignore
        `--no-provenance` publishes without a statement, which is reported to work.
    """

    id = "self-hosted-runner"
    title = "the job runs on a self-hosted runner"
    screen = (Screen("E422: Unsupported GitHub Actions runner environment"),)
    applies_with_provenance = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where provenance from a self-hosted runner will be attached; warn where none is."""
        if run.identity.ci is not Ci.GITHUB:
            return SKIPPED
        stated = run.identity.id_token.claims.get("runner_environment") or run.identity.runner_environment
        if stated != "self-hosted":
            return PASSED
        remedy = Remedy("Publish from a job on a GitHub-hosted runner.", diff="+   runs-on: ubuntu-latest")
        if generated(run):
            return Judgement(
                Answer.FAIL,
                "this runner is self-hosted, and npmjs.com refuses provenance from such runners (E422)",
                evidence=("Without provenance, by --no-provenance, the publish is reported to work.",),
                remedy=remedy,
            )
        return Judgement(
            Answer.WARN,
            "this runner is self-hosted: npm's documentation names only GitHub-hosted runners for trusted publishing",
            remedy=remedy,
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where the job asks for a runner that GitHub does not host; unknown where the label does not tell."""
        runner = step.context.runner
        if runner.hosted is True or step.place.composite:
            return PASSED
        location = runner.entry.value.at if runner.entry else step.place.at
        named = ", ".join(runner.labels) if runner.labels else runner.entry.text if runner.entry else None
        remedy = Remedy("Publish from a job on a GitHub-hosted runner, such as runs-on: ubuntu-latest.")
        if runner.hosted is None:
            return Judgement(
                Answer.UNKNOWN,
                f"whether GitHub hosts the runner {named or 'of this job'} cannot be told;"
                " trusted publishing needs one that it hosts",
                remedy=remedy,
                location=location,
            )
        whose = f" ({runner.provider})" if runner.provider and runner.provider != "self-hosted" else ""
        return Judgement(
            Answer.WARN if step.invocation.provenance is False else Answer.FAIL,
            f"the runner {named}{whose} is self-hosted to npmjs.com, which takes trusted publishing and provenance"
            " only from runners that GitHub hosts",
            remedy=remedy,
            location=location,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry did not take provenance from this runner."""
        line = log.says("Unsupported GitHub Actions runner environment")
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "provenance is taken from runners that GitHub hosts, and this one is not",
            evidence=(str(line),),
            remedy=Remedy(
                "Publish from a runner that GitHub hosts, or without provenance.", command="safepublish --no-provenance"
            ),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Ask for the runner of GitHub's that a drop-in replacement stands for."""
        from safepublish.pipelines.fix.runner import use_hosted_runner

        return use_hosted_runner(sheet, step)
