"""Reads the little of yarn's own configuration that tells where `yarn npm publish` publishes, and with what.

Yarn 2 and newer reads no .npmrc (yarn 4.18.1: the .yarnrc.yml of each directory upwards and of the home, the nearest
first, and YARN_* variables before them). A token that is set there is used, and then no exchange is made.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from safepublish.detect.files import Unread, read_text, yaml_document
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Credential, Origin, Package, Setting

_LIMIT = 2**20
_DEFAULT = "https://registry.npmjs.org/"  # yarn's own name for it, registry.yarnpkg.com, stands for the same registry
_PUBLISH, _FETCH = "npmPublishRegistry", "npmRegistryServer"
_TOKENS = ("npmAuthToken", "npmAuthIdent")
_VARIABLE = re.compile(r"\$\{([\w\d_]+)(?:(:?-)([^}]*))?\}")


class _File(NamedTuple):
    path: str
    settings: Mapping[str, object]


class _UnknownError(Exception):
    """Why it cannot be told."""


def configured(package: Package, publish_config: Mapping[str, object], *, env: Mapping[str, str], cwd: str) -> Package:
    """*package* with the registry and the credential that yarn would use; without a registry where these are unknown.

    `publishConfig.registry`, then the scope's `npmPublishRegistry`, then the general one, then `npmRegistryServer`:
    that of a scope is for fetching alone (yarn 4.18.1, npmConfigUtils.getPublishRegistry).
    """
    try:
        files = tuple(_files(env, cwd))
        registry = _registry(package, publish_config, files, env)
        credential = _credential(package, registry.value, files, env)
    except _UnknownError as unknown:
        return package._replace(registry=None, unread=str(unknown))
    return package._replace(registry=registry, credential=credential, provenance=False, problems=())


def _registry(
    package: Package, publish_config: Mapping[str, object], files: tuple[_File, ...], env: Mapping[str, str]
) -> Setting:
    own = publish_config.get("registry")
    if isinstance(own, str) and own:
        return Setting(own, Origin("publishConfig", package.manifest or "package.json", "registry"))
    found = _in_map("npmScopes", _scope(package), _PUBLISH, files, env)
    return found or _value(_PUBLISH, files, env) or _value(_FETCH, files, env) or _default()


def _default() -> Setting:
    return Setting(_DEFAULT, Origin("default", "yarn", _FETCH))


def _credential(package: Package, registry: str, files: tuple[_File, ...], env: Mapping[str, str]) -> Credential:
    """The token of the scope, else of the registry, where `npmRegistries` has it, and else the general one.

    (yarn 4.18.1, npmConfigUtils.getAuthConfiguration: a registry that is listed, without a token too, hides the general
    one.)
    """
    places: list[tuple[str, str]] = [("npmScopes", _scope(package))]
    url = registry.removesuffix("/")  # `//host` in npmRegistries stands for either scheme
    keys = (url, re.sub(r"^[a-z]+:", "", url))
    listed = next((key for key in keys if any(_entry(file, "npmRegistries", key) is not None for file in files)), None)
    if listed is not None:
        places.append(("npmRegistries", listed))
    for kind, key in places:
        for name in _TOKENS:
            found = _in_map(kind, key, name, files, env)
            if found is not None:
                return Credential(CredentialKind.SET, found.origin, beats_oidc=True)
    if listed is None:
        for name in _TOKENS:
            found = _value(name, files, env)
            if found is not None:
                return Credential(CredentialKind.SET, found.origin, beats_oidc=True)
    return Credential(CredentialKind.ABSENT)


def _scope(package: Package) -> str:
    name = package.name or ""
    return name[1:].partition("/")[0] if name.startswith("@") else ""


def _value(key: str, files: tuple[_File, ...], env: Mapping[str, str]) -> Setting | None:
    """A setting from its variable, else from the nearest file. Of a token the caller keeps the origin alone."""
    variable = "YARN_" + re.sub(r"([A-Z])", r"_\1", key).upper()
    if env.get(variable):
        return Setting(env[variable], Origin("env", variable, variable))
    for file in files:
        found = _text(file.settings.get(key), file, key, env)
        if found is not None:
            return found
    return None


def _in_map(kind: str, of: str, key: str, files: tuple[_File, ...], env: Mapping[str, str]) -> Setting | None:
    """A setting of one scope or registry: yarn merges the maps of all files."""
    for file in files if of else ():
        entry = _entry(file, kind, of)
        found = _text(entry.get(key), file, f"{kind}.{of}.{key}", env) if entry is not None else None
        if found is not None:
            return found
    return None


def _entry(file: _File, kind: str, of: str) -> Mapping[str, object] | None:
    held = file.settings.get(kind)
    for key, entry in held.items() if isinstance(held, dict) else ():
        if str(key).removesuffix("/") == of and isinstance(entry, dict):
            return entry
    return None


def _text(value: object, file: _File, key: str, env: Mapping[str, str]) -> Setting | None:
    if not isinstance(value, str) or not value:
        return None
    found = _VARIABLE.sub(lambda match: _expanded(match, env), value)
    if "${" in found:
        raise _UnknownError(f"{file.path} has a variable in {key} that is not set")
    return Setting(found, Origin("project", file.path, key)) if found else None


def _expanded(match: "re.Match[str]", env: Mapping[str, str]) -> str:
    """`${NAME}`, `${NAME-else}`, `${NAME:-else}`; one that is not set stays, for yarn stops there."""
    value = env.get(match[1])
    if value is None or (match[2] == ":-" and not value):
        return match[0] if match[2] is None else str(match[3])
    return value


def _files(env: Mapping[str, str], cwd: str) -> Iterator[_File]:
    """What yarn reads, the nearest first."""
    name = env.get("YARN_RC_FILENAME") or ".yarnrc.yml"
    place = cwd
    seen = set()
    while True:
        seen.add(place)
        yield from _file(os.path.join(place, name))
        above = os.path.dirname(place)
        if above == place:
            break
        place = above
    home = env.get("HOME") or os.path.expanduser("~")
    if home not in seen:
        yield from _file(os.path.join(home, ".yarnrc.yml"))


def _file(path: str) -> Iterator[_File]:
    try:
        document = yaml_document(read_text(path, _LIMIT))
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, Unread, ValueError) as error:
        raise _UnknownError(f"{path} cannot be read") from error
    if isinstance(document, dict):
        yield _File(path, document)
