"""The cause package-private."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.log import Log
from safepublish.facts.run import Run
from safepublish.npm.oidc import skipped_as_private


class PackagePrivate(Cause):
    """The package is marked private.

    What it is
        package.json says `"private": true`.

    Why npm behaves so
        npm exits with EPRIVATE, "This package has been marked as private" (libnpmpublish 11.1.3, lib/publish.js), after
        the exchange and before the upload. Any value that JavaScript takes for true counts, also the text "false". A
        dry run does not tell: it exits 0. Workspaces marked private are passed by with a warning instead.

    How to mend
        Remove the line from the package.json that is to be published:

            - "private": true,

        In a monorepo publish the workspace, not the root: `safepublish --workspace packages/x`.

    How to ignore
        `--waive package-private=reason`. Where a script runs before the upload (prepublishOnly, prepack, prepare)
        nothing is refused: it may remove the line, and npm reads the manifest again.
    """

    id = "package-private"
    title = "the package is marked private"
    screen = (Screen("EPRIVATE: This package has been marked as private"),)
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm will say EPRIVATE; npm passes private workspaces by."""
        package = run.package
        if skipped_as_private(run):
            return SKIPPED
        if not package.private:
            return PASSED
        shown = package.manifest or package.spec
        if package.scripts_may_change_manifest:
            return Judgement(
                Answer.UNKNOWN,
                f'{shown} says "private": true, and a script that runs before the upload may change that',
            )
        return Judgement(
            Answer.FAIL,
            f'{shown} says "private": true, and npm publishes no private package (EPRIVATE)',
            remedy=Remedy("Remove the line, or publish another directory or workspace.", diff='-   "private": true,'),
            location=Location(shown),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm stopped at `"private": true`."""
        if log.code != "EPRIVATE":
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "package.json says that the package is private",
            evidence=tuple(map(str, log.errors[:2])),
            remedy=Remedy("Remove private from package.json.", diff='-  "private": true,'),
        )
