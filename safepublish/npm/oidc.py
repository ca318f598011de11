"""By what right npm would publish: through OIDC, or with a token that is in reach."""

from safepublish.facts.finding import Answer
from safepublish.facts.kinds import Ci, Kind
from safepublish.facts.run import Identity, Run, StandIn
from safepublish.npm.exchange import Outcome, contradicted, host_is_certain, mint_refused, outcome
from safepublish.npm.publish_tools import exchanges
from safepublish.npm.versions import Version

FIRST = Version(11, 5, 0)
"""The first npm with lib/utils/oidc.js."""
FIRST_SUPPORTED = Version(11, 5, 1)
"""The first npm that npm's documentation names for trusted publishing."""
FIRST_STAGE = Version(11, 15, 0)
"""The first npm with `npm stage`."""
FIRST_CIRCLECI = Version(11, 11, 0)
"""The first npm whose lib/utils/oidc.js knows CircleCI."""
FIRST_BLINDED = Version(11, 6, 2)
"""The first npm whose ci-info (4.4.0, index.js) names no CI where CI=false; 4.3.0 of npm 11.6.1 still does."""

_AS_NEW_AS = Version(12, 0, 0)
"""What stands for the npm of a tool that has a port of its exchange."""

SUPPORTED = frozenset({Ci.GITHUB, Ci.GITLAB, Ci.CIRCLECI})
"""Where npm exchanges the CI's identity (npm 12.2.0, lib/utils/oidc.js)."""


def floor(run: Run) -> Version:
    """The oldest npm with which this publish goes through OIDC."""
    if run.command == "stage publish":
        return FIRST_STAGE
    return FIRST_CIRCLECI if run.identity.ci is Ci.CIRCLECI else FIRST


def npm_version(run: Run) -> Version | None:
    """The version of the npm that will run, where it is known; of a tool that exchanges by itself the newest npm's."""
    if run.tool is not None and not run.tool.npm:
        return _AS_NEW_AS
    return run.npm.version if run.npm else None


def is_before(run: Run, version: Version) -> bool:
    """Whether the npm that will run is known to be older than *version*."""
    own = npm_version(run)
    return own is not None and own.older_than(version)


def is_from(run: Run, version: Version) -> bool:
    """Whether the npm that will run is known to be *version* or newer."""
    own = npm_version(run)
    return own is not None and not own.older_than(version)


def blinded(run: Run) -> bool | None:
    """Whether CI=false keeps npm from seeing its CI; None where that depends on an npm of unknown version."""
    if not run.identity.ci_disabled or (run.tool is not None and run.tool.blind_to_ci):
        return False
    return None if npm_version(run) is None else is_from(run, FIRST_BLINDED)


def may_request(identity: Identity) -> bool:
    """Whether GitHub gave this job what it takes to request an id token (npm 12.2.0, lib/utils/oidc.js)."""
    return identity.request_url and identity.request_token


def has_identity(identity: Identity) -> bool:
    """Whether an id token is in reach: NPM_ID_TOKEN goes first, then GitHub's endpoint."""
    return identity.npm_id_token or (identity.ci is Ci.GITHUB and may_request(identity))


def oidc(run: Run) -> bool | None:
    """Whether npm will come by a token through OIDC; None where only npm's own try will tell."""
    if contradicted(run):
        return True
    found = outcome(run)
    cannot = (
        run.identity.ci not in SUPPORTED
        or is_before(run, floor(run))
        or blinded(run) is True
        or not has_identity(run.identity)
        or mint_refused(run)
        or run.package.probe.confirmed_by_npm is True
        or (run.tool is not None and without_exchange(run.tool))
        or found in (Outcome.NO_PUBLISHER, Outcome.UNAUTHORIZED, Outcome.NOT_OFFERED)
    )
    if cannot:
        return False
    return True if found is Outcome.ACCEPTED and npm_version(run) is not None else None


def without_exchange(tool: StandIn) -> bool:
    """Whether *tool* neither exchanges the CI's identity itself nor starts an npm that may."""
    return not tool.npm and exchanges(tool.name, str(tool.version) if tool.version else None) is False


def token_in_reach(run: Run) -> bool:
    """Whether npm has a token to publish with where OIDC gives it none."""
    credential = run.package.credential
    return credential.kind is Kind.SET and not credential.needs_oidc


def token_may_publish(run: Run) -> bool:
    """Whether a token may be in reach, and `--allow-token` lets it publish."""
    return run.options.allow_token and (token_in_reach(run) or not host_is_certain(run))


def refusal(run: Run) -> Answer:
    """What a cause answers that keeps OIDC from happening: npm still publishes with a token that is allowed to."""
    return Answer.WARN if token_may_publish(run) else Answer.FAIL


def skipped_as_private(run: Run) -> bool:
    """Whether npm passes this workspace by with a warning (npm 12.2.0, lib/commands/publish.js, `execWorkspaces`)."""
    return run.package.workspace and run.package.private
