"""The cause name-invalid."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.run import Package, Run
from safepublish.logs.log import Log
from safepublish.npm.manifest import name_trouble


class NameInvalid(Cause):
    """npm does not take the package's name.

    What happens
        package.json has no name, or one that npm refuses on sight.

    Why
        `Invalid name: "…"` is said for blanks, escaped characters, a leading dot and the names node_modules and
        favicon.ico, before any script runs (@npmcli/package-json 8.0.0, `fixName`). EINVALIDPACKAGENAME is said for a
        leading underscore (validate-npm-package-name 8.0.0), and a missing name shows as `Invalid tag name "@latest" of
        package "@latest"`. Capital letters pass npm and are the registry's affair; so is a new name that is too similar
        to another, or that its spam detection holds back: it answers 403 whatever the credential.

    Fix
        Choose a name of lower-case letters, digits, dashes and dots, with or without a scope: `@scope/name`.

    If you want to ignore it
        `--waive name-invalid=reason` lets npm start and stop there itself.
    """

    id = "name-invalid"
    title = "npm does not take the package's name"
    screen = (
        Screen("E403: Package name too similar to existing packages"),
        Screen("E403: Package name triggered spam detection"),
        Screen("EINVALIDPACKAGENAME"),
    )
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm stops at the name; unknown where a script may give it another first."""
        package = run.package
        if package.manifest.trouble or package.manifest.unread:
            return SKIPPED
        trouble = name_trouble(package.manifest.name) if package.manifest.name else "it is missing"
        if trouble is None:
            return PASSED
        shown = package.manifest.file or package.spec
        message = (
            f"npm does not take the name {package.manifest.name!r} in {shown}: {trouble}"
            if package.manifest.name
            else f"{shown}: no name"
        )
        if package.manifest.scripts_may_change_manifest and _checked_after_scripts(package):
            return Judgement(Answer.UNKNOWN, f"{message}; a script that runs before the upload may change that")
        return Judgement(
            Answer.FAIL,
            message,
            remedy=Remedy(f"Name the package in {shown}: lower-case letters, digits, dashes; a scope as @scope/name."),
            location=Location(shown),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm, or the registry, did not take the package's name."""
        line = log.says("Invalid name: ") or log.says('Invalid tag name "@') or log.says("EINVALIDPACKAGENAME")
        refused = log.says("Package name too similar to") or log.says("Package name triggered spam detection")
        if refused is not None:
            return Judgement(
                Answer.FAIL,
                "the registry does not take the package's name; no credential is at fault",
                evidence=(str(refused),),
                remedy=Remedy(
                    "Publish it under a scope of yours, @scope/name, with --access public the first time; where the"
                    " name is meant as it is, ask npm's support."
                ),
            )
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "npm does not take the name in package.json",
            evidence=(str(line),),
            remedy=Remedy("Give it a name of lower-case letters, digits, `-`, `_` and `.`, as @scope/name or name."),
        )


def _checked_after_scripts(package: Package) -> bool:
    """Whether npm looks at this fault only once prepublishOnly, prepack and prepare have run (npm-package-arg 13)."""
    name = package.manifest.name or ""
    return not name or name.startswith("_") or name.partition("/")[2].startswith(".")
