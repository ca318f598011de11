"""The cause id-token-malformed."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.id_token_rejected import at_fault
from safepublish.facts.finding import PASSED, SKIPPED, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.exchange import Outcome, npm_exchange_succeeded, outcome
from safepublish.npm.oidc import SUPPORTED, failure_answer


class IdTokenMalformed(Cause):
    """NPM_ID_TOKEN holds no id token.

    What happens
        The variable is set, but what it holds is no JSON Web Token: another kind of token, an error message that a
        command printed, or a token with a line break in it.

    Why
        npm sends whatever NPM_ID_TOKEN holds, in place of the token it could request itself (npm 12.2.0,
        lib/utils/oidc.js), and keeps quiet about the registry's refusal. A line break cannot stand in a header, so such
        a token is never sent (minipass-fetch 6.0.0, lib/headers.js).

    Fix
        Set the variable to the id token alone. In GitHub Actions remove it: npm requests its own. An npm token
        (`npm_…`) does not belong there.

    If you want to ignore it
        `--allow-token` when a token is meant to publish.
    """

    id = "id-token-malformed"
    title = "NPM_ID_TOKEN holds no id token"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=8),
        Screen("unauthorized", rank=3, hidden=True),
    )
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the id token cannot be one and the registry has not accepted it."""
        if run.identity.ci not in SUPPORTED:
            return SKIPPED
        token = run.identity.id_token
        if not token.malformed or npm_exchange_succeeded(run) or outcome(run) is Outcome.ACCEPTED:
            return PASSED
        name = token.variable or "the id token"
        instruction = "Set it to the id token alone."
        if run.identity.ci is Ci.GITHUB:
            instruction = f"Remove {name}: in GitHub Actions npm requests an id token itself."
        return Judgement(
            failure_answer(run),
            f"{name} holds no id token: {token.trouble or 'it is no JSON Web Token'}",
            remedy=Remedy(instruction),
        )

    def in_log(self, log: Log) -> Judgement:
        """Unknown when the registry did not accept NPM_ID_TOKEN: it does not say why."""
        return at_fault(log, "perhaps NPM_ID_TOKEN holds no id token at all")
