"""Words that several causes share: where a setting stands, and values fit for a command to paste."""

import re

from safepublish.facts.finding import Location, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Credential, Origin

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


TRY_AGAIN = Remedy(
    "Let npm say it: in the same job and step, and give what it prints to `safepublish explain`. It publishes nothing.",
    command="npm publish --dry-run --loglevel=silly",
)
"""The one command that decides between everything that may keep npm from logging in through OIDC."""


def where(origin: Origin | None) -> str:
    """Where a setting stands, as people look for it."""
    if origin is None:
        return "npm's configuration"
    if origin.layer == "cli":
        return f"the command line ({origin.source})"
    if origin.layer == "env":
        return f"the variable {origin.source}"
    if origin.layer == "default":
        return "npm's default"
    if origin.layer == "publishConfig":
        return f"publishConfig in {origin.source}"
    return origin.source if origin.line is None else f"{origin.source}, line {origin.line}"


def location(origin: Origin | None) -> Location | None:
    """The place of a setting that stands in a file of the project."""
    if origin is None or origin.layer not in {"project", "publishConfig"}:
        return None
    return Location(origin.source, origin.line)


def sent(credential: Credential) -> str:
    """What npm sends as its token when OIDC gives it none (npm-registry-fetch 19.1.1, lib/auth.js)."""
    at = where(credential.origin)
    if credential.kind is CredentialKind.SET:
        return f"the token from {at}"
    if credential.kind is CredentialKind.PLACEHOLDER:
        return f"actions/setup-node's placeholder from {at}, which is no token"
    if credential.kind is CredentialKind.UNRESOLVED:
        if credential.fallback:
            literal = f"${{{credential.variable or 'VAR'}:-…}}"
            return f"the literal text {literal} from {at}, because npm has no syntax for a fallback value"
        return f"the literal text ${{{credential.variable or '…'}}} from {at}, because that variable is not set"
    return "no token at all"


def quoted(value: str) -> str:
    """*value* as one word of a POSIX shell."""
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("'", "'\"'\"'") + "'"


def indent(line: str) -> str:
    """The blanks at the start of *line*."""
    return line[: len(line) - len(line.lstrip())]
