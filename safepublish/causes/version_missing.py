"""The cause version-missing."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.floors import Floor
from safepublish.npm.oidc import is_before, npm_version, skipped_as_private


class VersionMissing(Cause):
    """The package has no version.

    What happens
        npm fails with `Cannot read properties of null (reading 'prerelease')`, or with EBADSEMVER, `invalid semver:`.
        package.json has no `version`, or an empty one.

    Why
        npm 11 and newer read the pre-release of a version that does not exist (npm 12.2.0, lib/commands/publish.js).
        npm 10 fails with EBADSEMVER after it packed the tarball. npm 11 also fails for a private workspace that it
        would skip.

    Fix
        Set the version: `npm pkg set version=1.2.3`. If a release tool sets it, run that step before this one.

    If you want to ignore it
        `--waive version-missing=reason`.
    """

    id = "version-missing"
    title = "the package has no version"
    screen = (Screen("EBADSEMVER"),)
    applies_to_tools = True
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where there is no version to publish."""
        package = run.package
        if package.manifest.trouble or package.manifest.unread:
            return SKIPPED
        if package.manifest.version is not None:
            return PASSED
        shown = package.manifest.file or package.spec
        if skipped_as_private(run) and (run.command.force or is_before(run, Floor.VERSION_BEFORE_PRIVATE)):
            return SKIPPED
        if package.manifest.scripts_may_change_manifest:
            return Judgement(
                Answer.UNKNOWN, f"{shown} has no version; a script that runs before the upload may set one"
            )
        if skipped_as_private(run) and npm_version(run) is None:
            return Judgement(
                Answer.UNKNOWN, f"{shown} is private and has no version; npm 11 fails for it, npm 10 does not"
            )
        return Judgement(
            Answer.FAIL,
            f"{shown} has no version; npm requires one",
            evidence=(
                ("npm 11 and newer fail here although they would skip the private workspace.",)
                if package.manifest.private
                else ()
            ),
            remedy=Remedy(
                "Set the version before this step. A private workspace may have any version, such as 0.0.0.",
                command="npm pkg set version=0.0.0" if package.manifest.private else "npm pkg set version=1.0.0",
            ),
            location=Location(shown),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm found no version, or one that is not valid (npm 12.2.0, lib/commands/publish.js)."""
        line = log.says("(reading 'prerelease')") or log.says("Invalid version: ") or log.says("EBADSEMVER")
        if log.code in _CODES and line is None:
            line = next(iter(log.errors), None) or log.quotes.get("code")
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "package.json has no version, or one that is not a valid semver version",
            evidence=(str(line),),
            remedy=Remedy("Set a version of three numbers.", command="npm version 1.0.0 --no-git-tag-version"),
        )


_CODES = frozenset(
    {
        "EBADSEMVER",
        "ERR_PNPM_BAD_SEMVER",
        "ERR_PNPM_INVALID_PACKAGE_VERSION",
        "ERR_PNPM_PACKAGE_VERSION_NOT_FOUND",
    }
)
