"""The cause missing-id-token-permission."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.fork_pull_request import from_outside
from safepublish.causes.wording import indent
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.kinds import Ci, CredentialKind
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
"""The variables with which npm requests an ID token from GitHub."""
_CONFIGURED = frozenset({"semantic-release", "@semantic-release/npm", "release-it", "auto"})
"""Tools that publish to npm only if their own configuration says so."""
_BLOCK = ("permissions:", "  contents: read", "  id-token: write")


class MissingIdTokenPermission(Cause):
    """npm fails with ENEEDAUTH because the job cannot request an ID token.

    What happens
        The job lacks the permission `id-token: write`. With provenance npm fails with EUSAGE, 'Provenance generation
        in GitHub Actions requires "write" access to the "id-token" permission', even if a token is available
        (libnpmpublish 10.0.1, lib/publish.js).

    Why
        GitHub sets ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN only in a job with this permission.
        npm silently skips OIDC if one of them is missing (log level silly: "Skipped because incorrect permissions for
        id-token within GitHub workflow", npm 12.2.0, lib/utils/oidc.js). A `permissions` block on the job replaces the
        workflow's block completely, and a block sets every permission that it does not list to none. A reusable
        workflow gets only what its caller grants, so both need the permission. The log group "GITHUB_TOKEN
        Permissions" does not show it. A container that a step starts itself (`docker run`) gets the variables only
        with `-e`.

    Fix
        In the job that publishes:

            permissions:
              contents: read
              id-token: write

    If you want to ignore it
        `--allow-token` publishes with a token instead.
    """

    id = "missing-id-token-permission"
    title = "the job cannot request an ID token"
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
        """Fail where a GitHub job needs an ID token and cannot request one."""
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
        if permission.granted is False and invocation.tool in _CONFIGURED and not invocation.publishes:
            return Judgement(
                Answer.UNKNOWN,
                f"{_denied(step)}; {invocation.tool} publishes to npm only if its configuration says so",
                location=location,
            )
        if permission.granted is False and invocation.tool == "unknown" and step.place.position is not None:
            has_token = any(token.kind is CredentialKind.SET for token in step.credentials.tokens)
            return Judgement(
                Answer.WARN if has_token else Answer.UNKNOWN,
                f"{_denied(step)}; whether {invocation.hidden} publishes to npm could not be determined",
                location=location,
            )
        if permission.granted is None:
            return Judgement(
                Answer.UNKNOWN,
                f"whether the job {step.place.job} can request an ID token is unknown:"
                f" {permission.why or 'its caller decides'}",
                remedy=Remedy(
                    "Give the calling job `id-token: write` too. The trusted publisher on npmjs.com must name its file."
                ),
                location=location,
            )
        why = ("npm needs an ID token to sign provenance; without one it fails with EUSAGE, even with an npm token.",)
        return Judgement(
            Answer.FAIL,
            _denied(step),
            evidence=why if self.stops_npm(step) else (),
            remedy=Remedy("Give the job `id-token: write`."),
            location=location,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm could not request an ID token from GitHub; unknown when the log level hides it."""
        line = log.says('"write" access to the "id-token" permission') or log.says(
            "requesting 'id-token: write', but is only allowed"
        )
        if line or log.oidc is Oidc.NO_PERMISSION:
            return Judgement(
                Answer.WARN if log.pull_request else Answer.FAIL,
                "the job cannot request an ID token: it lacks `id-token: write` or runs for a pull request from a fork",
                evidence=(str(line),) if line else log.quoted("oidc"),
                remedy=Remedy(
                    "Give the job this permission. Its own block replaces the workflow's block, and the caller of a"
                    " reusable workflow must grant the permission too.",
                    diff="\n".join(f"+ {line}" for line in _BLOCK),
                ),
            )
        if log.unauthenticated and log.oidc is Oidc.UNKNOWN and "no_identity" in log.quotes:
            return Judgement(
                Answer.WARN,
                "the job cannot request an ID token: changesets/action found neither an npm token nor GitHub's"
                " variables for OIDC",
                evidence=log.quoted("no_identity"),
                remedy=Remedy("Give the job this permission.", diff="\n".join(f"+ {line}" for line in _BLOCK)),
            )
        if log.can_request_id_token or not log.hides_reason or log.ci not in {Ci.GITHUB, None}:
            return SKIPPED
        if (log.sees_requests and log.has_exchange) or _lerna_would_show_it(log):
            return Judgement(
                Answer.WARN,
                "the job cannot request an ID token: npm logs that request at this log level, and this log has none",
                evidence=log.quoted("npm", "tool", "code"),
                remedy=_ASK,
            )
        return Judgement(
            Answer.UNKNOWN,
            "the job may lack the permission `id-token: write`; npm logs that only at log level silly",
            evidence=log.quoted("code"),
            remedy=_ASK,
        )

    def stops_npm(self, step: "Step") -> bool:
        """Whether npm fails without the permission even with a token, because provenance is requested.

        libnpmpublish 10.0.1 to 12.0.1, lib/publish.js, `ensureProvenanceGeneration`; npm before 9.5 has no provenance.
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

    def file_to_change(self, step: "Step") -> str:
        """The file of the calling job, where that does not grant the permission."""
        caller = step.context.permission.caller
        return step.place.entry_path if caller is not None and caller.granted is False else step.place.at.path

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Grant `id-token: write` to the job."""
        from safepublish.pipelines.fix.permissions import grant_id_token

        return grant_id_token(sheet, step)


def _grants(permission: "Permission") -> bool:
    """Whether the block itself grants it, so that only the caller's block does not."""
    text = permission.id_token.text if permission.id_token else permission.block.text if permission.block else "write"
    return (text or "").strip() in {"write", "write-all"}


def _of_caller(step: "Step", caller: "Permission") -> Judgement:
    """The judgement on the calling job's permissions, which limit those of the called workflow."""
    place = step.place
    block = caller.id_token or caller.block
    remedy = Remedy(f"Give the calling job in {place.entry_path} `id-token: write`.")
    if caller.granted is None:
        return Judgement(
            Answer.UNKNOWN,
            f"whether the calling job in {place.entry_path} can request an ID token is unknown: {caller.why}",
            remedy=remedy,
        )
    return Judgement(
        Answer.FAIL,
        f"the calling job in {place.entry_path} cannot request an ID token, so the called workflow cannot either",
        remedy=remedy,
        location=block.key.at if block else Location(place.entry_path),
    )


def _denied(step: "Step") -> str:
    permission = step.context.permission
    if permission.block is None:
        return (
            f"the job {step.place.job} cannot request an ID token: without a `permissions` block, `id-token` is `none`"
        )
    whose = f"the job {step.place.job}" if permission.scope == "job" else "the workflow"
    if permission.id_token is not None and permission.id_token.text is not None:
        return f"{whose} sets `id-token: {permission.id_token.text}`; npm needs `id-token: write`"
    if permission.block.text:
        return f"{whose} sets `permissions: {permission.block.text}`, without `id-token: write`"
    return f"the `permissions` block of {whose} does not list `id-token`, so it is `none`"


def _lerna_would_show_it(log: Log) -> bool:
    """Whether the log is of a lerna that supports OIDC and logs its requests, and has none for an ID token."""
    version = log.tool_version
    has_exchange = version is not None and version in Floor.LERNA_EXCHANGE
    return log.tool is Tool.LERNA and has_exchange and log.level != "notice"


_ASK = Remedy(
    "To find out, run this in the step that publishes. Empty output means that the permission is missing.",
    command=f'echo "${{{URL}:+set}}"',
)


def _has_one_variable(identity: Identity) -> bool:
    """Whether one of the two variables is set: the job has the permission, and something drops the other."""
    return identity.request_url or identity.request_token


def _missing_variables(identity: Identity) -> str:
    if identity.request_url:
        return f"{URL} is set but {TOKEN} is not; npm needs both to request an ID token"
    if identity.request_token:
        return f"{TOKEN} is set but {URL} is not; npm needs both to request an ID token"
    return f"this job cannot request an ID token: {URL} and {TOKEN} are not set"


def _evidence(run: Run, workflow: Workflow | None, *, signs: bool) -> list[str]:
    lines = []
    if signs:
        lines.append(f"npm would attach provenance, and needs {URL} to sign it, even if NPM_ID_TOKEN is set.")
    if workflow and workflow.reusable_caller:
        lines.append(
            f"The job runs in a workflow that {workflow.path} calls, and gets only what the calling job grants."
        )
    if run.identity.job and not _has_one_variable(run.identity):
        lines.append(f"A `permissions` block in the job {run.identity.job} replaces the block of the workflow.")
        lines.append(
            "If the job has the permission already, the variables do not reach npm, as in `docker run` without `-e`."
        )
    return lines


def _instruction(identity: Identity, workflow: Workflow | None) -> str:
    if _has_one_variable(identity):
        return f"Pass both variables to npm, for example with docker run -e {URL} -e {TOKEN}."
    if workflow and workflow.reusable_caller:
        return f"Give `id-token: write` to the calling job in {workflow.path} and to the job in the workflow it calls."
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
