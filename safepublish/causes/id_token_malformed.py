"""The cause id-token-malformed."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.id_token_rejected import token_at_fault
from safepublish.facts.finding import PASSED, SKIPPED, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.exchange import Outcome, npm_exchange_succeeded, outcome
from safepublish.npm.oidc import SUPPORTED, failure_answer


class IdTokenMalformed(Cause):
    """npm fails with ENEEDAUTH because the value of NPM_ID_TOKEN is not an ID token.

    What happens
        NPM_ID_TOKEN is set, but its value is not a JSON Web Token. It is another kind of token, an error message that
        a command printed, or a token with a line break in it.

    Why
        npm sends the value of NPM_ID_TOKEN as it is, instead of requesting an ID token (npm 12.2.0,
        lib/utils/oidc.js). npm does not print that the registry refused it. An HTTP header cannot contain a line
        break, so npm never sends a token with one (minipass-fetch 6.0.0, lib/headers.js).

    Fix
        Set the variable to the ID token and nothing else. In GitHub Actions remove it; npm requests its own ID token
        there. An npm token (`npm_…`) does not belong in this variable.

    If you want to ignore it
        `--allow-token` publishes with a token instead.
    """

    id = "id-token-malformed"
    title = "the value of NPM_ID_TOKEN is not an ID token"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=8),
        Screen("unauthorized", rank=3, hidden=True),
    )
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the value is not an ID token and the registry has not accepted it."""
        if run.identity.ci not in SUPPORTED:
            return SKIPPED
        token = run.identity.id_token
        if not token.malformed or npm_exchange_succeeded(run) or outcome(run) is Outcome.ACCEPTED:
            return PASSED
        name, instruction = "NPM_ID_TOKEN", "Set it to the ID token and nothing else."
        if run.identity.ci is Ci.GITHUB and token.variable == "NPM_ID_TOKEN":
            instruction = "Remove NPM_ID_TOKEN. In GitHub Actions npm requests an ID token itself."
        elif run.identity.ci is Ci.GITHUB:
            name, instruction = "GitHub's answer", "Run the job again. If it keeps failing, check githubstatus.com."
        return Judgement(
            failure_answer(run),
            f"{name} is not an ID token: {token.trouble or 'it is not a JSON Web Token'}",
            remedy=Remedy(instruction),
        )

    def in_log(self, log: Log) -> Judgement:
        """Unknown when the registry did not accept NPM_ID_TOKEN; the registry does not say why."""
        return token_at_fault(log, "the value of NPM_ID_TOKEN may not be an ID token")
