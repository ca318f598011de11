"""The cause npm-missing."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log

SETUP = '+ - uses: actions/setup-node@v7\n+   with:\n+     node-version: "24"'


class NpmMissing(Cause):
    """The publish fails with "npm: command not found".

    What happens
        No directory in PATH contains npm, so there is nothing that could publish.

    Why
        The shell prints `npm: command not found` and exits with code 127. Slim container images come without Node and
        npm. If PATH is replaced instead of extended, it loses the npm that an earlier step installed.

    Fix
        Install Node 24, which ships npm 11, in the job that publishes:

            - uses: actions/setup-node@v7
              with:
                node-version: "24"

        In other CI systems use an image with Node 24, such as `node:24`.

    If you want to ignore it
        This cannot be ignored: with `--waive npm-missing` there is still no npm to run, and the exit code is 127.
    """

    id = "npm-missing"
    title = "npm is not installed"
    screen = (Screen("npm: command not found"),)
    stops_before_private = True
    holds_behind_wrapper = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where PATH leads to no npm."""
        if run.npm is not None:
            return PASSED
        return Judgement(
            Answer.FAIL,
            "npm was not found in PATH",
            remedy=Remedy(
                "Install Node 24, which ships npm 11, before this step.",
                diff=SETUP if run.identity.ci is Ci.GITHUB else None,
            ),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when a shell found no npm."""
        if log.code != "npm-missing":
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "the shell did not find npm",
            evidence=tuple(map(str, log.errors[:1])),
            remedy=Remedy("Install Node 24, which ships npm 11, before this step.", diff=SETUP),
        )
