"""What a log of a failed publish says beside its cause: what did work, and what is often blamed and is not at fault.

People who read npm's last lines alone go back and change what was right.
"""

from safepublish.facts.kinds import CredentialKind
from safepublish.facts.log import Log, Oidc, Tool


def worked(log: Log) -> tuple[str, ...]:
    """What went well before the publish failed, each with the line that shows it."""
    last = log.last
    lines = []
    if log.oidc is Oidc.EXCHANGED:
        matched = "The exchange succeeded, so repository, workflow and environment match the trusted publisher"
        lines.append(matched + _at(log, "oidc"))
    elif last.minted:
        lines.append(f"The CI gave an id token, so the permission is there{_at(log, 'minted', 'exchange', 'oidc')}")
    elif log.may_ask:
        lines.append(f"The job may request an id token, so the permission is there{_at(log, 'identity', 'signed')}")
    if last.packument_status == 200:
        lines.append(f"The registry knows the package{_at(log, 'packument')}")
    if "sigstore provenance bundle" in " ".join(line.text for line in log.errors):
        lines.append("Login worked, and the upload arrived: the registry looks at the provenance only after that.")
    elif last.signed and log.oidc is Oidc.EXCHANGED:
        lines.append(f"The provenance was signed{_at(log, 'signed')}")
    return tuple(lines)


def not_at_fault(log: Log) -> tuple[str, ...]:
    """What this log would make people blame, and why they need not."""
    lines = []
    placeholder = next((name for name, kind in log.tokens.items() if kind is CredentialKind.PLACEHOLDER), None)
    exchanging = log.has_exchange is True and log.tool is Tool.NPM
    if placeholder is not None and exchanging:
        lines.append(
            f"setup-node's placeholder in {placeholder} does not keep npm from its exchange; registry-url may stay"
            f"{_at(log, placeholder)}"
        )
    if log.unauthenticated and "notice" in log.quotes and not any(k is CredentialKind.SET for k in log.tokens.values()):
        tried = log.oidc is not Oidc.UNKNOWN
        sent = "the token that npm fell back to; a" if tried else "what npm sent; where trusted publishing was meant, a"
        lines.append(
            f"`Access token expired or revoked` speaks of {sent} trusted publisher needs none, and none is to be"
            f" renewed{_at(log, 'notice')}"
        )
    if log.last.signed and log.oidc is not Oidc.EXCHANGED and log.unauthenticated:
        lines.append(
            "Signed provenance is no proof of a login: npm signs with a token for Sigstore" + _at(log, "signed")
        )
    if log.oidc is Oidc.REFUSED and log.last.packument_status == 200:
        lines.append(
            "`package not found` is what the registry says whenever no publisher matches; the package is there"
            f"{_at(log, 'exchange', 'oidc')}"
        )
    elif log.code == "E404" and log.last.put_status == 404 and log.unauthenticated:
        lines.append(
            "The 404 is how the registry refuses an upload without a right to it; it seldom means that the package is"
            f" missing{_at(log, 'put')}"
        )
    return tuple(lines)


def _at(log: Log, *facts: str) -> str:
    quotes = {**log.quotes, **log.last.quotes}
    found = next((quotes[fact] for fact in facts if fact in quotes), None)
    return f" (line {found.number})." if found else "."
