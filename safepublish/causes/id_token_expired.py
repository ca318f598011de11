"""The cause id-token-expired."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.id_token_rejected import at_fault
from safepublish.facts.finding import PASSED, SKIPPED, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.exchange import Outcome, npm_exchange_succeeded, outcome
from safepublish.npm.oidc import SUPPORTED, failure_answer


class IdTokenExpired(Cause):
    """The id token has expired.

    What happens
        The `exp` claim of the id token lies in the past.

    Why
        Id tokens live for minutes: GitHub's about five, GitLab's for the length of the job, CircleCI's for an hour. npm
        sends what NPM_ID_TOKEN holds without looking at it (npm 12.2.0, lib/utils/oidc.js); npmjs.com answers 401,
        "OIDC token exchange error - unauthorized", which npm keeps to itself.

    Fix
        Get the id token in the step that publishes, after building and testing. A token that an earlier job handed on,
        or that a long build outlived, is too old. In GitHub Actions remove NPM_ID_TOKEN: npm requests its own.

    If you want to ignore it
        `--allow-token` when a token is meant to publish.
    """

    id = "id-token-expired"
    title = "the id token has expired"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=6),
        Screen("unauthorized", hidden=True),
    )
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the id token's time is up and the registry has not accepted it."""
        if run.identity.ci not in SUPPORTED:
            return SKIPPED
        token = run.identity.id_token
        if (
            token.expires is None
            or run.now < token.expires
            or npm_exchange_succeeded(run)
            or outcome(run) is Outcome.ACCEPTED
        ):
            return PASSED
        instruction = "Get the id token in this step, right before this command."
        if run.identity.ci is Ci.GITHUB and token.variable == "NPM_ID_TOKEN":
            instruction = "Remove NPM_ID_TOKEN: in GitHub Actions npm requests an id token itself."
        return Judgement(
            failure_answer(run),
            f"the id token in {token.variable or 'this job'} expired {_duration(run.now - token.expires)} ago",
            remedy=Remedy(instruction),
        )

    def in_log(self, log: Log) -> Judgement:
        """Unknown when the registry did not accept NPM_ID_TOKEN: it does not say why."""
        return at_fault(log, "perhaps the id token had expired when npm sent it")


def _duration(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
