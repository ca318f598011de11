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
    """Provenance is requested, but the repository is not public.

    What happens
        npm fails with E422, 'Unsupported GitHub Actions source repository visibility: "private". Only public source
        repositories are supported when publishing with provenance.' `--provenance`, or a setting with the same effect,
        is used in a private or internal repository.

    Why
        npmjs.com accepts provenance only from public repositories. Before the upload npm has already written the signed
        statement, which names repository, workflow and commit, into a public log. Without the setting npm attaches no
        provenance for such repositories (npm 12.2.0, lib/utils/oidc.js), and trusted publishing works.

    Fix
        Remove the setting that the message names: `--provenance`, `NPM_CONFIG_PROVENANCE`, `provenance=true` in .npmrc
        or `"provenance": true` in publishConfig.

    If you want to ignore it
        `--waive provenance-private-repository=reason`.
    """

    id = "provenance-private-repository"
    title = "provenance is requested, but the repository is not public"
    screen = (Screen("E422: Unsupported GitHub Actions source repository visibility"),)
    any_registry = True
    whatever_the_token = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where provenance is requested in a repository that is not public."""
        if run.identity.ci not in {Ci.GITHUB, Ci.GITLAB} or not asked_for(run):
            return SKIPPED
        actual = visibility(run)
        if actual in {None, "public"}:
            return PASSED
        origin = run.package.settings.provenance_origin
        message = f"{where(origin)} requests provenance, but the repository is {actual}"
        remedy = Remedy("Remove that setting. Trusted publishing works without it.")
        if run.identity.ci is Ci.GITLAB:
            return Judgement(
                Answer.UNKNOWN,
                f"{message}; npm's documentation allows provenance only in public ones",
                remedy=remedy,
                location=location(origin),
            )
        return Judgement(
            Answer.FAIL,
            f"{message}; npmjs.com accepts provenance only from public repositories (E422)",
            evidence=("npm signs before it uploads, so the repository's name is written into a public log anyway.",),
            remedy=remedy,
            location=location(origin),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where provenance is requested, and the step's condition lets it run in private repositories only.

        Nothing else in a workflow file shows the repository's visibility.
        """
        if step.context.ci is not Ci.GITHUB or step.invocation.provenance is not True:
            return SKIPPED
        written = next((text for text in step.context.conditions if _excludes_public(text)), None)
        if written is None:
            return PASSED
        flag = step.invocation.provenance_flag
        return Judgement(
            Answer.FAIL,
            f"{flag.text if flag else 'a setting'} requests provenance, but the step runs only in private repositories"
            f" (`if: {written}`); npmjs.com accepts provenance only from public ones (E422)",
            remedy=Remedy("Remove it. Trusted publishing works without it.", command="npm publish --no-provenance"),
            location=flag.span.at if flag and flag.span else step.place.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry refused provenance from a repository that is not public."""
        line = log.says("source repository visibility")
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "this repository is not public; npmjs.com accepts provenance only from public repositories",
            evidence=(str(line),),
            remedy=Remedy("Publish without provenance.", command="safepublish --no-provenance"),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Remove the argument `--provenance`."""
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
