"""The cause trust-downgrade."""

from safepublish.causes.cause import Cause
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Evidence, Run
from safepublish.npm.oidc import oidc_available, token_may_publish

_NAMES = {
    Evidence.STAGED: "staged and approved by a maintainer",
    Evidence.TRUSTED_PUBLISHER: "published by a trusted publisher",
    Evidence.PROVENANCE: "published with provenance",
    Evidence.NONE: "published with a token, without provenance",
}


class TrustDowngrade(Cause):
    """The new version would have weaker evidence of who published it than an earlier version.

    What happens
        npm publishes, and the version is there. Users who set `trustPolicy: no-downgrade` in pnpm, or use aube, cannot
        install it: their package manager takes it for a possible takeover of the package.

    Why
        The registry shows how each version was published. pnpm 12.21.0 compares a version with all that were published
        before it, in this order: staged and approved by a maintainer, published by a trusted publisher, published with
        provenance, none of these. Going from a staged version to a direct publish through OIDC is a downgrade too.
        safepublish reads how the version with the tag `latest` was published, and whether any version has provenance.

    Fix
        Publish at least as the earlier version was published. After a staged version, stage this one too:

            safepublish stage

        After a trusted publisher, do not publish with a token; fix what keeps OIDC from working.

    If you want to ignore it
        It refuses with `--strict` only; `--waive trust-downgrade=reason` lets it pass there too.
    """

    id = "trust-downgrade"
    title = "the new version would have weaker evidence than an earlier one"
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Warn where this run's evidence would be weaker than an earlier version's; fail with --strict."""
        earlier, version = _earlier(run)
        own = _own(run)
        if earlier is None or own is None:
            return SKIPPED
        if own >= earlier:
            return PASSED
        name = run.package.manifest.name
        before = f"{name}@{version} was {_NAMES[earlier]}" if version else f"an earlier version was {_NAMES[earlier]}"
        return Judgement(
            Answer.FAIL if run.options.strict else Answer.WARN,
            f"{before}, but this version would be {_NAMES[own]}",
            evidence=("Users with pnpm's `trustPolicy: no-downgrade` cannot install it.",),
            remedy=_remedy(earlier, own),
        )


def _earlier(run: Run) -> tuple[Evidence | None, str | None]:
    """The strongest evidence of an earlier version that is known, and that version, where one is known by name."""
    latest, has_provenance = run.package.packument.latest, run.package.packument.has_provenance
    if latest is not None and latest.version == run.package.manifest.version:
        return None, None  # this version is already published
    if latest is not None and (latest.evidence >= Evidence.PROVENANCE or not has_provenance):
        return latest.evidence, latest.version
    return (Evidence.PROVENANCE, None) if has_provenance else (None, None)


def _own(run: Run) -> Evidence | None:
    """The evidence that the version of this run would have; None where that is unknown, or nothing is published."""
    workflow = run.repository.workflow
    step = workflow.step if workflow is not None else None
    if run.command.name == "stage publish" or (run.is_forecast and step is not None and step.invocation.staged):
        return Evidence.STAGED
    if run.is_forecast:
        return None if step is None or step.invocation.hidden is not None else Evidence.TRUSTED_PUBLISHER
    available = oidc_available(run)
    if available is None:
        return None
    if available and not run.package.credential.beats_oidc:
        return Evidence.TRUSTED_PUBLISHER
    if not token_may_publish(run):
        return None  # that is refused
    return Evidence.PROVENANCE if run.package.settings.provenance else Evidence.NONE


def _remedy(earlier: Evidence, own: Evidence) -> Remedy:
    if earlier is Evidence.STAGED:
        return Remedy("Stage this version too, and approve it.", command="safepublish stage")
    if earlier is Evidence.PROVENANCE and own is Evidence.NONE:
        return Remedy("Publish through OIDC, or with --provenance.")
    return Remedy("Publish through OIDC: fix what keeps it from working, and do not use --allow-token.")
