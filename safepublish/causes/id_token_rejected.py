"""The cause id-token-rejected."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import TRY_AGAIN
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Oidc
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.exchange import Outcome, disagreement, hostname, npm_exchange_succeeded, outcome, registry_answer
from safepublish.npm.oidc import failure_answer


class IdTokenRejected(Cause):
    """npm fails with ENEEDAUTH because the registry does not accept the ID token.

    What happens
        The registry refused the exchange because of the ID token itself, not because no trusted publisher matches. The
        contents of the token show no reason.

    Why
        npmjs.com answers 401, "OIDC token exchange error - unauthorized", or 400, "bad request", to a token that it
        cannot verify. Such a token comes from an issuer it does not know, for example a self-hosted GitLab or GitHub
        Enterprise Server, or lacks a claim. npm prints the answer only at log level verbose (npm 12.2.0,
        lib/utils/oidc.js) and publishes with any token it finds.

    Fix
        Compare the issuer. npmjs.com accepts https://token.actions.githubusercontent.com, https://gitlab.com and
        CircleCI's (docs.npmjs.com, "Trusted publishing for npm packages"). Publish from one of those.

    If you want to ignore it
        `--allow-token` publishes with a token instead.
    """

    id = "id-token-rejected"
    title = "the registry does not accept the ID token"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=9),
        Screen("unauthorized", rank=4, hidden=True),
    )
    applies_to_tools = True
    rests_on_network = True
    rests_on_manifest = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the registry refuses the ID token, and the token does not show why."""
        if outcome(run) is not Outcome.UNAUTHORIZED:
            return PASSED
        if npm_exchange_succeeded(run):
            return disagreement(run)
        if _explained(run):
            return SKIPPED
        claims = run.identity.id_token.claims
        issuer = claims.get("iss")
        return Judgement(
            failure_answer(run),
            f"{hostname(run)} does not accept the ID token ({registry_answer(run)})",
            evidence=(f"The ID token was issued by {issuer}.",) if issuer else (),
            remedy=Remedy(
                "Publish from github.com, gitlab.com or CircleCI's cloud. npmjs.com accepts only their ID tokens."
            ),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry did not accept GitHub's ID token; with NPM_ID_TOKEN, its value may be the reason."""
        if log.hides_exchange:
            return Judgement(
                Answer.UNKNOWN, "the registry may not have accepted the ID token", log.quoted("code"), TRY_AGAIN
            )
        if not log.unauthenticated or log.oidc is not Oidc.REJECTED:
            return SKIPPED
        evidence = log.quoted("minted", "exchange", "oidc")
        if log.last.minted:
            return Judgement(
                Answer.FAIL,
                "the registry did not accept the ID token from GitHub",
                evidence=evidence,
                remedy=Remedy(
                    "Publish from github.com, gitlab.com or CircleCI's cloud. npmjs.com accepts only their ID tokens."
                ),
            )
        return Judgement(
            Answer.WARN,
            "the registry did not accept NPM_ID_TOKEN because of its audience, expiry, format or issuer",
            evidence=evidence,
            remedy=_DECODE,
        )


def token_at_fault(log: Log, possibility: str) -> Judgement:
    """Unknown, with the message *possibility*, when the registry did not accept NPM_ID_TOKEN and did not say why."""
    rejected = log.unauthenticated and log.oidc is Oidc.REJECTED
    if log.last.minted or not (rejected or log.hides_exchange):
        return SKIPPED
    return Judgement(
        Answer.UNKNOWN, possibility, evidence=log.quoted("exchange", "oidc") or log.quoted("code"), remedy=_DECODE
    )


_DECODE = Remedy(
    "Check `aud`, `exp` and `iss` of the token, in the step that publishes:",
    command='node -p \'Buffer.from(process.env.NPM_ID_TOKEN.split(".")[1],"base64url").toString()\'',
)


def _explained(run: Run) -> bool:
    """Whether the token itself shows what is wrong, so that another cause reports it."""
    token = run.identity.id_token
    outlived = token.expires is not None and run.now >= token.expires
    meant_for_others = bool(token.audiences) and f"npm:{hostname(run)}" not in token.audiences
    return token.malformed or outlived or meant_for_others
