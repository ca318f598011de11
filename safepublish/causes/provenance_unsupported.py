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
    """Provenance is asked for where npm cannot make it.

    What it is
        `--provenance`, or a setting that says so, outside of GitHub Actions and GitLab CI.

    Why npm behaves so
        EUSAGE: 'Automatic provenance generation not supported for provider: …' (libnpmpublish 10.0.1, lib/publish.js,
        `ensureProvenanceGeneration`), whatever publishes, OIDC or a token. CircleCI has trusted publishing and no
        provenance. Where CI=false hides the CI, the provider is `null`.

    How to mend
        Remove `--provenance`, `NPM_CONFIG_PROVENANCE`, `provenance=true` in .npmrc or `"provenance": true` in
        publishConfig, whichever is named. `--no-provenance` overrides them for one command.

    How to ignore
        `--waive provenance-unsupported=reason` lets npm start and stop there itself.
    """

    id = "provenance-unsupported"
    title = "provenance is asked for where npm cannot make it"
    screen = (Screen("EUSAGE: Automatic provenance generation not supported for provider"),)
    any_registry = True
    whatever_the_token = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where provenance is asked for and npm sees neither GitHub Actions nor GitLab CI."""
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
            f"{where(origin)} asks for provenance, which npm cannot make {here} (EUSAGE)",
            remedy=Remedy("Remove that setting, or override it.", command="safepublish --no-provenance"),
            location=location(origin),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where a job of CircleCI asks for provenance."""
        invocation = step.invocation
        if step.context.ci is not Ci.CIRCLECI or invocation.provenance is not True:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "provenance is asked for, which npm cannot make in CircleCI (EUSAGE)",
            remedy=Remedy("Remove --provenance.", command="npm publish --no-provenance"),
            location=invocation.provenance_flag.span.at
            if invocation.provenance_flag and invocation.provenance_flag.span
            else step.place.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm cannot make provenance on this CI."""
        line = log.says("Automatic provenance generation not supported") or log.says(
            "Automatic provenance generation is not supported"
        )
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "npm makes provenance in GitHub Actions and GitLab CI, and in no other place",
            evidence=(str(line),),
            remedy=Remedy("Publish without provenance.", command="safepublish --no-provenance"),
        )
