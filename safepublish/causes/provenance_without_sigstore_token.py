"""The cause provenance-without-sigstore-token."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.oidc import ci_hidden
from safepublish.npm.provenance import asked_for

if TYPE_CHECKING:
    from safepublish.facts.step import Step


_BLOCK = "+   id_tokens:\n+     SIGSTORE_ID_TOKEN:\n+       aud: sigstore"


class ProvenanceWithoutSigstoreToken(Cause):
    """Provenance is asked for, and GitLab gave no token to sign it.

    What it is
        `--provenance` in GitLab CI, and SIGSTORE_ID_TOKEN is not set.

    Why npm behaves so
        EUSAGE: 'Provenance generation in GitLab CI requires "SIGSTORE_ID_TOKEN" with "sigstore" audience to be present
        in "id_tokens".' (libnpmpublish 10.0.1, lib/publish.js). NPM_ID_TOKEN does not serve: its audience is another.
        Not asked for provenance, npm leaves it out where the variable is missing, and publishes (npm 12.2.0,
        lib/utils/oidc.js).

    How to mend
        In the job that publishes:

            id_tokens:
              SIGSTORE_ID_TOKEN:
                aud: sigstore

    How to ignore
        Remove `--provenance` to publish without a statement.
    """

    id = "provenance-without-sigstore-token"
    title = "provenance is asked for, and GitLab gave no token to sign it"
    screen = (
        Screen('EUSAGE: Provenance generation in GitLab CI requires "SIGSTORE_ID_TOKEN" with "sigstore" audience'),
    )

    def in_run(self, run: Run) -> Judgement:
        """Fail where provenance is asked for in GitLab CI without SIGSTORE_ID_TOKEN."""
        if run.identity.ci is not Ci.GITLAB or not asked_for(run) or ci_hidden(run) is True:
            return SKIPPED
        if run.identity.sigstore_id_token:
            return PASSED
        return Judgement(
            Answer.FAIL,
            "provenance is asked for, and SIGSTORE_ID_TOKEN is not set: npm cannot sign it (EUSAGE)",
            remedy=Remedy(
                "In .gitlab-ci.yml give the job a token for sigstore, or remove --provenance.",
                diff=_BLOCK,
            ),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where a job of GitLab CI asks for provenance without SIGSTORE_ID_TOKEN."""
        place = step.place
        if (
            step.context.ci is not Ci.GITLAB
            or step.invocation.provenance is not True
            or step.credentials.id_tokens is None
        ):
            return SKIPPED
        if "SIGSTORE_ID_TOKEN" in step.credentials.id_tokens:
            return PASSED
        return Judgement(
            Answer.FAIL,
            f"provenance is asked for, and the job {place.job} gets no SIGSTORE_ID_TOKEN: npm cannot sign it (EUSAGE)",
            remedy=Remedy("Give the job a token for sigstore, or remove --provenance.", diff=_BLOCK),
            location=place.job_at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm wanted GitLab's token for Sigstore."""
        line = log.says('requires "SIGSTORE_ID_TOKEN"')
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "provenance needs SIGSTORE_ID_TOKEN, and the job has none",
            evidence=(str(line),),
            remedy=Remedy("Add it to the job's id_tokens, with the audience sigstore."),
        )
