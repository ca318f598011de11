"""A token for this very package goes before OIDC.

What it is
    npm's configuration holds a credential under a key that names the registry *and* a path below it, as
    `//registry.npmjs.org/my-package:_authToken`.

Why npm behaves so
    npm stores the exchanged token under `//registry.npmjs.org/:_authToken` (npm 12.2.0, lib/utils/oidc.js). To upload,
    it looks for a credential from the most specific path upwards (npm-registry-fetch 19.1.1, lib/auth.js,
    `regFromURI`), finds the other key first, and sends that one. The exchange was for nothing, and nothing says so.

How to mend
    Remove the more specific key, or the whole line, from the file or variable that is named.

How to ignore
    `--allow-token` when that token is meant to publish; no option helps where the key holds what is no token.
"""

from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Kind
from safepublish.facts.log import Log
from safepublish.facts.run import Run
from safepublish.facts.wording import TRY_AGAIN, location, sent, where

ID = "token-beats-oidc"
TITLE = "a token for this very package goes before OIDC"

_DEAD = frozenset({Kind.PLACEHOLDER, Kind.UNRESOLVED})
"""What npm sends although no registry takes it."""


def in_run(run: Run) -> Judgement:
    """Fail where a more specific key goes before the exchanged token, unless it holds one that may publish."""
    credential = run.package.credential
    if run.predict:
        return SKIPPED
    if not credential.beats_oidc or credential.kind not in {*_DEAD, Kind.SET}:
        return PASSED
    origin = credential.origin
    publisher = run.tool.name if run.tool else "npm"
    key = origin.key if origin else "a more specific key"
    # Whether that token serves without an exchange does not matter: npm gets here only after one.
    allowed = credential.kind is Kind.SET and run.options.allow_token
    return Judgement(
        Answer.WARN if allowed else Answer.FAIL,
        f"{publisher} prefers {key} to the token that OIDC gives it, and would publish with {sent(credential)}",
        remedy=Remedy(f"Remove that key from {where(origin)}."),
        location=location(origin),
    )


def in_log(log: Log) -> Judgement:
    """Fail when the upload was refused for its token although the exchange had given npm one."""
    if log.hides_exchange and "notice" in log.quotes:
        return Judgement(
            Answer.UNKNOWN,
            "perhaps the exchange succeeded, and a key for this very package went before its token",
            log.quoted("notice"),
            TRY_AGAIN,
        )
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
