"""The cause npm-missing."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log

SETUP = '+ - uses: actions/setup-node@v7\n+   with:\n+     node-version: "24"'


class NpmMissing(Cause):
    """No npm is found.

    What happens
        None of the directories in PATH holds an npm, so there is nothing that could publish.

    Why
        A shell says `npm: command not found` and exits with 127. Slim container images come without Node and npm, and a
        PATH that is replaced instead of extended loses the npm that an earlier step installed.

    Fix
        Install Node 24, which brings npm 11, in the job that publishes:

            - uses: actions/setup-node@v7
              with:
                node-version: "24"

        In other CI systems use an image with Node 24, as `node:24`.

    If you want to ignore it
        This cannot be ignored: `--waive npm-missing` leaves nothing to run, and the exit status is 127.
    """

    id = "npm-missing"
    title = "no npm is found"
    screen = (Screen("npm: command not found"),)
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where PATH leads to no npm."""
        if run.npm is not None:
            return PASSED
        return Judgement(
            Answer.FAIL,
            "no directory in PATH holds npm",
            remedy=Remedy(
                "Install Node 24, which brings npm 11, before this step.",
                diff=SETUP if run.identity.ci is Ci.GITHUB else None,
            ),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when a shell found no npm."""
        if log.code != "npm-missing":
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "the shell found no npm",
            evidence=tuple(map(str, log.errors[:1])),
            remedy=Remedy("Install Node 24, which brings npm 11, before this step.", diff=SETUP),
        )
