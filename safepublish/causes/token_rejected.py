"""The cause token-rejected."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import sent
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.log import Oidc
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.oidc import oidc_available, token_available

_OIDC = Remedy("Fix what keeps OIDC from working. Then no token is needed.")


class TokenRejected(Cause):
    """npm has no valid token to fall back to.

    What happens
        npm fails with E404, "Not Found - PUT …", and "Access token expired or revoked", or with E401, "Unable to
        authenticate". npm got no token through OIDC, and its configuration has only setup-node's placeholder, a
        `${VARIABLE}` that is not set, or nothing.

    Why
        actions/setup-node v3 to v6 writes `//registry.npmjs.org/:_authToken=${NODE_AUTH_TOKEN}` and exports
        NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX (src/authutil.ts). v7 exports nothing, and npm keeps the text
        `${NODE_AUTH_TOKEN}` (@npmcli/config, lib/env-replace.js). npm sends either, and the registry answers "Access
        token expired or revoked" and 404. Without any credential npm fails with ENEEDAUTH. A token that the registry
        knows, but that may not publish this package, gets 403: "You may not perform that action with these
        credentials". NPM_TOKEN and NODE_AUTH_TOKEN have no effect by themselves: an .npmrc has to name them.

    Fix
        Do not change the token. Fix what keeps OIDC from working. setup-node's registry-url does no harm.

    If you want to ignore it
        It explains another cause and never refuses.
    """

    id = "token-rejected"
    title = "npm has no valid token to fall back to"
    screen = (
        Screen("Access token expired or revoked.", rank=2),
        Screen("E404", rank=4),
        Screen("E401: Unable to authenticate"),
    )
    any_registry = True
    likelihood = 30
    rests_on_manifest = True

    def in_run(self, run: Run) -> Judgement:
        """Explain what npm would send where OIDC cannot publish."""
        kind = run.package.credential.kind
        if run.is_forecast or oidc_available(run) is not False:
            return SKIPPED
        if token_available(run):
            return PASSED
        unread = run.command.unread_tokens
        are = "is" if len(unread) == 1 else "are"
        unused = (f"{' and '.join(unread)} {are} set, but nothing in npm's configuration reads it.",) if unread else ()
        if kind in {CredentialKind.PLACEHOLDER, CredentialKind.UNRESOLVED}:
            return Judgement(
                Answer.WARN,
                f"without OIDC npm would send {sent(run.package.credential)}; the registry would answer 404 and"
                ' "Access token expired or revoked"',
                evidence=unused,
                remedy=_OIDC,
            )
        if unused:
            return Judgement(
                Answer.WARN, f"without OIDC npm would send no token: {unused[0].removesuffix('.')}", remedy=_OIDC
            )
        return PASSED

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm had only a token and it was refused; else unknown, because OIDC should have worked."""
        refused = log.last.put_status in {401, 403, 404} or "notice" in log.quotes
        if log.code == "EINVALIDNPMTOKEN":
            tried = log.oidc is not Oidc.UNKNOWN
            return Judgement(
                Answer.WARN if tried else Answer.FAIL,
                "the registry does not know the token in NPM_TOKEN"
                + (", which was tried because npm got none through OIDC" if tried else ""),
                evidence=log.quoted("code"),
                remedy=_OIDC,
            )
        if log.code in {"ERR_PNPM_WHOAMI_FAILED", "ERR_PNPM_WHOAMI_UNAUTHORIZED"}:
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
                "if a token was meant to publish, its secret could be empty or not available to this job",
                evidence=log.quoted(*shown, "code"),
                remedy=_OIDC,
            )
        if not log.unauthenticated or not refused or log.oidc is Oidc.EXCHANGED:
            return SKIPPED
        if log.without_right is not None:
            return Judgement(
                Answer.FAIL if log.has_exchange is False else Answer.WARN,
                f"the registry knows the credential that npm sent, but it may not publish {log.name}",
                evidence=tuple(dict.fromkeys((str(log.without_right), *log.quoted("npm", "npm_before")))),
                remedy=Remedy("Fix what keeps OIDC from working, or use the token of an account that may publish."),
            )
        variable = next((name for name, kind in log.tokens.items() if kind is CredentialKind.SET), None)
        if variable is not None and log.has_exchange is False:
            return Judgement(
                Answer.FAIL,
                f"the registry refused the token from {variable} that npm sent ({log.last.put_status or log.code})",
                evidence=log.quoted(variable, "notice", "put"),
                remedy=_OIDC,
            )
        # A signed provenance statement shows an ID token, and so a publish that was meant to need no other token.
        meant = log.last.signed or bool(_placeholders(log))
        hidden = log.oidc is Oidc.UNKNOWN and log.has_exchange is not False and log.level == "notice"
        if log.dead_token is not None and hidden and not meant:
            return Judgement(
                Answer.WARN,
                "the registry refused the token that npm sent as expired or revoked; with a trusted publisher npm would"
                " not have sent it",
                evidence=(str(log.dead_token), *log.quoted("put")),
                remedy=Remedy("Fix what keeps OIDC from working. If a token is meant to publish, renew it."),
            )
        return Judgement(
            Answer.UNKNOWN,
            "the registry refused the token that npm sent; npm sent it because it got none through OIDC",
            evidence=(*log.quoted("notice", "put"), *_placeholders(log))[:3],
            remedy=_OIDC,
        )


def _placeholders(log: Log) -> tuple[str, ...]:
    shown = [name for name, kind in log.tokens.items() if kind is CredentialKind.PLACEHOLDER]
    return tuple(
        f"{log.quoted(name)[0]} (setup-node's placeholder, which is not a token and does not prevent the exchange)"
        for name in shown
    )
