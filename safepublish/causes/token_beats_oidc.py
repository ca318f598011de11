"""The cause token-beats-oidc."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import TRY_AGAIN, location, sent, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.log import Log
from safepublish.facts.run import Run
from safepublish.npm.publish_rules import stopping_problems

_DEAD = frozenset({CredentialKind.PLACEHOLDER, CredentialKind.UNRESOLVED})
"""What npm sends although no registry takes it."""


class TokenBeatsOidc(Cause):
    """A key in npm's configuration goes before the token that OIDC gives it.

    What it is
        npm's configuration holds a credential under a key that names the registry *and* a path below it, as
        `//registry.npmjs.org/my-package:_authToken`.
        Or the key of the registry itself is there and *empty*, as of `//registry.npmjs.org/:_authToken=${NPM_TOKEN}` in
        the project's .npmrc once the secret behind NPM_TOKEN is gone.

    Why npm behaves so
        npm stores the exchanged token under `//registry.npmjs.org/:_authToken` (npm 12.2.0, lib/utils/oidc.js). To
        upload, it looks for a credential from the most specific path upwards (npm-registry-fetch 19.1.1, lib/auth.js,
        `regFromURI`), finds the other key first, and sends that one. The exchange was for nothing, and nothing says so.

    How to mend
        Remove the more specific key, or the whole line, from the file or variable that is named.

    How to ignore
        `--allow-token` when that token is meant to publish; no option helps where the key holds what is no token.
    """

    id = "token-beats-oidc"
    title = "a key in npm's configuration goes before the token that OIDC gives it"
    screen = (Screen("", rank=2),)
    applies_to_tools = True
    follows_from_oidc = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where a more specific key goes before the exchanged token, unless it holds one that may publish."""
        credential = run.package.credential
        if run.is_forecast:
            return SKIPPED
        hiding = next((problem for problem in stopping_problems(run) if problem.kind == "empty-token"), None)
        if hiding is not None:
            return Judgement(
                Answer.FAIL,
                f"{hiding.text}, so it finds nobody logged in (ENEEDAUTH)",
                remedy=Remedy(f"Remove that key from {where(hiding.origin)}; trusted publishing needs no token."),
                location=location(hiding.origin),
            )
        if not credential.beats_oidc or credential.kind not in {*_DEAD, CredentialKind.SET}:
            return PASSED
        origin = credential.origin
        publisher = run.tool.called if run.tool else "npm"
        key = origin.key if origin else "a more specific key"
        # Whether that token serves without an exchange does not matter: npm gets here only after one.
        allowed = credential.kind is CredentialKind.SET and run.options.allow_token
        return Judgement(
            Answer.WARN if allowed else Answer.FAIL,
            f"{publisher} prefers {key} to the token that OIDC gives it, and would publish with {sent(credential)}",
            remedy=Remedy(f"Remove that key from {where(origin)}."),
            location=location(origin),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm had its token through OIDC and sent another one, or found none."""
        if log.hides_exchange and "notice" in log.quotes:
            return Judgement(
                Answer.UNKNOWN,
                "perhaps the exchange succeeded, and a key for this very package went before its token",
                log.quoted("notice"),
                TRY_AGAIN,
            )
        if log.last.exchanged and log.code == "ENEEDAUTH":
            return _in_quiet_log(log)
        if not log.last.exchanged or log.code not in {"E401", "E404"} or log.last.put_status not in {401, 404}:
            return SKIPPED
        return Judgement(
            Answer.FAIL if "notice" in log.quotes else Answer.WARN,
            "the exchange succeeded, and npm sent another token: a key for this very package goes before it",
            evidence=log.quoted("oidc", "notice", "put"),
            remedy=Remedy(
                "Remove the key that has more than the registry's host in its name:",
                command="grep -rn _authToken .npmrc ~/.npmrc",
            ),
        )


def _in_quiet_log(log: Log) -> Judgement:
    """What an exchange that succeeded and ends with ENEEDAUTH means, unless the registry's URL wants a slash."""
    path = (log.registry or "").partition("://")[2].partition("/")[2]
    if path and not path.endswith("/"):
        return SKIPPED
    return Judgement(
        Answer.FAIL if log.registry else Answer.WARN,
        "the exchange succeeded, and npm did not find its token: an empty _authToken in the project's .npmrc or in a"
        " variable goes before it",
        evidence=log.quoted("oidc", "code"),
        remedy=Remedy(
            "Remove the line with _authToken, in most cases of a secret that is gone:",
            command="grep -n _authToken .npmrc; env | grep -i '^npm_config_.*_authToken' | cut -d= -f1",
        ),
    )
