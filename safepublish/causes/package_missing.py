"""The cause package-missing."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.publisher_mismatch import trust_command
from safepublish.causes.wording import quoted
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Log, Oidc
from safepublish.facts.run import Existence, Run
from safepublish.npm.exchange import NPMJS, Outcome, disagreement, hostname, npm_exchange_succeeded, outcome
from safepublish.npm.oidc import failure_answer


class PackageMissing(Cause):
    """The package does not exist yet.

    What it is
        The registry knows no package of that name. Trusted publishers belong to a package, so the first version cannot
        come through OIDC.

    Why npm behaves so
        npmjs.com answers the exchange with 404, "OIDC token exchange error - package not found", both for a package
        that
        is not there and for one of which no publisher matches; npm keeps that to itself (log level verbose, npm 12.2.0,
        lib/utils/oidc.js) and fails with E404 or ENEEDAUTH. A private package looks the same to a stranger: its 404
        does not tell whether it exists. Feature request for a first publish through OIDC: npm/cli#8544.

    How to mend
        Publish the first version by hand, from a laptop: `npm login`, `npm publish --access public`. Then name the
        trusted publisher at https://www.npmjs.com/package/NAME/access, or with `npm trust github NAME …`.
        If the package exists and is private, see `safepublish explain publisher-mismatch`.

    How to ignore
        `--allow-token` publishes the first version with a token.
    """

    id = "package-missing"
    title = "the package does not exist yet"
    screen = (
        Screen("E404", rank=3),
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=4),
        Screen(
            "EUSAGE: Can't generate provenance for new or private package, you must set `access` to public.", rank=2
        ),
        Screen("package not found", rank=2, hidden=True),
    )
    applies_to_tools = True
    rests_on_network = True
    likelihood = 40

    def in_run(self, run: Run) -> Judgement:
        """Fail where the exchange was refused and the registry shows no such package."""
        package = run.package
        found = outcome(run)
        if package.name is None or package.packument.existence is not Existence.ABSENT:
            return SKIPPED
        if found in {Outcome.ACCEPTED, Outcome.NOT_OFFERED, Outcome.UNAUTHORIZED}:
            return SKIPPED
        if npm_exchange_succeeded(run):
            return disagreement(run)
        message = f"{hostname(run)} shows no package {package.name}"
        refused = found is Outcome.NO_PUBLISHER or package.exchange_result.confirmed_by_npm
        if not refused and not _is_never_private(run):
            return Judgement(
                Answer.UNKNOWN,
                f"{message}: it is new, which OIDC cannot publish, or it is private",
                remedy=_remedy(run, package.name),
            )
        return Judgement(
            failure_answer(run),
            f"{message}: the first version of a package cannot be published through OIDC",
            evidence=_evidence(run, package.name),
            remedy=_remedy(run, package.name),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the exchange was refused and the registry showed no package; unknown when it was not asked."""
        if not log.unauthenticated or log.oidc not in {Oidc.REFUSED, Oidc.UNKNOWN} or log.last.packument_status == 200:
            return SKIPPED
        if log.oidc is Oidc.UNKNOWN and not log.hides_exchange:
            return SKIPPED
        name = log.name
        ask = Remedy(
            "Ask the registry; E404 means that it is new, or private.", command=f"npm view {quoted(name)} version"
        )
        if log.oidc is Oidc.UNKNOWN and log.last.packument_status == 404:
            return Judgement(
                Answer.WARN,
                f"{name} does not exist yet, as it seems{', or is private' if name.startswith('@') else ''}: the"
                " registry showed none, and the first version of a package cannot be published through OIDC",
                evidence=log.quoted("packument", "code"),
                remedy=ask,
            )
        if log.oidc is Oidc.UNKNOWN or log.last.packument_status is None:
            return Judgement(
                Answer.UNKNOWN,
                f"perhaps {name} does not exist yet: the first version of a package cannot be published through OIDC",
                evidence=log.quoted("oidc", "code")[:1],
                remedy=ask,
            )
        private = name.startswith("@")
        return Judgement(
            Answer.WARN if private else Answer.FAIL,
            f"{name} does not exist yet{', or is private' if private else ''}: the first version of a package cannot be"
            " published through OIDC",
            evidence=log.quoted("exchange", "oidc", "packument"),
            remedy=Remedy(
                "Publish the first version from a laptop, then name the trusted publisher in the package's settings.",
                command="npm login && npm publish --access public",
            ),
        )


def _is_never_private(run: Run) -> bool:
    """Whether a 404 proves that OIDC cannot publish: at npmjs.com only scoped packages can be private.

    `npm stage publish` may come before the first version.
    """
    scoped = (run.package.name or "").startswith("@")
    return hostname(run) == NPMJS and not scoped and run.command == "publish"


def _evidence(run: Run, name: str) -> tuple[str, ...]:
    lines = []
    if outcome(run) is Outcome.NO_PUBLISHER:
        answer = run.package.exchange_result
        lines.append(f"The exchange was refused with {answer.status}: {answer.message or ''}")
    if name.startswith("@"):
        lines.append(
            f"If {name} exists and is private, no trusted publisher of it matches this run:"
            " see safepublish explain publisher-mismatch."
        )
    return tuple(lines)


def _remedy(run: Run, name: str) -> Remedy:
    access = " --access public" if name.startswith("@") and run.package.access != "restricted" else ""
    spec = "" if run.package.spec == "." else f" {quoted(run.package.spec)}"
    then = trust_command(run)
    text = "Publish the first version from a laptop with the command below"
    if then is not None:
        return Remedy(
            f"{text}, and name this workflow as its trusted publisher with the second.",
            command=f"npm login && npm publish{spec}{access}\n{then}",
        )
    return Remedy(
        f"{text}, and name the trusted publisher in the package's settings.",
        command=f"npm login && npm publish{spec}{access}",
    )
