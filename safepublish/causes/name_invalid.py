"""The cause name-invalid."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.run import Package, Run
from safepublish.logs.log import Log
from safepublish.npm.manifest import name_trouble


class NameInvalid(Cause):
    """npm fails with "Invalid name", EINVALIDPACKAGENAME or E403 because of the package's name.

    What happens
        package.json has no name, or a name that npm or the registry does not accept.

    Why
        npm prints `Invalid name: "…"` for spaces, escaped characters, a leading dot and the names node_modules and
        favicon.ico, before any script runs (@npmcli/package-json 8.0.0, `fixName`). It fails with EINVALIDPACKAGENAME
        for a leading underscore (validate-npm-package-name 8.0.0), and with `Invalid tag name "@latest" of package
        "@latest"` for a missing name. npm accepts capital letters; the registry decides about them. The registry also
        answers 403, whatever the credential, to a new name that is too similar to another or that its spam detection
        stops.

    Fix
        Choose a name of lower-case letters, digits, dashes and dots, with or without a scope: `@scope/name`.

    If you want to ignore it
        `--waive name-invalid=reason` runs npm, which then fails itself.
    """

    id = "name-invalid"
    title = "npm does not accept the package's name"
    screen = (
        Screen("E403: Package name too similar to existing packages"),
        Screen("E403: Package name triggered spam detection"),
        Screen("EINVALIDPACKAGENAME"),
    )
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm does not accept the name; unknown where a script may change it first."""
        package = run.package
        if package.manifest.trouble or package.manifest.unread:
            return SKIPPED
        trouble = name_trouble(package.manifest.name) if package.manifest.name else "it is missing"
        if trouble is None:
            return PASSED
        shown = package.manifest.file or package.spec
        message = (
            f"npm does not accept the name {package.manifest.name!r} in {shown}: {trouble}"
            if package.manifest.name
            else f"{shown} has no name; npm requires one"
        )
        if package.manifest.scripts_may_change_manifest and _checked_after_scripts(package):
            return Judgement(Answer.UNKNOWN, f"{message}, unless a script changes it before the upload")
        return Judgement(
            Answer.FAIL,
            message,
            remedy=Remedy(
                f"Name the package in {shown} with lower-case letters, digits and dashes: `name` or `@scope/name`."
            ),
            location=Location(shown),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm or the registry did not accept the package's name."""
        line = log.says("Invalid name: ") or log.says('Invalid tag name "@') or log.says("EINVALIDPACKAGENAME")
        if line is None and log.code in _CODES:
            line = next(iter(log.errors), None) or log.quotes.get("code")
        refused = log.says("Package name too similar to") or log.says("Package name triggered spam detection")
        if refused is not None:
            return Judgement(
                Answer.FAIL,
                "the registry does not accept the package's name; your credential is not the problem",
                evidence=(str(refused),),
                remedy=Remedy(
                    "Publish it under your own scope, as `@scope/name`, with `--access public` the first time. To keep"
                    " this name, contact npm's support."
                ),
            )
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "npm does not accept the name in package.json",
            evidence=(str(line),),
            remedy=Remedy("Choose a name of lower-case letters, digits, `-`, `_` and `.`: `name` or `@scope/name`."),
        )


_CODES = frozenset({"EINVALIDPACKAGENAME", "ERR_PNPM_INVALID_PACKAGE_NAME", "ERR_PNPM_INVALID_SCOPED_PACKAGE_NAME"})


def _checked_after_scripts(package: Package) -> bool:
    """Whether npm checks this only after prepublishOnly, prepack and prepare have run (npm-package-arg 13)."""
    name = package.manifest.name or ""
    return not name or name.startswith("_") or name.partition("/")[2].startswith(".")
