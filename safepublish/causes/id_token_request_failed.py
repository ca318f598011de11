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

_AGAIN = Remedy("Run the job again. If it keeps failing, check githubstatus.com and status.npmjs.org.")


class IdTokenRequestFailed(Cause):
    """npm fails with ENEEDAUTH because requesting or exchanging the ID token failed.

    What happens
        GitHub did not return an ID token, or the registry failed to exchange it (HTTP 5xx). Such failures are usually
        temporary.

    Why
        npm silently gives up on OIDC ("Failed to fetch id_token from GitHub: received an invalid response", "Failed
        token exchange request", log level verbose, npm 12.2.0, lib/utils/oidc.js) and publishes with any token it
        finds. It requests the ID token up to three times, and the exchange once.

    Fix
        Run the job again. Versions that the first attempt published stay published. If it keeps failing, check
        https://www.githubstatus.com and https://status.npmjs.org.

    If you want to ignore it
        A temporary failure is not an error, except with `--strict`.
    """

    id = "id-token-request-failed"
    title = "requesting or exchanging the ID token failed"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=10),
        Screen("E500", rank=2),
    )
    applies_to_tools = True
    rests_on_network = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where GitHub refused a token; unknown where npm's own request may still succeed."""
        refused, failed = id_token_refused(run), id_token_failed(run)
        transient = outcome(run) is Outcome.TRANSIENT
        if not (refused or failed or transient):
            return PASSED
        if npm_exchange_succeeded(run):
            return disagreement(run) if transient else SKIPPED
        message = (
            f"{hostname(run)} failed to exchange the ID token ({registry_answer(run)})"
            if transient
            else _why_no_token(run)
        )
        if refused or run.package.exchange_result.confirmed_by_npm:
            return Judgement(failure_answer(run), message, evidence=_confirmed(run), remedy=_AGAIN)
        return Judgement(Answer.UNKNOWN, f"{message}; npm's own request may still succeed", remedy=_AGAIN)

    def in_log(self, log: Log) -> Judgement:
        """Fail when requesting or exchanging the ID token failed."""
        if log.hides_reason or log.hides_exchange:
            return Judgement(
                Answer.UNKNOWN,
                "requesting or exchanging the ID token may have failed",
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
            f"npm could not log in through OIDC: {log.oidc.value}",
            evidence=log.quoted("minted", "exchange", "oidc"),
            remedy=_AGAIN,
        )


def _why_no_token(run: Run) -> str:
    token = run.identity.id_token
    answer = "" if token.status is None else f" (HTTP {token.status})"
    why = f": {token.trouble}" if token.trouble else ""
    return f"GitHub ({token.variable or 'ACTIONS_ID_TOKEN_REQUEST_URL'}) returned no ID token{answer}{why}"


def _confirmed(run: Run) -> tuple[str, ...]:
    if run.package.exchange_result.unusable_token:
        return ("npm takes such a token, and its next request fails.",)
    return ("npm's own request failed too.",) if run.package.exchange_result.confirmed_by_npm else ()
