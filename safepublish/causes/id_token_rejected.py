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
    """The registry does not accept the id token.

    What happens
        The exchange was refused because of the id token itself, not because no publisher matches it; and nothing is
        wrong with the token as far as can be seen here.

    Why
        npmjs.com answers 401, "OIDC token exchange error - unauthorized", or 400, "bad request", to a token that it
        cannot verify: from an issuer it does not know, as a self-hosted GitLab or GitHub Enterprise Server, or with a
        claim missing. npm keeps the answer to itself (log level verbose, npm 12.2.0, lib/utils/oidc.js) and publishes
        with whatever token it finds.

    Fix
        Compare the issuer: npmjs.com takes https://token.actions.githubusercontent.com, https://gitlab.com and
        CircleCI's (docs.npmjs.com, "Trusted publishing for npm packages"). Publish from one of those.

    If you want to ignore it
        `--allow-token` when a token is meant to publish.
    """

    id = "id-token-rejected"
    title = "the registry does not accept the id token"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=9),
        Screen("unauthorized", rank=4, hidden=True),
    )
    applies_to_tools = True
    rests_on_network = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the registry refuses the id token and its text does not show why."""
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
            f"{hostname(run)} does not accept the id token: {registry_answer(run)}",
            evidence=(f"The id token was issued by {issuer}.",) if issuer else (),
            remedy=Remedy(
                "Publish from github.com, gitlab.com or CircleCI's cloud: npmjs.com accepts id tokens of those alone."
            ),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry did not accept an id token of GitHub's making; else its text may be at fault."""
        if log.hides_exchange:
            return Judgement(
                Answer.UNKNOWN, "perhaps the registry did not accept the id token", log.quoted("code"), TRY_AGAIN
            )
        if not log.unauthenticated or log.oidc is not Oidc.REJECTED:
            return SKIPPED
        evidence = log.quoted("minted", "exchange", "oidc")
        if log.last.minted:
            return Judgement(
                Answer.FAIL,
                "the registry did not accept the id token that the CI gave",
                evidence=evidence,
                remedy=Remedy(
                    "Publish from github.com, gitlab.com or CircleCI's cloud: npmjs.com knows no other issuer."
                ),
            )
        return Judgement(
            Answer.WARN,
            "the registry did not accept the id token in NPM_ID_TOKEN: its audience, its age, its form or its issuer",
            evidence=evidence,
            remedy=_DECODE,
        )


def at_fault(log: Log, perhaps: str) -> Judgement:
    """Unknown when the registry did not accept NPM_ID_TOKEN, of which it does not say what is wrong: *perhaps* does."""
    rejected = log.unauthenticated and log.oidc is Oidc.REJECTED
    if log.last.minted or not (rejected or log.hides_exchange):
        return SKIPPED
    return Judgement(
        Answer.UNKNOWN, perhaps, evidence=log.quoted("exchange", "oidc") or log.quoted("code"), remedy=_DECODE
    )


_DECODE = Remedy(
    "Look at aud, exp and iss of the token, in the step that publishes:",
    command='node -p \'Buffer.from(process.env.NPM_ID_TOKEN.split(".")[1],"base64url").toString()\'',
)


def _explained(run: Run) -> bool:
    """Whether the token's own text shows what is wrong: another cause says so."""
    token = run.identity.id_token
    outlived = token.expires is not None and run.now >= token.expires
    meant_for_others = bool(token.audiences) and f"npm:{hostname(run)}" not in token.audiences
    return token.malformed or outlived or meant_for_others
