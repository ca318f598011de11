"""What the answer of the registry's exchange endpoint means.

npmjs.com answers `OIDC token exchange error - package not found` with 404 when the package or a matching publisher is
missing, `… unauthorized` with 401, `… bad request` with 400 (its OpenAPI description; npm logs the message, npm 12.2.0
lib/utils/oidc.js). A registry without trusted publishing answers in its own words.
"""

import enum

from safepublish.facts.finding import Answer, Judgement
from safepublish.facts.run import Exchange, IdTokenRequest, Run
from safepublish.npm import url
from safepublish.npm.http_status import may_pass

NPMJS = "registry.npmjs.org"
"""npm's default registry, known to offer the exchange."""

MIRRORS = frozenset({"registry.yarnpkg.com"})
"""Other names for npm's registry, under which it takes no publish for trusted."""


class Outcome(enum.Enum):
    """The meaning of the exchange's answer."""

    NOT_ASKED = "not asked"
    ACCEPTED = "accepted"
    NO_PUBLISHER = "no publisher"  # no such package, or none of its publishers matches
    UNAUTHORIZED = "unauthorized"  # the id token itself is not accepted
    NOT_OFFERED = "not offered"  # no registry with trusted publishing
    TRANSIENT = "transient"  # 5xx, or an answer without a token
    UNREACHABLE = "unreachable"


_OUTCOMES = {
    Exchange.NOT_ASKED: Outcome.NOT_ASKED,
    Exchange.ACCEPTED: Outcome.ACCEPTED,
    Exchange.FAILED: Outcome.TRANSIENT,
    Exchange.UNREACHABLE: Outcome.UNREACHABLE,
}


def hostname(run: Run) -> str:
    """The host name of the registry that npm publishes to, without its port; "" when there is none."""
    setting = run.package.settings.registry
    parsed = url.parse(setting.value) if setting else None
    return parsed.hostname if parsed else ""


def host_is_certain(run: Run) -> bool:
    """Whether that is the host which npm reads in the registry's URL; no cause may refuse because of another."""
    setting = run.package.settings.registry
    parsed = url.parse(setting.value) if setting else None
    return parsed is None or parsed.certain


def outcome(run: Run) -> Outcome:
    """What the registry's answer to our own exchange means."""
    result = run.package.exchange_result
    if result.exchange is Exchange.REFUSED:
        return _refused(run)
    return _OUTCOMES[result.exchange]


def _refused(run: Run) -> Outcome:
    result = run.package.exchange_result
    host = hostname(run)
    if host in MIRRORS:
        return Outcome.NOT_OFFERED
    if host != NPMJS and "oidc" not in (result.message or "").lower():
        return Outcome.NOT_OFFERED
    return Outcome.NO_PUBLISHER if result.status == 404 else Outcome.UNAUTHORIZED


def id_token_refused(run: Run) -> bool:
    """Whether the CI's identity endpoint refused a token: 4xx, or an answer without one.

    A status that may pass decides nothing, because npm then sends its request again.
    """
    token = run.identity.id_token
    return token.request is IdTokenRequest.REFUSED and (token.status is None or not may_pass(token.status))


def id_token_failed(run: Run) -> bool:
    """Whether the CI's identity endpoint gave no token for a reason that may pass."""
    token = run.identity.id_token
    return token.request is IdTokenRequest.UNREACHABLE or (
        token.request is IdTokenRequest.REFUSED and not id_token_refused(run)
    )


def registry_answer(run: Run) -> str:
    """The registry's answer in one phrase: its status and its message."""
    result = run.package.exchange_result
    status = "no answer" if result.status is None else str(result.status)
    return f"{status}: {result.message}" if result.message else status


def npm_exchange_succeeded(run: Run) -> bool:
    """Whether the npm that will run was given a token where our own exchange was not."""
    return run.package.exchange_result.confirmed_by_npm is False


def disagreement(run: Run) -> Judgement:
    """The warning where npm's own exchange succeeded: npm is right."""
    return Judgement(
        Answer.WARN,
        f"{hostname(run)} refused safepublish's exchange ({registry_answer(run)}), but accepted npm's own",
        evidence=("npm's result counts, so nothing is refused. Please report the difference to safepublish.",),
    )
