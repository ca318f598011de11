"""The cause id-token-expired."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.id_token_rejected import token_at_fault
from safepublish.causes.wording import id_token
from safepublish.facts.finding import PASSED, SKIPPED, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.exchange import Outcome, npm_exchange_succeeded, outcome
from safepublish.npm.oidc import SUPPORTED, failure_answer


class IdTokenExpired(Cause):
    """npm fails with ENEEDAUTH because the ID token in NPM_ID_TOKEN has expired.

    What happens
        The `exp` claim of the ID token lies in the past, so the registry does not accept the token.

    Why
        ID tokens live for minutes: GitHub's about five, GitLab's as long as the job, CircleCI's for an hour. npm sends
        the value of NPM_ID_TOKEN without checking it (npm 12.2.0, lib/utils/oidc.js). npmjs.com answers 401, "OIDC
        token exchange error - unauthorized", and npm does not print that answer.

    Fix
        Get the ID token in the step that publishes, after building and testing. A token from an earlier job, or from
        before a long build, is too old. In GitHub Actions remove NPM_ID_TOKEN; npm requests its own ID token there.

    If you want to ignore it
        `--allow-token` publishes with a token instead.
    """

    id = "id-token-expired"
    title = "the ID token has expired"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=6),
        Screen("unauthorized", hidden=True),
    )
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the ID token has expired and the registry has not accepted it."""
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
        instruction = "Get the ID token in this step, right before this command."
        if run.identity.ci is Ci.GITHUB and token.variable == "NPM_ID_TOKEN":
            instruction = "Remove NPM_ID_TOKEN. In GitHub Actions npm requests an ID token itself."
        return Judgement(
            failure_answer(run),
            f"{id_token(token)} expired {_duration(run.now - token.expires)} ago",
            remedy=Remedy(instruction),
        )

    def in_log(self, log: Log) -> Judgement:
        """Unknown when the registry did not accept NPM_ID_TOKEN; the registry does not say why."""
        return token_at_fault(log, "the ID token may have expired before npm sent it")


def _duration(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
