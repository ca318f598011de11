"""The registry that npm picks for a package, and the keys of its own."""

from collections.abc import Mapping

from safepublish.facts.run import Origin, Setting
from safepublish.npm import url
from safepublish.npm.arguments import Value, text, truthy
from safepublish.npm.config.layers import Layers
from safepublish.npm.floors import Floor

_DEFAULT_REGISTRY = "https://registry.npmjs.org/"


class View:
    """The configuration with a package's publishConfig laid over it, as npm's `opts` has it."""

    def __init__(self, layers: Layers, publish_config: Mapping[str, Value]) -> None:
        """Lay *publish_config* over *layers*."""
        self.layers = layers
        given = layers.layers["cli"].raw
        filtered = layers.version in Floor.CLI_BEFORE_PUBLISH_CONFIG
        self.own = {key: value for key, value in publish_config.items() if not (filtered and key in given)}

    def value(self, key: str) -> Value:
        """The effective value of *key*."""
        return self.own[key] if key in self.own else self.layers.flat(key)

    def origin(self, key: str) -> Origin:
        """Where the effective value of *key* stands."""
        if key in self.own:
            return Origin("publishConfig", "package.json", key)
        return self.layers.as_origin(self.layers.holder(key) or "default", key)

    def raw(self, key: str) -> Value:
        """The value of *key* before variables were replaced."""
        if key in self.own:
            return self.own[key]
        holder = self.layers.holder(key)
        return None if holder is None else self.layers.layers[holder].raw.get(key)

    def registry(self, name: str | None) -> Setting:
        """The registry npm picks: the package's scope, the scope of `--scope`, then the plain one.

        npm-registry-fetch 14.0.5 to 20.0.1, lib/index.js, `pickRegistry`.
        """
        scopes = [name.partition("/")[0]] if name and name.startswith("@") and "/" in name else []
        scope = self.value("scope")
        if truthy(scope):
            scopes.append("@" + text(scope).removeprefix("@"))
        for key in (*(f"{scope}:registry" for scope in scopes), "registry"):
            found = self.value(key)
            if truthy(found):
                return Setting(url.without_userinfo(text(found)), self.origin(key))
        return Setting(_DEFAULT_REGISTRY, Origin("default", "npm's default", "registry"))


def nerf_dart(registry: str) -> str | None:
    """The prefix of a registry's own keys, `//host/path/`, or None where npm throws (lib/nerf-dart.js)."""
    parsed = url.parse(registry)
    if parsed is None:
        return None
    if not parsed.host:  # localhost:4873 without its http:// is a URL, of the scheme localhost
        parsed = url.parse(f"{parsed.scheme}://{parsed.path}")
        if parsed is None:
            return None
    return f"//{parsed.host}{parsed.path[: parsed.path.rfind('/') + 1] or '/'}"
