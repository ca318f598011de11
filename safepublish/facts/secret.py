"""Secrets that stand in foreign text: what is quoted of a log passes through here first."""

import re

STARS = "***"

_KNOWN = re.compile(
    r"npm_[A-Za-z0-9]{10,}"  # npm's granular and automation tokens
    r"|gh[opsur]_[A-Za-z0-9]{10,}|github_pat_\w{10,}"  # GitHub
    r"|gl(?:pat|cbt|ptt|rt|ft|soat|imt|agent|oas|dt|ffct)-[\w.-]{8,}"  # GitLab
    r"|CCI(?:PAT|PRJ)_\w{8,}"  # CircleCI
    r"|eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?"  # a JWT, or what is left of one
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"  # AWS
    r"|\bxox[abeoprs]-[\w-]{8,}"  # Slack
    r"|\bsk-[\w-]{16,}"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b"  # npm's old tokens were UUIDs
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*"
)
_AFTER = re.compile(
    r"((?:_authToken|_auth|_password|password|passwd|authorization|x-npm-token|npm-otp|--otp|otp"
    r"|[\w-]{0,60}(?:token|secret|password|passphrase|api[_-]?key|private[_-]?key))"
    r"[\"'`]?\s{0,3}[=:]\s{0,3}[\"'`]?)"
    r"((?:(?:bearer|basic|token)\s{1,3})?[^\s\"'`,;&)}\]]+)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(bearer|basic)(\s{1,3})([A-Za-z0-9+/=_.~-]{8,})", re.IGNORECASE)
_USER = re.compile(r"(\w{1,20}://)[^/@\s]{1,500}@")
_PARAMETER = re.compile(r"([?&](?:token|access_token|auth|sig|signature|code|key)=)[^&\s\"']+", re.IGNORECASE)
_HARMLESS = re.compile(
    r"\*+|X{5}(?:-X{5})*|\$\{?\w+\}?\??|\$\{\{.*|write|read|none|true|false|null|undefined|required|missing|invalid|is|not"
    r"|oidc|\[redacted\]|<\w+>",
    re.IGNORECASE,
)


def redacted(text: str) -> str:
    """*text* with everything that is, or may be, a secret replaced by asterisks."""
    shown = _KNOWN.sub(STARS, text)
    shown = _AFTER.sub(_hidden, shown)
    shown = _SCHEME.sub(rf"\1\2{STARS}", shown)
    shown = _USER.sub(rf"\1{STARS}@", shown)
    return _PARAMETER.sub(rf"\1{STARS}", shown)


def _hidden(match: "re.Match[str]") -> str:
    """A value behind the name of a secret, unless it is plainly none, as `id-token: write`."""
    return match[0] if _HARMLESS.fullmatch(match[2]) else f"{match[1]}{STARS}"
