"""What a log of a failed publish shows besides its cause: what worked, and what is often blamed without reason.

People who read only npm's last lines change settings that were right.
"""

from safepublish.facts.kinds import CredentialKind
from safepublish.facts.log import Oidc, Tool
from safepublish.logs.log import Log

_NPMJS = "registry.npmjs.org"


def worked(log: Log) -> tuple[str, ...]:
    """The steps that worked before the publish failed, each with the line that shows it."""
    last = log.last
    lines = []
    if log.oidc is Oidc.EXCHANGED:
        matched = "The exchange succeeded, so repository, workflow and environment match the trusted publisher"
        lines.append(matched + _at(log, "oidc"))
    elif last.minted:
        lines.append(
            f"npm got an ID token from the CI, so the permission is set{_at(log, 'minted', 'exchange', 'oidc')}"
        )
    elif log.can_request_id_token:
        lines.append(f"The job can request an ID token, so the permission is set{_at(log, 'identity', 'signed')}")
    if last.packument_status == 200:
        lines.append(f"The registry has the package{_at(log, 'packument')}")
    if "sigstore provenance bundle" in " ".join(line.text for line in log.errors):
        lines.append("Login worked, and the upload arrived: the registry checks the provenance only after that.")
    elif last.signed and log.oidc is Oidc.EXCHANGED:
        lines.append(f"The provenance was signed{_at(log, 'signed')}")
    return tuple(lines)


def not_at_fault(log: Log) -> tuple[str, ...]:
    """What people blame after they read this log, and why it is not at fault."""
    lines = []
    placeholder = next((name for name, kind in log.tokens.items() if kind is CredentialKind.PLACEHOLDER), None)
    exchanging = log.has_exchange is True and log.tool is Tool.NPM
    if placeholder is not None and exchanging:
        lines.append(
            f"setup-node's placeholder in {placeholder} does not prevent the exchange; you can keep registry-url"
            f"{_at(log, placeholder)}"
        )
    elif "setup_node" in log.quotes and exchanging and log.unauthenticated and log.host in {"", _NPMJS}:
        lines.append(
            "actions/setup-node takes no part in the exchange; neither its version nor its registry-url is at fault"
            f"{_at(log, 'setup_node')}"
        )
    if log.tool is Tool.PNPM and log.oidc is not Oidc.UNKNOWN and log.unauthenticated:
        lines.append(
            f"This pnpm supports OIDC and tried it, so another version does not help{_at(log, 'oidc', 'exchange')}"
        )
    if log.unauthenticated and "notice" in log.quotes and not any(k is CredentialKind.SET for k in log.tokens.values()):
        tried = log.oidc is not Oidc.UNKNOWN
        sent = "the token that npm fell back to" if tried else "the credential that npm sent"
        lines.append(
            f"`Access token expired or revoked` is about {sent}; trusted publishing needs no token, so do not renew one"
            f"{_at(log, 'notice')}"
        )
    if log.last.signed and log.oidc is not Oidc.EXCHANGED and log.unauthenticated:
        lines.append(
            "Signed provenance does not prove a login: npm signs it with an ID token for Sigstore" + _at(log, "signed")
        )
    elif "--provenance" in (log.command or "") and exchanging and log.unauthenticated:
        lines.append("`--provenance` changes nothing about the login; OIDC works with it and without it.")
    if log.oidc is Oidc.REFUSED and log.last.packument_status == 200:
        lines.append(
            "The registry answers `package not found` whenever no publisher matches; the package exists"
            f"{_at(log, 'exchange', 'oidc')}"
        )
    elif log.code == "E404" and log.last.put_status == 404 and log.unauthenticated:
        lines.append(
            "The registry answers 404 to an upload that is not allowed; it seldom means that the package is"
            f" missing{_at(log, 'put')}"
        )
    return tuple(lines)


def _at(log: Log, *facts: str) -> str:
    quotes = {**log.quotes, **log.last.quotes}
    found = next((quotes[fact] for fact in facts if fact in quotes), None)
    return f" (line {found.number})." if found else "."
