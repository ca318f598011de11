"""From which version on npm, and the tools that publish in its place, do what the rest of the package relies on.

The one table of floors and engines: `docs/floors.md` is generated from it. The ranges are in the notation of Python's
`packaging`: ``>=11.21,!=12.0.*`` is what npm would write as ``>=11.21.0 <12.0.0 || >=12.1.0``, and ``~=20.17`` is
``^20.17.0``. ``||`` stands between alternatives, as it does for npm.
"""

import enum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from safepublish.facts.npms import Npms


class Floor(enum.Enum):
    """One row: the tool, its versions, what is true of these alone, and where that was read."""

    # fmt: off
    # npm: publishing
    EXCHANGE              = "npm",   ">=11.5.0",   "exchanges the CI's identity for a token",                "lib/utils/oidc.js exists; 11.5.0 decides about provenance before the exchange"
    PUBLISH               = "npm",   ">=11.5.1",   "supports trusted publishing in GitHub Actions and GitLab CI", "docs.npmjs.com/trusted-publishers"
    CIRCLECI              = "npm",   ">=11.11.0",  "supports trusted publishing in CircleCI",                "lib/utils/oidc.js"
    STAGE                 = "npm",   ">=11.15.0",  "has `npm stage`",                                        "lib/utils/cmd-list.js"
    DIST_TAG              = "npm",   ">=11.21,!=12.0.*,!=12.1.*", "logs in through OIDC for `npm dist-tag` too", "lib/commands/dist-tag.js"
    CI_FALSE              = "npm",   ">=11.6.2",   "detects no CI where CI=false",                              "ci-info 4.4.0, index.js; 4.3.0 of npm 11.6.1 still detects one"
    TOKEN_ON_TOP          = "npm",   ">=11.21,!=12.0.*,!=12.1.*", "prefers the exchanged token to any other setting of the same key", "lib/utils/oidc.js sets it for `cli`, before for `user`"
    LATEST_GUARDED        = "npm",   ">=11.0.0",   "does not move `latest` to a pre-release or to a lower version by itself", "lib/commands/publish.js"
    VERSION_BEFORE_PRIVATE = "npm",  ">=11.0.0",   "checks the version of a workspace before it skips it as private", "lib/commands/publish.js"
    DEV_ENGINES           = "npm",   ">=10.9.0",   "checks `devEngines` of the project's root before every command", "lib/npm.js; 10.8.3 does not"
    NEEDS_REQUIRE_ESM     = "npm",   ">=12.0.0",   "loads ES modules with `require`",                       "node_modules/@npmcli/agent/lib/proxy.js"
    PACKAGE_EXTENSIONS    = "npm",   ">=12.0.0",   "refuses to publish `packageExtensions`",                 "lib/commands/publish.js; 11.21.2 does not"
    ALLOW_FETCHED         = "npm",   ">=12.0.0",   "fetches no repository and no tarball by itself (`allow-git`, `allow-remote`)", "@npmcli/config, definitions.js; 11.21.2 does"
    UNPACKING_RATIO       = "npm",   ">=11.21.2",  "unpacks no tarball to more than 1,000 times its size",   "node_modules/tar; 11.5.1 does, versions between were not tried"
    # npm: provenance
    PROVENANCE            = "npm",   ">=9.5.0",    "signs provenance statements",                            "npm 9.5.0 is the first with --provenance"
    PROVENANCE_AFTER_EXCHANGE = "npm", ">=11.5.1", "attaches provenance by itself only after a successful exchange", "lib/utils/oidc.js"
    PROVENANCE_IF_PUBLIC  = "npm",   ">=11.5.2",   "attaches provenance by itself only to a public package", "lib/utils/oidc.js"
    PROVENANCE_FILE_FIRST = "npm",   ">=11.20,!=12.0.*", "generates no provenance statement of its own with --provenance-file", "lib/utils/oidc.js"
    # npm: arguments and configuration
    KNOWN                 = "npm",   ">=9.0.0",    "is known well enough to predict that it fails",              "older npm only gets warnings"
    STRICT                = "npm",   ">=12.0.0",   "exits with an error for unknown or abbreviated options and for misplaced keys", "@npmcli/config"
    NO_LEGACY_URL         = "npm",   ">=12.0.0",   "reads a URL option with WHATWG's parser",                "nopt 10, lib/type-defs.js"
    OPTIONAL_VARIABLE     = "npm",   ">=11.6.0",   "reads `${VAR?}` as empty where VAR is not set",          "@npmcli/config 10.4.0, lib/env-replace.js"
    TAG_CHECK             = "npm",   ">=10.8.2",   "refuses a tag that encodeURIComponent would change",     "9.9.4 does not; versions between were not tried"
    CLI_BEFORE_PUBLISH_CONFIG = "npm", ">=10.5.2", "prefers the command line to publishConfig",              "lib/commands/publish.js"
    CLI_EXCUSES_ENVIRONMENT = "npm", ">=11.11.0",  "allows in the environment what the command line excludes", "@npmcli/config, lib/index.js, `#loadObject`"
    SILENT_END            = "npm",   ">=10.6.0",   "exits without a message for an unknown loglevel",             "lib/utils/display.js, `load`"
    SPEC_BEFORE_WORKSPACES = "npm",  ">=10.9.0",   "ignores workspaces where a package is named",            "lib/commands/publish.js, `execWorkspaces`"
    KNOWN_PLACES          = "npm",   ">=10.9.0",   "fails in a known way where its cache cannot be created",     "older npm was not run"
    # npm: wording
    NPM_ERROR             = "npm",   ">=10.6.0",   "writes `npm error` for `npm ERR!`",                      "lib/utils/display.js"
    REWORDED_404          = "npm",   ">=11.5.0",   "prints `could not be found or you do not have permission`", "lib/utils/error-message.js"
    REWORDED_LOGIN        = "npm",   ">=12.0.0",   "prints `npm login` for `npm adduser`",                     "lib/utils/error-message.js"
    # the Node that an npm runs on
    NPM_6_ENGINES         = "Node",  ">=6",                          "runs npm 6",  "package.json, engines"
    NPM_7_ENGINES         = "Node",  ">=10",                         "runs npm 7",  "package.json, engines"
    NPM_8_ENGINES         = "Node",  "~=12.13 || ~=14.15 || >=16",   "runs npm 8",  "package.json, engines"
    NPM_9_ENGINES         = "Node",  "~=14.17 || ~=16.13 || >=18",   "runs npm 9",  "package.json, engines"
    NPM_10_ENGINES        = "Node",  "~=18.17 || >=20.5",            "runs npm 10", "package.json, engines"
    NPM_11_ENGINES        = "Node",  "~=20.17 || >=22.9",            "runs npm 11", "package.json, engines"
    NPM_12_ENGINES        = "Node",  ">=22.22.2,==22.* || ~=24.15 || >=26", "runs npm 12", "package.json, engines"
    REQUIRE_ESM           = "Node",  "~=20.19 || >=22.12",           "loads ES modules with `require`", "run with 20.18.3, 20.19.0 and 22.11.0"
    # the tools that publish in npm's place
    PNPM_EXCHANGE         = "pnpm",  ">=11.0.0",   "exchanges the CI's identity itself",                     "pnpm 10 runs npm publish"
    YARN_EXCHANGE         = "yarn",  ">=4.10.0",   "exchanges the CI's identity itself",                     "yarn 4.10.0, yarn npm publish"
    LERNA_EXCHANGE        = "lerna", ">=9.0.0",    "exchanges the CI's identity itself",                     "a port of npm's lib/utils/oidc.js"
    LERNA_LITE_EXCHANGE   = "lerna-lite", ">=4.9.0", "exchanges the CI's identity itself",                   "@lerna-lite/publish 4.9.0, dist/lib/oidc.js; 4.7.3 has none"
    SEMANTIC_RELEASE_EXCHANGE = "semantic-release", ">=25.0.0", "exchanges the CI's identity itself",        "@semantic-release/npm 13 brings its own npm 11"
    SEMANTIC_RELEASE_NPM_EXCHANGE = "@semantic-release/npm", ">=13.0.0", "exchanges the CI's identity itself", "the part of semantic-release that publishes; semantic-release 25 requires it"
    NPM_PUBLISH_WITHOUT_TOKEN = "JS-DevTools/npm-publish", ">=4.0.0", "needs no token",                      "its README"
    YARN_BERRY            = "yarn",  ">=2.0.0",    "is yarn berry, with `yarn npm publish`",                 "yarn 1 has `yarn publish`"
    PNPM_ITSELF           = "pnpm",  ">=11.0.0",   "publishes without npm",                                  "pnpm 10 runs npm"
    PNPM_SETTINGS         = "pnpm",  ">=10.29.0",  "reads settings from pnpm-workspace.yaml",                "older ones were not run"
    PNPM_REGISTRY         = "pnpm",  ">=11.28.10", "reads `registry` from pnpm-workspace.yaml",              "pnpm 10 and 11.1.2 do not"
    PNPM_CI_FALSE         = "pnpm",  ">=12.0.0",   "does not check whether CI=false",                        "pnpm 11 does"
    # fmt: on

    def __init__(self, tool: str, versions: str, what: str, source: str) -> None:
        """Name the parts of a row."""
        self.tool = tool
        self.versions = versions
        self.what = what
        self.source = source

    def __contains__(self, version: "Version") -> bool:
        """Whether *version* is one of these; a pre-release counts by its place in the order."""
        return any(version in alternative for alternative in ranges(self.versions))

    @property
    def oldest(self) -> "Version":
        """The oldest version of them, which messages name."""
        return min(oldest(alternative) for alternative in ranges(self.versions))


@lru_cache(maxsize=128)
def ranges(text: str) -> "tuple[SpecifierSet, ...]":
    """The alternatives of the range *text*; compiled when first needed, since most runs compare with few of them."""
    from packaging.specifiers import SpecifierSet

    return tuple(SpecifierSet(alternative, prereleases=True) for alternative in text.split("||"))


def oldest(specifiers: "SpecifierSet") -> "Version":
    """The lower bound of *specifiers*; each set of the table has one."""
    from packaging.version import Version

    return max(Version(each.version) for each in specifiers if each.operator in {">=", "~="})


def engines(major: int) -> Floor | None:
    """The Node that npm *major* runs on; None where it is not known here."""
    return Floor.__members__.get(f"NPM_{major}_ENGINES")


def meets(npms: "Npms", floor: Floor) -> bool | None:
    """Whether every npm of *npms* is one of *floor*; None where some may be."""
    if npms.lowest in floor:
        return True
    return False if npms.highest is not None and npms.highest < floor.oldest else None
