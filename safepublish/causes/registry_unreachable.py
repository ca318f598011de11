"""The cause registry-unreachable."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Attempt
from safepublish.facts.run import Existence, Run
from safepublish.logs.log import Log
from safepublish.npm.exchange import Outcome, host_is_certain, hostname, npm_exchange_succeeded, outcome
from safepublish.npm.oidc import failure_answer

_FORBIDDEN = frozenset({401, 403})
"""What a registry answers that hides its packages from strangers: it can be reached."""
_REMEDY = Remedy("Run the job again; behind a proxy, set https-proxy, noproxy and cafile in .npmrc.")


class RegistryUnreachable(Cause):
    """The registry could not be asked.

    What it is
        The registry did not answer in time, or with a fault of its own (5xx), or not at all: DNS, TLS, a proxy. So it
        is not known whether the package and the version exist, or whether the exchange works.
        An IPv6 address as the registry's host: npm up to 12.2.0 looks it up with its brackets, as a name, and finds
        nothing unless a proxy does it. A host that is not in ASCII: Node maps it by Unicode's tables, which safepublish
        does not have. So safepublish sends nothing there, and npm decides.
        In a log also: the registry took the upload and failed at it, or put it off. It answers 409 "Failed to save
        packument" while it is at work on another upload of the package, and 429 where too many came.

    Why npm behaves so
        npm tries longer and more often (fetch-retries, fetch-timeout), so it may still get through. Where it does not,
        it says ECONNREFUSED, ENOTFOUND or a certificate's fault, and of the exchange nothing at all.

    How to mend
        Run the job again; after a failed upload ask first whether the version is out, which it sometimes is. Behind a
        proxy set https-proxy, noproxy and cafile in .npmrc: safepublish takes what npm takes.

    How to ignore
        What cannot be told does not refuse, except with `--strict`. `--deadline SECONDS` waits longer.
    """

    id = "registry-unreachable"
    title = "the registry could not be asked"
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

    def in_run(self, run: Run) -> Judgement:
        """Unknown where the registry gave no answer; fail once npm's own exchange failed as well."""
        if run.package.settings.registry is None:
            return SKIPPED
        why = _why_unreachable(run)
        if why is not None and not npm_exchange_succeeded(run):
            confirmed = run.package.exchange_result.confirmed_by_npm is True
            return Judgement(
                failure_answer(run) if confirmed else Answer.UNKNOWN,
                f"{hostname(run)} could not be asked whether the exchange works: {why}",
                evidence=("npm's own exchange failed as well.",) if confirmed else (),
                remedy=_way_there(run),
            )
        packument = run.package.packument
        if packument.existence is not Existence.UNKNOWN or packument.trouble is None or packument.status in _FORBIDDEN:
            return PASSED
        return Judgement(
            Answer.UNKNOWN,
            f"{hostname(run)} could not be asked which versions of {run.package.manifest.name} exist: "
            f"{packument.trouble}",
            remedy=_REMEDY,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm could not reach the registry to publish; warn where the log does not show what it was to do."""
        fault = log.says("problem related to network connectivity")
        if log.code in _ANSWERS and (log.command is None or log.publishing):
            message, instruction = _ANSWERS[log.code]
            return Judgement(Answer.FAIL, message, evidence=tuple(map(str, log.errors[:2])), remedy=Remedy(instruction))
        untold = log.command is None and log.npm is None and log.last == Attempt()
        if not (log.publishing or untold):
            return SKIPPED
        busy = next(((line, meant) for text, meant in _BUSY.items() if (line := log.says(text)) is not None), None)
        if busy is not None and log.code in {"E409", "E422", "E429"}:
            line, meant = busy
            return Judgement(Answer.WARN, meant, evidence=(str(line),), remedy=_retry(log))
        if log.code == "E409" and log.publishing:
            return Judgement(
                Answer.UNKNOWN,
                "perhaps the registry was still at work on another upload of this package: it answered 409",
                evidence=log.quoted("put", "code"),
                remedy=_retry(log),
            )
        if log.code in _FAULTS and log.publishing:
            return Judgement(
                Answer.FAIL,
                f"the registry failed at its own end: it answered {log.code.removeprefix('E')}",
                evidence=tuple(map(str, log.errors[:3])),
                remedy=_retry(log),
            )
        if log.code not in _CODES | _FAULTS and fault is None:
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
    }
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
_FAULTS = frozenset({"E500", "E502", "E503", "E504"})
_BUSY = {
    "Failed to save packument": "the registry was still at work on another upload of this package",
    "rate limited exceeded": "the registry takes no more uploads for now: the limit of its rate is reached",
    "Too Many Requests": "the registry takes no more uploads for now: the limit of its rate is reached",
    "error refreshing TUF metadata": "the registry could not verify the provenance: its own copy of Sigstore's keys"
    " could not be refreshed",
}
"""What the registry says of a fault that passes, and what it means."""


def _way_there(run: Run) -> Remedy:
    """What helps where the registry's host itself is at fault, else what helps with the way to it."""
    if not host_is_certain(run):
        return Remedy("Write the registry's host in ASCII, as new URL(…).host prints it in Node.")
    if hostname(run).startswith("["):
        return Remedy("Write the registry's host name instead of its IPv6 address.")
    return _REMEDY


def _retry(log: Log) -> Remedy:
    """To ask first: an upload that the registry answered with its own fault is often there all the same."""
    last = log.last
    spec = f"{last.name}@{last.version}" if last.name and last.version else last.name or "NAME@VERSION"
    return Remedy(
        "See whether the version is out; if not, wait a few minutes and run the job again.",
        command=f"npm view {spec} version",
    )


def _why_unreachable(run: Run) -> str | None:
    """Why the exchange has no answer although it was to be asked for; None where it has, or was not to be."""
    probe = run.package.exchange_result
    if outcome(run) is Outcome.UNREACHABLE:
        return probe.why or "no answer"
    return probe.why if outcome(run) is Outcome.NOT_ASKED and run.options.probe else None
