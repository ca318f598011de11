"""The cause token-rejected."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import sent
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.log import Oidc
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.oidc import oidc_available, token_available

_OIDC = Remedy("Mend what keeps OIDC from working; no token is needed then.")


class TokenRejected(Cause):
    """What npm would send is no live token.

    What it is
        OIDC gives npm no token, and what its configuration holds instead is setup-node's placeholder, a `${VARIABLE}`
        that is not set, or nothing.

    Why npm behaves so
        actions/setup-node v3 to v6 writes `//registry.npmjs.org/:_authToken=${NODE_AUTH_TOKEN}` and exports
        NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX (src/authutil.ts); v7 exports nothing, and npm keeps
        `${NODE_AUTH_TOKEN}` as it stands (@npmcli/config, lib/env-replace.js). npm sends either, and the registry
        answers "Access token expired or revoked" and 404. With no credential at all npm says ENEEDAUTH. A token that
        the registry knows and that may not publish this package gets 403: "You may not perform that action with these
        credentials".
        NPM_TOKEN and NODE_AUTH_TOKEN do nothing by themselves: some .npmrc has to name them.

    How to mend
        Nothing about the token: mend what keeps OIDC from working. registry-url of setup-node does no harm.

    How to ignore
        This explains and refuses nothing.
    """

    id = "token-rejected"
    title = "what npm would send is no live token"
    screen = (
        Screen("Access token expired or revoked.", rank=2),
        Screen("E404", rank=4),
        Screen("E401: Unable to authenticate"),
    )
    any_registry = True
    likelihood = 30

    def in_run(self, run: Run) -> Judgement:
        """Explain what npm would send where OIDC cannot publish."""
        kind = run.package.credential.kind
        if run.is_forecast or oidc_available(run) is not False:
            return SKIPPED
        if token_available(run):
            return PASSED
        unread = " and ".join(run.command.unread_tokens)
        wasted = (f"{unread} holds a value, and nothing in npm's configuration reads it.",) if unread else ()
        if kind in {CredentialKind.PLACEHOLDER, CredentialKind.UNRESOLVED}:
            return Judgement(
                Answer.WARN,
                f"without OIDC npm would send {sent(run.package.credential)}, and the registry would answer 404 and"
                ' "Access token expired or revoked"',
                evidence=wasted,
                remedy=_OIDC,
            )
        if wasted:
            return Judgement(
                Answer.WARN, f"without OIDC npm would send no token: {wasted[0].removesuffix('.')}", remedy=_OIDC
            )
        return PASSED

    def in_log(self, log: Log) -> Judgement:
        """Fail when a token was all there was, and was refused; else unknown, for the question is OIDC."""
        refused = log.last.put_status in {401, 403, 404} or "notice" in log.quotes
        if log.code == "EINVALIDNPMTOKEN":
            tried = log.oidc is not Oidc.UNKNOWN
            return Judgement(
                Answer.WARN if tried else Answer.FAIL,
                "the registry does not know the token in NPM_TOKEN"
                + (", which was tried because OIDC had given none" if tried else ""),
                evidence=log.quoted("code"),
                remedy=_OIDC,
            )
        if log.code == "ERR_PNPM_WHOAMI_FAILED":
            return Judgement(
                Answer.WARN,
                "the registry did not accept the token that pnpm sent to ask who is logged in",
                evidence=tuple(map(str, log.errors[:1])),
                remedy=_OIDC,
            )
        alone = log.unauthenticated and log.has_exchange is False  # without an exchange a token is all there is
        if log.code == "ENEEDAUTH" and not refused and (log.hides_reason or alone):
            shown = [name for name, kind in log.tokens.items() if kind is CredentialKind.EMPTY]
            return Judgement(
                Answer.UNKNOWN,
                "perhaps a token was meant to publish, and the secret was empty or not given to this job",
                evidence=log.quoted(*shown, "code"),
                remedy=_OIDC,
            )
        if not log.unauthenticated or not refused or log.oidc is Oidc.EXCHANGED:
            return SKIPPED
        if log.without_right is not None:
            return Judgement(
                Answer.FAIL if log.has_exchange is False else Answer.WARN,
                f"the registry knows the credential that npm sent, and it has no right to publish {log.name}",
                evidence=tuple(dict.fromkeys((str(log.without_right), *log.quoted("npm", "npm_before")))),
                remedy=Remedy("Mend what keeps OIDC from working, or publish with the token of one who may."),
            )
        variable = next((name for name, kind in log.tokens.items() if kind is CredentialKind.SET), None)
        if variable is not None and log.has_exchange is False:
            return Judgement(
                Answer.FAIL,
                f"the registry did not take the token that npm sent ({log.last.put_status or log.code}), from"
                f" {variable}",
                evidence=log.quoted(variable, "notice", "put"),
                remedy=_OIDC,
            )
        # A signed provenance statement tells of an id token, and so of a publish that was meant to need no other.
        meant = log.last.signed or bool(_placeholders(log))
        hidden = log.oidc is Oidc.UNKNOWN and log.has_exchange is not False and log.level == "notice"
        if log.dead_token is not None and hidden and not meant:
            return Judgement(
                Answer.WARN,
                "what npm sent is no live token: the registry says that it expired or was revoked; where a trusted"
                " publisher is set up, why npm did not log in through it is the question",
                evidence=(str(log.dead_token), *log.quoted("put")),
                remedy=Remedy("Mend what keeps OIDC from working; where a token is meant to publish, renew that one."),
            )
        return Judgement(
            Answer.UNKNOWN,
            "the registry did not take the token that npm sent; it was sent because OIDC had given npm none, and"
            " why is the question",
            evidence=(*log.quoted("notice", "put"), *_placeholders(log))[:3],
            remedy=_OIDC,
        )


def _placeholders(log: Log) -> tuple[str, ...]:
    shown = [name for name, kind in log.tokens.items() if kind is CredentialKind.PLACEHOLDER]
    return tuple(
        f"{log.quoted(name)[0]} (setup-node's placeholder, which is no token and does not keep npm from its exchange)"
        for name in shown
    )
