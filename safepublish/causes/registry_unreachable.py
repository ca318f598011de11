"""The registry could not be asked.

What it is
    The registry did not answer in time, or with a fault of its own (5xx), or not at all: DNS, TLS, a proxy. So it is
    not known whether the package and the version exist, or whether the exchange works.

Why npm behaves so
    npm tries longer and more often (fetch-retries, fetch-timeout), so it may still get through. Where it does not, it
    says ECONNREFUSED, ENOTFOUND or a certificate's fault, and of the exchange nothing at all.

How to mend
    Run the job again. Behind a proxy set https-proxy, noproxy and cafile in .npmrc: safepublish takes what npm takes.

How to ignore
    What cannot be told does not refuse, except with `--strict`. `--deadline SECONDS` waits longer.
"""

from safepublish.facts.authority import refusal
from safepublish.facts.exchange import Outcome, contradicted, hostname, outcome
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Attempt, Log
from safepublish.facts.run import Existence, Run

ID = "registry-unreachable"
TITLE = "the registry could not be asked"

_FORBIDDEN = frozenset({401, 403})
"""What a registry answers that hides its packages from strangers: it can be reached."""
_MEND = Remedy("Run the job again; behind a proxy, set https-proxy, noproxy and cafile in .npmrc.")


def in_run(run: Run) -> Judgement:
    """Unknown where the registry gave no answer; fail once npm's own exchange failed as well."""
    if run.package.registry is None:
        return SKIPPED
    why = _silence(run)
    if why is not None and not contradicted(run):
        confirmed = run.package.probe.confirmed_by_npm is True
        return Judgement(
            refusal(run) if confirmed else Answer.UNKNOWN,
            f"{hostname(run)} could not be asked whether the exchange works: {why}",
            evidence=("npm's own exchange failed as well.",) if confirmed else (),
            remedy=_MEND,
        )
    packument = run.package.packument
    if packument.existence is not Existence.UNKNOWN or packument.trouble is None or packument.status in _FORBIDDEN:
        return PASSED
    return Judgement(
        Answer.UNKNOWN,
        f"{hostname(run)} could not be asked which versions of {run.package.name} exist: {packument.trouble}",
        remedy=_MEND,
    )


_CODES = frozenset(
    {"ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "E500", "E502", "E503", "E504"}
)


def in_log(log: Log) -> Judgement:
    """Fail when npm could not reach the registry to publish; warn where the log does not show what it was to do."""
    told = log.says("problem related to network connectivity")
    untold = log.command is None and log.npm is None and log.last == Attempt()
    if not (log.publishing or untold) or (log.code not in _CODES and told is None):
        return SKIPPED
    return Judgement(
        Answer.FAIL if log.publishing else Answer.WARN,
        f"npm could not reach the registry{f' ({log.code})' if log.code else ''}",
        evidence=tuple(map(str, log.errors[:3])),
        remedy=_MEND,
    )


def _silence(run: Run) -> str | None:
    """Why the exchange has no answer although it was to be asked for; None where it has, or was not to be."""
    probe = run.package.probe
    if outcome(run) is Outcome.UNREACHABLE:
        return probe.why or run.registry_ca_trouble or "no answer"
    return probe.why if outcome(run) is Outcome.NOT_ASKED and run.options.probe else None
