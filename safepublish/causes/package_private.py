"""The cause package-private."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.oidc import skipped_as_private


class PackagePrivate(Cause):
    """The package is marked private.

    What happens
        npm fails with EPRIVATE, "This package has been marked as private". package.json has `"private": true`.

    Why
        npm exits with EPRIVATE after the exchange and before the upload (libnpmpublish 11.1.3, lib/publish.js). Any
        value that is true in JavaScript counts, also the text "false". A dry run exits 0, so it does not show the
        problem. npm skips private workspaces with a warning instead.

    Fix
        Remove the line from the package.json that is to be published:

            - "private": true,

        In a monorepo publish the workspace, not the root: `safepublish --workspace packages/x`.

    If you want to ignore it
        `--waive package-private=reason`. A script that runs before the upload (prepublishOnly, prepack, prepare) may
        remove the line, and npm reads the manifest again. Where there is such a script, safepublish does not refuse.
    """

    id = "package-private"
    title = "the package is marked private"
    screen = (Screen("EPRIVATE: This package has been marked as private"),)
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm will exit with EPRIVATE; npm skips private workspaces."""
        package = run.package
        if skipped_as_private(run):
            return SKIPPED
        if not package.manifest.private:
            return PASSED
        shown = package.manifest.file or package.spec
        if package.manifest.scripts_may_change_manifest:
            return Judgement(
                Answer.UNKNOWN,
                f'{shown} has "private": true, but a script that runs before the upload may change that',
            )
        return Judgement(
            Answer.FAIL,
            f'{shown} has "private": true; npm does not publish private packages (EPRIVATE)',
            remedy=Remedy("Remove the line, or publish another directory or workspace.", diff='-   "private": true,'),
            location=Location(shown),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm stopped at `"private": true`."""
        if log.code != "EPRIVATE":
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            'package.json has "private": true; npm does not publish private packages',
            evidence=tuple(map(str, log.errors[:2])),
            remedy=Remedy('Remove "private" from package.json.', diff='-  "private": true,'),
        )
