"""The cause npm-upgrade-fails."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.logs.log import Log

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


class NpmUpgradeFails(Cause):
    """The step that upgrades npm fails with EBADENGINE or "Cannot find module 'promise-retry'".

    What happens
        A step before the publish runs `npm install --global npm@…`, and the Node of that job cannot run that npm. The
        step fails and ends the job.

    Why
        npm checks `engines` strictly when it upgrades itself, even without `engine-strict` (npm 11.21.2,
        lib/commands/install.js), and fails with EBADENGINE. `npm@latest` is npm 12, which runs on Node ^22.22.2,
        ^24.15.0 and 26 or newer (its package.json). A step that used to work therefore fails on Node 20, 23, 25 and
        older releases of 22 and 24. npm 11 runs on Node ^20.17.0 and 22.9 or newer. npm 10.9.6 and 10.9.7, which Node
        22.22.2 ships, lose a module while they replace themselves: `Cannot find module 'promise-retry'`
        (nodejs/node#62425).

    Fix
        Use Node 24, which ships npm 11, and remove the upgrade:

            - uses: actions/setup-node@v7
              with:
                node-version: "24"

        Or install an npm that your Node can run: `npm install --global npm@11`.

    If you want to ignore it
        `--waive npm-upgrade-fails=reason`.
    """

    id = "npm-upgrade-fails"
    title = "the step that upgrades npm fails"
    screen = (
        Screen("EBADENGINE"),
        Screen("Cannot find module 'promise-retry'"),
    )
    fixes_what_it_warns_of = True
    ends_the_job_before = True

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where an upgrade before the publish cannot work and its failure ends the job."""
        toolchain = step.toolchain
        if not toolchain.upgrades:
            return SKIPPED
        failing = next(
            (upgrade for upgrade in toolchain.upgrades if upgrade.works is False and not upgrade.swallowed), None
        )
        if failing is None:
            last = toolchain.upgrades[-1]
            if last.works is None and not step.invocation.hidden:
                return Judgement(
                    Answer.UNKNOWN,
                    f"whether `{last.command}` works could not be determined:"
                    f" {last.why or toolchain.node.why or 'the Node version is unknown'}",
                    remedy=Remedy("Set up Node 24 in this job, which ships npm 11, and remove the upgrade."),
                    location=last.span.at,
                )
            return PASSED
        return Judgement(
            Answer.FAIL,
            f"`{failing.command}` fails on {_node(toolchain.node.version)}: {failing.why}",
            remedy=Remedy("Use Node 24, which ships npm 11, and remove the upgrade."),
            location=failing.span.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm could not upgrade itself; warn when an npm that an upgrade broke could not publish."""
        engine = log.says("Not compatible with your version of node/npm: npm@") or log.says(
            'Required: {"node":"^22.22.2'
        )
        lost = log.says("Cannot find module 'promise-retry'")
        upgrading = (
            log.command is not None and log.command.startswith(("npm install", "npm i")) and "upgraded" in log.quotes
        )
        denied = log.says("EACCES") if log.code in {"EACCES", None} else None
        if engine is not None:
            why, command = "this Node cannot run that npm", "npm install --global npm@11"
        elif lost is not None:
            why, command = (
                "this npm loses a module while it replaces itself (npm 10.9.6 and 10.9.7, which Node 22.22.2 ships)",
                None,
            )
        elif denied is not None and ("node_modules/npm" in denied.text or upgrading):
            why, command = "npm's directory is owned by root", None
        else:
            return SKIPPED
        first = engine or lost or denied
        if lost is not None and log.publishing and "upgraded" not in log.quotes:
            return Judgement(
                Answer.WARN,
                "npm lacks one of its own modules, probably after a failed upgrade of npm 10.9.6 or 10.9.7, which Node"
                " 22.22.2 ships",
                evidence=(str(lost),),
                remedy=Remedy("Use Node 24, which ships npm 11, and remove every upgrade of npm."),
            )
        return Judgement(
            Answer.FAIL,
            f"upgrading npm failed before anything was published: {why}",
            evidence=tuple(dict.fromkeys((*log.quoted("upgraded"), str(first), *_engines(log)))),
            remedy=Remedy("Use Node 24, which ships npm 11, and remove the upgrade.", command=command),
        )

    def file_to_change(self, step: "Step") -> str:
        """The file that has the upgrade."""
        failing = next((upgrade for upgrade in step.toolchain.upgrades if upgrade.works is False), None)
        return failing.span.path if failing is not None else step.place.at.path

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Upgrade to an npm that runs on the job's Node."""
        from safepublish.pipelines.fix.failing_upgrade import change_upgrade

        return change_upgrade(sheet, step)


def _node(version: str | None) -> str:
    return f"Node {version}" if version else "this job's Node"


def _engines(log: Log) -> tuple[str, ...]:
    return tuple(str(line) for line in log.errors if "Required:" in line.text or "Actual:" in line.text)
