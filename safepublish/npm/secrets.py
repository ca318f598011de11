"""Secrets in text from outside: every form in which npm, pnpm, yarn and the CIs write one, replaced by stars.

`starred` is for any text that is shown, also for our own sentences: it knows secrets by their shape, and by a place
that nothing but a secret has. `redacted` is for logs, commands and diffs, and also takes what stands behind a name
such as ``token:``. `word` is for a single word that was taken for something else, such as a package's name.
Expressions are compiled when they are first needed: a publish with nothing to say needs none.
"""

import binascii
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safepublish.facts.run import Setting

STARS = "***"

_KNOWN = (
    r"npm_[A-Za-z0-9]{10,}\w*"  # npm's granular and automation tokens
    r"|(?<![A-Za-z0-9])npm_(?!config_|package_|lifecycle_|node_)(?=\w{0,40}[A-Z])\w{10,}"
    r"|gh[opsur]_[A-Za-z0-9]{10,}|github_pat_\w{10,}"  # GitHub
    r"|gl(?:pat|cbt|ptt|rt|ft|soat|imt|agent|oas|dt|ffct)-[\w.-]{8,}"  # GitLab
    r"|CCI(?:PAT|PRJ)_\w{8,}"  # CircleCI
    r"|eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?"  # a JWT, or what is left of one
    r"|\beyJ[\w-]{12,}"  # its first part alone
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"  # AWS
    r"|\bxox[abeoprs]-[\w-]{8,}"  # Slack
    r"|\bsk-[\w-]{16,}"
    # npm's old tokens were UUIDs
    r"|\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}\b"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*"
)

_ENCODED = r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,4000}={0,2}"

_QUOTE = r"(?:\\{0,6}[\"'`])"
_VALUE = rf"(?P<open>{_QUOTE})?(?P<value>(?:(?:bearer|basic|token)\s{{1,3}})?(?(open)(?:(?!(?P=open)).){{1,4000}}|\S+))"
_SAYS = r"(?:token|secret|password|passwd|passphrase|api[_-]?key|private[_-]?key)"
_HOST_KEY = r"//[^\s=\"'`]{1,300}?:_(?:authToken|auth|password)"

_SURE = (
    rf"(?i)(?P<name>(?:(?<![\w-])(?:_authToken|_auth|_password|npmAuthToken|npmAuthIdent|npm-otp|x-npm-token"
    rf"|(?:proxy-)?authorization|--?otp|otp)|{_HOST_KEY}){_QUOTE}?\s{{0,3}}(?:=>?|:)\s{{0,3}}"
    # NODE_AUTH_TOKEN=…, YARN_NPM_AUTH_TOKEN=…, NPM_CONFIG_OTP=…
    rf"|(?:{_SAYS}|_otp|_auth|_auth_?ident)(?:_\w{{1,30}})?=)"
    rf"{_VALUE}"
)
"""A key that holds nothing but a secret, and its value."""
_BLANK = (
    rf"(?i)(?P<name>(?:(?<![\w-])--?otp|(?<!\S)--[\w-]{{0,60}}{_SAYS}|{_HOST_KEY}"
    rf"|\bconfig\s{{1,3}}set\s{{1,3}}\S{{0,300}}(?:auth|token|password|otp|ident))\s{{1,3}}){_VALUE}"
)
"""An option and its value as a word of its own."""
_LISTED = (
    rf"(?i)(?P<name>(?:--?otp|--[\w-]{{0,60}}{_SAYS}|{_HOST_KEY}|_authToken|_auth|_password|npmAuthToken|npmAuthIdent)"
    rf"{_QUOTE}[\],)]{{0,2}}\s{{0,3}},?\s{{0,3}})(?=[^\s,.;:)]){_VALUE}"
)
"""The same where each word is quoted, as in npm's `verbose argv`, a JSON array or `config set '//r/:_authToken' …`."""
_NAMED = rf"(?i)(?P<name>{_SAYS}(?:_\w{{1,30}})?{_QUOTE}?\s{{0,3}}[=:]\s{{0,3}}){_VALUE}"
"""A name that says secret, and what stands behind it: also prose, so for logs only."""
_FALLBACK = (
    rf"(?i)(\$\{{\s{{0,3}}\w{{0,60}}?(?:{_SAYS}|auth|otp)\w{{0,60}}\s{{0,3}}(?::?[-=+?]|:(?![-=+?])|[^\w\s.}}:]))"
    r"(?!…?\})[^}]{1,4000}(?=\}|$)"
)
"""What a shell would take in place of a variable that is not set, as in ``${NPM_TOKEN:-…}``."""
_SCHEME = r"(?i)\b(bearer|basic)(\s{1,3})([A-Za-z0-9+/=_.~-]{8,})"
_USER = r"(\w{1,20}:[/\\]{1,4})[^/\\@\s]{1,500}@"
_PARAMETER = (
    r"(?i)([?&;](?:token|access_token|auth|auth_?token|_authtoken|otp|sig|signature|code|key|password|secret)=)"
    r"[^&\s\"'`]+"
)
_HARMLESS = (
    r"(?i)(?:(?:bearer|basic|token)\s+)?"
    r"(?:[-=+?|,]?\*+@?|…|\.\.\.|X{5}(?:-X{5})*|\$?\$\{?(?:env:)?\w+\}?\??|\$\{\w+:?[^\w}]\*+\}|%\w+%|\$\{\{.*|\$\(.*"
    r"|write|read|none|true|false|null|undefined|required|missing|invalid|is|not|oidc|\[redacted\]|<[\w -]+>?"
    r"|[A-Z_]*TOKEN)?[\"'`,.;:)\]}\\]*"
)
_PROSE = (
    r"(?i)(?:in|of|from|is|to|and|or|for|belongs|which|that|with|as|at|on|stands|but|by|was|are|has|holds|takes|needs|alone"
    r"|here|there|it|the|a|an|key|npm|under|if|where|when|then|without|beside|option|options|again|-.*|&&|\|\|?|>+|2>&1"
    r"|[<[({].*)[,.;:)]?"
)
_OPAQUE = (
    r"[0-9]{6,8}"  # a one-time password
    r"|[0-9a-fA-F]{20,}"
    r"|(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=\D*\d)[A-Za-z0-9_-]{20,}"
    r"|(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?:[A-Za-z0-9+/]{40,}={0,2}|[A-Za-z0-9+/]{8,}={1,2})"
)
_SAYS_SECRET = rf"(?i){_SAYS}|auth|otp|ident"


def starred(text: str) -> str:
    """*text* with stars for everything that looks like a secret or stands where nothing else does."""
    shown = re.sub(_ENCODED, _hidden_base64, re.sub(_KNOWN, STARS, text))
    if "${" in shown:
        shown = re.sub(_FALLBACK, rf"\1{STARS}", shown)
    if "=" in shown or ":" in shown:
        shown = re.sub(_PARAMETER, rf"\1{STARS}", re.sub(_USER, rf"\1{STARS}@", shown))
        shown = re.sub(_SURE, _hidden, shown)
    if "-" in shown or "//" in shown or "config" in shown:
        shown = re.sub(_BLANK, _hidden_word, shown)
    return re.sub(_SCHEME, _hidden_scheme, shown)


def redacted(text: str) -> str:
    """*text*, which is no prose of ours, with stars for everything that is, or may be, a secret."""
    shown = re.sub(_NAMED, _hidden, starred(text))
    return re.sub(_LISTED, _hidden_word, shown)


def shown_setting(setting: "Setting") -> str:
    """The value of *setting* as it may be shown: without user and password, secrets replaced by stars."""
    return redacted(setting.value).replace(f"{STARS}@", "")


def word(text: str) -> str:
    """A single word from outside, as it may be shown, that was taken for a name, a key or an option."""
    return STARS if re.fullmatch(_OPAQUE, text.lstrip("-")) else starred(text)


def values(text: str) -> frozenset[str]:
    """The values in *text*, a command, that stand behind the name of a secret: they may be repeated elsewhere."""
    found = (match["value"] for each in (_SURE, _BLANK, _LISTED) for match in re.finditer(each, text))
    return frozenset(
        one for one in found if len(one) >= 5 and not (re.fullmatch(_PROSE, one) or re.fullmatch(_HARMLESS, one))
    )


def without(text: str, secrets: Iterable[str]) -> str:
    """*text* without known *secrets*, nor the parts of one that is a JSON Web Token."""
    for secret in secrets:
        for part in (secret, *secret.split(".")):
            text = text.replace(part, STARS) if len(part) >= 8 or (part and part == secret) else text
    return text


def names_secret(option: str) -> bool:
    """Whether the value of an option or key with this name would be a secret."""
    return re.search(_SAYS_SECRET, option) is not None


def _hidden(match: "re.Match[str]") -> str:
    """A value behind the name of a secret, unless it is plainly none, as `id-token: write`."""
    return match[0] if re.fullmatch(_HARMLESS, match["value"]) else f"{match['name']}{match['open'] or ''}{STARS}"


def _hidden_word(match: "re.Match[str]") -> str:
    """A value after a blank, unless it is plainly the next word of a sentence or of a command."""
    return match[0] if re.fullmatch(_PROSE, match["value"]) else _hidden(match)


def _hidden_base64(match: "re.Match[str]") -> str:
    """What is a known token in base64, as `_auth` and a Basic header hold one, wherever in the word that begins."""
    letters = match[0].rstrip("=").replace("-", "+").replace("_", "/")
    if letters.islower() or letters.isupper() or letters.isdigit():
        return match[0]
    for start in range(4):
        whole = letters[start : len(letters) - (len(letters) - start) % 4]
        if re.search(_KNOWN, binascii.a2b_base64(whole).decode("latin-1")):
            return STARS
    return match[0]


def _hidden_scheme(match: "re.Match[str]") -> str:
    return match[0] if match[3].isalpha() and match[3].islower() else f"{match[1]}{match[2]}{STARS}"
