"""The cause npm-too-old."""

from typing import TYPE_CHECKING

from packaging.version import Version

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.registry_without_oidc import has_no_oidc
from safepublish.causes.wording import sent
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.log import Oidc, Tool
from safepublish.facts.run import Npm, Run
from safepublish.logs.log import Log
from safepublish.npm.bundled import bundled_npm
from safepublish.npm.exchange import NPMJS, npm_exchange_succeeded
from safepublish.npm.floors import Floor, meets
from safepublish.npm.oidc import failure_answer, floor, is_before

if TYPE_CHECKING:
    from safepublish.facts.finding import Location
    from safepublish.facts.run import Workflow
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


UPGRADE = "npm install --global npm@11"
_CANNOT_UPGRADE_ITSELF = frozenset({Version("10.9.6"), Version("10.9.7")})


class NpmTooOld(Cause):
    """npm fails with "Access token expired or revoked", E404 or ENEEDAUTH: it is too old.

    What happens
        npm supports trusted publishing since 11.5.1 (11.5.0 has it too, with a bug). In CircleCI it does since
        11.11.0, and `npm stage publish` exists since 11.15.0.

    Why
        Older npm has no lib/utils/oidc.js. It does not know about trusted publishing and publishes with any token it
        finds. npm 10 can sign *provenance* through OIDC (libnpmpublish 10.0.1, lib/publish.js), so it looks as if OIDC
        worked, but it cannot log in with it. Without a valid token it then fails with "Access token expired or
        revoked. Please try logging in again." and E404. Your token is not the problem; trusted publishing needs none.
        No release of Node 18, 20 or 22 ships npm 11. Node 24 ships npm 11.5.1 or newer since 24.5.0. An upgrade in an
        earlier step has no effect if PATH leads to another npm: that of corepack, Volta, a second setup-node or the
        image.

    Fix
        Use Node 24:

            - uses: actions/setup-node@v7
              with:
                node-version: "24"

        Or keep your Node (^20.17.0, or 22.9 or newer) and install npm 11: `npm install --global npm@11`. Do not use
        `npm@latest`: that is npm 12, which Node 20 and older releases of 22 and 24 cannot run (EBADENGINE). npm 10.9.6
        and 10.9.7, which Node 22.22.2 ships, break when they upgrade themselves (`Cannot find module
        'promise-retry'`); there only Node 24 helps.

    If you want to ignore it
        `--allow-token` publishes with a token instead, or `--waive npm-too-old=reason`.
    """

    id = "npm-too-old"
    title = "npm is too old for trusted publishing"
    screen = (
        Screen("Access token expired or revoked."),
        Screen("E404"),
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=3),
        Screen("E401: Unable to authenticate", rank=3),
        Screen("Unknown command:"),
    )
    fixes_what_it_warns_of = True
    holds_behind_wrapper = True
    likelihood = 60

    def in_run(self, run: Run) -> Judgement:
        """Fail when the npm that will run is older than what this publish needs."""
        npm = run.npm
        staging = run.command.name == "stage publish"
        if npm is None or run.is_forecast or npm_exchange_succeeded(run):
            return SKIPPED
        if run.identity.ci in {Ci.NONE, Ci.OTHER} and not staging:
            return SKIPPED
        if npm.version is None:
            why = f" ({npm.trouble})" if npm.trouble else ""
            what = "npm stage" if staging else "trusted publishing"
            return Judgement(
                Answer.UNKNOWN,
                f"the version of {npm.path} could not be determined{why}; {what} requires {_needed(run)} or newer",
                remedy=Remedy("Check the version.", command="npm --version"),
            )
        if npm.version not in floor(run):
            return Judgement(
                Answer.FAIL if staging else failure_answer(run),
                f"npm {npm.version} {_lacks(floor(run))}; {_needed(run)} or newer is required",
                evidence=_evidence(run, npm, npm.version),
                if_it_fails=_if_it_fails(run, npm.version),
                remedy=remedy(run, npm),
                location=_diff_place(run),
            )
        if npm.version not in Floor.PUBLISH:
            return Judgement(
                Answer.WARN,
                f"npm {npm.version} fails with EUSAGE for a package that is not public, because of a bug in its trusted"
                f" publishing; {Floor.PUBLISH.oldest} fixes it",
                remedy=remedy(run, npm),
            )
        return PASSED

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where the npm that will publish is too old; unknown where the files do not show which npm that is."""
        from safepublish.npm.publish_tools import starts_npm
        from safepublish.pipelines.fix.node import node_line_diff

        invocation, toolchain = step.invocation, step.toolchain
        starts = starts_npm(invocation.tool, invocation.tool_version)
        if starts is False or upgrade_fails(step):
            return SKIPPED
        needed = (
            Floor.STAGE if invocation.staged else Floor.CIRCLECI if step.context.ci is Ci.CIRCLECI else Floor.EXCHANGE
        )
        shown = max(needed.oldest, Floor.PUBLISH.oldest)
        enough = meets(toolchain.npm.npms, needed) if toolchain.npm.npms else None
        if enough:
            return PASSED
        if invocation.hidden is not None:
            return _behind_hidden(step, needed) if enough is False and toolchain.npm.source != "image" else SKIPPED
        if enough is None or starts is None or toolchain.npm.source == "image":
            return Judgement(
                Answer.UNKNOWN,
                _unknown_npm(step, shown, older=enough is False),
                remedy=Remedy('Set up Node 24 in this job with actions/setup-node and `node-version: "24"`.'),
                location=toolchain.node.setup_entry.value.at if toolchain.node.setup_entry else step.place.at,
            )
        return Judgement(
            Answer.FAIL,
            f"{_source_of_npm(step)}, which {_lacks(needed)}; {shown} or newer is required",
            evidence=_in_workflow_evidence(step),
            if_it_fails=_if_it_fails_in_workflow(step),
            remedy=_REMEDIES.get(toolchain.npm.source) or Remedy(_USE_NODE_24, diff=node_line_diff(step)),
            location=_place_of_npm(step),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the npm that failed does not support OIDC; unknown when the log does not show its version."""
        if log.says('Unknown command: "stage"'):
            return Judgement(
                Answer.FAIL,
                f"npm{f' {log.npm}' if log.npm else ''} {_lacks(Floor.STAGE)};"
                f" {Floor.STAGE.oldest} or newer is required",
                evidence=(str(log.says('Unknown command: "stage"')), *log.quoted("npm")),
                remedy=_IN_LOG,
            )
        if not log.unauthenticated or log.tool not in {Tool.NPM, Tool.PNPM, Tool.CHANGESETS}:
            return SKIPPED
        if log.ci in {Ci.OTHER, Ci.NONE} or has_no_oidc(log):  # a newer npm would not log in either
            return SKIPPED
        # After a 403 the registry knew the token or stopped the upload itself, and another registry may not support
        # OIDC: then a newer npm alone may not be enough.
        old = Answer.FAIL if log.code != "E403" and log.host in {NPMJS, ""} else Answer.WARN
        needed = Floor.CIRCLECI if log.ci is Ci.CIRCLECI else Floor.EXCHANGE
        named = max(needed.oldest, Floor.PUBLISH.oldest)
        if log.npm is not None and log.npm not in needed:
            return Judgement(
                old,
                f"npm {log.npm} {_lacks(needed)}; {named} or newer is required",
                evidence=(*log.quoted("npm", "notice", "code"), *_useless_upgrade(log)),
                remedy=_IN_LOG,
            )
        if log.has_exchange is False:
            return Judgement(
                old,
                f"npm older than {named} was used, which {_lacks(needed)}",
                evidence=(*log.quoted("npm_before", "notice"), _wording(log), *_useless_upgrade(log)),
                remedy=_IN_LOG,
            )
        if log.has_exchange:
            reason_unknown = log.oidc is Oidc.NOT_TRIED or log.hides_reason
            if log.npm is None or log.npm in Floor.CIRCLECI or log.ci is not None or not reason_unknown:
                return SKIPPED
            return Judgement(
                Answer.UNKNOWN,
                f"npm {log.npm} {_lacks(Floor.CIRCLECI)}, if this job ran there; {Floor.CIRCLECI.oldest} or newer is"
                " required",
                evidence=log.quoted("npm"),
                remedy=_IN_LOG,
            )
        if log.npm_hint is not None:
            if log.npm_hint in needed:
                return SKIPPED
            return Judgement(
                Answer.WARN,
                f"npm {log.npm_hint} was probably used, which {_lacks(needed)}; {named} or newer is required",
                evidence=(
                    *log.quoted("npm_hint", "notice", "code"),
                    "An earlier line names this npm; the publish itself names none.",
                ),
                remedy=_IN_LOG,
            )
        return Judgement(
            Answer.UNKNOWN,
            f"an npm older than {named} may have been used, which {_lacks(needed)}",
            evidence=log.quoted("code"),
            remedy=Remedy("To find out, run this in the same step, before the publish.", command="npm --version"),
        )

    def file_to_change(self, step: "Step") -> str:
        """The file that chooses the Node or the npm: a caller may, or an action of the repository."""
        npm, node, setup = step.toolchain.npm, step.toolchain.node, step.toolchain.setup
        if npm.source == "upgrade" and step.toolchain.upgrades:
            return step.toolchain.upgrades[-1].span.path
        entry = node.entry or node.setup_entry
        if npm.source == "node" and entry is not None:
            return entry.value.path
        return setup.span.path if npm.source == "node" and setup and setup.span else step.place.at.path

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Set up a Node that ships npm 11, or install npm 11: what chooses the npm is what changes."""
        from safepublish.pipelines.fix.edits import Fix
        from safepublish.pipelines.fix.failing_upgrade import change_pin
        from safepublish.pipelines.fix.node import change_node

        if step.toolchain.npm.source == "node_modules":
            npms = step.toolchain.npm.npms
            return Fix(not_made=f"{npms.why if npms else 'node_modules'} publishes; require npm 11 in package.json")
        return (change_node if step.toolchain.npm.source == "node" else change_pin)(sheet, step)


_IN_LOG = Remedy(
    "Use Node 24, which ships npm 11. Or keep Node 20.17, 22.9 or newer, and install npm 11 before the publish.",
    command=UPGRADE,
)


def _wording(log: Log) -> str:
    """What npm's wording shows about its version (npm's lib/utils/error-message.js, and its display at 10.6)."""
    if log.says("npm ERR!"):
        return "Inferred from the wording: this npm prints `npm ERR!`, and npm 10.6 or newer prints `npm error`."
    return (
        "Inferred from the wording of the 404: npm up to 11.4.2 prints `is not in this registry`, and newer npm prints"
        " `could not be found or you do not have permission`."
    )


def _useless_upgrade(log: Log) -> tuple[str, ...]:
    """An upgrade of npm in the same log that had no effect."""
    if "upgraded" not in log.quotes:
        return ()
    return (
        *log.quoted("upgraded"),
        "That upgrade had no effect on the publish: PATH, corepack, Volta or a script led to another npm.",
    )


def remedy(run: Run, npm: Npm) -> Remedy:
    """The fix that fits the workflow, the Node and the way in which this npm was installed."""
    workflow = run.repository.workflow
    if workflow is not None and _asks_for_old_node(run, workflow):
        return Remedy(f"Use Node 24 in {workflow.path}; it ships npm 11.", diff=_diff(workflow))
    if npm.manager == "volta":
        return Remedy("Volta selects this npm. Pin another one for the project.", command="volta pin npm@11")
    if npm.manager == "corepack":
        return Remedy(
            "corepack selects this npm from `packageManager`. Select another one.", command="corepack use npm@11"
        )
    if npm.version in _CANNOT_UPGRADE_ITSELF:
        return Remedy(
            f"Use Node 24, which ships npm 11. npm {npm.version} cannot upgrade itself: it fails with"
            " \"Cannot find module 'promise-retry'\"."
        )
    node = npm.node_version
    if node is None:
        return Remedy("Use Node 24, which ships npm 11. Or keep Node 20.17, 22.9 or newer, and install npm 11.")
    if node not in Floor.NPM_11_ENGINES:
        return Remedy(f"Use Node 24, which ships npm 11. Node {node} cannot run npm 11.")
    brought = bundled_npm(str(node))
    if brought is not None and brought in floor(run):
        return Remedy(
            f"Upgrade or remove {npm.path}. PATH finds it before npm {brought}, which Node {node} ships.",
            command=UPGRADE,
        )
    return Remedy("Use Node 24, which ships npm 11, or install npm 11 before this step.", command=UPGRADE)


def _needed(run: Run) -> Version:
    return max(floor(run).oldest, Floor.PUBLISH.oldest)


def _lacks(needed: Floor) -> str:
    """What an npm older than *needed* does not support."""
    if needed is Floor.STAGE:
        return "does not support npm stage"
    return f"does not support trusted publishing{' in CircleCI' if needed is Floor.CIRCLECI else ''}"


def _if_it_fails(run: Run, version: Version) -> tuple[str, ...]:
    """What is misleading where the publish then fails: not shown where a token published."""
    if run.command.name == "stage publish" or not is_before(run, Floor.EXCHANGE):
        return ()
    if run.package.settings.provenance is not True or version not in Floor.PROVENANCE:
        return ()
    return (_signed(version), "That error does not mean that you need a new token; trusted publishing needs none.")


def _if_it_fails_in_workflow(step: "Step") -> tuple[str, ...]:
    npms = step.toolchain.npm.npms
    signs = step.invocation.provenance and npms is not None and meets(npms, Floor.PROVENANCE)
    return (_signed(npms.lowest),) if signs and npms is not None else ()


def _signed(version: Version) -> str:
    return (
        f"npm {version.major} signs provenance through OIDC, so it looks as if OIDC worked, but it cannot log in with"
        ' it. Without a valid token it fails: "Access token expired or revoked. Please try logging in again."'
    )


def _evidence(run: Run, npm: Npm, version: Version) -> tuple[str, ...]:
    lines = [f"npm runs from {npm.path}{f', on Node {npm.node_version}' if npm.node_version else ''}."]
    if run.command.name == "stage publish" or not is_before(run, Floor.EXCHANGE):
        return tuple(lines)
    if run.package.credential.kind is not CredentialKind.SET:
        lines.append(f"npm {version.major} would send {sent(run.package.credential)}.")
    return tuple(lines)


def _asks_for_old_node(run: Run, workflow: "Workflow") -> bool:
    """Whether the workflow file itself sets a Node version that ships too old an npm."""
    if workflow.node_version is None or workflow.node_version_line is None:
        return False
    brought = bundled_npm(workflow.node_version)
    return (
        brought is not None
        and brought not in floor(run)
        and workflow.node_version_line.count(workflow.node_version) == 1
    )


def _diff(workflow: "Workflow") -> str:
    line, version = workflow.node_version_line or "", workflow.node_version or ""
    return f"-{line}\n+{line.replace(version, '24')}"


def _diff_place(run: Run) -> "Location | None":
    workflow = run.repository.workflow
    if workflow is None or not _asks_for_old_node(run, workflow):
        return None
    return workflow.node_version_at


def upgrade_fails(step: "Step") -> bool:
    """Whether a step before the publish ends the job because its upgrade of npm fails."""
    return any(upgrade.works is False and not upgrade.swallowed for upgrade in step.toolchain.upgrades)


def _source_of_npm(step: "Step") -> str:
    toolchain = step.toolchain
    npms = toolchain.npm.npms
    assert npms is not None  # noqa: S101 - the caller checked
    range_ = str(npms.lowest) if npms.highest in {None, npms.lowest} else f"{npms.lowest} to {npms.highest}"
    if toolchain.npm.source == "upgrade":
        return f"`{toolchain.upgrades[-1].command}` installs npm {range_}" if toolchain.upgrades else f"npm is {range_}"
    if toolchain.npm.source == "node_modules":
        return f"{npms.why} is npm {range_}"
    if toolchain.npm.source == "npx":
        return f"npx runs npm {range_}"
    node = f"Node {toolchain.node.version}" if toolchain.node.version else "this job's Node"
    named = f" from {toolchain.node.file}" if toolchain.node.file else ""
    return f"{node}{named} ships npm {range_}"


def _behind_hidden(step: "Step", needed: Floor) -> Judgement:
    """Warn that the npm of a job is too old, where it is unknown whether what is hidden starts it."""
    shown = max(needed.oldest, Floor.PUBLISH.oldest)
    return Judgement(
        Answer.WARN,
        f"{_source_of_npm(step)}, which {_lacks(needed)}; {shown} or newer is required if {step.invocation.hidden}"
        " starts npm",
        remedy=_REMEDIES.get(step.toolchain.npm.source) or Remedy(_USE_NODE_24),
        location=_place_of_npm(step),
    )


_USE_NODE_24 = "Use Node 24, which ships npm 11."
_REMEDIES = {
    "upgrade": Remedy("Install npm 11 there."),
    "npx": Remedy("Run npm 11: `npx npm@11 publish`."),
    "node_modules": Remedy("Require npm 11 there, or publish with the npm of Node 24."),
}
"""By what chose the npm."""


def _place_of_npm(step: "Step") -> "Location":
    """Where the npm is chosen."""
    toolchain = step.toolchain
    if toolchain.npm.source == "upgrade" and toolchain.upgrades:
        return toolchain.upgrades[-1].span.at
    entry = toolchain.node.entry if toolchain.npm.source == "node" else None
    return entry.value.at if entry else step.place.at


def _unknown_npm(step: "Step", needed: Version, *, older: bool) -> str:
    toolchain = step.toolchain
    if older and toolchain.npm.source == "image":
        assert toolchain.npm.npms is not None  # noqa: S101 - the caller checked
        return (
            f"no step sets up Node; {toolchain.npm.npms.why} shipped npm {toolchain.npm.npms.lowest}, and images"
            f" change; {needed} or newer is required"
        )
    if older:
        return (
            f"{_source_of_npm(step)}, older than the required {needed}; whether {step.invocation.tool} publishes"
            " with it is unknown, because its version is not in the files"
        )
    why = toolchain.npm.why or toolchain.node.why
    what = "npm stage" if step.invocation.staged else "trusted publishing"
    return f"the npm version is unknown{f': {why}' if why else ''}; {what} requires {needed} or newer"


def _in_workflow_evidence(step: "Step") -> tuple[str, ...]:
    lines = []
    if step.context.legs > 1 and step.context.leg:
        lines.append(
            f"This is the matrix job with {', '.join(f'{name} {value}' for name, value in step.context.leg.items())}."
        )
    if step.invocation.tool not in {"npm", "safepublish"}:
        lines.append(f"{step.invocation.tool} runs npm to publish.")
    return tuple(lines)
