"""Whether a provenance statement will be attached, and what it will say.

npm makes one where `--provenance` asks for it, and by itself after a successful exchange, when the source repository
and the package are both public (npm 11.5.2 to 12.2.0, lib/utils/oidc.js).
"""

from safepublish.facts.kinds import Ci
from safepublish.facts.run import Existence, Run, Visibility
from safepublish.npm.exchange import host_is_certain, id_token_failed, id_token_refused
from safepublish.npm.floors import Floor
from safepublish.npm.oidc import ci_hidden, has_identity, is_before, npm_version, oidc_available, token_available


def asked_for(run: Run) -> bool:
    """Whether `--provenance`, in whatever layer, asks for provenance."""
    return run.package.settings.provenance is True


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
    if run.package.settings.provenance is False:
        return False
    if run.is_forecast:
        return None
    if _ruled_out(run):
        return False
    if npm_version(run) is None or _source_is_public(run) is None:
        return None
    return _before_exchange(run) if is_before(run, Floor.PROVENANCE_AFTER_EXCHANGE) else _after_exchange(run)


def _ruled_out(run: Run) -> bool:
    """Whether npm, the CI or the repository exclude automatic provenance."""
    return (
        is_before(run, Floor.EXCHANGE)
        or ci_hidden(run) is True
        or _source_is_public(run) is False
        or (run.package.settings.provenance_file and _file_goes_first(run))
    )


def detects(run: Run, ci: Ci) -> bool:
    """Whether npm sees *ci*, of which it may see several at once."""
    return run.identity.ci is ci or ci in run.identity.also


def statement_is_certain(run: Run) -> bool:
    """Whether only one CI gives the variables of the statement: where npm sees both, GitLab's replace GitHub's.

    (libnpmpublish 12.0.1, lib/provenance.js, `generateProvenance`; whose token then signs is Sigstore's affair.)
    """
    return not (detects(run, Ci.GITHUB) and detects(run, Ci.GITLAB))


def _source_is_public(run: Run) -> bool | None:
    """Whether npm takes the source for public, by the claims of the CIs that it sees (lib/utils/oidc.js).

    In CircleCI it does not look, whatever else it sees. Without claims the job's own variables are asked.
    """
    identity = run.identity
    if detects(run, Ci.CIRCLECI):
        return False
    claims = identity.id_token.claims
    claim_names = [
        claim
        for claim, applies in (
            ("repository_visibility", detects(run, Ci.GITHUB)),
            ("project_visibility", detects(run, Ci.GITLAB) and identity.sigstore_id_token),
        )
        if applies
    ]
    if not claim_names:
        return False
    stated = [claims[claim] for claim in claim_names if claim in claims]
    if stated:
        return "public" in stated
    if statement_is_certain(run) and identity.repository_visibility is not None:
        return identity.repository_visibility == "public"
    return None if statement_is_certain(run) else False


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
    if not is_before(run, Floor.PROVENANCE_IF_PUBLIC):
        public = _package_is_public(run)
        if public is not True:
            return public
    # Without a token to fall back to, npm publishes through OIDC or not at all.
    only_oidc = host_is_certain(run) and not token_available(run)
    return True if works or only_oidc else None


def _package_is_public(run: Run) -> bool | None:
    """Whether npm is told that the package is public; None where that is unknown."""
    if run.package.settings.offline:  # nobody is asked
        return False
    answers = {Visibility.PUBLIC: True, Visibility.NOT_PUBLIC: False, Visibility.UNKNOWN: None}
    if run.package.visibility is not Visibility.NOT_ASKED:
        return answers[run.package.visibility]
    existence = run.package.packument.existence
    return True if existence is Existence.EXISTS else False if existence is Existence.ABSENT else None


def generated(run: Run) -> bool | None:
    """Whether npm itself makes a provenance statement and attaches it; None where that is unknown."""
    return True if asked_for(run) else automatic(run)


def statement_trouble(bundle: bytes) -> str | None:
    """Why npm cannot use *bundle*, the content of a `--provenance-file`; None where it may match the package."""
    import binascii  # few have such a file
    import json

    try:
        payload = json.loads(bundle.decode("utf-8", "replace"))["dsseEnvelope"]["payload"]
    except (ValueError, RecursionError):
        return "it is not JSON"
    except (KeyError, TypeError):
        payload = None
    if not payload:
        return "it is no Sigstore bundle with a payload"
    try:
        statement = json.loads(binascii.a2b_base64(payload))
    except (ValueError, TypeError, RecursionError):
        return "its payload is not JSON"
    subjects = statement.get("subject") if isinstance(statement, dict) else None
    return None if isinstance(subjects, list) and len(subjects) == 1 else "its payload has not exactly one subject"
