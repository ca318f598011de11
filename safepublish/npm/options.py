"""npm's own options by version: what @npmcli/config's lib/definitions/definitions.js and index.js say.

Read from the definitions of npm 9.9.4 to 12.2.0; a test compares these tables with them.
A type is written as words: ``B`` Boolean, ``S`` String, ``N`` Number, ``D`` Date, ``P`` path, ``U`` url, ``M`` umask,
``V`` semver, ``A`` Array, ``~`` null; every other word is a literal value, ``''`` the empty one.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from packaging.version import Version

NEWEST = Version("12.2.0")
"""The newest npm whose options are known here; a later one may know more of them."""

_KEYS_BY_TYPE = {
    "~ S": "_auth cert ci-name cpu key libc local-address name node-options os otp password script-shell to "
    "token-description",
    "~ restricted public private": "access",
    "B": "all allow-same-version allow-scripts-pending allow-scripts-pin allow-unused-patches audit bin-links "
    "bypass-2fa commit-hooks dangerously-allow-all-scripts description dev diff-ignore-all-space diff-name-only "
    "diff-no-prefix diff-text dry-run engine-strict force foreground-scripts format-package-lock fund git-tag-version "
    "global global-style if-present ignore-existing ignore-extension ignore-patch-failures ignore-scripts "
    "include-attestations include-staged include-workspace-root init-private install-links json keep-edit-dir "
    "legacy-bundling legacy-peer-deps link long offline omit-lockfile-registry-resolved package-lock "
    "package-lock-only packages-all parseable prefer-dedupe prefer-offline prefer-online progress provenance "
    "read-only rebuild-bundle save save-bundle save-dev save-exact save-optional save-peer save-prod shrinkwrap "
    "sign-git-commit sign-git-tag strict-allow-scripts strict-npmrc strict-peer-deps strict-ssl timing unicode "
    "update-notifier usage version versions workspaces-update",
    "~ dev development": "also",
    "~ info low moderate high critical none": "audit-level",
    "legacy web": "auth-type",
    "~ D": "before",
    "~ B S": "browser",
    "~ S A": "ca cidr orgs packages scopes",
    "P": "cache cafile global-ignore-file globalconfig init-module init.module node-gyp prefix provenance-file tmp "
    "userconfig",
    "N": "cache-max cache-min diff-unified fetch-retries fetch-retry-factor fetch-retry-maxtimeout "
    "fetch-retry-mintimeout fetch-timeout logs-max maxsockets searchlimit searchstaleness",
    "S": "call diff-dst-prefix diff-src-prefix editor git heading init-author-email init-author-name init-license "
    "init-type init.author.email init.author.name init.license message pack-destination patches-dir preid save-prefix "
    "scope searchexclude searchopts shell tag tag-version-prefix user-agent viewer",
    "always B": "color",
    "~ N": "depth expect-result-count expires min-release-age which",
    "S A": "allow-scripts diff noproxy package workspace",
    "~ U": "https-proxy",
    "A prod dev optional peer": "include",
    "'' U": "init-author-url init.author.url",
    "V": "init-version init.version",
    "hoisted nested shallow linked": "install-strategy",
    "cyclonedx spdx": "sbom-format",
    "library application framework": "sbom-type",
    "global user project": "location",
    "~ 1 2 3": "lockfile-version",
    "silent error warn notice http info verbose silly": "loglevel",
    "~ P": "edit-dir extension-file logs-dir",
    "A dev optional peer": "omit",
    "~ prod production": "only",
    "~ B": "expect-results optional production workspaces yes",
    "~ false U": "proxy",
    "U": "registry",
    "npmjs never always S": "replace-registry-host",
    "M": "umask",
    "all none root": "allow-directory allow-file allow-git allow-remote",
    "~ read-only read-write read-write-stage-only no-access": "packages-and-scopes-permission",
    "~ read-only read-write no-access": "orgs-permission",
    "A S": "min-release-age-exclude",
}

_SINCE = {
    Version("10.8.2"): "expect-result-count expect-results libc",
    Version("11.3.0"): "init-type node-gyp",
    Version("11.5.1"): "init-private",
    Version("11.8.0"): "bypass-2fa expires name orgs orgs-permission packages packages-all "
    "packages-and-scopes-permission password scopes token-description",
    Version("11.10.0"): "allow-git min-release-age",
    Version("11.12.1"): "include-attestations",
    Version("11.15.0"): "allow-directory allow-file allow-remote",
    Version("11.16.0"): "allow-scripts allow-scripts-pending allow-scripts-pin dangerously-allow-all-scripts "
    "strict-allow-scripts",
    Version("11.17.0"): "min-release-age-exclude",
    Version("12.0.0"): "allow-unused-patches edit-dir extension-file global-ignore-file ignore-existing "
    "ignore-extension ignore-patch-failures keep-edit-dir patches-dir strict-npmrc to",
}
"""The oldest npm seen to know these keys; the others are known since npm 9 or before."""

_UNTIL = {
    Version("10.0.0"): "ci-name tmp",
    Version("12.0.0"): "shrinkwrap",
}
"""The oldest npm seen to have dropped these keys."""

_OTHERWISE = (
    (Version("9.0.0"), Version("11.16.0"), "access", "~ restricted public"),
    (Version("9.0.0"), Version("11.21.2"), "packages-and-scopes-permission", "~ read-only read-write no-access"),
    (Version("12.0.0"), Version("12.2.0"), "packages-and-scopes-permission", "~ read-only read-write no-access"),
)
"""Since, until, and the types that were different in between."""

_EXCLUSIVE = (
    (Version("9.0.0"), None, ("provenance", "provenance-file")),
    (Version("10.8.2"), None, ("expect-results", "expect-result-count")),
    (Version("11.5.1"), None, ("save-dev", "save-optional", "save-peer", "save-prod")),
    (Version("11.10.0"), Version("11.15.0"), ("before", "min-release-age")),
)
"""Since, until, and the options that npm refuses together."""

SHORTHANDS: Mapping[str, tuple[str, ...]] = {
    "enjoy-by": ("--before",),
    "d": ("--loglevel", "info"),
    "dd": ("--loglevel", "verbose"),
    "ddd": ("--loglevel", "silly"),
    "quiet": ("--loglevel", "warn"),
    "q": ("--loglevel", "warn"),
    "s": ("--loglevel", "silent"),
    "silent": ("--loglevel", "silent"),
    "verbose": ("--loglevel", "verbose"),
    "desc": ("--description",),
    "help": ("--usage",),
    "local": ("--no-global",),
    "n": ("--no-yes",),
    "no": ("--no-yes",),
    "porcelain": ("--parseable",),
    "readonly": ("--read-only",),
    "reg": ("--registry",),
    "iwr": ("--include-workspace-root",),
    "ws": ("--workspaces",),
    "a": ("--all",),
    "c": ("--call",),
    "f": ("--force",),
    "g": ("--global",),
    "L": ("--location",),
    "l": ("--long",),
    "m": ("--message",),
    "p": ("--parseable",),
    "C": ("--prefix",),
    "S": ("--save",),
    "B": ("--save-bundle",),
    "D": ("--save-dev",),
    "E": ("--save-exact",),
    "O": ("--save-optional",),
    "P": ("--save-prod",),
    "?": ("--usage",),
    "H": ("--usage",),
    "h": ("--usage",),
    "v": ("--version",),
    "w": ("--workspace",),
    "y": ("--yes",),
}
"""What npm expands on the command line; the same in npm 9 to 12."""

NERF_DARTS = ("_auth", "_authToken", "_password", "certfile", "email", "keyfile", "username")
"""The keys that may stand behind ``//host/path/:``."""

INTERNAL = ("npm-version", "global-prefix", "local-prefix")
"""Keys that npm itself exports and does not warn about."""

_ON = (
    "allow-scripts-pin audit bin-links color commit-hooks description format-package-lock fund git-tag-version "
    "package-lock rebuild-bundle save shrinkwrap strict-ssl update-notifier workspaces-update"
)
_EMPTY = (
    "call globalconfig init-author-email init-author-name init-author-url init.author.email init.author.name "
    "init.author.url noproxy prefix preid scope searchexclude searchopts"
)
_LISTS = "diff include min-release-age-exclude omit package packages workspace"

DEFAULTS: Mapping[str, str | bool | int | tuple[str, ...]] = {
    **dict.fromkeys(_KEYS_BY_TYPE["B"].split(), False),
    **dict.fromkeys(_ON.split(), True),
    **dict.fromkeys(_EMPTY.split(), ""),
    **dict.fromkeys(_LISTS.split(), ()),
    "auth-type": "web",
    "cache-min": 0,
    "fetch-retries": 2,
    "fetch-retry-factor": 10,
    "fetch-retry-maxtimeout": 60000,
    "fetch-retry-mintimeout": 10000,
    "fetch-timeout": 300000,
    "git": "git",
    "location": "user",
    "loglevel": "notice",
    "logs-max": 10,
    "maxsockets": 15,
    "pack-destination": ".",
    "registry": "https://registry.npmjs.org/",
    "replace-registry-host": "npmjs",
    "searchlimit": 20,
    "tag": "latest",
    "userconfig": "~/.npmrc",
}
"""The defaults that are the same on every machine and in npm 9 to 12, where they are not null."""


@lru_cache(maxsize=16)
def options(version: Version) -> Mapping[str, str]:
    """The type of each option that npm *version* knows."""
    types = {key: words for words, keys in _KEYS_BY_TYPE.items() for key in keys.split()}
    for since, keys in _SINCE.items():
        if version < since:
            for key in keys.split():
                del types[key]
    for until, keys in _UNTIL.items():
        if version >= until:
            for key in keys.split():
                types.pop(key, None)
    for since, until, key, words in _OTHERWISE:
        if key in types and version < until and version >= since:
            types[key] = words
    return MappingProxyType(types)


def exclusive(version: Version) -> dict[str, tuple[str, ...]]:
    """For each option that npm *version* refuses beside others: those others."""
    found = {}
    for since, until, keys in _EXCLUSIVE:
        if version < since or (until is not None and version >= until):
            continue
        for key in keys:
            found[key] = tuple(other for other in keys if other != key)
    return found
