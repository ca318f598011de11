"""Phrases that several causes share: where a setting is defined, and values quoted for a command to paste."""

import re

from safepublish.facts.finding import Location, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Credential, IdToken, Origin

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


TRY_AGAIN = Remedy(
    "To find out, run this in the place of `npm publish`. It logs in, and publishes nothing.",
    command="npm publish --dry-run --loglevel=silly 2>&1 | pipx run safepublish explain",
)
"""The command whose output shows why npm could not log in through OIDC."""


def where(origin: Origin | None, *, compact: bool = False) -> str:
    """The place where a setting is defined; *compact*: as `path:line`, for a table."""
    if origin is None:
        return "npm's configuration"
    if origin.layer == "cli":
        return f"the argument {origin.source}" if compact else f"the command line ({origin.source})"
    if origin.layer == "env":
        return f"the variable {origin.source}"
    if origin.layer == "default":
        return "npm's default"
    if origin.layer == "publishConfig":
        return f"publishConfig in {origin.source}"
    if origin.line is None:
        return origin.source
    return f"{origin.source}:{origin.line}" if compact else f"{origin.source}, line {origin.line}"


def location(origin: Origin | None) -> Location | None:
    """The location of a setting in a file of the project; None for every other setting."""
    if origin is None or origin.layer not in {"project", "publishConfig"}:
        return None
    return Location(origin.source, origin.line)


def sent(credential: Credential) -> str:
    """What npm sends as its token if it gets none through OIDC (npm-registry-fetch 19.1.1, lib/auth.js)."""
    at = where(credential.origin)
    if credential.kind is CredentialKind.SET:
        return f"the token from {at}"
    if credential.kind is CredentialKind.PLACEHOLDER:
        return f"the placeholder of actions/setup-node from {at}, which is not a token"
    if credential.kind is CredentialKind.UNRESOLVED:
        if credential.fallback:
            literal = f"${{{credential.variable or 'VAR'}:-…}}"
            return f"the literal text {literal} from {at}, because npm does not support default values"
        return f"the literal text ${{{credential.variable or '…'}}} from {at}, because that variable is not set"
    return "no token"


def id_token(token: IdToken) -> str:
    """The ID token, named by where npm gets it from."""
    if token.variable == "NPM_ID_TOKEN":
        return "the ID token in NPM_ID_TOKEN"
    return "the ID token from GitHub" if token.variable else "the ID token of this job"


def quoted(value: str) -> str:
    """*value* quoted as one argument for a POSIX shell."""
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("'", "'\"'\"'") + "'"


def indent(line: str) -> str:
    """The whitespace at the start of *line*."""
    return line[: len(line) - len(line.lstrip())]
