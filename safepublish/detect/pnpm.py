"""Reads the little of pnpm's own configuration that tells where `pnpm publish` publishes.

pnpm reads npm's .npmrc, and beside it pnpm-workspace.yaml, options and variables of its own. Their order was seen of
the real pnpm 10.29.2, 10.34.9, 11.1.2, 11.28.10 and 12.21.0: publishConfig comes before all, a scope's registry next.
The default registry of pnpm 10 is that of pnpm-workspace.yaml, else of --registry, of npm_config_registry, of .npmrc;
that of pnpm 11 and newer of --registry, of pnpm_config_registry, of pnpm-workspace.yaml, of .npmrc.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from packaging.version import Version

from safepublish.detect.files import UnreadableError, read_text, yaml_document
from safepublish.facts.run import Origin, Package, Setting
from safepublish.npm.floors import Floor

_LIMIT = 2**20
_UNREAD_BY_10 = "(registry)"  # `registry` itself, beside `registries`
_FILE = "pnpm-workspace.yaml"
_AUTH = ("pnpm_config__auth", "PNPM_CONFIG__AUTH")


class Settings(NamedTuple):
    """The registries that pnpm's own settings name, by npm's keys, and an environment to tell npm's rules."""

    registries: Mapping[str, Setting]  # `registry`, `@scope:registry`
    environment: Mapping[str, str]
    own: bool = True  # pnpm publishes itself; else it starts npm
    trouble: str | None = None  # why it is unknown

    def publish_config_first(self, package: Package) -> bool:
        """Whether publishConfig goes before the registry of a scope: not where npm knows that from .npmrc."""
        origin = package.settings.registry.origin if package.settings.registry is not None else None
        return self.own or (origin is not None and origin.layer == "env" and origin.key in self.registries)

    def named(self, package: Package, value: object) -> Package:
        """*package* with the true origin of its registry; *value* is `publishConfig.registry`."""
        if self.trouble is not None and not isinstance(value, str):
            return package._replace(
                manifest=package.manifest._replace(unread=self.trouble),
                settings=package.settings._replace(registry=None),
            )
        if package.settings.registry is None or package.settings.registry.origin.layer != "env":
            return package
        registry = self.registries.get(package.settings.registry.origin.key, package.settings.registry)
        return package._replace(settings=package.settings._replace(registry=registry))


def read(version: Version | None, arguments: Sequence[str], *, env: Mapping[str, str], cwd: str) -> Settings:
    """What pnpm's own settings say to the pnpm *version* that is started with *arguments*."""
    own = version is None or version in Floor.PNPM_ITSELF
    try:
        file, in_file = _workspace(cwd)
    except ValueError as error:
        return Settings({}, env, trouble=str(error))
    if not own:
        in_file.pop(_UNREAD_BY_10, None)
    trouble = _unread_settings(env, own=own)
    if _UNREAD_BY_10 in in_file and (version is None or version not in Floor.PNPM_REGISTRY):
        trouble = f"this pnpm may or may not read `registry` in {file}"
    if in_file and (version is None or version not in Floor.PNPM_SETTINGS):
        trouble = f"how this pnpm uses the registries in {file} is unknown"
    given = dict(_options(arguments))
    for name in ("pnpm_config_registry", "PNPM_CONFIG_REGISTRY") if own else ():
        if env.get(name):
            given.setdefault("registry", Setting(env[name], Origin("env", name, name)))
    if _UNREAD_BY_10 in in_file:
        in_file.setdefault("registry", in_file.pop(_UNREAD_BY_10))
    settled = {**in_file, **given} if own else {**given, **in_file}
    if any("${" in setting.value for setting in settled.values()):
        trouble = f"{file} has a registry with a variable in it"
    kept = {
        key: value for key, value in env.items() if not (_is_registry(key) and (own or key.lower()[11:] in settled))
    }
    kept |= {f"npm_config_{key}": setting.value for key, setting in settled.items()}
    return Settings(settled, kept, own=own, trouble=trouble)


def _is_registry(variable: str) -> bool:
    name = variable.lower()
    return name == "npm_config_registry" or (name.startswith("npm_config_@") and name.endswith(":registry"))


def _options(arguments: Sequence[str]) -> Iterator[tuple[str, Setting]]:
    """The registries that options name: --registry URL, --@scope:registry=URL."""
    for at, word in enumerate(arguments):
        key, equals, value = word.removeprefix("--").partition("=")
        if word.startswith("--") and (key == "registry" or (key.startswith("@") and key.endswith(":registry"))):
            found = value if equals else next(iter(arguments[at + 1 :]), "")
            yield key, Setting(found, Origin("cli", f"--{key}", key))


def _unread_settings(env: Mapping[str, str], *, own: bool) -> str | None:
    """Where registries may be set that are not read here: a variable with JSON, and pnpm's global files."""
    if own and any(env.get(name) for name in _AUTH):
        return "pnpm_config__auth may name registries"
    for name in ("config.yaml", "rc"):
        path = os.path.join(_config_dir(env), name)
        try:
            text = read_text(path, _LIMIT)
        except FileNotFoundError:
            continue
        except (OSError, UnreadableError, ValueError):
            return f"{path} cannot be read"
        if "registr" in text or "_auth" in text:
            return f"{path} has settings for registries"
    return None


def _config_dir(env: Mapping[str, str]) -> str:
    """The directory of pnpm's global configuration (pnpm.io/settings)."""
    home = env.get("HOME") or os.path.expanduser("~")
    if env.get("XDG_CONFIG_HOME"):
        return os.path.join(env["XDG_CONFIG_HOME"], "pnpm")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Preferences", "pnpm")
    if sys.platform == "win32":
        return os.path.join(env.get("LOCALAPPDATA") or home, "pnpm", "config")
    return os.path.join(home, ".config", "pnpm")


def _workspace(cwd: str) -> tuple[str, dict[str, Setting]]:
    """The registries in the nearest pnpm-workspace.yaml upwards; raises ValueError where they cannot be told."""
    place = cwd
    while True:
        path = os.path.join(place, _FILE)
        try:
            text = read_text(path, _LIMIT)
        except FileNotFoundError:
            above = os.path.dirname(place)
            if above == place:
                return _FILE, {}
            place = above
            continue
        except (OSError, UnreadableError, ValueError) as error:
            raise ValueError(f"{path} cannot be read") from error
        return path, _registries(text, path) if "registr" in text else {}


def _registries(text: str, path: str) -> dict[str, Setting]:
    try:
        document = yaml_document(text)
    except ValueError as error:
        raise ValueError(f"{path} cannot be read") from error
    settings = document if isinstance(document, dict) else {}
    found = {}
    if isinstance(settings.get("registry"), str):
        found[_UNREAD_BY_10] = Setting(settings["registry"], Origin("project", path, "registry"))
    registries = settings.get("registries", {})
    if not isinstance(registries, dict) or not all(isinstance(value, str) for value in registries.values()):
        raise ValueError(f"the registries in {path} are unknown")
    for scope, value in registries.items():
        key = "registry" if scope == "default" else f"{scope}:registry"
        found[key] = Setting(value, Origin("project", path, f"registries.{scope}"))
    return found
