"""The cause node-unusable."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.floors import Floor

_REMEDY = Remedy(
    "Use Node 24, which ships npm 11, in the job that publishes.",
    diff='+ - uses: actions/setup-node@v7\n+   with:\n+     node-version: "24"',
)
_OPTIONS_REMEDY = Remedy("Remove NODE_OPTIONS from this step, or correct it.")
_COREPACK_REMEDY = Remedy("Make PATH lead to npm itself, without corepack.", command="corepack disable npm")


class NodeUnusable(Cause):
    """npm does not run: "env: node: No such file or directory" or ERR_REQUIRE_ESM.

    What happens
        npm is installed, but the Node that runs it is missing, does not start, or is too old for this npm. So npm
        exits before it reads anything. For an option that it does not allow, Node prints "… is not allowed in
        NODE_OPTIONS". Corepack, too, starts no npm where `packageManager` in package.json names another tool or a
        range of versions: "This project is configured to use pnpm".

    Why
        npm is a script of Node: its first line is `#!/usr/bin/env node`. Node exits with code 9 where NODE_OPTIONS has
        an option that it does not allow there, and with code 1 where `--require` or `--import` names a module that is
        not there. npm 12 loads ES modules with `require`, which Node does from 20.19 and 22.12 on; before that
        `npm publish` fails with ERR_REQUIRE_ESM (npm 12.0.0, node_modules/@npmcli/agent/lib/proxy.js), although
        `npm --version` works.

    Fix
        Use Node 24, which ships npm 11:

            - uses: actions/setup-node@v7
              with:
                node-version: "24"

        Where NODE_OPTIONS is at fault, remove it from the step that publishes.

    If you want to ignore it
        `--waive node-unusable=reason` starts npm all the same.
    """

    id = "node-unusable"
    title = "the Node that runs npm is missing, does not start or is too old"
    screen = (Screen("ERR_REQUIRE_ESM"),)
    stops_before_private = True
    holds_behind_wrapper = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where Node cannot run this npm."""
        npm = run.npm
        if npm is None or run.is_forecast:
            return SKIPPED
        if npm.node_trouble is not None:
            words = (("NODE_OPTIONS", _OPTIONS_REMEDY), ("corepack", _COREPACK_REMEDY))
            remedy = next((each for word, each in words if word in npm.node_trouble), _REMEDY)
            return Judgement(Answer.FAIL, f"npm cannot run: {npm.node_trouble}", remedy=remedy)
        if npm.version is None or npm.version not in Floor.NEEDS_REQUIRE_ESM or npm.requires_esm is not False:
            return PASSED
        return Judgement(
            Answer.FAIL,
            f"npm {npm.version} does not run on Node {npm.node_version}; 20.19, 22.12 or newer is required"
            " (ERR_REQUIRE_ESM)",
            evidence=("`npm --version` works there, but every request of npm to a registry fails.",),
            remedy=_REMEDY,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm could not load its own modules."""
        own = any("@npmcli" in line.text for line in log.errors)
        if log.code != "ERR_REQUIRE_ESM" or not own:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "this npm does not run on this Node; npm 12 requires Node 20.19, 22.12 or newer",
            evidence=tuple(map(str, log.errors[:2])),
            remedy=_REMEDY,
        )
