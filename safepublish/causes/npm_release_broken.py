"""The cause npm-release-broken."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Run
from safepublish.logs.log import Log


class NpmReleaseBroken(Cause):
    """npm 12.0.0 fails with "Cannot find module 'sigstore'".

    What happens
        npm 12.0.0 was released without its module `sigstore`. Every `npm publish` fails, with or without provenance.

    Why
        lib/commands/publish.js loads libnpmpublish, whose lib/provenance.js loads sigstore on its first line (npm
        12.0.0, node_modules/libnpmpublish), but the tarball of that release lacks sigstore. No other command needs it,
        so `npm --version` and `npm install` work. npm 12.0.1 includes it again.

    Fix
        Use another npm: `npm install --global npm@11`, or a newer npm 12 if your Node supports it (^22.22.2, ^24.15.0
        or 26 and newer).

    If you want to ignore it
        `--waive npm-release-broken=reason`, for example if you installed sigstore into npm by hand.
    """

    id = "npm-release-broken"
    title = "this npm release cannot publish: it lacks the module sigstore"
    screen = (Screen("Cannot find module 'sigstore'"),)
    stops_before_private = True
    holds_behind_wrapper = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the npm that will run lacks the module sigstore, which its publish command loads."""
        if run.npm is None or run.is_forecast:
            return SKIPPED
        if not run.npm.broken_sigstore:
            return PASSED
        version = run.npm.version or "of unknown version"
        return Judgement(
            Answer.FAIL,
            f"npm {version} lacks its module sigstore; npm publish requires it",
            evidence=(f"npm runs from {run.npm.path}.", "npm publish fails with \"Cannot find module 'sigstore'\"."),
            remedy=Remedy("Install npm 11 before this step.", command="npm install --global npm@11"),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm lacks its module sigstore."""
        line = log.says("Cannot find module 'sigstore'")
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            f"npm {log.npm or ''} lacks its module sigstore; npm publish requires it".replace("  ", " "),
            evidence=(str(line),),
            remedy=Remedy("Use another npm release.", command="npm install --global npm@11"),
        )
