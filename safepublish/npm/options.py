"""npm's own options by version: what @npmcli/config's lib/definitions/definitions.js and index.js say.

The tables are `safepublish/data/npm_options.json`, read from npm's definitions; a test compares them with real npm.
A type is written as words: ``B`` Boolean, ``S`` String, ``N`` Number, ``D`` Date, ``P`` path, ``U`` url, ``M`` umask,
``V`` semver, ``A`` Array, ``~`` null; every other word is a literal value, ``''`` the empty one.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from packaging.version import Version

from safepublish import data

_TABLES = data.load("npm_options")
_OLDEST = Version(_TABLES["versions"][0])

NEWEST = Version(_TABLES["newest"])
"""The newest npm whose options are known here; a later one may know more of them."""

SHORTHANDS: Mapping[str, tuple[str, ...]] = {key: tuple(words) for key, words in _TABLES["shorthands"].items()}
"""What npm expands on the command line; the same in npm 9 to 12."""

DEFAULTS: Mapping[str, str | bool | int | tuple[str, ...]] = {
    key: tuple(value) if isinstance(value, list) else value for key, value in _TABLES["defaults"].items()
}
"""The defaults that are the same on every machine and in npm 9 to 12, where they are not null."""

NERF_DARTS = ("_auth", "_authToken", "_password", "certfile", "email", "keyfile", "username")
"""The keys that may stand behind ``//host/path/:``."""

INTERNAL = ("npm-version", "global-prefix", "local-prefix")
"""Keys that npm itself exports and does not warn about."""


@lru_cache(maxsize=16)
def options(version: Version) -> Mapping[str, str]:
    """The type of each option that npm *version* knows."""
    return MappingProxyType(_at("options", max(version, _OLDEST)))


def exclusive(version: Version) -> dict[str, tuple[str, ...]]:
    """For each option that npm *version* refuses beside others: those others."""
    return {key: tuple(others) for key, others in _at("exclusive", version).items()}


def _at(table: str, version: Version) -> dict[str, Any]:
    """The values of *table* at *version*: each key has the version from which on a value holds, null for none."""
    found = {}
    for key, changes in _TABLES[table].items():
        value = None
        for since, changed in changes.items():
            if _version(since) > version:
                break
            value = changed
        if value is not None:
            found[key] = value
    return found


@lru_cache(maxsize=64)
def _version(text: str) -> Version:
    return Version(text)
