"""The cause provenance-private-repository."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import location, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.provenance import asked_for, visibility
from safepublish.pipelines.expressions import Open, condition

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


class ProvenancePrivateRepository(Cause):
    """Provenance is asked for, and the repository is not public.

    What it is
        `--provenance`, or a setting that says so, in a job of a private or internal repository.

    Why npm behaves so
        npmjs.com refuses it with E422: 'Unsupported GitHub Actions source repository visibility: "private". Only public
        source repositories are supported when publishing with provenance.' npm has then already signed the statement,
        which names repository, workflow and commit, into a public log. Left to itself npm attaches none for such
        repositories (npm 12.2.0, lib/utils/oidc.js), and trusted publishing works.

    How to mend
        Remove `--provenance`, `NPM_CONFIG_PROVENANCE`, `provenance=true` in .npmrc or `"provenance": true` in
        publishConfig, whichever is named.

    How to ignore
        `--waive provenance-private-repository=reason`.
    """

    id = "provenance-private-repository"
    title = "provenance is asked for, and the repository is not public"
    screen = (Screen("E422: Unsupported GitHub Actions source repository visibility"),)
    any_registry = True
    whatever_the_token = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where provenance is asked for in a repository that is not public."""
        if run.identity.ci not in {Ci.GITHUB, Ci.GITLAB} or not asked_for(run):
            return SKIPPED
        actual = visibility(run)
        if actual in {None, "public"}:
            return PASSED
        origin = run.package.settings.provenance_origin
        message = f"{where(origin)} asks for provenance, and the repository is {actual}"
        remedy = Remedy("Remove that setting; trusted publishing works without it.")
        if run.identity.ci is Ci.GITLAB:
            return Judgement(
                Answer.UNKNOWN,
                f"{message}, which npm's documentation excludes",
                remedy=remedy,
                location=location(origin),
            )
        return Judgement(
            Answer.FAIL,
            f"{message}: npmjs.com takes provenance of public repositories only (E422)",
            evidence=("npm signs before it uploads: the repository's name goes into a public log all the same.",),
            remedy=remedy,
            location=location(origin),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where provenance is asked for, and the step's condition lets it run in private repositories only.

        Nothing else in a workflow file tells what the repository is.
        """
        if step.context.ci is not Ci.GITHUB or step.invocation.provenance is not True:
            return SKIPPED
        written = next((text for text in step.context.conditions if _excludes_public(text)), None)
        if written is None:
            return PASSED
        flag = step.invocation.provenance_flag
        return Judgement(
            Answer.FAIL,
            f"{flag.text if flag else 'a setting'} asks for provenance, and by `if: {written}` the step runs in private"
            " repositories only: npmjs.com takes provenance of public repositories (E422)",
            remedy=Remedy("Remove it; trusted publishing works without it.", command="npm publish --no-provenance"),
            location=flag.span.at if flag and flag.span else step.place.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry did not take provenance from a repository that is not public."""
        line = log.says("source repository visibility")
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "provenance is taken from public repositories, and this one is not",
            evidence=(str(line),),
            remedy=Remedy("Publish without provenance.", command="safepublish --no-provenance"),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Drop the word `--provenance`."""
        from safepublish.pipelines.fix.publish_command import remove_provenance

        return remove_provenance(sheet, step)


def _excludes_public(written: str) -> bool:
    if "github.event.repository." not in written:
        return False
    public, *others = (
        condition(written, {"github": Open(event=Open(repository=Open(private=level != "public", visibility=level)))})
        for level in ("public", "private", "internal")
    )
    return public is False and any(is_public is not False for is_public in others)
