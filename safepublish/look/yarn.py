"""Reads the little of yarn's own configuration that tells where `yarn npm publish` publishes, and with what.

Yarn 2 and newer reads no .npmrc (yarn 4.18.1: .yarnrc.yml and YARN_* variables). A token that is set there is used, and
then no exchange is made.
"""

import os
from collections.abc import Mapping

from safepublish.facts.kinds import Kind
from safepublish.facts.run import Credential, Origin, Package, Setting
from safepublish.look.files import Unread, read_text

_LIMIT = 2**20
_DEFAULT = "https://registry.npmjs.org/"  # yarn's own name for it, registry.yarnpkg.com, stands for the same registry
_REGISTRIES = (
    ("npmPublishRegistry", "YARN_NPM_PUBLISH_REGISTRY"),
    ("npmRegistryServer", "YARN_NPM_REGISTRY_SERVER"),
)
_TOKENS = (("npmAuthToken", "YARN_NPM_AUTH_TOKEN"), ("npmAuthIdent", "YARN_NPM_AUTH_IDENT"))
_BY_PLACE = ("npmScopes", "npmRegistries")


def configured(package: Package, *, env: Mapping[str, str], cwd: str) -> Package:
    """*package* with the registry and the credential that yarn would use; without a registry where these may differ."""
    settings, file, trouble = _settings(cwd)
    if trouble is not None or any(settings.get(key) for key in _BY_PLACE):
        return package._replace(registry=None, unread=trouble or f"{file} has settings for single scopes or registries")
    registry = Setting(_DEFAULT, Origin("default", "yarn", "npmRegistryServer"))
    if package.registry is not None and package.registry.origin.layer == "publishConfig":
        registry = package.registry
    else:
        for key, variable in _REGISTRIES:
            found = _value(key, variable, settings, file, env)
            if found is not None:
                registry = found
                break
    credential = Credential(Kind.ABSENT)
    for key, variable in _TOKENS:
        found = _value(key, variable, settings, file, env)
        if found is not None:
            credential = Credential(Kind.SET, found.origin, beats_oidc=True)
    return package._replace(registry=registry, credential=credential, provenance=False, problems=())


def _value(
    key: str, variable: str, settings: Mapping[str, object], file: str, env: Mapping[str, str]
) -> Setting | None:
    """A setting from its variable, else from .yarnrc.yml. Of a token the caller keeps the origin alone."""
    if env.get(variable):
        return Setting(env[variable], Origin("env", variable, variable))
    value = settings.get(key)
    return Setting(value, Origin("project", file, key)) if isinstance(value, str) and value else None


def _settings(cwd: str) -> tuple[Mapping[str, object], str, str | None]:
    """The settings of the nearest .yarnrc.yml upwards, the file, and why it cannot be read."""
    import yaml  # only for yarn

    place = cwd
    while True:
        path = os.path.join(place, ".yarnrc.yml")
        try:
            document = yaml.load(read_text(path, _LIMIT), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - either is safe
        except FileNotFoundError:
            above = os.path.dirname(place)
            if above == place:
                return {}, "", None
            place = above
            continue
        except (OSError, Unread, ValueError, RecursionError, yaml.YAMLError):
            return {}, path, f"{path} cannot be read"
        return (document if isinstance(document, dict) else {}), path, None
