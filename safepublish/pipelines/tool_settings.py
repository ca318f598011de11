"""What the configuration of release-it, np and auto says: whether they publish, and whether they ask for a login first.

Read in release-it 17.10.0 and 21.1.2 (lib/config.js, lib/plugin/npm/npm.js), np 12.1.1 (source/config.js,
source/prerequisite-tasks.js; source/npm/oidc.js is there since 11.0.0) and auto 11.3.6.
"""

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from safepublish.npm.publish_tools import lowest, newest
from safepublish.pipelines.document import Map, UnreadableError, YamlNode, compose, source
from safepublish.pipelines.machine import Machine
from safepublish.pipelines.scope import Files, joined_path
from safepublish.shell.options import anywhere

_NP_WITH_OIDC = 11
_NAMES = {
    "release-it": (
        "release-it",
        ".release-it",
        ("json", "yaml", "yml", "js", "ts", "cjs", "mjs", "mts", "cts", "toml"),
    ),
    "np": ("np", ".np-config", ("json", "js", "cjs", "mjs")),
    "auto": ("auto", ".autorc", ("", "json", "yaml", "yml", "js", "ts")),
    **dict.fromkeys(
        ("semantic-release", "@semantic-release/npm"),
        ("release", ".releaserc", ("", "json", "yaml", "yml", "js", "cjs", "mjs")),
    ),
}
"""By tool: its key in package.json, and its own file with the endings that it may have."""


class ToolSettings(NamedTuple):
    """What a tool does by its configuration; None: unknown."""

    publishes: bool | None = None
    checks_login: bool | None = None  # by `npm whoami`, before it publishes
    plugin: str | None = None  # what may publish in place of the tool's own part
    unread: bool = False  # the configuration is a program, or in another package


_UNKNOWN = ToolSettings()


def tool_settings(
    machine: Machine, tool: str, version: str | None, argv: Sequence[str], directory: str | None
) -> ToolSettings:
    """What *tool*, called by *argv* in *directory*, does by its configuration."""
    if tool not in _NAMES:
        return _UNKNOWN
    options = anywhere(tuple(argv[1:]), {"--config", "-c"}).values
    hidden = ToolSettings(checks_login=False) if options.get("npm.skipChecks") is True else _UNKNOWN
    manifest = machine.manifest(directory)
    if directory is None or manifest is None:
        return hidden
    if manifest.get("private") is True and tool in {"release-it", "np"}:
        return ToolSettings(publishes=False)
    chosen = options.get("config", options.get("c"))
    places = [chosen] if isinstance(chosen, str) else None
    found = _configuration(machine.job.files, tool, directory, manifest, places)
    if found is None:
        return hidden._replace(unread=True)
    if "semantic-release" in tool:
        return _semantic_release(found, is_private=manifest.get("private") is True)
    return {"release-it": _release_it, "np": _np, "auto": _auto}[tool](found, options, version)


def _release_it(found: Mapping[str, Any], options: Mapping[str, Any], _version: str | None) -> ToolSettings:
    npm = found.get("npm")
    own = npm if isinstance(npm, Mapping) else {}
    plugins = found.get("plugins")
    if npm is False and isinstance(plugins, Mapping) and plugins:
        return _UNKNOWN  # a plugin may publish in its place
    publishes = _choice(options.get("npm.publish"), own.get("publish"), default=npm is not False)
    skips = _choice(options.get("npm.skipChecks"), own.get("skipChecks"), default=False)
    if "extends" in found and ("publish" not in own or "skipChecks" not in own):
        return ToolSettings(publishes if "publish" in own else None, False if skips else None)
    return ToolSettings(publishes, None if skips is None else not skips)


def _np(found: Mapping[str, Any], options: Mapping[str, Any], version: str | None) -> ToolSettings:
    publishes = _choice(options.get("publish"), found.get("publish"), default=True)
    low, high = lowest(version), newest(version)
    checks_login = None
    if version == "latest" or (low is not None and low.major >= _NP_WITH_OIDC):
        checks_login = False
    elif high is not None and high.major < _NP_WITH_OIDC:
        checks_login = True
    return ToolSettings(publishes, checks_login)


def _auto(found: Mapping[str, Any], _options: Mapping[str, Any], _version: str | None) -> ToolSettings:
    plugins = found.get("plugins")
    if "extends" in found or not isinstance(plugins, list) or not plugins:
        return _UNKNOWN
    names = [plugin[0] if isinstance(plugin, list) and plugin else plugin for plugin in plugins]
    known = all(isinstance(name, str) and not name.startswith((".", "/")) for name in names)
    return ToolSettings(None if not known or any("npm" in name for name in names) else False)


def _semantic_release(found: Mapping[str, Any], *, is_private: bool) -> ToolSettings:
    """semantic-release publishes to npm by a plugin, which is there by default (25.0.9, lib/get-config.js)."""
    plugins = found.get("plugins")
    if not isinstance(plugins, list):
        return ToolSettings(unread=True) if "extends" in found else ToolSettings(publishes=not is_private)
    settings = {}
    for plugin in plugins:
        name, own = (plugin[0], plugin[1:]) if isinstance(plugin, list) and plugin else (plugin, [])
        settings[str(name)] = own[0] if own and isinstance(own[0], dict) else {}
    npm = settings.get("@semantic-release/npm")
    if npm is not None and _choice(None, npm.get("npmPublish"), default=not is_private) is not False:
        return ToolSettings(publishes=True)
    others = (name for name in settings if not name.startswith("@semantic-release/"))
    by_command = settings.get("@semantic-release/exec", {})
    if any(word in str(by_command.get(key)) for key in ("publishCmd", "prepareCmd") for word in ("publish", "release")):
        return ToolSettings(plugin="@semantic-release/exec")
    other = next((name for name in others if _MAY_PUBLISH.search(name) is not None), None)
    return ToolSettings(plugin=other) if other is not None else ToolSettings(publishes=False)


_MAY_PUBLISH = re.compile(r"npm|yarn|lerna|monorepo|workspace|publish|^\.|^/")
"""The name of a plugin of somebody else's that may publish to npm, or of the repository's own."""


def _choice(option: Any, configured: Any, *, default: bool) -> bool | None:
    """The value of a switch: of the command line, else of the configuration."""
    for value in (option, configured):
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value in {"true", "false"}:
            return value == "true"
        if value is not None:
            return None
    return default


def _configuration(
    files: Files, tool: str, directory: str, manifest: Mapping[str, Any], places: Sequence[str] | None
) -> Mapping[str, Any] | None:
    """The configuration, {} where there is none; None where it is a program, or cannot be read."""
    key, name, endings = _NAMES[tool]
    own = manifest.get(key)
    if places is None and isinstance(own, Mapping):
        return own
    paths = places or [f"{name}.{ending}" if ending else name for ending in endings]
    if key == "release" and not places:
        paths = [*paths, "release.config.js", "release.config.cjs", "release.config.mjs"]
    for above in dict.fromkeys((directory, ".")):
        for path in paths:
            where = joined_path(above, path)
            text = files(where) if where is not None else None
            if text is not None:
                return _read(text, posixpath.basename(path))
        root = files("package.json") if above != directory else None
        shared = _read(root, "package.json") if root is not None else None
        if places is None and shared is not None and isinstance(shared.get(key), Mapping):
            found: Mapping[str, Any] = shared[key]
            return found
    return None if places is not None else {}


def _read(text: str, name: str) -> Mapping[str, Any] | None:
    """A file of JSON or YAML; None where it is something else."""
    ending = name.rpartition(".")[2]
    if ending not in {"json", "yaml", "yml", "autorc", "releaserc"}:
        return None
    try:
        found = _data(compose(text)) if ending != "json" else json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError, UnreadableError):
        return None
    return found if isinstance(found, dict) else None


def _data(node: YamlNode | None) -> Any:
    if node is None or node.id == "sequence":
        return [_data(item) for item in node.value] if node is not None else {}
    if node.id == "mapping":
        return {key: _data(value) for key, (_, value) in Map(node, source("", "")).pairs.items()}
    plain = {"true": True, "false": False, "null": None, "~": None}
    return plain.get(node.value, node.value) if node.style in {None, ""} else node.value
