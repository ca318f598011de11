"""The cause package-missing."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.publisher_mismatch import trust_command
from safepublish.causes.wording import quoted
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Oidc
from safepublish.facts.run import Existence, Run
from safepublish.logs.log import Log
from safepublish.npm.exchange import NPMJS, Outcome, disagreement, hostname, npm_exchange_succeeded, outcome
from safepublish.npm.oidc import failure_answer

PUBLISH_SOON = "Publish the next version from CI within two days: a publisher that is not used is reported to expire."
"""What to do after adding a publisher (npm/documentation#2041, a proposed change)."""


class PackageMissing(Cause):
    """The package does not exist yet.

    What happens
        npm fails with E404, "Not Found - PUT https://registry.npmjs.org/NAME", or with ENEEDAUTH. The registry has no
        package of that name. A trusted publisher belongs to a package, so the first version cannot be published through
        OIDC.

    Why
        npmjs.com answers the exchange with 404, "OIDC token exchange error - package not found". The answer is the same
        for a package that does not exist and for one without a matching publisher. npm logs it only at level verbose
        (npm 12.2.0, lib/utils/oidc.js), and then fails with E404 or ENEEDAUTH. A private package also answers 404 to a
        stranger, so a 404 does not prove that it does not exist. The request for a first publish through OIDC is
        npm/cli#8544.

    Fix
        Publish the first version by hand, from a laptop: `npm login`, then `npm publish --access public`. Then add the
        trusted publisher at https://www.npmjs.com/package/NAME/access, or with `npm trust github NAME …`. Then publish
        the next version from CI soon. A proposed change to npm's documentation (npm/documentation#2041) reports that a
        new trusted publisher expires when no publish succeeds within two days of its creation. An expired publisher
        must be deleted and created again. If the package exists and is private, see `safepublish explain
        publisher-mismatch`.

    If you want to ignore it
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
    rests_on_manifest = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the exchange was refused and the registry has no such package."""
        package = run.package
        found = outcome(run)
        if package.manifest.name is None or package.packument.existence is not Existence.ABSENT:
            return SKIPPED
        if found in {Outcome.ACCEPTED, Outcome.NOT_OFFERED, Outcome.UNAUTHORIZED}:
            return SKIPPED
        if npm_exchange_succeeded(run):
            return disagreement(run)
        message = f"{hostname(run)} has no package {package.manifest.name}"
        refused = found is Outcome.NO_PUBLISHER or package.exchange_result.confirmed_by_npm
        if not refused and not _is_never_private(run):
            return Judgement(
                Answer.UNKNOWN,
                f"{message}, or it is private; the first version of a package cannot be published through OIDC",
                remedy=_remedy(run, package.manifest.name),
            )
        return Judgement(
            failure_answer(run),
            f"{message}; the first version of a package cannot be published through OIDC",
            evidence=_evidence(run, package.manifest.name),
            remedy=_remedy(run, package.manifest.name),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the exchange was refused and the registry has no such package; unknown when the log has no read."""
        unstaged = log.says("Staged publishing requires the package to already exist")
        if unstaged is not None:
            return Judgement(
                Answer.FAIL,
                "the package does not exist yet; its first version cannot be staged",
                evidence=(str(unstaged),),
                remedy=Remedy("Publish the first version from a laptop, without `--stage`."),
            )
        if not log.unauthenticated or log.oidc not in {Oidc.REFUSED, Oidc.UNKNOWN} or log.last.packument_status == 200:
            return SKIPPED
        if log.oidc is Oidc.UNKNOWN and not log.hides_exchange:
            return SKIPPED
        name = log.name
        check = Remedy(
            "Check whether the package exists. E404 means that it does not, or that it is private.",
            command=f"npm view {quoted(name)} version",
        )
        if log.oidc is Oidc.UNKNOWN and log.last.packument_status == 404:
            return Judgement(
                Answer.WARN,
                f"{name} probably does not exist yet{', or is private' if name.startswith('@') else ''}: the registry"
                " answered 404, and the first version of a package cannot be published through OIDC",
                evidence=log.quoted("packument", "code"),
                remedy=check,
            )
        if log.oidc is Oidc.UNKNOWN or log.last.packument_status is None:
            return Judgement(
                Answer.UNKNOWN,
                f"{name} may not exist yet; the first version of a package cannot be published through OIDC",
                evidence=log.quoted("oidc", "code")[:1],
                remedy=check,
            )
        private = name.startswith("@")
        return Judgement(
            Answer.WARN if private else Answer.FAIL,
            f"{name} does not exist yet{', or is private' if private else ''}; the first version of a package cannot be"
            " published through OIDC",
            evidence=log.quoted("exchange", "oidc", "packument"),
            remedy=Remedy(
                "Publish the first version from a laptop, then add the trusted publisher in the package's settings."
                f" {PUBLISH_SOON}",
                command="npm login && npm publish --access public",
            ),
        )


def _is_never_private(run: Run) -> bool:
    """Whether a 404 proves that OIDC cannot publish: at npmjs.com only scoped packages can be private.

    `npm stage publish` may come before the first version.
    """
    scoped = (run.package.manifest.name or "").startswith("@")
    return hostname(run) == NPMJS and not scoped and run.command.name == "publish"


def _evidence(run: Run, name: str) -> tuple[str, ...]:
    lines = []
    if outcome(run) is Outcome.NO_PUBLISHER:
        answer = run.package.exchange_result
        lines.append(f"The registry refused the exchange with {answer.status}: {answer.message or ''}")
    if name.startswith("@"):
        lines.append(
            f"If {name} exists and is private, none of its trusted publishers matches this run:"
            " see `safepublish explain publisher-mismatch`."
        )
    return tuple(lines)


def _remedy(run: Run, name: str) -> Remedy:
    access = " --access public" if name.startswith("@") and run.package.settings.access != "restricted" else ""
    spec = "" if run.package.spec == "." else f" {quoted(run.package.spec)}"
    then = trust_command(run)
    text = "Publish the first version from a laptop"
    if then is not None:
        return Remedy(
            f"{text}, then make this workflow its trusted publisher with `npm trust`. {PUBLISH_SOON}",
            command=f"npm login && npm publish{spec}{access}\n{then}",
        )
    return Remedy(
        f"{text}, then add the trusted publisher in the package's settings. {PUBLISH_SOON}",
        command=f"npm login && npm publish{spec}{access}",
    )
