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
    """Provenance is requested, but the job has no SIGSTORE_ID_TOKEN to sign it.

    What happens
        npm fails with EUSAGE, 'Provenance generation in GitLab CI requires "SIGSTORE_ID_TOKEN" with "sigstore" audience
        to be present in "id_tokens".' The job uses `--provenance` in GitLab CI, and SIGSTORE_ID_TOKEN is not set.

    Why
        npm signs the statement with an ID token for Sigstore (libnpmpublish 10.0.1, lib/publish.js). NPM_ID_TOKEN
        cannot replace it: its audience is another. Without `--provenance` and without the variable, npm skips the
        statement and publishes (npm 12.2.0, lib/utils/oidc.js).

    Fix
        Add the token to the job that publishes:

            id_tokens:
              SIGSTORE_ID_TOKEN:
                aud: sigstore

    If you want to ignore it
        Remove `--provenance` to publish without a statement.
    """

    id = "provenance-without-sigstore-token"
    title = "provenance is requested, but the job has no SIGSTORE_ID_TOKEN to sign it"
    screen = (
        Screen('EUSAGE: Provenance generation in GitLab CI requires "SIGSTORE_ID_TOKEN" with "sigstore" audience'),
    )

    def in_run(self, run: Run) -> Judgement:
        """Fail where provenance is requested in GitLab CI without SIGSTORE_ID_TOKEN."""
        if run.identity.ci is not Ci.GITLAB or not asked_for(run) or ci_hidden(run) is True:
            return SKIPPED
        if run.identity.sigstore_id_token:
            return PASSED
        return Judgement(
            Answer.FAIL,
            "provenance is requested, but SIGSTORE_ID_TOKEN is not set; npm needs it to sign (EUSAGE)",
            remedy=Remedy(
                "Add SIGSTORE_ID_TOKEN to the job in .gitlab-ci.yml, or remove `--provenance`.",
                diff=_BLOCK,
            ),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where a job of GitLab CI requests provenance without SIGSTORE_ID_TOKEN."""
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
            f"provenance is requested, but job {place.job} has no SIGSTORE_ID_TOKEN to sign it with (EUSAGE)",
            remedy=Remedy("Add SIGSTORE_ID_TOKEN to the job, or remove `--provenance`.", diff=_BLOCK),
            location=place.job_at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm required GitLab's token for Sigstore."""
        line = log.says('requires "SIGSTORE_ID_TOKEN"')
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "the job has no SIGSTORE_ID_TOKEN; npm needs it to sign the provenance",
            evidence=(str(line),),
            remedy=Remedy("Add SIGSTORE_ID_TOKEN to the job's `id_tokens`, with the audience `sigstore`.", diff=_BLOCK),
        )
