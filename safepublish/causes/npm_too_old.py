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
    """npm is too old for trusted publishing.

    What it is
        npm exchanges the CI's OIDC identity for a publish token from 11.5.1 on (11.5.0 has it too, with a fault). In
        CircleCI it does from 11.11.0 on, and `npm stage publish` exists from 11.15.0 on.

    Why npm behaves so
        Older npm has no lib/utils/oidc.js. It does not know that trusted publishing exists, so it publishes with
        whatever token it finds. npm 10 does sign *provenance* with the CI's identity (libnpmpublish 10.0.1,
        lib/publish.js), which looks as if OIDC worked, and then fails with "Access token expired or revoked. Please try
        logging in again." and E404: the registry's answer to a token that was never needed. No token is at fault.
        No release of Node 18, 20 or 22 ever brought npm 11. Node 24 brings npm 11.5.1 or newer from 24.5.0 on.
        An upgrade that an earlier step made is of no use where PATH leads to another npm: corepack, Volta, a second
        setup-node, or an npm in the image.

    How to mend
        Use Node 24:

            - uses: actions/setup-node@v7
              with:
                node-version: "24"

        or put npm 11 into the Node you keep, 20.17 or newer, 22.9 or newer: `npm install --global npm@11`. Not
        `npm@latest`: that is npm 12, which Node 20 and older releases of 22 and 24 cannot run (EBADENGINE). npm 10.9.6
        and 10.9.7, of Node 22.22.2, break when they upgrade themselves (`Cannot find module 'promise-retry'`): there
        only Node 24 helps.

    How to ignore
        `--allow-token` when a token is meant to publish, or `--waive npm-too-old=reason`.
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
                f"the version of {npm.path} cannot be told{why}; {what} needs {_needed(run)}",
                remedy=Remedy("Compare it.", command="npm --version"),
            )
        if npm.version not in floor(run):
            return Judgement(
                Answer.FAIL if staging else failure_answer(run),
                f"npm {npm.version} is older than {_needed(run)}, {_first_with(run)}",
                evidence=_evidence(run, npm, npm.version),
                if_it_fails=_if_it_fails(run, npm.version),
                remedy=remedy(run, npm),
                location=_diff_place(run),
            )
        if npm.version not in Floor.PUBLISH:
            return Judgement(
                Answer.WARN,
                f"npm {npm.version} is older than {Floor.PUBLISH.oldest}: it publishes through OIDC, but decides about"
                " provenance before the exchange, and fails with EUSAGE for a package that is not public",
                remedy=remedy(run, npm),
            )
        return PASSED

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where the npm that will publish is too old; unknown where the files do not tell which npm that is."""
        from safepublish.npm.publish_tools import starts_npm
        from safepublish.pipelines.fix.node import node_line_diff

        invocation, toolchain = step.invocation, step.toolchain
        starts = starts_npm(invocation.tool, invocation.tool_version)
        if invocation.hidden is not None or starts is False or upgrade_fails(step):
            return SKIPPED
        needed = (
            Floor.STAGE if invocation.staged else Floor.CIRCLECI if step.context.ci is Ci.CIRCLECI else Floor.EXCHANGE
        )
        shown = max(needed.oldest, Floor.PUBLISH.oldest)
        enough = meets(toolchain.npm.npms, needed) if toolchain.npm.npms else None
        if enough:
            return PASSED
        if enough is None or starts is None or toolchain.npm.source == "image":
            return Judgement(
                Answer.UNKNOWN,
                _unknown_npm(step, shown, older=enough is False),
                remedy=Remedy('Set up Node 24 in this job: actions/setup-node with node-version: "24".'),
                location=toolchain.node.setup_entry.value.at if toolchain.node.setup_entry else step.place.at,
            )
        where = " in CircleCI" if needed is Floor.CIRCLECI else ""
        what = "the first with npm stage" if invocation.staged else f"the first with trusted publishing{where}"
        return Judgement(
            Answer.FAIL,
            f"{_source_of_npm(step)}, older than {shown}, {what}",
            evidence=_in_workflow_evidence(step),
            if_it_fails=(_signed(10),) if step.invocation.provenance else (),
            remedy=Remedy("Use Node 24, which brings npm 11.", diff=node_line_diff(step)),
            location=toolchain.node.entry.value.at if toolchain.node.entry else step.place.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the npm that ended without a credential has no exchange; unknown when the log does not date it."""
        if log.says('Unknown command: "stage"'):
            return Judgement(
                Answer.FAIL,
                f"npm{f' {log.npm}' if log.npm else ''} is older than {Floor.STAGE.oldest}, the first with npm stage",
                evidence=(str(log.says('Unknown command: "stage"')), *log.quoted("npm")),
                remedy=_IN_LOG,
            )
        if not log.unauthenticated or log.tool not in {Tool.NPM, Tool.PNPM, Tool.CHANGESETS}:
            return SKIPPED
        if log.ci in {Ci.OTHER, Ci.NONE} or has_no_oidc(log):  # a newer npm would not log in either
            return SKIPPED
        # A registry that forbids knew the token or stopped the upload itself, and another one may have no exchange:
        # then npm's age is not all that there is to fix.
        old = Answer.FAIL if log.code != "E403" and log.host in {NPMJS, ""} else Answer.WARN
        needed = Floor.CIRCLECI if log.ci is Ci.CIRCLECI else Floor.EXCHANGE
        named = max(needed.oldest, Floor.PUBLISH.oldest)
        if log.npm is not None and log.npm not in needed:
            return Judgement(
                old,
                f"npm {log.npm} is older than {named} and cannot log in through OIDC",
                evidence=(*log.quoted("npm", "notice", "code"), *_useless_upgrade(log)),
                remedy=_IN_LOG,
            )
        if log.has_exchange is False:
            return Judgement(
                old,
                f"the npm that published is older than {named} and cannot log in through OIDC: its wording says so",
                evidence=(*log.quoted("npm_before", "notice"), _wording(log), *_useless_upgrade(log)),
                remedy=_IN_LOG,
            )
        if log.has_exchange:
            untold = log.oidc is Oidc.NOT_TRIED or log.hides_reason
            if log.npm is None or log.npm in Floor.CIRCLECI or log.ci is not None or not untold:
                return SKIPPED
            return Judgement(
                Answer.UNKNOWN,
                f"if this is CircleCI: npm {log.npm} is older than {Floor.CIRCLECI.oldest}, the first that logs in"
                " there",
                evidence=log.quoted("npm"),
                remedy=_IN_LOG,
            )
        if log.npm_hint is not None:
            if log.npm_hint in needed:
                return SKIPPED
            return Judgement(
                Answer.WARN,
                f"npm {log.npm_hint} seems to have published, which is older than {named} and cannot log in through"
                " OIDC",
                evidence=(
                    *log.quoted("npm_hint", "notice", "code"),
                    "An earlier line shows that npm; the publish does not.",
                ),
                remedy=_IN_LOG,
            )
        return Judgement(
            Answer.UNKNOWN,
            f"the log does not show which npm published, and before {named} none can log in through OIDC",
            evidence=log.quoted("code"),
            remedy=Remedy("In the step that publishes, before the publish:", command="npm --version"),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Set up a Node that brings npm 11, or put npm 11 beside it."""
        from safepublish.pipelines.fix.node import change_node

        return change_node(sheet, step)


_IN_LOG = Remedy(
    "Use Node 24, which brings npm 11; or, on Node 20.17, 22.9 or newer, put npm 11 beside it before the publish.",
    command=UPGRADE,
)


def _wording(log: Log) -> str:
    """How a wording dates npm, as an inference (npm's lib/utils/error-message.js, and its display at 10.6)."""
    if log.says("npm ERR!"):
        return "Inferred: npm 10.6 and newer write `npm error` where this one writes `npm ERR!`."
    return (
        "Inferred: up to 11.4.2 npm says `is not in this registry`, from 11.5.0 on `could not be found or you do not"
        " have permission`."
    )


def _useless_upgrade(log: Log) -> tuple[str, ...]:
    """An upgrade in the same log that was of no use."""
    if "upgraded" not in log.quotes:
        return ()
    return (
        *log.quoted("upgraded"),
        "That upgrade did not reach the npm that published: PATH, corepack, Volta or a script led to another.",
    )


def remedy(run: Run, npm: Npm) -> Remedy:
    """The one mend that fits the workflow, the Node and the way this npm came here."""
    workflow = run.repository.workflow
    if workflow is not None and _asks_for_old_node(run, workflow):
        return Remedy(f"In {workflow.path} use Node 24, which brings npm 11.", diff=_diff(workflow))
    if npm.manager == "volta":
        return Remedy("Volta chooses this npm: give the project another.", command="volta pin npm@11")
    if npm.manager == "corepack":
        return Remedy("corepack chooses this npm, by packageManager: give it another.", command="corepack use npm@11")
    if npm.version in _CANNOT_UPGRADE_ITSELF:
        return Remedy(
            f"Use Node 24, which brings npm 11. npm {npm.version} cannot be upgraded in place:"
            " it ends with Cannot find module 'promise-retry'."
        )
    node = npm.node_version
    if node is None:
        return Remedy(
            "Use Node 24, which brings npm 11; with Node 20.17, 22.9 or newer npm 11 can also be put beside it."
        )
    if node not in Floor.NPM_11_ENGINES:
        return Remedy(f"Use Node 24, which brings npm 11. Node {node} cannot run npm 11.")
    brought = bundled_npm(str(node))
    if brought is not None and brought in floor(run):
        return Remedy(
            f"Node {node} brings npm {brought}, but PATH leads to {npm.path} first: upgrade or remove that one.",
            command=UPGRADE,
        )
    return Remedy("Use Node 24, which brings npm 11, or keep the Node and put npm 11 beside it first.", command=UPGRADE)


def _needed(run: Run) -> Version:
    return max(floor(run).oldest, Floor.PUBLISH.oldest)


def _first_with(run: Run) -> str:
    if floor(run) is Floor.STAGE:
        return "the first with npm stage"
    return f"the first with trusted publishing in {run.identity.ci.value}"


def _if_it_fails(run: Run, version: Version) -> tuple[str, ...]:
    if run.command.name == "stage publish" or not is_before(run, Floor.EXCHANGE):
        return ()
    if run.package.settings.provenance is not True:
        return ()
    return (_signed(version.major), "No token is at fault: this npm has no exchange, and none needs to be renewed.")


def _signed(major: int) -> str:
    return (
        f"npm {major} signs the provenance statement through OIDC, which looks as if OIDC worked, and then"
        ' fails with "Access token expired or revoked. Please try logging in again."'
    )


def _evidence(run: Run, npm: Npm, version: Version) -> tuple[str, ...]:
    lines = [f"npm runs from {npm.path}" + (f", on Node {npm.node_version}" if npm.node_version else "")]
    if run.command.name == "stage publish" or not is_before(run, Floor.EXCHANGE):
        return tuple(lines)
    if run.package.credential.kind is not CredentialKind.SET:
        lines.append(f"npm {version.major} would publish with {sent(run.package.credential)}.")
    return tuple(lines)


def _asks_for_old_node(run: Run, workflow: "Workflow") -> bool:
    """Whether the workflow file itself asks setup-node for a Node that brings too old an npm."""
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
    """Whether a step before the publish ends the job, because its upgrade of npm cannot work."""
    return any(upgrade.works is False and not upgrade.swallowed for upgrade in step.toolchain.upgrades)


def _source_of_npm(step: "Step") -> str:
    toolchain = step.toolchain
    npms = toolchain.npm.npms
    assert npms is not None  # noqa: S101 - the caller looked
    range_ = str(npms.lowest) if npms.highest in {None, npms.lowest} else f"{npms.lowest} to {npms.highest}"
    if toolchain.npm.source == "upgrade":
        return (
            f"{toolchain.upgrades[-1].command} puts npm {range_} in place" if toolchain.upgrades else f"npm is {range_}"
        )
    if toolchain.npm.source == "npx":
        return f"npx runs npm {range_}"
    version = toolchain.node.version or "there"
    named = f", from {toolchain.node.file}," if toolchain.node.file else ""
    return f"Node {version}{named} brings npm {range_}"


def _unknown_npm(step: "Step", needed: Version, *, older: bool) -> str:
    toolchain = step.toolchain
    if older and toolchain.npm.source == "image":
        assert toolchain.npm.npms is not None  # noqa: S101 - the caller looked
        message = f"no step sets up a Node; {toolchain.npm.npms.why} brought npm {toolchain.npm.npms.lowest}"
        return f"{message}, older than {needed}, and images change"
    if older:
        message = f"{_source_of_npm(step)}, older than {needed}"
        return (
            f"{message}; whether {step.invocation.tool} leaves the publish to it depends on its version, "
            "which is not in the files"
        )
    why = toolchain.npm.why or toolchain.node.why
    what = "npm stage" if step.invocation.staged else "trusted publishing"
    return f"which npm publishes cannot be told{f': {why}' if why else ''}; {what} needs {needed}"


def _in_workflow_evidence(step: "Step") -> tuple[str, ...]:
    lines = []
    if step.context.legs > 1 and step.context.leg:
        lines.append(
            "On the leg " + ", ".join(f"{name} {value}" for name, value in step.context.leg.items()) + " of the matrix."
        )
    if step.invocation.tool not in {"npm", "safepublish"}:
        lines.append(f"{step.invocation.tool} leaves the publish to npm.")
    return tuple(lines)
