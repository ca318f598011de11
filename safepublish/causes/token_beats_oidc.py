"""The cause token-beats-oidc."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import TRY_AGAIN, location, sent, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.publish_rules import stopping_problems

_DEAD = frozenset({CredentialKind.PLACEHOLDER, CredentialKind.UNRESOLVED})
"""What npm sends although no registry accepts it."""


class TokenBeatsOidc(Cause):
    """npm sends a token from its configuration instead of the one from OIDC.

    What happens
        The exchange succeeds, but npm publishes with another token, or fails with E401, E404 or ENEEDAUTH. npm's
        configuration has a credential under a key with the registry *and* a path below it, such as
        `//registry.npmjs.org/my-package:_authToken`. Or the key of the registry itself is *empty*, as
        `//registry.npmjs.org/:_authToken=${NPM_TOKEN}` in the project's .npmrc once the secret behind NPM_TOKEN is
        gone.

    Why
        npm stores the exchanged token under `//registry.npmjs.org/:_authToken` (npm 12.2.0, lib/utils/oidc.js). For the
        upload it searches for a credential from the most specific path upwards (npm-registry-fetch 19.1.1, lib/auth.js,
        `regFromURI`). It finds the other key first and sends that one, without a message.

    Fix
        Remove the more specific key, or the whole line, from the file or variable that the message names.

    If you want to ignore it
        Add `--allow-token` if that token is meant to publish. No option helps where the value is not a valid token.
    """

    id = "token-beats-oidc"
    title = "npm sends a token from its configuration instead of the one from OIDC"
    screen = (Screen("", rank=2),)
    applies_to_tools = True
    follows_from_oidc = True
    rests_on_manifest = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm prefers a more specific key to the exchanged token, unless its token may publish."""
        credential = run.package.credential
        if run.is_forecast:
            return SKIPPED
        hiding = next((problem for problem in stopping_problems(run) if problem.kind == "empty-token"), None)
        if hiding is not None:
            return Judgement(
                Answer.FAIL,
                f"{hiding.text}, so npm is not logged in (ENEEDAUTH)",
                remedy=Remedy(f"Remove that key from {where(hiding.origin)}. Trusted publishing needs no token."),
                location=location(hiding.origin),
            )
        if not credential.beats_oidc or credential.kind not in {*_DEAD, CredentialKind.SET}:
            return PASSED
        origin = credential.origin
        publisher = run.tool.called if run.tool else "npm"
        key = origin.key if origin else "a more specific key"
        # Whether that token works without an exchange does not matter: npm gets here only after one.
        allowed = credential.kind is CredentialKind.SET and run.options.allow_token
        return Judgement(
            Answer.WARN if allowed else Answer.FAIL,
            f"{publisher} prefers {key} to the token from OIDC; it would publish with {sent(credential)}",
            remedy=Remedy(f"Remove that key from {where(origin)}."),
            location=location(origin),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm got its token through OIDC and sent another one, or found none."""
        if log.hides_exchange and "notice" in log.quotes:
            return Judgement(
                Answer.UNKNOWN,
                "the exchange could have succeeded, with npm sending the token of a more specific key instead",
                log.quoted("notice"),
                TRY_AGAIN,
            )
        if log.last.exchanged and log.code == "ENEEDAUTH":
            return _in_quiet_log(log)
        if not log.last.exchanged or log.code not in {"E401", "E404"} or log.last.put_status not in {401, 404}:
            return SKIPPED
        return Judgement(
            Answer.FAIL if "notice" in log.quotes else Answer.WARN,
            "the exchange succeeded, but npm sent another token: it prefers a key with a more specific path",
            evidence=log.quoted("oidc", "notice", "put"),
            remedy=Remedy(
                "Remove the `_authToken` key whose name has a path after the registry's host. To find it, run:",
                command="grep -rn _authToken .npmrc ~/.npmrc",
            ),
        )


def _in_quiet_log(log: Log) -> Judgement:
    """What an exchange that succeeded and ends with ENEEDAUTH means, unless the registry's URL lacks a slash."""
    path = (log.registry or "").partition("://")[2].partition("/")[2]
    if path and not path.endswith("/"):
        return SKIPPED
    return Judgement(
        Answer.FAIL if log.registry else Answer.WARN,
        "the exchange succeeded, but npm did not find its token: it prefers an empty `_authToken` in the project's"
        " .npmrc or in a variable",
        evidence=log.quoted("oidc", "code"),
        remedy=Remedy(
            "Remove the empty `_authToken`. It is often the line of a secret that no longer exists. To find it, run:",
            command="grep -n _authToken .npmrc; env | grep -i '^npm_config_.*_authToken' | cut -d= -f1",
        ),
    )
