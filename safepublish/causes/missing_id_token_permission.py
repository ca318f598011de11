"""The cause missing-id-token-permission."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.fork_pull_request import from_outside
from safepublish.causes.wording import indent
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.log import Oidc, Tool
from safepublish.facts.run import Identity, Run, Workflow
from safepublish.logs.log import Log
from safepublish.npm.floors import Floor, meets
from safepublish.npm.oidc import failure_answer, may_request
from safepublish.npm.provenance import generated

if TYPE_CHECKING:
    from safepublish.facts.step import Permission, Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


URL, TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
"""The first npm with --provenance."""
_CONFIGURED = frozenset({"semantic-release", "@semantic-release/npm", "release-it", "auto"})
"""Tools that publish to npm where their own configuration says so."""
_BLOCK = ("permissions:", "  contents: read", "  id-token: write")


class MissingIdTokenPermission(Cause):
    """The job may not request an id token.

    What it is
        GitHub gives a job the means to request an id token, ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN, only where its
        permissions say `id-token: write`.

    Why npm behaves so
        npm skips OIDC without a word where one of the two variables is missing (log level silly: "Skipped because
        incorrect permissions for id-token within GitHub workflow", npm 12.2.0, lib/utils/oidc.js). Asked for provenance
        it says EUSAGE: 'Provenance generation in GitHub Actions requires "write" access to the "id-token" permission'
        (libnpmpublish 10.0.1, lib/publish.js), also when a token publishes.
        A `permissions` block on the job replaces the workflow's block entirely, and any block sets what it does not
        name to none. A reusable workflow gets no more than its caller grants, so both must name it.
        The log group "GITHUB_TOKEN Permissions" does not show this permission.
        A container that a step starts itself (`docker run`) gets the variables only with `-e`.

    How to mend
        On the job that publishes:

            permissions:
              contents: read
              id-token: write

    How to ignore
        `--allow-token` when a token is meant to publish.
    """

    id = "missing-id-token-permission"
    title = "the job may not request an id token"
    screen = (
        Screen("ENONPMTOKEN: No npm token specified", rank=3),
        Screen("ENEEDAUTH: This command requires you to be logged in to"),
        Screen('EUSAGE: Provenance generation in GitHub Actions requires "write" access to the "id-token" permission'),
        Screen("YN0033: No authentication configured for request", rank=3),
        Screen("Skipped because incorrect permissions for id-token within GitHub workflow", hidden=True),
    )
    applies_to_tools = True
    likelihood = 50

    def in_run(self, run: Run) -> Judgement:
        """Fail where a GitHub job cannot request an id token and needs one."""
        identity = run.identity
        if identity.ci is not Ci.GITHUB or (from_outside(identity) is not None and not may_request(identity)):
            return SKIPPED
        signs = generated(run) is True and not identity.request_url
        if may_request(identity) or (identity.npm_id_token and not signs):
            return PASSED
        workflow = run.repository.workflow
        return Judgement(
            Answer.FAIL if signs else failure_answer(run),
            _missing_variables(identity),
            evidence=tuple(_evidence(run, workflow, signs=signs)),
            remedy=Remedy(
                _instruction(identity, workflow), diff=_diff(workflow) if not _has_one_variable(identity) else None
            ),
            location=(workflow.permissions_at or workflow.job_at) if workflow else None,
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where the permissions in force do not grant `id-token: write`; unknown where a caller decides."""
        invocation = step.invocation
        permission = step.context.permission
        if permission.granted is True:
            return PASSED
        caller = permission.caller
        if caller is not None and caller.granted is not True and (permission.granted is None or _grants(permission)):
            return _of_caller(step, caller)
        place = (permission.id_token or permission.block) if permission.granted is False else None
        location = place.key.at if place else step.place.job_at
        if permission.granted is False and invocation.tool in _CONFIGURED:
            return Judgement(
                Answer.UNKNOWN,
                f"{_denied(step)}; whether {invocation.tool} publishes to npm at all stands in its configuration",
                location=location,
            )
        if permission.granted is False and invocation.tool == "unknown" and step.place.position is not None:
            return Judgement(
                Answer.UNKNOWN,
                f"{_denied(step)}; whether {invocation.hidden} publishes to npm at all is not in the files at hand",
                location=location,
            )
        if permission.granted is None:
            return Judgement(
                Answer.UNKNOWN,
                f"whether the job {step.place.job} may request an id token cannot be told:"
                f" {permission.why or 'a caller decides'}",
                remedy=Remedy(
                    "Give `id-token: write` to the calling job too; its file is the one that npmjs.com must name."
                ),
                location=location,
            )
        why = ("Provenance is asked for, and signed with an id token: npm ends with EUSAGE, whatever the token.",)
        return Judgement(
            Answer.FAIL,
            _denied(step),
            evidence=why if self.stops_npm(step) else (),
            remedy=Remedy("Give the job `id-token: write`."),
            location=location,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm found no way to ask GitHub for an id token; unknown when the log would not show it."""
        line = log.says('"write" access to the "id-token" permission') or log.says(
            "requesting 'id-token: write', but is only allowed"
        )
        if line or log.oidc is Oidc.NO_PERMISSION:
            return Judgement(
                Answer.WARN if log.pull_request else Answer.FAIL,
                "the job may not request an id token: its permissions do not grant it, or it runs for a fork's pull"
                " request, which never may",
                evidence=(str(line),) if line else log.quoted("oidc"),
                remedy=Remedy(
                    "Give the job this permission; its own block replaces the workflow's, and the caller of a reusable"
                    " workflow must grant it too.",
                    diff="\n".join(f"+ {line}" for line in _BLOCK),
                ),
            )
        if log.unauthenticated and log.oidc is Oidc.UNKNOWN and "no_identity" in log.quotes:
            return Judgement(
                Answer.WARN,
                "the job may not request an id token: changesets/action found neither a token nor what GitHub gives"
                " with the permission",
                evidence=log.quoted("no_identity"),
                remedy=Remedy("Give the job this permission.", diff="\n".join(f"+ {line}" for line in _BLOCK)),
            )
        if log.can_request_id_token or not log.hides_reason or log.ci not in {Ci.GITHUB, None}:
            return SKIPPED
        if (log.sees_requests and log.has_exchange) or _lerna_would_show_it(log):
            return Judgement(
                Answer.WARN,
                "the job may not request an id token, as it seems: npm logs that request at this level, and there"
                " is none",
                evidence=log.quoted("npm", "tool", "code"),
                remedy=_ASK,
            )
        return Judgement(
            Answer.UNKNOWN,
            "perhaps the job may not request an id token: npm says so at the log level silly alone",
            evidence=log.quoted("code"),
            remedy=_ASK,
        )

    def stops_npm(self, step: "Step") -> bool:
        """Whether npm ends for the missing permission, also where it has a token: it was told to make provenance.

        libnpmpublish 10.0.1 to 12.0.1, lib/publish.js, `ensureProvenanceGeneration`; older than npm 9.5, there is none.
        """
        from safepublish.npm.publish_tools import starts_npm

        if (
            step.invocation.provenance is not True
            or step.context.permission.granted is not False
            or step.context.ci is not Ci.GITHUB
        ):
            return False
        makes = step.toolchain.npm.npms is not None and meets(step.toolchain.npm.npms, Floor.PROVENANCE) is True
        return makes and starts_npm(step.invocation.tool, step.invocation.tool_version) is True

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Grant `id-token: write` to the job."""
        from safepublish.pipelines.fix.permissions import grant_id_token

        return grant_id_token(sheet, step)


def _grants(permission: "Permission") -> bool:
    """Whether the block itself grants it: then only the caller's is in the way."""
    text = permission.id_token.text if permission.id_token else permission.block.text if permission.block else "write"
    return (text or "").strip() in {"write", "write-all"}


def _of_caller(step: "Step", caller: "Permission") -> Judgement:
    """The calling job's permissions: the job of a called workflow gets no more than they grant."""
    place = step.place
    block = caller.id_token or caller.block
    remedy = Remedy(f"Give the calling job in {place.entry_path} `id-token: write`.")
    if caller.granted is None:
        return Judgement(
            Answer.UNKNOWN,
            f"whether the calling job in {place.entry_path} may request an id token cannot be told: {caller.why}",
            remedy=remedy,
        )
    return Judgement(
        Answer.FAIL,
        f"the calling job in {place.entry_path} may not request an id token, and a called workflow gets no more",
        remedy=remedy,
        location=block.key.at if block else Location(place.entry_path),
    )


def _denied(step: "Step") -> str:
    permission = step.context.permission
    if permission.block is None:
        return (
            f"the job {step.place.job} may not request an id token: no permissions are written, and then there is none"
        )
    whose = f"the job {step.place.job}" if permission.scope == "job" else "the workflow"
    if permission.id_token is not None and permission.id_token.text is not None:
        return f"the permissions of {whose} say id-token: {permission.id_token.text}; npm needs write"
    if permission.block.text:
        return f"the permissions of {whose} are {permission.block.text}, which grants no id token"
    return f"the permissions of {whose} do not name id-token, and what a block does not name is none"


def _lerna_would_show_it(log: Log) -> bool:
    """Whether a lerna with an exchange, which logs its requests at its default level, shows none for an id token."""
    version = log.tool_version
    has_exchange = version is not None and version in Floor.LERNA_EXCHANGE
    return log.tool is Tool.LERNA and has_exchange and log.level != "notice"


_ASK = Remedy(
    "In the step that publishes; empty means that the permission is missing:",
    command=f'echo "${{{URL}:+set}}"',
)


def _has_one_variable(identity: Identity) -> bool:
    """Whether one of the two variables is set: then the permission is there and something drops the other."""
    return identity.request_url or identity.request_token


def _missing_variables(identity: Identity) -> str:
    if identity.request_url:
        return f"{URL} is set and {TOKEN} is not: npm needs both to request an id token"
    if identity.request_token:
        return f"{TOKEN} is set and {URL} is not: npm needs both to request an id token"
    return f"{URL} and {TOKEN} are not set: this job may not request an id token"


def _evidence(run: Run, workflow: Workflow | None, *, signs: bool) -> list[str]:
    lines = []
    if signs:
        lines.append(f"npm is to attach provenance, and signs it only with {URL}, also where NPM_ID_TOKEN is set.")
    if workflow and workflow.reusable_caller:
        lines.append(
            f"The job runs in a workflow that {workflow.path} calls, and gets no more than the calling job grants."
        )
    if run.identity.job and not _has_one_variable(run.identity):
        lines.append(f"The job is {run.identity.job}; a permissions block on it replaces the workflow's block.")
        lines.append("Where it has the permission, npm runs out of the variables' reach, as in docker run without -e.")
    return lines


def _instruction(identity: Identity, workflow: Workflow | None) -> str:
    if _has_one_variable(identity):
        return f"Hand both variables on to where npm runs, as with docker run -e {URL} -e {TOKEN}."
    if workflow and workflow.reusable_caller:
        return f"Give `id-token: write` to the calling job in {workflow.path}, and to the job of the workflow it calls."
    where = f"in {workflow.path}" if workflow else "in the workflow file"
    return f"Give the job `id-token: write` {where}."


def _diff(workflow: Workflow | None) -> str:
    if workflow is None or (workflow.permissions_at is None and workflow.job_at is None):
        return "\n".join(f"+ {line}" for line in _BLOCK)
    if workflow.permissions_at is None:
        job = workflow.job_line or ""
        return "\n".join([f" {job}", *(f"+{indent(job)}  {line}" for line in _BLOCK)])
    line = workflow.permissions_line or "permissions:"
    if line.partition("#")[0].rstrip().endswith(":"):
        return f" {line}\n+{indent(line)}  id-token: write"
    return "\n".join([f"-{line}", *(f"+{indent(line)}{entry}" for entry in _BLOCK)])
