"""Whether a provenance statement will be attached, and what it will say.

npm makes one where `--provenance` asks for it, and by itself after a successful exchange, when the source repository
and the package are both public (npm 11.5.2 to 12.2.0, lib/utils/oidc.js).
"""

from safepublish.facts.kinds import Ci
from safepublish.facts.run import Existence, Run
from safepublish.npm.exchange import host_is_certain, id_token_failed, id_token_refused
from safepublish.npm.floors import Floor
from safepublish.npm.oidc import ci_hidden, has_identity, is_before, npm_version, oidc_available, token_available


def asked_for(run: Run) -> bool:
    """Whether `--provenance`, in whatever layer, asks for provenance."""
    return run.package.provenance is True


def visibility(run: Run) -> str | None:
    """Whether the source repository is public, private or internal, as the id token says, else as the event does."""
    claims = run.identity.id_token.claims
    return claims.get("repository_visibility") or claims.get("project_visibility") or run.identity.repository_visibility


def source(run: Run) -> str | None:
    """The owner/name of the repository that the provenance statement will name; on a laptop, of its origin."""
    if run.is_forecast:
        return run.repository.remote
    claims = run.identity.id_token.claims
    return run.identity.repository or claims.get("repository") or claims.get("project_path")


def automatic(run: Run) -> bool | None:
    """Whether npm attaches provenance by itself; None where that is unknown."""
    if run.package.provenance is False:
        return False
    if run.is_forecast:
        return None
    if _ruled_out(run):
        return False
    if visibility(run) is None or npm_version(run) is None:
        return None
    return _before_exchange(run) if is_before(run, Floor.PROVENANCE_AFTER_EXCHANGE) else _after_exchange(run)


def _ruled_out(run: Run) -> bool:
    """Whether npm, the CI or the repository exclude automatic provenance."""
    identity = run.identity
    return (
        is_before(run, Floor.EXCHANGE)
        or ci_hidden(run) is True
        or visibility(run) not in {None, "public"}
        or identity.ci not in {Ci.GITHUB, Ci.GITLAB}
        or (identity.ci is Ci.GITLAB and not identity.sigstore_id_token)
        or (run.package.provenance_file and _file_goes_first(run))
    )


def _file_goes_first(run: Run) -> bool:
    version = npm_version(run)
    return version is not None and version in Floor.PROVENANCE_FILE_FIRST


def _before_exchange(run: Run) -> bool | None:
    """As npm 11.5.0 decides: once it has an id token that it can read, whatever becomes of the exchange."""
    identity = run.identity
    if not has_identity(identity) or id_token_refused(run) or identity.id_token.malformed:
        return False
    return None if id_token_failed(run) else True


def _after_exchange(run: Run) -> bool | None:
    works = oidc_available(run)
    if works is False:
        return False
    existence = run.package.packument.existence
    if not is_before(run, Floor.PROVENANCE_IF_PUBLIC) and existence is not Existence.EXISTS:
        return False if existence is Existence.ABSENT else None
    # Without a token to fall back to, npm publishes through OIDC or not at all.
    only_oidc = host_is_certain(run) and not token_available(run)
    return True if works or only_oidc else None


def generated(run: Run) -> bool | None:
    """Whether npm itself makes a provenance statement and attaches it; None where that is unknown."""
    return True if asked_for(run) else automatic(run)
