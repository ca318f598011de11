"""The cause two-factor-required."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
from safepublish.logs.log import Log

_CODES = frozenset(
    {"EOTP", "ERR_PNPM_OTP_NON_INTERACTIVE", "ERR_PNPM_OTP_REQUIRED", "ERR_PNPM_WEBAUTH_NON_INTERACTIVE"}
)


class TwoFactorRequired(Cause):
    """The registry asks for a one-time password.

    What it is
        npm ends with EOTP, or the registry says that this token may no longer go around two-factor authentication.

    Why npm behaves so
        A publish through OIDC is never asked for one. Where it is asked, a token was used: the exchange was not tried
        or refused, and npm fell back in silence (npm 12.2.0, lib/utils/oidc.js). npm then waits for a password that no
        CI job can type.

    How to mend
        Mend what kept OIDC from working: `safepublish check` in the same job names it. Then remove the token.

    How to ignore
        It is seen only in a log, and refuses nothing.
    """

    id = "two-factor-required"
    title = "the registry asks for a one-time password"
    screen = (
        Screen("E403: This package requires that publishers enable TFA"),
        Screen("EOTP: This operation requires a one-time password"),
    )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry asked for a one-time password: a token was sent, not OIDC's."""
        denied = log.code in {"E401", "E403"}
        line = (log.says("wo-factor auth") or log.says("enable TFA")) if denied else None
        if log.code not in _CODES and line is None and not _asks_for_password(log):
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "the registry wants a one-time password, so npm sent a token and not OIDC's",
            evidence=(*((str(line),) if line else ()), *log.quoted("code", "oidc")),
            remedy=Remedy(
                "Mend what keeps OIDC from working: a publish through OIDC needs no password. Where a token is meant to"
                " publish, it has to be a granular one that bypasses 2FA."
            ),
        )


def _asks_for_password(log: Log) -> bool:
    """Whether the registry asks for a password, in its words of today or in those for an npm that knows of none."""
    return any(log.says(text) is not None for text in ("requires a one-time pass", "must provide a one-time pass"))
