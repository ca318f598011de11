"""The tools that publish to npm: which log in through OIDC themselves, which start npm for it, and which do neither."""

import re
from typing import NamedTuple

from packaging.version import Version

from safepublish.npm.tool_versions import of, parse


class Login(NamedTuple):
    """How one tool comes by a credential when no token is there."""

    own: Version | None = None  # the first version that does the exchange itself; None: none does
    since: Version | None = None  # the first version that goes on without a token
    npm: bool = False  # it starts the npm on PATH (of a tool with `own`: its older versions do)
    source: str = ""


TOOLS: dict[str, Login] = {
    "npm": Login(npm=True),
    "safepublish": Login(npm=True),
    "pnpm": Login(Version("11.0.0"), npm=True, source="pnpm 10 starts npm publish; pnpm 11 does the exchange itself"),
    "yarn": Login(source="yarn 1.22.22 has no exchange and no npm beside it"),
    "yarn-berry": Login(Version("4.10.0"), source="yarn 4.10.0, yarn npm publish"),
    "bun": Login(source="bun has no exchange (oven-sh/bun#22423)"),
    "lerna": Login(Version("9.0.0"), source="lerna 9.0.0, a port of npm's lib/utils/oidc.js"),
    "semantic-release": Login(
        Version("25.0.0"), source="@semantic-release/npm 13, of semantic-release 25, brings its own npm 11"
    ),
    "nx": Login(npm=True),
    "changesets": Login(npm=True),
    "release-it": Login(npm=True),
    "np": Login(npm=True),
    "auto": Login(npm=True),
    "publib": Login(npm=True),
    "release-plan": Login(npm=True),
    "JS-DevTools/npm-publish": Login(since=Version("4.0.0"), npm=True),
}
"""By the name that `safepublish.shell.publish_commands` and `pipelines.actions` give them. All others are unknown."""

_FIRST_NUMBER = re.compile(r"[v^~=>\s]*(\d+)(?:\.(\d+|x))?(?:\.(\d+|x))?")


def lowest(spec: str | None) -> Version | None:
    """The lowest version that a range such as ``^10.2`` or ``10`` names; None where it names none."""
    match = _FIRST_NUMBER.match(spec or "")
    if match is None:
        return None
    numbers = [int(one) if one and one.isdigit() else 0 for one in match.groups()]
    return of(*numbers)


def newest(spec: str | None) -> Version | None:
    """The newest version that *spec* may mean, of an open part the highest; None where nothing bounds it."""
    if spec is None or ">" in spec or "||" in spec or "*" in spec:
        return None
    match = _FIRST_NUMBER.match(spec)
    exact = parse(spec)
    if match is None or (exact is not None and not spec.startswith(("^", "~"))):
        return exact
    major, minor, patch = match.groups()
    top = 10**6
    if spec.startswith("^") or not (minor and minor.isdigit()):
        return of(int(major), top, top)
    return of(int(major), int(minor), int(patch) if patch and patch.isdigit() and spec[0] != "~" else top)


def exchanges(tool: str, version: str | None) -> bool | None:
    """Whether *tool* does the exchange itself, at *version* (a version or range); None where that is not known."""
    known = TOOLS.get(tool)
    if known is None:
        return None
    if known.own is None:
        return False
    low, high = lowest(version), newest(version)
    if low is not None and low >= known.own:
        return True
    return False if high is not None and high < known.own else None


def starts_npm(tool: str, version: str | None) -> bool | None:
    """Whether *tool* publishes through the npm on PATH; None where that depends on what is not known."""
    known = TOOLS.get(tool)
    if known is None:
        return None
    own = exchanges(tool, version)
    if own is True:
        return False
    if not known.npm:
        return False
    return True if own is False else None
