"""The cause provenance-redundant."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause
from safepublish.causes.wording import location, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.run import Run
from safepublish.npm.provenance import asked_for, automatic

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


class ProvenanceRedundant(Cause):
    """Provenance is asked for, and would be attached anyway.

    What it is
        `--provenance`, or a setting that says so, where trusted publishing attaches provenance by itself.

    Why npm behaves so
        After a successful exchange npm attaches provenance to public packages of public repositories without being
        asked (npm 11.5.1 to 12.2.0, lib/utils/oidc.js). Asked for, npm insists: it then fails with EUSAGE for a package
        that is not public yet, where it would otherwise leave the statement out. And with npm 10, which has no trusted
        publishing, the signing is what makes a failure look as if OIDC worked.

    How to mend
        Remove the setting. This is a note.

    How to ignore
        It refuses nothing; `--waive provenance-redundant=reason` marks it as known.
    """

    id = "provenance-redundant"
    title = "provenance is asked for, and would be attached anyway"
    fixed_along = True

    def in_run(self, run: Run) -> Judgement:
        """Note that provenance is asked for where npm attaches it by itself."""
        if not asked_for(run):
            return SKIPPED
        if automatic(run) is not True:
            return PASSED
        origin = run.package.settings.provenance_origin
        return Judgement(
            Answer.WARN,
            f"{where(origin)} asks for provenance, which trusted publishing attaches by itself",
            remedy=Remedy("Remove that setting; nothing changes without it."),
            location=location(origin),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Note that the step asks for provenance where npm attaches it by itself."""
        if step.invocation.provenance is not True or any(
            token.kind is CredentialKind.SET for token in step.credentials.tokens
        ):
            return SKIPPED
        if step.context.ci is Ci.CIRCLECI or (
            step.context.ci is Ci.GITLAB and "SIGSTORE_ID_TOKEN" not in (step.credentials.id_tokens or {})
        ):
            return SKIPPED
        flag = step.invocation.provenance_flag
        elsewhere = ("In a repository that is not public, npmjs.com refuses it where it is asked for (E422).",)
        return Judgement(
            Answer.WARN,
            f"{flag.text if flag else 'a setting'} asks for provenance, which trusted publishing attaches by itself",
            evidence=elsewhere if step.context.ci is Ci.GITHUB else (),
            remedy=Remedy("Remove it; nothing changes without it."),
            location=flag.span.at if flag and flag.span else step.place.at,
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Drop the word `--provenance`."""
        from safepublish.pipelines.fix.publish_command import remove_provenance

        return remove_provenance(sheet, step)
