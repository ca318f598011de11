"""The cause registry-unreachable."""

import re

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Attempt
from safepublish.facts.run import Existence, Run
from safepublish.logs.log import Log
from safepublish.npm.exchange import Outcome, host_is_certain, hostname, npm_exchange_succeeded, outcome
from safepublish.npm.oidc import failure_answer

_FORBIDDEN = frozenset({401, 403})
"""The statuses of a registry that hides its packages from strangers: it can be reached."""
_REMEDY = Remedy(
    "If the publish does not work, run the job again. `--deadline` gives the checks more time. Behind a proxy, set"
    " https-proxy in .npmrc."
)


class RegistryUnreachable(Cause):
    """The registry could not be reached.

    What happens
        npm fails with ECONNREFUSED, ENOTFOUND, ETIMEDOUT, a certificate error, or a 5xx of the registry. The registry
        did not answer in time, answered with an error of its own, or could not be reached (DNS, TLS, a proxy). So it is
        unknown whether the package and the version exist, and whether the exchange works. In a log also: the registry
        accepted the upload and failed, or postponed it. It answers 409, "Failed to save packument", while it processes
        another upload of the package, and 429 after too many uploads.

    Why
        npm waits longer and retries more often (fetch-retries, fetch-timeout), so it may still succeed. When it fails,
        it prints the network error, and nothing about the exchange. Two kinds of host cannot be checked, so safepublish
        sends nothing to them. Where the host is an IPv6 address, npm up to 12.2.0 resolves it with its brackets, as a
        name, and fails unless a proxy resolves it. Where the host is not in ASCII, Node maps it by Unicode's tables,
        which safepublish does not have.

    Fix
        Run the job again. After a failed upload first check whether the version was published; sometimes it was. Behind
        a proxy set https-proxy, noproxy and cafile in .npmrc; safepublish uses npm's settings.

    If you want to ignore it
        An inconclusive check does not refuse, except with `--strict`. `--deadline SECONDS` waits longer.
    """

    id = "registry-unreachable"
    title = "the registry could not be reached"
    screen = (
        Screen("E409", rank=2),
        Screen("E409: Failed to save packument"),
        Screen("E422: error refreshing TUF metadata"),
        Screen("E429"),
        Screen("ECONNREFUSED"),
        Screen("ENOTFOUND"),
        Screen("ETIMEDOUT"),
        Screen("E500"),
    )
    applies_to_tools = True
    rests_on_network = True
    rests_on_manifest = True

    def in_run(self, run: Run) -> Judgement:
        """Unknown where the registry gave no answer; fail once npm's own exchange failed as well."""
        if run.package.settings.registry is None:
            return SKIPPED
        why = _why_unreachable(run)
        if why is not None and not npm_exchange_succeeded(run):
            confirmed = run.package.exchange_result.confirmed_by_npm is True
            return Judgement(
                failure_answer(run) if confirmed else Answer.UNKNOWN,
                f"the exchange with {hostname(run)} could not be checked: {why}",
                evidence=("npm's own exchange also failed.",) if confirmed else (),
                remedy=_way_there(run),
            )
        packument = run.package.packument
        if packument.existence is not Existence.UNKNOWN or packument.trouble is None or packument.status in _FORBIDDEN:
            return PASSED
        return Judgement(
            Answer.UNKNOWN,
            f"the versions of {run.package.manifest.name} on {hostname(run)} could not be checked: {packument.trouble}",
            remedy=_REMEDY,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm could not reach the registry to publish; warn where the log does not show npm's command."""
        fault = next((line for text in _NO_CONNECTION if (line := log.says(text)) is not None), None)
        if log.code in _ANSWERS and (log.command is None or log.publishing):
            message, instruction = _ANSWERS[log.code]
            return Judgement(Answer.FAIL, message, evidence=tuple(map(str, log.errors[:2])), remedy=Remedy(instruction))
        unknown_command = log.command is None and log.npm is None and log.last == Attempt()
        if not (log.publishing or unknown_command):
            return SKIPPED
        busy = next(((line, meant) for text, meant in _BUSY.items() if (line := log.says(text)) is not None), None)
        if busy is not None and log.code in {"E409", "E422", "E429"}:
            line, meant = busy
            return Judgement(Answer.WARN, meant, evidence=(str(line),), remedy=_retry(log))
        if log.code == "E429" and log.publishing:
            return Judgement(Answer.WARN, _LIMIT, evidence=tuple(map(str, log.errors[:2])), remedy=_retry(log))
        if log.code == "E409" and log.publishing:
            return Judgement(
                Answer.UNKNOWN,
                "the registry may still have been processing another upload of this package; it answered 409",
                evidence=log.quoted("put", "code"),
                remedy=_retry(log),
            )
        is_fault = _FAULTS.fullmatch(log.code or "") is not None
        if is_fault and log.publishing:
            return Judgement(
                Answer.FAIL,
                f"the registry had an error of its own; it answered {(log.code or '').removeprefix('E')}",
                evidence=tuple(map(str, log.errors[:3])),
                remedy=_retry(log),
            )
        if log.code not in _CODES and not _TLS.match(log.code or "") and not is_fault and fault is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL if log.publishing else Answer.WARN,
            f"npm could not reach the registry{f' ({log.code})' if log.code else ''}",
            evidence=tuple(map(str, log.errors[:3])),
            remedy=_REMEDY,
        )


_CODES = frozenset(
    {
        *("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"),
        *("SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_HAS_EXPIRED"),
        *("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "ERR_TLS_CERT_ALTNAME_INVALID"),
        *("ECONNECTIONTIMEOUT", "EIDLETIMEOUT", "ERESPONSETIMEOUT", "ETRANSFERTIMEOUT", "EINVALIDPROXY"),  # npm's agent
        *("ESOCKETTIMEDOUT", "ERR_SOCKET_TIMEOUT", "ECONNABORTED", "EADDRNOTAVAIL", "EPIPE", "EPROTO"),
        *("UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_SOCKET"),  # pnpm's
        *("ERR_PNPM_META_FETCH_FAIL", "ERR_PNPM_TLS_HANDSHAKE_TIMEOUT", "ERR_PNPM_NO_OFFLINE_META"),
    }
)
_TLS = re.compile(r"ERR_SSL_|HPE_|CERT_")
"""OpenSSL's errors, those of Node's HTTP parser, and those of certificates."""
_NO_CONNECTION = (
    "problem related to network connectivity",
    "Connection to npm registry failed",  # np
    "Unable to reach npm registry",  # release-it
)
_ANSWERS = {
    "E413": (
        "the package is too large for the registry: it answered 413",
        "Publish fewer files: list those that are needed in `files` of package.json.",
    ),
    "ENOTCACHED": (
        "npm ran offline, so it did not ask the registry",
        "Remove `offline` and `--offline` from npm's configuration and from the command.",
    ),
}
"""What ends an upload and has one meaning: the message, and what to do."""
_FAULTS = re.compile(r"E5(?!05|07|01)\d\d")
"""The registry's own errors and those of what stands before it, such as Cloudflare's 520 to 530."""
_LIMIT = "the registry accepts no more uploads for now: its rate limit is reached"
_BUSY = {
    "Failed to save packument": "the registry was still processing another upload of this package",
    "rate limited exceeded": _LIMIT,
    "Too Many Requests": _LIMIT,
    "error refreshing TUF metadata": "the registry could not verify the provenance: it could not refresh its own copy"
    " of Sigstore's keys",
}
"""The registry's text for a temporary error, and what it means."""


def _way_there(run: Run) -> Remedy:
    """The fix for the registry's host name where that is at fault, else for the connection to it."""
    if not host_is_certain(run):
        return Remedy("Write the registry's host in ASCII, as `new URL(…).host` prints it in Node.")
    if hostname(run).startswith("["):
        return Remedy("Write the registry's host name instead of its IPv6 address.")
    return _REMEDY


def _retry(log: Log) -> Remedy:
    """Check first: an upload that the registry answered with its own error is often published all the same."""
    last = log.last
    spec = f"{last.name}@{last.version}" if last.name and last.version else last.name or "NAME@VERSION"
    return Remedy(
        "Check whether the version was published. If not, wait a few minutes and run the job again.",
        command=f"npm view {spec} version",
    )


def _why_unreachable(run: Run) -> str | None:
    """Why the exchange has no answer; None where it has one, or where it was not to be checked."""
    probe = run.package.exchange_result
    if outcome(run) is Outcome.UNREACHABLE:
        return probe.why or "no answer"
    return probe.why if outcome(run) is Outcome.NOT_ASKED and run.options.probe else None
