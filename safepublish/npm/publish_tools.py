"""The tools that publish to npm: which log in through OIDC themselves, which start npm for it, and which do neither."""

import re
from typing import NamedTuple

from packaging.version import Version

from safepublish.npm.floors import Floor
from safepublish.npm.node_version import end_of, intervals
from safepublish.npm.tool_versions import of, parse


class Login(NamedTuple):
    """How one tool comes by a credential when no token is there."""

    exchange: Floor | None = None  # the versions that do the exchange themselves; None: none does
    without_token: Floor | None = None  # the versions that go on without a token
    npm: bool = False  # it starts the npm on PATH (of a tool with `exchange`: its older versions do)
    source: str = ""

    @property
    def oldest_with_exchange(self) -> Version | None:
        """The oldest version that does the exchange itself."""
        return self.exchange.oldest if self.exchange else None

    @property
    def oldest_without_token(self) -> Version | None:
        """The oldest version that goes on without a token."""
        return self.without_token.oldest if self.without_token else None


TOOLS: dict[str, Login] = {
    "npm": Login(npm=True),
    "safepublish": Login(npm=True),
    "pnpm": Login(Floor.PNPM_EXCHANGE, npm=True, source="pnpm 10 runs npm publish; pnpm 11 does the exchange itself"),
    "yarn": Login(source="yarn 1.22.22 does no OIDC exchange and does not run npm"),
    "yarn-berry": Login(Floor.YARN_EXCHANGE, source="yarn 4.10.0, yarn npm publish"),
    "bun": Login(source="bun has no exchange (oven-sh/bun#22423)"),
    "lerna": Login(Floor.LERNA_EXCHANGE, source="lerna 9.0.0, a port of npm's lib/utils/oidc.js"),
    "lerna-lite": Login(Floor.LERNA_LITE_EXCHANGE, source="@lerna-lite/publish 4.9.0, dist/lib/oidc.js"),
    "semantic-release": Login(
        Floor.SEMANTIC_RELEASE_EXCHANGE,
        source="@semantic-release/npm 13, of semantic-release 25, brings its own npm 11",
    ),
    "@semantic-release/npm": Login(
        Floor.SEMANTIC_RELEASE_NPM_EXCHANGE, source="@semantic-release/npm 13 brings its own npm 11"
    ),
    "nx": Login(npm=True),
    "changesets": Login(npm=True),
    "release-it": Login(npm=True),
    "np": Login(npm=True),
    "auto": Login(npm=True),
    "publib": Login(npm=True),
    "release-plan": Login(npm=True),
    "wasm-pack": Login(npm=True),
    "JS-DevTools/npm-publish": Login(without_token=Floor.NPM_PUBLISH_WITHOUT_TOKEN, npm=True),
}
"""By the name that `safepublish.shell.publish_commands` and `pipelines.actions` give them. All others are unknown."""

_FIRST_NUMBER = re.compile(r"[v^~=>\s]*(\d+)(?:\.(\d+|x))?(?:\.(\d+|x))?")


_HIGHEST = 10**6
_NO_END = (9999, 0, 0)

PUBLISHING_PARTS = {"semantic-release": "@semantic-release/npm"}
"""The package that publishes for a tool, where it is one of its own with its own versions."""


def lowest(spec: str | None) -> Version | None:
    """The lowest version that a range such as ``^10.2``, ``10`` or ``11 || 10`` names; None where it names none."""
    found = intervals(spec or "")
    if found:
        return of(*min(start for start, _ in found))
    match = _FIRST_NUMBER.match(spec or "")
    if match is None:
        return None
    numbers = [int(one) if one and one.isdigit() else 0 for one in match.groups()]
    return of(*numbers)


def newest(spec: str | None) -> Version | None:
    """The newest version that *spec* may mean, of an open part the highest; None where nothing bounds it."""
    exact = parse(spec or "")
    found = intervals(spec or "")
    if exact is not None or not found:
        return exact
    major, minor, patch = max(map(end_of, found))
    if (major, minor, patch) >= _NO_END:
        return None
    if patch:
        return of(major, minor, patch - 1)
    return of(major, minor - 1, _HIGHEST) if minor else of(major - 1, _HIGHEST, _HIGHEST)


def exchanges(tool: str, version: str | None) -> bool | None:
    """Whether *tool* does the exchange itself, at *version* (a version or range); None where that is not known."""
    known = TOOLS.get(tool)
    if known is None:
        return None
    if known.exchange is None:
        return False
    if version == "latest":
        return True
    low, high = lowest(version), newest(version)
    if low is not None and low in known.exchange:
        return True
    return False if high is not None and high not in known.exchange else None


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
