"""The cause token-conflict."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import location, sent, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.floors import Floor
from safepublish.npm.oidc import is_from, oidc_available, token_available

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


class TokenConflict(Cause):
    """npm would silently fall back to a token if OIDC failed.

    What happens
        The publish works, but maybe with a token. npm's configuration has a token for the registry that it publishes
        to.

    Why
        With npm 11.5.0 and newer a successful exchange takes precedence over such a token. The token does no harm then,
        and removing it does not fix a failing exchange. When the exchange fails, npm publishes with the token and
        prints nothing about it (npm 12.2.0, lib/utils/oidc.js, "intended to never throw"). So the token hides the day
        on which OIDC breaks, and a package that should be published through OIDC is published with a token for months.
        setup-node's placeholder, an empty value, and tokens for other registries are not counted.

    Fix
        Remove the token from the job that publishes: the secret, the `NODE_AUTH_TOKEN` in its `env`, or the line in
        .npmrc. A token that only installs private packages belongs in the step that installs them.

    If you want to ignore it
        `--allow-token` lets npm publish with the token where OIDC is not available. safepublish still prints a warning
        each time.
    """

    id = "token-conflict"
    title = "npm would silently fall back to a token if OIDC failed"
    screen = (Screen(""),)
    applies_to_tools = True
    follows_from_oidc = True
    moves_to_oidc = True
    likelihood = 10
    rests_on_manifest = True

    def in_run(self, run: Run) -> Judgement:
        """Warn of a token that npm would fall back to; fail where OIDC is not available and no token is allowed."""
        credential = run.package.credential
        if run.is_forecast or credential.beats_oidc:
            return SKIPPED
        if not token_available(run):
            return PASSED
        works = oidc_available(run)
        if works is False and not run.options.allow_token:
            return Judgement(
                Answer.FAIL,
                f"OIDC is not available, so npm would publish with {sent(credential)}",
                evidence=_overrides(run),
                remedy=Remedy("Fix the other error. Or publish with the token: add `--allow-token`."),
                location=location(credential.origin),
            )
        if works is False:
            return Judgement(
                Answer.WARN,
                f"OIDC is not available; npm will publish with {sent(credential)}, which --allow-token allows",
                location=location(credential.origin),
            )
        return Judgement(
            Answer.WARN,
            f"npm would silently fall back to {sent(credential)} if OIDC failed",
            remedy=Remedy(f"Remove the token from {where(credential.origin)}. OIDC needs no token."),
            location=location(credential.origin),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Warn of a long-lived token that is available to the publish."""
        token = next((token for token in step.credentials.tokens if token.kind is CredentialKind.SET), None)
        if token is None:
            return PASSED
        named = f"{token.variable} ({token.source})" if token.variable else f"a token from {token.source}"
        origin = f", which is set to {token.secret}" if token.secret else ""
        return Judgement(
            Answer.WARN,
            f"a token is available to this step: {named}{origin}",
            evidence=("No file in this repository shows what reads it.",) if token.read is None else (),
            remedy=Remedy("Remove it once this workflow is a trusted publisher on npmjs.com. OIDC needs no token."),
            location=token.entry.key.at if token.entry else token.span.at if token.span else step.place.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Unknown when the CI shows a token in a variable: npm would silently use it where OIDC fails."""
        if not log.unauthenticated or log.has_exchange is False:
            return SKIPPED
        variable = next(
            (name for name, kind in log.tokens.items() if kind is CredentialKind.SET and name != "NPM_ID_TOKEN"), None
        )
        if variable is None:
            return SKIPPED
        return Judgement(
            Answer.UNKNOWN,
            f"npm silently falls back to the token in {variable} when OIDC fails; the token does not prevent the"
            " exchange",
            evidence=log.quoted(variable),
            remedy=Remedy(
                f"Remove {variable} from the publish once OIDC works. npm then fails with ENEEDAUTH when OIDC fails."
            ),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Remove the token from the step."""
        from safepublish.pipelines.fix.tokens import remove_tokens

        return remove_tokens(sheet, step)


def _overrides(run: Run) -> tuple[str, ...]:
    """The note that the token is not the reason for the exchange's failure."""
    if not is_from(run, Floor.EXCHANGE):
        return ()
    return ("The token does not keep OIDC from working: npm prefers the token of a successful exchange.",)
