"""The layers of npm's configuration, and which of them gives a key its value."""

from collections.abc import Iterable, Mapping

from packaging.version import Version

from safepublish.facts.run import Origin, Problem
from safepublish.npm import options
from safepublish.npm.arguments import Arguments, Places, Value, clean, resolve
from safepublish.npm.config.values import parse_field, replace_variables
from safepublish.npm.floors import Floor
from safepublish.npm.secrets import word

ORDER = ("cli", "env", "project", "user", "global", "builtin", "default")
FILES = ("project", "user", "global")
_CLEANED = ("env", *FILES)


class Layer:
    """One layer of npm's configuration, empty at first. Holds secrets, and does not show them."""

    __slots__ = ("lines", "name", "raw", "source", "values", "variables")

    def __init__(self, name: str, source: str) -> None:
        """An empty layer *name*, read from *source*."""
        self.name = name
        self.source = source
        self.values: dict[str, Value] = {}
        self.raw: dict[str, Value] = {}  # by the same keys, before variables were replaced
        self.lines: dict[str, int] = {}
        self.variables: dict[str, str] = {}  # of the environment layer: the variable that gave a key

    def __repr__(self) -> str:
        return f"Layer({self.name}, {len(self.values)} keys)"


class Layers:
    """The layers of npm's configuration and what they come to. Holds secrets, and does not show them."""

    def __init__(self, version: Version | None, *, env: Mapping[str, str], places: Places) -> None:
        """Start with npm's defaults. *version* None is an npm of unknown version: nothing stops it."""
        self.version = version or options.NEWEST
        self.env = env
        self.places = places
        self.types = options.options(self.version)
        self.layers = {name: Layer(name, name) for name in ORDER}
        self.command: tuple[str, ...] = ("publish",)
        self._exclusive = options.exclusive(self.version)
        self.sure = version is not None and version in Floor.KNOWN
        self._loaded: dict[str, str] = {}
        self.flattened_again = False
        self._problems: list[Problem] = []
        self._cleaned: dict[tuple[str, str], tuple[bool, Value]] = {}
        default = self.layers["default"]
        for key in self.types:
            value = options.DEFAULTS.get(key)
            default.values[key] = list(value) if isinstance(value, tuple) else value
        default.values["noproxy"] = [""]  # npm parses its own default, the empty text, as a list
        default.values["userconfig"] = resolve("~/.npmrc", places)
        del default.values["globalconfig"]  # follows from the prefix, once that is known

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.layers.values())})"

    def load(
        self,
        name: str,
        source: str,
        found: Mapping[str, Value] | None,
        *,
        lines: Mapping[str, int] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Take *found* as the layer *name*; None is a file that cannot be read, which npm passes over in silence."""
        layer = self.layers[name]
        layer.source = source
        if source in self._loaded:
            self.stop("usage", f"{source} is both the {self._loaded[source]} and the {name} configuration")
            return
        self._loaded[source] = name
        for raw_key, raw in (found or {}).items():
            key = replace_variables(raw_key, self.env, self.version)
            value = parse_field(raw, self.types.get(key), env=self.env, version=self.version, places=self.places)
            if self._excluded(name, raw_key):
                continue
            if key == "globalconfig" and "globalconfig" not in self.layers["default"].values:
                # npm's default is a setter: the first layer to name it changes the default (`loadDefaults`).
                self.layers["default"].values[key] = value
                continue
            layer.values[key] = value
            layer.raw[key] = raw
            if lines and raw_key in lines:
                layer.lines[key] = lines[raw_key]
            if variables and raw_key in variables:
                layer.variables[key] = variables[raw_key]

    def load_arguments(self, arguments: Arguments) -> None:
        """Take the command line as the layer `cli`."""
        self.load("cli", "command line options", arguments.values)

    def load_environment(self) -> None:
        """Take the variables npm_config_* as the layer `env` (lib/index.js, `loadEnv`)."""
        found: dict[str, Value] = {}
        named: dict[str, str] = {}
        for variable, value in self.env.items():
            if variable[:11].lower() != "npm_config_" or value == "":
                continue
            key = variable[11:]
            if not key.startswith("//"):
                key = (key[:1] + key[1:].replace("_", "-")).lower()
            found[key] = value
            named[key] = variable
        self.load("env", "environment", found, variables=named)

    def _excluded(self, name: str, key: str) -> bool:
        """Whether *key* is dropped because of an option that excludes it; otherwise npm stops."""
        for other in self._exclusive.get(key, ()):
            if self.holder(other, cleaned=()) == "default":
                continue
            excused = self.version in Floor.CLI_EXCUSES_ENVIRONMENT
            if excused and name == "env" and other in self.layers["cli"].values:
                return True
            self.stop("usage", f"`{key}` cannot be combined with `{other}`", self.as_origin(name, key))
        return False

    def get(self, key: str) -> Value:
        """The value of *key* as npm's `config.get` gives it to a command; None where there is none."""
        holder = self.holder(key)
        return None if holder is None else self.value(holder, key)

    def flat(self, key: str) -> Value:
        """The value of *key* as npm passes it to its libraries.

        npm works these out before the environment and the files are validated, so `NPM_CONFIG_PROVENANCE=1` is
        the text "1" here (lib/npm.js, `#load`); a `scope` without its @ makes npm work them out again.
        """
        cleaned = _CLEANED if self.flattened_again else ()
        holder = self.holder(key, cleaned=cleaned)
        return None if holder is None else self.value(holder, key, cleaned=cleaned)

    def unvalidated(self, key: str) -> Value:
        """The value of *key* while the layers are still being loaded."""
        holder = self.holder(key, cleaned=())
        return None if holder is None else self.value(holder, key, cleaned=())

    def given(self, name: str, key: str) -> Value:
        """The value of *key* in the layer *name* alone, unvalidated; None where it has none."""
        return self.layers[name].values.get(key)

    def origin(self, key: str) -> Origin | None:
        """Where the effective value of *key* comes from; None for npm's default."""
        holder = self.holder(key)
        return None if holder in {None, "default"} else self.as_origin(holder or "", key)

    def is_default(self, key: str) -> bool:
        """Whether nothing but npm's default gives *key* (lib/index.js, `isDefault`)."""
        return self.holder(key) == "default"

    def holder(self, key: str, cleaned: Iterable[str] = _CLEANED) -> str | None:
        """The highest layer that has *key*, of *cleaned* layers only where its value is valid."""
        for name in ORDER:
            if key in self.layers[name].values and (name not in cleaned or self.cleaned(name, key)[0]):
                return name
        return None

    def value(self, name: str, key: str, cleaned: Iterable[str] = _CLEANED) -> Value:
        """The value of *key* in the layer *name*, validated where that is one of *cleaned*."""
        return self.cleaned(name, key)[1] if name in cleaned else self.layers[name].values[key]

    def cleaned(self, name: str, key: str) -> tuple[bool, Value]:
        """Whether npm keeps the value of *key* in the layer *name*, and as what."""
        found = self._cleaned.get((name, key))
        if found is None:
            found = clean(self.layers[name].values[key], self.types.get(key), self.version, self.places)
            self._cleaned[name, key] = found
        return found

    def as_origin(self, name: str, key: str) -> Origin:
        """Where *key* stands in the layer *name*."""
        layer = self.layers[name]
        source = layer.source
        shown = key if self.is_known(key) else word(key)
        if name == "cli":
            source = f"--{shown}"
        elif name == "env":
            source = layer.variables.get(key, layer.source)
            source = source if shown == key else word(source)
        elif name == "default":
            source = "npm's default"
        return Origin(name, source, shown, layer.lines.get(key))

    def stop(self, kind: str, message: str, origin: Origin | None = None, *, stops: bool = True) -> None:
        """Note a problem; *stops* says whether a supported npm ends with it."""
        self._problems.append(Problem(kind, message, origin, stops_npm=stops and self.sure))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What npm stops at, or ignores to the user's surprise."""
        return tuple(dict.fromkeys(self._problems))

    def is_known(self, key: str) -> bool:
        """Whether npm has an option named *key*, or the registry's key ends in one."""
        if key in self.types or key in options.INTERNAL:
            return True
        last = key.rpartition(":")[2]
        return ":" in key and (last in self.types or last in options.NERF_DARTS)
