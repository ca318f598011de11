"""The cause access-not-public."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Existence, Run, Visibility
from safepublish.logs.log import Log
from safepublish.npm.floors import Floor
from safepublish.npm.oidc import oidc_available, token_may_publish
from safepublish.npm.provenance import asked_for, generated


class AccessNotPublic(Cause):
    """npm fails with EUSAGE, EUNSCOPED or E402 because of the package's access.

    What happens
        One of these stops the publish:

        - EUSAGE "Can't generate provenance for new or private package, you must set `access` to public.": npm would
          attach provenance to a package that is new or private, and `access` is not public.
        - EUNSCOPED "Can't restrict access to unscoped packages.": `access` is restricted, but the package has no
          scope.
        - E402 "You must sign up for private packages": a new scoped package would be restricted, and nobody pays for
          that.

    Why
        npm attaches provenance only to a public package (libnpmpublish 10.0.1, lib/publish.js,
        `ensureProvenanceGeneration`). That includes a new package whose first version is published with a token. npm
        11.5.0 and 11.5.1 attach provenance in a public repository without checking that the package is public; newer
        npm checks this first (npm 11.5.2, lib/utils/oidc.js). Only scoped packages can be private (EUNSCOPED, the same
        file). A new scoped package is restricted by default. npmjs.com answers 402 unless the account has a paid plan.

    Fix
        Run `safepublish --access public`, or add this to package.json:

            "publishConfig": { "access": "public" }

        If the package must stay private, remove `--provenance`.

    If you want to ignore it
        `--waive access-not-public=reason` runs npm, which then fails itself.
    """

    id = "access-not-public"
    title = "the package's access setting prevents the publish"
    screen = (
        Screen("E402: You must sign up for private packages"),
        Screen("EUSAGE: Can't generate provenance for new or private package, you must set `access` to public."),
        Screen("EUNSCOPED: Can't restrict access to unscoped packages."),
    )
    rests_on_visibility = True
    rests_on_manifest = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm cannot attach provenance to this package, or cannot restrict it."""
        package = run.package
        if package.manifest.name is None:
            return SKIPPED
        scoped = package.manifest.name.startswith("@")
        if package.settings.access == "restricted" and not scoped:
            return Judgement(
                Answer.FAIL,
                f"access is restricted, but {package.manifest.name} has no scope; npm can restrict only scoped packages"
                " (EUNSCOPED)",
                remedy=Remedy(
                    "Set `access` to public, or give the package a scope.", command="safepublish --access public"
                ),
            )
        if package.settings.access == "public":
            return PASSED
        if generated(run) and (verdict := _without_public_access(run)) is not None:
            return verdict
        if scoped and package.packument.existence is Existence.ABSENT and token_may_publish(run):
            return Judgement(
                Answer.WARN,
                f"{package.manifest.name} is new and would be restricted; npmjs.com answers 402 to that without a"
                " paid plan",
                remedy=Remedy("Set `access` to public.", command="safepublish --access public"),
            )
        return PASSED

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm or the registry required public access."""
        line = (
            log.says("Can't generate provenance for new or private package")
            or log.says("Can't restrict access to unscoped packages")
            or log.says("Payment Required")
            or log.says("cannot publish a scoped package privately without a paid plan")  # np
            or log.says("Can't restrict access to the unscoped package")  # pnpm
            or (log.errors[0] if log.code == "E402" and log.errors else None)
        )
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "this publish requires public access, but `access` is not set to public",
            evidence=(str(line),),
            remedy=Remedy("Set `access` to public.", command="safepublish --access public"),
        )


def _without_public_access(run: Run) -> Judgement | None:
    """The judgement where npm will attach provenance and `access` is not public; None where the package is public."""
    package = run.package
    if package.settings.offline:
        return Judgement(
            Answer.FAIL,
            "npm would attach provenance, and with `offline` it may not ask whether the package is public (ENOTCACHED)",
            remedy=Remedy("Remove `offline`, or set `access` to public.", command="safepublish --access public"),
        )
    if package.visibility is Visibility.PUBLIC:
        return None
    if package.packument.existence is Existence.EXISTS and package.visibility is Visibility.NOT_ASKED:
        return None
    asking = Floor.PROVENANCE_IF_PUBLIC.oldest
    why = "is requested" if asked_for(run) else f"is attached by npm before {asking} without checking the access"
    remedy = Remedy("Set `access` to public. If the package must stay private, use `--no-provenance` instead.",
                  command="safepublish --access public")  # fmt: skip
    refused = package.visibility is Visibility.NOT_PUBLIC or package.packument.existence is Existence.ABSENT
    if not refused or (package.visibility is Visibility.UNKNOWN and oidc_available(run) is not False):
        return Judgement(
            Answer.UNKNOWN,
            f"provenance {why}, but whether {package.manifest.name} is public could not be checked; if it is not, npm"
            " requires `--access public`",
            remedy=remedy,
        )
    return Judgement(
        Answer.FAIL,
        f"provenance {why}, but {package.manifest.name} is new or private; npm requires `--access public` (EUSAGE)",
        remedy=remedy,
    )
