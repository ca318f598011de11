"""The cause npm-release-broken."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Run
from safepublish.logs.log import Log


class NpmReleaseBroken(Cause):
    """This release of npm cannot publish.

    What happens
        npm 12.0.0 came without the package `sigstore`. Every `npm publish`, with or without provenance, ends with
        `Cannot find module 'sigstore'`.

    Why
        lib/commands/publish.js loads libnpmpublish, whose lib/provenance.js loads sigstore on its first line (npm
        12.0.0, node_modules/libnpmpublish); the tarball of that release lacks it. No other command needs it, so `npm
        --version` and `npm install` work. npm 12.0.1 has it again.

    Fix
        Take another npm: `npm install --global npm@11`, or a newer npm 12 where the Node in use allows it (^22.22.2,
        ^24.15.0 or 26 and newer).

    If you want to ignore it
        `--waive npm-release-broken=reason`, as where sigstore was put beside npm by hand.
    """

    id = "npm-release-broken"
    title = "this release of npm cannot publish"
    screen = (Screen("Cannot find module 'sigstore'"),)
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the npm that will run lacks the sigstore package that its publish command loads."""
        if run.npm is None or run.is_forecast:
            return SKIPPED
        if not run.npm.broken_sigstore:
            return PASSED
        version = run.npm.version or "of unknown version"
        return Judgement(
            Answer.FAIL,
            f"npm {version} lacks the module sigstore, without which npm publish does not load",
            evidence=(f"npm runs from {run.npm.path}", "It ends with: Cannot find module 'sigstore'"),
            remedy=Remedy(
                "Replace it before this step; npm 11 has what is needed.", command="npm install --global npm@11"
            ),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm lacks a package that it requires."""
        line = log.says("Cannot find module 'sigstore'")
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            f"npm {log.npm or ''} lacks the package sigstore, which it requires to publish".replace("  ", " "),
            evidence=(str(line),),
            remedy=Remedy("Use another release of npm.", command="npm install --global npm@11"),
        )
