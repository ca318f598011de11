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


class ProvenanceRedundant(Cause):
    """Provenance is requested, but npm attaches it anyway.

    What happens
        `--provenance`, or a setting with the same effect, is used where trusted publishing attaches provenance by
        itself. The publish works.

    Why
        After a successful exchange npm attaches provenance to public packages of public repositories by itself (npm
        11.5.1 to 12.2.0, lib/utils/oidc.js). The setting makes it mandatory. npm then fails with EUSAGE for a package
        that is not public yet, where it would otherwise skip the statement. npm 10 has no trusted publishing but signs
        the provenance, so a failure looks as if OIDC had worked.

    Fix
        Remove the setting.

    If you want to ignore it
        It never refuses; `--waive provenance-redundant=reason` marks it as known.
    """

    id = "provenance-redundant"
    title = "provenance is requested, but npm attaches it anyway"

    def in_run(self, run: Run) -> Judgement:
        """Warn where provenance is requested and npm attaches it by itself."""
        if not asked_for(run):
            return SKIPPED
        if automatic(run) is not True:
            return PASSED
        origin = run.package.settings.provenance_origin
        return Judgement(
            Answer.WARN,
            f"{where(origin)} requests provenance, which trusted publishing attaches by itself",
            remedy=Remedy("Remove that setting. npm attaches provenance without it."),
            location=location(origin),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Warn where the step requests provenance and npm attaches it by itself."""
        if step.invocation.provenance is not True or any(
            token.kind is CredentialKind.SET for token in step.credentials.tokens
        ):
            return SKIPPED
        if step.context.ci is Ci.CIRCLECI or (
            step.context.ci is Ci.GITLAB and "SIGSTORE_ID_TOKEN" not in (step.credentials.id_tokens or {})
        ):
            return SKIPPED
        flag = step.invocation.provenance_flag
        in_private = ("In a repository that is not public, npmjs.com refuses provenance (E422).",)
        return Judgement(
            Answer.WARN,
            f"{flag.text if flag else 'a setting'} requests provenance, which trusted publishing attaches by itself",
            evidence=in_private if step.context.ci is Ci.GITHUB else (),
            remedy=Remedy("Remove it. npm attaches provenance without it."),
            location=flag.span.at if flag and flag.span else step.place.at,
        )
