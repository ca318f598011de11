"""What npm would publish with: a token that it gets through OIDC, or one that is available to this step."""

from packaging.version import Version

from safepublish.facts.finding import Answer
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.run import Identity, PublishTool, Run
from safepublish.npm.exchange import Outcome, host_is_certain, id_token_refused, npm_exchange_succeeded, outcome
from safepublish.npm.floors import Floor
from safepublish.npm.publish_tools import exchanges

_NPM_OF_PORT = Version("12.0.0")
"""The npm that counts for a tool with a port of its exchange."""

SUPPORTED = frozenset({Ci.GITHUB, Ci.GITLAB, Ci.CIRCLECI})
"""Where npm exchanges the CI's identity (npm 12.2.0, lib/utils/oidc.js)."""


def floor(run: Run) -> Floor:
    """The npm with which this publish goes through OIDC."""
    if run.command == "stage publish":
        return Floor.STAGE
    return Floor.CIRCLECI if run.identity.ci is Ci.CIRCLECI else Floor.EXCHANGE


def npm_version(run: Run) -> Version | None:
    """The version of the npm that will run, where it is known; of a tool that exchanges by itself the newest npm's."""
    if run.tool is not None and not run.tool.npm:
        return _NPM_OF_PORT
    return run.npm.version if run.npm else None


def is_before(run: Run, floor: Floor) -> bool:
    """Whether the npm that will run is known to be older than *floor*."""
    version = npm_version(run)
    return version is not None and version not in floor


def is_from(run: Run, floor: Floor) -> bool:
    """Whether the npm that will run is known to be of *floor* or newer."""
    version = npm_version(run)
    return version is not None and version in floor


def ci_hidden(run: Run) -> bool | None:
    """Whether CI=false keeps npm from seeing its CI; None where that depends on an npm of unknown version."""
    if not run.identity.ci_disabled or (run.tool is not None and run.tool.blind_to_ci):
        return False
    return None if npm_version(run) is None else is_from(run, Floor.CI_FALSE)


def may_request(identity: Identity) -> bool:
    """Whether GitHub gave this job what it takes to request an id token (npm 12.2.0, lib/utils/oidc.js)."""
    return identity.request_url and identity.request_token


def has_identity(identity: Identity) -> bool:
    """Whether the job can have an ID token: NPM_ID_TOKEN goes first, then GitHub's endpoint."""
    return identity.npm_id_token or (identity.ci is Ci.GITHUB and may_request(identity))


def oidc_available(run: Run) -> bool | None:
    """Whether npm will get a token through OIDC; None where only npm's own exchange shows it."""
    if npm_exchange_succeeded(run):
        return True
    result = outcome(run)
    cannot = (
        run.identity.ci not in SUPPORTED
        or is_before(run, floor(run))
        or ci_hidden(run) is True
        or not has_identity(run.identity)
        or id_token_refused(run)
        or run.package.exchange_result.confirmed_by_npm is True
        or (run.tool is not None and without_exchange(run.tool))
        or result in (Outcome.NO_PUBLISHER, Outcome.UNAUTHORIZED, Outcome.NOT_OFFERED)
    )
    if cannot:
        return False
    return True if result is Outcome.ACCEPTED and npm_version(run) is not None else None


def without_exchange(tool: PublishTool) -> bool:
    """Whether *tool* neither exchanges the CI's identity itself nor starts an npm that may."""
    return not tool.npm and exchanges(tool.name, str(tool.version) if tool.version else None) is False


def token_available(run: Run) -> bool:
    """Whether npm has a token to publish with where OIDC gives it none."""
    credential = run.package.credential
    return credential.kind is CredentialKind.SET and not credential.needs_oidc


def token_may_publish(run: Run) -> bool:
    """Whether a token may be available, and `--allow-token` lets it publish."""
    return run.options.allow_token and (token_available(run) or not host_is_certain(run))


def failure_answer(run: Run) -> Answer:
    """The answer of a cause that rules out OIDC: a warning where an allowed token still publishes, else a failure."""
    return Answer.WARN if token_may_publish(run) else Answer.FAIL


def skipped_as_private(run: Run) -> bool:
    """Whether npm skips this workspace with a warning (npm 12.2.0, lib/commands/publish.js, `execWorkspaces`)."""
    return run.package.workspace and run.package.private
