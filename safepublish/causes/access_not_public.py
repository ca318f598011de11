"""The cause access-not-public."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Existence, Run
from safepublish.logs.log import Log
from safepublish.npm.floors import Floor
from safepublish.npm.oidc import token_may_publish
from safepublish.npm.provenance import asked_for, generated


class AccessNotPublic(Cause):
    """The package's access keeps it from being published.

    What happens
        Provenance will be attached to a package that is new or private, without `--access public`; or an unscoped
        package is to be restricted.

    Why
        "Can't generate provenance for new or private package, you must set `access` to public." (EUSAGE, libnpmpublish
        10.0.1, lib/publish.js, `ensureProvenanceGeneration`), also of a package that is new because its first version
        is published with a token. npm 11.5.0 and 11.5.1 attach provenance in a public repository without asking whether
        the package is public; newer ones leave it out by themselves (npm 11.5.2, lib/utils/oidc.js).
        "Can't restrict access to unscoped packages." (EUNSCOPED, the same file): only scoped packages can be private.
        A new scoped package is restricted by default, which npmjs.com answers with 402 where nothing is paid.

    Fix
        `safepublish --access public`, or in package.json:

            "publishConfig": { "access": "public" }

        For a package that is to stay private remove `--provenance`.

    If you want to ignore it
        `--waive access-not-public=reason` lets npm start and stop there itself.
    """

    id = "access-not-public"
    title = "the package's access keeps it from being published"
    screen = (
        Screen("E402: You must sign up for private packages"),
        Screen("EUSAGE: Can't generate provenance for new or private package, you must set `access` to public."),
        Screen("EUNSCOPED: Can't restrict access to unscoped packages."),
    )

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm refuses to sign for, or to restrict, this package."""
        package = run.package
        if package.manifest.name is None:
            return SKIPPED
        scoped = package.manifest.name.startswith("@")
        if package.settings.access == "restricted" and not scoped:
            return Judgement(
                Answer.FAIL,
                f"access is restricted, and {package.manifest.name} has no scope: npm restricts only scoped packages"
                " (EUNSCOPED)",
                remedy=Remedy(
                    "Set access to public, or give the package a scope.", command="safepublish --access public"
                ),
            )
        if package.settings.access == "public":
            return PASSED
        existence = package.packument.existence
        if generated(run) and existence is not Existence.EXISTS:
            return _unsigned(run)
        if scoped and existence is Existence.ABSENT and token_may_publish(run):
            return Judgement(
                Answer.WARN,
                f"{package.manifest.name} is new, and without --access public it is restricted, "
                "which npmjs.com answers with 402"
                " where no private packages are paid for",
                remedy=Remedy("To publish it for all, set its access.", command="safepublish --access public"),
            )
        return PASSED

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm, or the registry, wanted public access."""
        line = (
            log.says("Can't generate provenance for new or private package")
            or log.says("Can't restrict access to unscoped packages")
            or log.says("Payment Required")
            or (log.errors[0] if log.code == "E402" and log.errors else None)
        )
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "the package is new or private, and is not published with public access",
            evidence=(str(line),),
            remedy=Remedy("Say that it is public.", command="safepublish --access public"),
        )


def _unsigned(run: Run) -> Judgement:
    package = run.package
    asking = Floor.PROVENANCE_IF_PUBLIC.oldest
    why = "is asked for" if asked_for(run) else f"is attached by npm before {asking} without asking"
    remedy = Remedy("Set the package's access, or, if it is to stay private, use --no-provenance.",
                  command="safepublish --access public")  # fmt: skip
    if package.packument.existence is Existence.UNKNOWN:
        return Judgement(
            Answer.UNKNOWN,
            f"provenance {why}, and whether {package.manifest.name} is public cannot be told: "
            "if not, npm wants --access public",
            remedy=remedy,
        )
    return Judgement(
        Answer.FAIL,
        f"provenance {why}, and {package.manifest.name} is new or private: npm then wants --access public (EUSAGE)",
        remedy=remedy,
    )
