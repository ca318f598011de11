"""The cause two-factor-required."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
from safepublish.logs.log import Log

_CODES = frozenset(
    {"EOTP", "ERR_PNPM_OTP_NON_INTERACTIVE", "ERR_PNPM_OTP_REQUIRED", "ERR_PNPM_WEBAUTH_NON_INTERACTIVE"}
)


class TwoFactorRequired(Cause):
    """The registry requires a one-time password.

    What happens
        npm fails with EOTP, "This operation requires a one-time password", or the registry refuses a token that may no
        longer bypass two-factor authentication.

    Why
        A publish through OIDC never needs a one-time password. If the registry requires one, npm sent a token. The
        exchange was not tried or was refused, and npm fell back to the token without a message (npm 12.2.0,
        lib/utils/oidc.js). npm then waits for a password that no CI job can type.

    Fix
        Fix what keeps OIDC from working: `safepublish check` in the same job names it. Then remove the token.

    If you want to ignore it
        It is found only in a log, and never refuses.
    """

    id = "two-factor-required"
    title = "the registry requires a one-time password"
    screen = (
        Screen("E403: This package requires that publishers enable TFA"),
        Screen("EOTP: This operation requires a one-time password"),
    )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry required a one-time password: npm sent a token that is not from OIDC."""
        if (log.command or "").startswith("npm trust"):
            return SKIPPED
        denied = log.code in {"E401", "E403"}
        line = (log.says("wo-factor auth") or log.says("enable TFA")) if denied else None
        if log.code not in _CODES and line is None and not _asks_for_password(log):
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "the registry requires a one-time password, so npm sent a token that is not from OIDC",
            evidence=(*((str(line),) if line else ()), *log.quoted("code", "oidc")),
            remedy=Remedy(
                "Fix what keeps OIDC from working: a publish through OIDC needs no password. If a token is meant to"
                " publish, use a granular one that bypasses 2FA."
            ),
        )


def _asks_for_password(log: Log) -> bool:
    """Whether the registry requires a password, in its current text or in that for an npm without support for it."""
    return any(log.says(text) is not None for text in ("requires a one-time pass", "must provide a one-time pass"))
