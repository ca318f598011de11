"""The cause id-token-request-failed."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Oidc
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.exchange import (
    Outcome,
    disagreement,
    hostname,
    id_token_failed,
    id_token_refused,
    npm_exchange_succeeded,
    outcome,
    registry_answer,
)  # fmt: skip
from safepublish.npm.oidc import failure_answer

_AGAIN = Remedy("Run the job again: such faults pass. Where it lasts, see githubstatus.com and status.npmjs.org.")


class IdTokenRequestFailed(Cause):
    """The id token or its exchange could not be had just now.

    What it is
        GitHub's identity endpoint gave no token, or the registry's exchange failed with a fault of its own (5xx).

    Why npm behaves so
        npm gives up on OIDC without a word ("Failed to fetch id_token from GitHub: received an invalid response",
        "Failed token exchange request", log level verbose, npm 12.2.0, lib/utils/oidc.js) and publishes with whatever
        token it finds. It asks GitHub up to three times, and the registry once.

    How to mend
        Run the job again; such faults pass. Versions that a first try published stay published. Where it lasts, look at
        https://www.githubstatus.com and https://status.npmjs.org.

    How to ignore
        What may pass by itself does not refuse, except with `--strict`.
    """

    id = "id-token-request-failed"
    title = "the id token or its exchange could not be had just now"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=10),
        Screen("E500", rank=2),
    )
    applies_to_tools = True
    rests_on_network = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where GitHub decided against a token; unknown where a fault may have passed when npm asks."""
        refused, failed = id_token_refused(run), id_token_failed(run)
        transient = outcome(run) is Outcome.TRANSIENT
        if not (refused or failed or transient):
            return PASSED
        if npm_exchange_succeeded(run):
            return disagreement(run) if transient else SKIPPED
        message = (
            f"{hostname(run)} failed to exchange the id token: {registry_answer(run)}"
            if transient
            else _why_no_token(run)
        )
        if refused or run.package.exchange_result.confirmed_by_npm:
            return Judgement(failure_answer(run), message, evidence=_confirmed(run), remedy=_AGAIN)
        return Judgement(Answer.UNKNOWN, f"{message}; npm may still get through", remedy=_AGAIN)

    def in_log(self, log: Log) -> Judgement:
        """Fail when the id token or its exchange could not be had."""
        if log.hides_reason or log.hides_exchange:
            return Judgement(
                Answer.UNKNOWN,
                "perhaps the id token or its exchange could not be had just then",
                log.quoted("code"),
                _AGAIN,
            )
        if log.code == "IDENTITY_TOKEN_READ_ERROR" or log.says("error retrieving identity token"):
            return Judgement(
                Answer.FAIL,
                "the CI gave npm no ID token with which to sign the provenance",
                evidence=tuple(map(str, log.errors[:2])) or log.quoted("code"),
                remedy=_AGAIN,
            )
        if not log.unauthenticated or log.oidc not in {Oidc.ENDPOINT_FAILED, Oidc.FAILED}:
            return SKIPPED
        server = (log.last.exchange_status or 0) >= 500
        return Judgement(
            Answer.FAIL if server or log.oidc is Oidc.ENDPOINT_FAILED else Answer.WARN,
            f"npm could not get its token through OIDC just then: {log.oidc.value}",
            evidence=log.quoted("minted", "exchange", "oidc"),
            remedy=_AGAIN,
        )


def _why_no_token(run: Run) -> str:
    token = run.identity.id_token
    answer = "" if token.status is None else f" {token.status}"
    why = f": {token.trouble}" if token.trouble else ""
    return f"GitHub's identity endpoint ({token.variable or 'ACTIONS_ID_TOKEN_REQUEST_URL'}) gave no token{answer}{why}"


def _confirmed(run: Run) -> tuple[str, ...]:
    return ("npm's own try failed as well.",) if run.package.exchange_result.confirmed_by_npm else ()
