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
    """A token is in reach beside OIDC.

    What it is
        npm's configuration holds a token for the registry that it publishes to.

    Why npm behaves so
        With npm 11.5.0 and newer a successful exchange goes before such a token; it does no harm then, and removing it
        is no mend for a failing exchange. When the exchange fails, npm publishes with the token and says nothing (npm
        12.2.0, lib/utils/oidc.js, "intended to never throw"). So a token that stays hides the day on which OIDC breaks,
        and a package that is to be published by OIDC alone is published by a token for months.
        setup-node's placeholder, an empty value, and tokens for other registries are not meant here.

    How to mend
        Remove the token from the job that publishes: the secret, the `NODE_AUTH_TOKEN` in its env, or the line in
        .npmrc.
        A token that only installs private packages belongs to the step that installs.

    How to ignore
        `--allow-token` lets the token publish where OIDC cannot; it is said each time.
    """

    id = "token-conflict"
    title = "a token is in reach beside OIDC"
    screen = (Screen(""),)
    applies_to_tools = True
    follows_from_oidc = True
    moves_to_oidc = True
    likelihood = 10

    def in_run(self, run: Run) -> Judgement:
        """Warn of a token beside OIDC; fail where it would publish in OIDC's place without being allowed to."""
        credential = run.package.credential
        if run.is_forecast or credential.beats_oidc:
            return SKIPPED
        if not token_available(run):
            return PASSED
        works = oidc_available(run)
        if works is False and not run.options.allow_token:
            return Judgement(
                Answer.FAIL,
                f"OIDC cannot publish here, so npm would publish with {sent(credential)}, and that is not allowed",
                evidence=_overrides(run),
                remedy=Remedy(
                    "Mend what keeps OIDC from working; or, if the token is meant to publish, add --allow-token."
                ),
                location=location(credential.origin),
            )
        if works is False:
            return Judgement(
                Answer.WARN,
                f"OIDC cannot publish here; npm will publish with {sent(credential)}, as --allow-token lets it",
                location=location(credential.origin),
            )
        message = f"{sent(credential)} is in reach: npm would publish with it, in silence, if OIDC failed"
        return Judgement(
            Answer.WARN,
            message[0].upper() + message[1:],
            remedy=Remedy(f"Remove it from {where(credential.origin)}: OIDC needs none."),
            location=location(credential.origin),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Warn of a long-lived token that reaches the publish."""
        token = next((token for token in step.credentials.tokens if token.kind is CredentialKind.SET), None)
        if token is None:
            return PASSED
        named = f"{token.variable} ({token.source})" if token.variable else f"one from {token.source}"
        origin = f", which holds {token.secret}" if token.secret else ""
        return Judgement(
            Answer.WARN,
            f"a token reaches this step: {named}{origin}",
            evidence=("No file here names what reads it.",) if token.read is None else (),
            remedy=Remedy("Once npmjs.com names this workflow as trusted publisher, remove it: OIDC needs none."),
            location=token.entry.key.at if token.entry else token.span.at if token.span else step.place.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Unknown when the CI shows a token in a variable: npm would use it in silence where OIDC fails."""
        if not log.unauthenticated or log.has_exchange is False:
            return SKIPPED
        variable = next(
            (name for name, kind in log.tokens.items() if kind is CredentialKind.SET and name != "NPM_ID_TOKEN"), None
        )
        if variable is None:
            return SKIPPED
        return Judgement(
            Answer.UNKNOWN,
            f"{variable} holds a token: it does not keep npm from its exchange, but npm falls back to it without a"
            " word",
            evidence=log.quoted(variable),
            remedy=Remedy(
                f"Take {variable} away from the publish, once OIDC works; then npm says ENEEDAUTH when it fails."
            ),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Take the token away from the step."""
        from safepublish.pipelines.fix.tokens import remove_tokens

        return remove_tokens(sheet, step)


def _overrides(run: Run) -> tuple[str, ...]:
    """Keep the reader from blaming the token for the exchange's failure."""
    if not is_from(run, Floor.EXCHANGE):
        return ()
    return ("The token is not what keeps OIDC from working: an exchange that succeeds goes before it.",)
