"""Words of which one stands in every line that a reader of logs understands, so that the others cost little."""

import re

NEIGHBOURS = 4
"""Lines before and after a line of npm's or a tool's own that are read with it: a wrapped line goes on in them."""

_OWN = (
    "npm ERR!", "npm error", "npm notice", "ublish", "OIDC", "oidc", "igstore", "- PUT", "YN00", "semantic-release",
    "ERR_", "└ E", "E404", "E403", "E401",
)  # fmt: skip
_OTHERS = (
    "npm", "NPM", "UBLISH", "oken", "TOKEN", "ERR", "rror", "uth", "lerna", "yarn", "bun ", "changeset", "YN0", "📦",
    "└ ", "ackage ", "ackages ", "ackage:", "egistry", "rovenance", "Run ", "##[", "CI:", "GET ", "PUT ", "POST ",
    "DELETE ", "pull/", "node/", "node\\", "Cannot find module", "assets", "one-time", "wo-factor", "TFA", "2fa",
    "private", "logged in", "permission", "perform", "Required", "Actual:", "limited", "hyphen", "header", "devEngines",
    "semver", "certificate", "timestamp", "EACCES", "TLOG", "equivalent", '"code"', '"summary"', '"detail"', "id-token",
    "repository", "ource ", "section_", "Payment", "exists", "gitlab-runner", "Runner", "unner version", "-agent",
    "Agent", "~~~ Running", "[Pipeline]", "Started by", "Running on", "runner/work", "Users", "home/", "builds/",
)  # fmt: skip
_WORDS = (*_OWN, *_OTHERS)
_FORMS = r"@\d|\b[45]\d\d [A-Z]|\[[A-Z][A-Z_\d]{3,}\]|(?:^|[\sv])\d{1,3}\.\d{1,4}\.\d{1,4}\W{0,6}$"
_TEXT_FORMS = re.compile(_FORMS)
_FORMS_IN_BYTES = re.compile(_FORMS.encode(), re.MULTILINE)


def may_matter(text: str) -> bool:
    """Whether a reader may understand the line *text*."""
    return any(word in text for word in _WORDS) or _TEXT_FORMS.search(text) is not None


def lines_near(piece: bytes) -> list[tuple[int, bytes]]:
    """The lines of *piece*, which ends with a line, that may matter or stand beside npm's; each with its index."""
    own = [word for word in map(str.encode, _OWN) if word in piece]
    others = [word for word in map(str.encode, _OTHERS) if word in piece]
    lines = piece[:-1].split(b"\n")
    chosen = _with_forms(piece)
    for index, line in enumerate(lines):
        if any(word in line for word in own):
            chosen.update(range(max(0, index - NEIGHBOURS), min(len(lines), index + NEIGHBOURS + 1)))
        elif index not in chosen and any(word in line for word in others):
            chosen.add(index)
    return [(index, lines[index]) for index in sorted(chosen)]


def _with_forms(piece: bytes) -> set[int]:
    """The indexes of the lines of *piece* that hold a version or a status."""
    found = set()
    at = start = 0
    for match in _FORMS_IN_BYTES.finditer(piece):
        at += piece.count(b"\n", start, match.start())
        start = match.start()
        found.add(at)
    return found
