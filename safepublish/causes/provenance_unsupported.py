"""The cause provenance-unsupported."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import location, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.oidc import ci_hidden
from safepublish.npm.provenance import asked_for

if TYPE_CHECKING:
    from safepublish.facts.step import Step


class ProvenanceUnsupported(Cause):
    """Provenance is requested where npm cannot generate it.

    What happens
        npm fails with EUSAGE, "Automatic provenance generation not supported for provider: …". `--provenance`, or a
        setting with the same effect, is used outside of GitHub Actions and GitLab CI.

    Why
        npm generates provenance only in GitHub Actions and GitLab CI (libnpmpublish 10.0.1, lib/publish.js,
        `ensureProvenanceGeneration`), for OIDC and for a token alike. CircleCI supports trusted publishing but not
        provenance. Where CI=false hides the CI, the provider is `null`.

    Fix
        Remove the setting that the message names: `--provenance`, `NPM_CONFIG_PROVENANCE`, `provenance=true` in .npmrc
        or `"provenance": true` in publishConfig. `--no-provenance` overrides them for one command.

    If you want to ignore it
        `--waive provenance-unsupported=reason` runs npm, which then fails by itself.
    """

    id = "provenance-unsupported"
    title = "provenance is requested where npm cannot generate it"
    screen = (Screen("EUSAGE: Automatic provenance generation not supported for provider"),)
    any_registry = True
    whatever_the_token = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where provenance is requested and npm detects neither GitHub Actions nor GitLab CI."""
        if run.is_forecast or not asked_for(run):
            return SKIPPED
        identity = run.identity
        hidden = ci_hidden(run)
        if identity.ci in {Ci.GITHUB, Ci.GITLAB} and hidden is not True:
            return PASSED
        provider = identity.ci_name or "this CI" if identity.ci is Ci.OTHER else identity.ci.value
        here = "outside of CI" if identity.ci is Ci.NONE else f"in {provider}"
        if hidden:
            here = f"in {provider} while CI is false"
        origin = run.package.settings.provenance_origin
        return Judgement(
            Answer.FAIL,
            f"{where(origin)} requests provenance, which npm cannot generate {here} (EUSAGE)",
            remedy=Remedy("Remove that setting, or override it.", command="safepublish --no-provenance"),
            location=location(origin),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where a job of CircleCI requests provenance."""
        invocation = step.invocation
        if step.context.ci is not Ci.CIRCLECI or invocation.provenance is not True:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "provenance is requested, which npm cannot generate in CircleCI (EUSAGE)",
            remedy=Remedy("Remove `--provenance`.", command="npm publish --no-provenance"),
            location=invocation.provenance_flag.span.at
            if invocation.provenance_flag and invocation.provenance_flag.span
            else step.place.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm cannot generate provenance in this CI."""
        line = log.says("Automatic provenance generation not supported") or log.says(
            "Automatic provenance generation is not supported"
        )
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "provenance is requested, and npm generates it only in GitHub Actions and GitLab CI",
            evidence=(str(line),),
            remedy=Remedy("Publish without provenance.", command="safepublish --no-provenance"),
        )
