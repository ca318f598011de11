"""npm's configuration: what its layers come to, as @npmcli/config, ini and npm-registry-fetch work it out.

The layers are read by `safepublish.detect.config`; everything here is a function of what they hold.
`Layers` and `Transport` hold secrets: they are no facts, and neither shows what it holds.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from packaging.version import Version

from safepublish.facts.kinds import Kind
from safepublish.facts.run import PLACEHOLDER, Credential, Origin, Problem, Setting
from safepublish.npm import options, url
from safepublish.npm.arguments import BLANKS, Arguments, Places, Value, clean, number, resolve, text, truthy
from safepublish.npm.floors import Floor
from safepublish.npm.secrets import STARS, word

ORDER = ("cli", "env", "project", "user", "global", "builtin", "default")
FILES = ("project", "user", "global")
_CLEANED = ("env", *FILES)
_WORST_FIRST = (Kind.UNRESOLVED, Kind.EMPTY, Kind.PLACEHOLDER, Kind.SET)
_DEFAULT_REGISTRY = "https://registry.npmjs.org/"
_UNREAD = ("NPM_TOKEN", "NODE_AUTH_TOKEN")
_UNREAD_KEYS = ("_auth", "_authtoken")
_VARIABLE = re.compile(r"(?<!\\)(\\*)\$\{([^${}]+)\}")
_NAME = re.compile(r"\s*\w+(?:\.[A-Za-z_]\w*)*")
_OPTION = re.compile(r"[a-z]+(?:-[a-z]+)*")
_SECTION = re.compile(r"\[([^\]]*)\]\s*")


# .npmrc files


class Ini(NamedTuple):
    """An .npmrc file: its values, and the line that gave each top-level key its last value."""

    values: dict[str, Value]
    lines: dict[str, int]


def parse_ini(content: str) -> Ini:
    """Read *content* as the package ini does (ini 4.1.1 to 7.0.0, lib/ini.js, `decode`)."""
    out: dict[str, Value] = {}
    lines: dict[str, int] = {}
    held = out
    for at, line in enumerate(content.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        bare = line.strip(BLANKS)
        if not bare or bare[0] in ";#":
            continue
        section = _SECTION.fullmatch(line)
        if section:
            held = _section(out, text(_unsafe(section[1])))
            continue
        name, equals, told = line.partition("=")
        if not name or "\u2028" in told or "\u2029" in told:
            continue
        key = text(_unsafe(name))
        many = len(key) > 2 and key.endswith("[]")
        key = key[:-2] if many else key
        value = _unsafe(told) if equals else True
        if value in ("true", "false", "null"):
            value = {"true": True, "false": False, "null": None}[str(value)]
        _put(held, key, value, many=many)
        if held is out:
            lines[key] = at
    _nest(out)
    return Ini(out, lines)


def _section(out: dict[str, Value], name: str) -> dict[str, Value]:
    held = out.get(name)
    if isinstance(held, dict):
        return held
    fresh: dict[str, Value] = {}
    if name != "__proto__" and not truthy(held):  # a scalar of that name cannot hold keys: JavaScript drops them
        out[name] = fresh
    return fresh


def _put(held: dict[str, Value], key: str, value: Value, *, many: bool) -> None:
    if key == "__proto__":
        return
    if many and key not in held:
        held[key] = []
    elif many and not isinstance(held[key], list):
        held[key] = [held[key]]
    before = held.get(key)
    if isinstance(before, list):
        before.append(value)
    else:
        held[key] = value


def _nest(out: dict[str, Value]) -> None:
    """Sections named `a.b` move into `a`; so does, by an accident of JavaScript, any key whose value is null."""
    moved = []
    for key, value in list(out.items()):
        if value is not None and not isinstance(value, dict):
            continue
        *parts, last = re.split(r"(?<!\\)\.", key)
        name = last.replace("\\.", ".")
        held = out
        for part in parts:
            inner = held.get(part)
            if not isinstance(inner, dict):
                inner = {}
                held[part] = inner
            held = inner
        if held is out and name == last:
            continue
        held[name] = value
        moved.append(key)
    for key in moved:
        del out[key]


def _unsafe(told: str) -> Value:
    """A key or value without quotes, escapes and comment (lib/ini.js, `unsafe`)."""
    told = told.strip(BLANKS)
    if told and told[0] in "\"'" and told[0] == told[-1]:
        import json

        told = told[1:-1] if told[0] == "'" else told
        try:
            found: Value = json.loads(told, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return told
        return found
    if "\\" not in told and ";" not in told and "#" not in told:
        return told
    kept = []
    escaped = False
    for char in told:
        if escaped:
            kept.append(char if char in "\\;#" else f"\\{char}")
            escaped = False
        elif char in ";#":
            break
        elif char == "\\":
            escaped = True
        else:
            kept.append(char)
    return "".join([*kept, "\\" if escaped else ""]).strip(BLANKS)


def _no_constant(name: str) -> None:
    raise ValueError(name)


# Values


def replace_variables(value: str, env: Mapping[str, str], version: Version) -> str:
    """*value* with each `${VAR}` replaced; one that is not set stays as it stands (lib/env-replace.js)."""
    if "${" not in value:
        return value
    return _VARIABLE.sub(lambda match: _replaced(match, env, version), value)


def _replaced(match: "re.Match[str]", env: Mapping[str, str], version: Version) -> str:
    escapes, name = match[1], match[2]
    if len(escapes) % 2:
        return match[0][(len(escapes) + 1) // 2 :]
    found = env.get(name)
    if version in Floor.OPTIONAL_VARIABLE and "?" in name:
        if name.index("?") != len(name) - 1 or len(name) == 1:
            return match[0]
        found = env.get(name[:-1], "")
    kept = "${" + name + "}" if found is None else found
    return escapes[len(escapes) // 2 :] + kept


def variables(value: Value, version: Version) -> Iterator[tuple[str, bool]]:
    """The variables that *value* names, and whether each stays literal where it is not set."""
    if not isinstance(value, str) or "${" not in value:
        return
    optional = version in Floor.OPTIONAL_VARIABLE
    for match in _VARIABLE.finditer(value):
        if len(match[1]) % 2:
            continue
        if optional and match[2].endswith("?"):
            yield match[2][:-1], False
        else:
            yield match[2], True


def parse_field(
    value: Value, words: str | None, *, env: Mapping[str, str], version: Version, places: Places, element: bool = False
) -> Value:
    """*value* as an option of type *words* (lib/parse-field.js); what is no text stays as it is."""
    kinds = () if words is None else tuple(words.split())
    many = "A" in kinds and not element
    if isinstance(value, list):
        if not many:
            return value
        return [parse_field(each, words, env=env, version=version, places=places, element=True) for each in value]
    if not isinstance(value, str):
        return value
    value = value.strip(BLANKS)
    if many:
        return parse_field(value.split("\n\n"), words, env=env, version=version, places=places)
    stays_text = "P" in kinds or "S" in kinds
    if "B" in kinds and not stays_text and value == "":
        return True
    if not stays_text and "N" not in kinds and value in {"true", "false", "null", "undefined"}:
        return {"true": True, "false": False}.get(value)
    value = replace_variables(value, env, version)
    if "P" in kinds:
        value = resolve(value, places)
    if "N" in kinds:
        amount = number(value)
        return value if amount is None else amount
    return value


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


def is_semver_range(tag: str) -> bool:
    """Whether semver's `validRange` takes *tag*, so that `npm publish --tag` refuses it (semver 7, ranges/valid.js)."""
    if len(tag) > 256:
        return False
    return all(_is_simple_range(part.strip(BLANKS)) for part in tag.split("||"))


def is_no_tag(tag: str) -> bool:
    """Whether npm is known to refuse *tag* with EINVALIDTAGNAME (npm-package-arg 13, lib/npa.js, `fromRegistry`).

    It does where encodeURIComponent would change the tag, unless it takes it for a range, a path, a URL or a
    repository: whatever may be one of those is let pass here.
    """
    tag = tag.strip(BLANKS)
    if not tag or re.search(r"[/\\:#]", tag):
        return False
    may_be_a_range = re.match(r"[vxX]|[^A-Za-z]", tag) and re.fullmatch(r"[A-Za-z0-9.\-+*<>=~^|\s]*", tag)
    return not may_be_a_range and re.fullmatch(r"[A-Za-z0-9\-_.!~*'()]*", tag) is None


def _is_simple_range(part: str) -> bool:
    if not part:
        return True
    if part.isalpha() and part.lstrip("v") not in {"x", "X"}:  # nearly every tag
        return False
    digits = "(?:0|[1-9][0-9]{0,15})"
    numeric = f"(?:{digits}|[xX*])"
    word = "(?:0|[1-9][0-9]{0,255}|[0-9]{0,256}[a-zA-Z-][a-zA-Z0-9-]{0,250})"
    suffix = rf"(?:-{word}(?:\.{word})*)?(?:\+[0-9A-Za-z-]{{1,250}}(?:\.[0-9A-Za-z-]{{1,250}})*)?"
    whole = rf"{digits}\.{digits}\.{digits}{suffix}"
    partial = rf"[v=\s]*{numeric}(?:\.{numeric}(?:\.{numeric}{suffix})?)?"
    if re.fullmatch(rf"{partial}\s+-\s+{partial}", part):
        return True
    part = re.sub(r"([<>]=?|=|~>?|\^)\s+", r"\1", part)
    comparator = rf"(?:[<>]?=?(?:v?{whole}|(?![v=]*{whole}$){partial})|(?:~>?|\^){partial})"
    return all(re.fullmatch(comparator, each) for each in part.split())


# Layers


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


class Effective(NamedTuple):
    """What npm's configuration comes to for one package."""

    registry: Setting
    tag: str = "latest"
    tag_given: bool = False
    access: str | None = None
    provenance: bool | None = None  # True asked for, False switched off, None npm decides
    provenance_origin: Origin | None = None
    provenance_file: bool = False
    credential: Credential = Credential(Kind.ABSENT)
    problems: tuple[Problem, ...] = ()


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
        self._worked_out_again = False
        self._problems: list[Problem] = []
        self.routes: tuple[tuple[str, int], ...] | None = None
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

    # Loading, in npm's order: builtin, cli, env, project, user, global

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
        """Whether *key* is left out beside an option that excludes it; elsewhere npm stops."""
        for other in self._exclusive.get(key, ()):
            if self.holder(other, cleaned=()) == "default":
                continue
            excused = self.version in Floor.CLI_EXCUSES_ENVIRONMENT
            if excused and name == "env" and other in self.layers["cli"].values:
                return True
            self.stop("usage", f"`{key}` cannot be given together with `{other}`", self.as_origin(name, key))
        return False

    # Reading

    def get(self, key: str) -> Value:
        """The value of *key* as npm's `config.get` gives it to a command; None where there is none."""
        holder = self.holder(key)
        return None if holder is None else self._value(holder, key)

    def flat(self, key: str) -> Value:
        """The value of *key* as npm passes it to its libraries.

        npm works these out before the environment and the files are validated, so `NPM_CONFIG_PROVENANCE=1` is
        the text "1" here (lib/npm.js, `#load`); a `scope` without its @ makes npm work them out again.
        """
        cleaned = _CLEANED if self._worked_out_again else ()
        holder = self.holder(key, cleaned=cleaned)
        return None if holder is None else self._value(holder, key, cleaned=cleaned)

    def unvalidated(self, key: str) -> Value:
        """The value of *key* while the layers are still being loaded."""
        holder = self.holder(key, cleaned=())
        return None if holder is None else self._value(holder, key, cleaned=())

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
            if key in self.layers[name].values and (name not in cleaned or self._clean(name, key)[0]):
                return name
        return None

    def _value(self, name: str, key: str, cleaned: Iterable[str] = _CLEANED) -> Value:
        return self._clean(name, key)[1] if name in cleaned else self.layers[name].values[key]

    def _clean(self, name: str, key: str) -> tuple[bool, Value]:
        found = self._cleaned.get((name, key))
        if found is None:
            found = clean(self.layers[name].values[key], self.types.get(key), self.version, self.places)
            self._cleaned[name, key] = found
        return found

    def as_origin(self, name: str, key: str) -> Origin:
        """Where *key* stands in the layer *name*."""
        layer = self.layers[name]
        source = layer.source
        shown = key if self._known(key) else word(key)
        if name == "cli":
            source = f"--{shown}"
        elif name == "env":
            source = layer.variables.get(key, layer.source)
            source = source if shown == key else word(source)
        elif name == "default":
            source = "npm's default"
        return Origin(name, source, shown, layer.lines.get(key))

    # What npm stops at

    def stop(self, kind: str, told: str, origin: Origin | None = None, *, stops: bool = True) -> None:
        """Note a problem; *stops* says whether a supported npm ends with it."""
        self._problems.append(Problem(kind, told, origin, stops_npm=stops and self.sure))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What npm stops at, or ignores to the user's surprise."""
        return tuple(dict.fromkeys(self._problems))

    def check(self, arguments: Arguments) -> None:
        """Find what npm stops at before the command begins, once every layer is loaded."""
        self._complete_scope()
        loglevel = text(self.unvalidated("loglevel"))
        if loglevel not in self.types["loglevel"].split() and self.version in Floor.SILENT_END:
            self.stop(
                "usage",
                f"the value of `loglevel` is none of {', '.join(self.types['loglevel'].split())}; "
                "npm ends without a word at it",
                self.as_origin(self.holder("loglevel", cleaned=()) or "default", "loglevel"),
            )
        self._check_words(arguments)
        self._check_registry(arguments)
        self._check_auth()
        self._check_sections()
        self._check_strict_files()
        tag = self.get("tag")
        if isinstance(tag, str) and is_semver_range(tag):
            self.stop("usage", "the value of `tag` is a semver range, and npm stops at it", self.origin("tag"))
        if self.version in Floor.TAG_CHECK and is_no_tag(text(tag)):
            self.stop(
                "usage",
                "the value of `tag` holds characters that no tag may have, and npm stops at it (EINVALIDTAGNAME)",
                self.origin("tag"),
            )
        if self.get("workspaces") is False and self.get("workspace"):
            self.stop(
                "usage", "`--no-workspaces` cannot be given together with `--workspace`", self.origin("workspaces")
            )
        self._check_extension_file()

    def _check_extension_file(self) -> None:
        """`extension-file` from anywhere but the project or the command line (npm 12, lib/npm.js, `#load`)."""
        holder = self.holder("extension-file", cleaned=())
        if holder in {None, "cli", "project", "default"} or self.unvalidated("extension-file") is None:
            return
        if self.version in Floor.STRICT:
            self.stop(
                "usage",
                "`extension-file` may be set on the command line and in the project's .npmrc only",
                self.as_origin(holder or "", "extension-file"),
            )

    def _complete_scope(self) -> None:
        """Put the @ before `scope`, after which npm works out its flat options again (lib/npm.js, `#load`)."""
        holder = self.holder("scope", cleaned=())
        scope = self.unvalidated("scope")
        if holder is None or not truthy(scope) or text(scope).startswith("@"):
            return
        self.layers[holder].values["scope"] = f"@{text(scope)}"
        self._worked_out_again = True

    def _check_words(self, arguments: Arguments) -> None:
        strict = self.version in Floor.STRICT
        newest = self.version <= options.NEWEST
        for one in arguments.single_hyphen if strict else ():
            self.stop("unknown-flag", f"npm 12 takes no `{one}`; it is spelt `-{one}`", Origin("cli", one, one[1:]))
        for short, long in arguments.abbreviations if strict else ():
            self.stop(
                "unknown-flag",
                f"npm 12 takes no abbreviated `--{short}`; it is spelt `--{long}`",
                Origin("cli", f"--{short}", long),
            )
        for key in arguments.values:
            if not self._known(key):
                consequence = "stops at it" if strict else "ignores it"
                shown = word(key)
                self.stop(
                    "unknown-flag",
                    f"`--{shown}` is no option of npm {self.version}, which {consequence}",
                    Origin("cli", f"--{shown}", shown),
                    stops=strict and newest,
                )

    def _known(self, key: str) -> bool:
        if key in self.types or key in options.INTERNAL:
            return True
        last = key.rpartition(":")[2]
        return ":" in key and (last in self.types or last in options.NERF_DARTS)

    def _check_registry(self, arguments: Arguments) -> None:
        ignored = [value for key, value in arguments.ignored if key == "registry"]
        if ignored:
            self.stop(
                "invalid-registry",
                "the value of `--registry` is no URL; npm ignores it",
                Origin("cli", "--registry", "registry"),
                stops=False,
            )
        # npm looks at the registry while it validates the files one by one, lowest first (lib/index.js, `validate`).
        for place in range(len(FILES)):
            cleaned = FILES[len(FILES) - 1 - place :]
            holder = self.holder("registry", cleaned=cleaned) or "default"
            if nerf_dart(text(self._value(holder, "registry", cleaned=cleaned))) is None:
                self.stop(
                    "invalid-registry",
                    "the value of `registry` is no URL, and npm stops at it",
                    self.as_origin(holder, "registry"),
                )
                return

    def _check_auth(self) -> None:
        """Credentials that belong to no registry (lib/index.js, `validate`, ERR_INVALID_AUTH)."""
        keys = ["_authtoken", "-authtoken", "_auth", "_authToken", "username", "_password"]
        if self.version in Floor.STRICT:
            keys += ["email", "certfile", "keyfile"]
        for name in FILES:
            for key in keys:
                if key not in self.layers[name].values:
                    continue
                kept, value = self._clean(name, key)
                if kept and truthy(value):
                    self.stop(
                        "invalid-auth",
                        f"`{key}` belongs to no registry; npm {self.version.major} stops at it (ERR_INVALID_AUTH)",
                        self.as_origin(name, key),
                    )

    def _check_sections(self) -> None:
        """A section named as an option is: npm cannot make a text of it (nopt-lib.js, `clean`)."""
        for name in FILES:
            for key, value in self.layers[name].values.items():
                kinds = self.types.get(key, "").split()
                if isinstance(value, dict) and "B" not in kinds and not {"S", "U", "N"}.isdisjoint(kinds):
                    self.stop("usage", f"`{key}` is a section, and npm stops at it", self.as_origin(name, key))

    def _check_strict_files(self) -> None:
        if self.version not in Floor.STRICT or not truthy(self.get("strict-npmrc")):
            return
        newest = self.version <= options.NEWEST
        for name in ("builtin", *FILES):
            for key, value in self.layers[name].values.items():
                if not self._known(key):
                    # A token alone on its line is a key without a value, whatever it looks like.
                    shown = word(key) if value is not True or _OPTION.fullmatch(key) else STARS
                    self.stop(
                        "unknown-flag",
                        f"`{shown}` is no option of npm {self.version}, which stops at it (`strict-npmrc`)",
                        self.as_origin(name, key)._replace(key=shown),
                        stops=newest,
                    )

    # What it comes to for a package

    def for_package(self, name: str | None, publish_config: Mapping[str, Value]) -> Effective:
        """The registry, tag, access, provenance and credential for the package *name* (lib/commands/publish.js)."""
        view = _View(self, publish_config)
        registry = view.registry(name)
        tag = view.value("tag")
        provenance, provenance_origin = self._provenance(view)
        access = view.value("access")
        credential, problems = view.credential(registry, name)
        return Effective(
            registry=registry,
            tag=text(tag),
            tag_given=not self.is_default("tag") or truthy(publish_config.get("tag")),
            access="restricted" if access == "private" and "private" in self.types["access"] else _told(access),
            provenance=provenance,
            provenance_origin=provenance_origin,
            provenance_file=truthy(view.value("provenance-file")),
            credential=credential,
            problems=problems,
        )

    def _provenance(self, view: "_View") -> tuple[bool | None, Origin | None]:
        """Whether provenance is asked for: only `true` itself asks (libnpmpublish, lib/publish.js, `buildMetadata`).

        What keeps npm from deciding by itself is any setting but publishConfig's (lib/utils/oidc.js, `isDefault`).
        """
        origin = view.origin("provenance") if "provenance" in view.own else self.origin("provenance")
        if view.value("provenance") is True:
            return True, origin
        return (None if self.is_default("provenance") else False), origin

    @property
    def unread_tokens(self) -> tuple[str, ...]:
        """Variables that look like tokens, are set, and that nothing in the effective configuration reads."""
        read = {
            variable
            for name in ORDER
            for key, raw in self.layers[name].raw.items()
            if self.holder(key) == name
            for variable, _ in variables(raw, self.version)
        }
        found = [
            variable
            for variable, value in self.env.items()
            if value
            and variable not in read
            and (
                variable in _UNREAD
                or (variable[:11].lower() == "npm_config_" and variable[11:].lower() in _UNREAD_KEYS)
            )
        ]
        return tuple(found)

    @property
    def transport(self) -> "Transport":
        """How npm reaches a registry."""
        proxies = {key.lower(): value for key, value in self.env.items() if key.lower() in _PROXIES}
        ca, cafile = self._authorities()
        noproxy = self.flat("noproxy")
        timeout = self.flat("fetch-timeout")
        strict_ssl = self.flat("strict-ssl")
        return Transport(
            proxy=_told(self.flat("proxy")),
            https_proxy=_told(self.flat("https-proxy")),
            noproxy=",".join(map(text, noproxy))
            if isinstance(noproxy, list)
            else noproxy
            if isinstance(noproxy, str)
            else "",
            ca=ca,
            cafile=cafile,
            strict_ssl=strict_ssl is not False,
            cert=_told(self.flat("cert")),
            key=_told(self.flat("key")),
            local_address=_told(self.flat("local-address")),
            fetch_timeout=int(timeout) if isinstance(timeout, (int, float)) else 300000,
            extra_ca_certs=self.env.get("NODE_EXTRA_CA_CERTS") or None,
            environment_https_proxy=proxies.get("https_proxy") or None,
            environment_http_proxy=proxies.get("http_proxy") or proxies.get("proxy") or None,
            environment_no_proxy=proxies.get("no_proxy") or None,
            routes=self.routes,
        )

    def _authorities(self) -> tuple[tuple[str, ...], str | None]:
        """`ca` and `cafile` set the same thing; the last one wins, the layers from the lowest up."""
        ca: tuple[str, ...] = ()
        cafile = None
        for name in reversed(ORDER):
            for key, value in self.layers[name].values.items():
                if key == "ca":
                    ca = (
                        tuple(map(text, value))
                        if isinstance(value, list)
                        else (value,)
                        if isinstance(value, str)
                        else ()
                    )
                    cafile = None
                elif key == "cafile" and isinstance(value, str) and value:
                    cafile = value
        return ca, cafile


_PROXIES = frozenset(("https_proxy", "http_proxy", "proxy", "no_proxy"))


def _told(value: Value) -> str | None:
    return text(value) if truthy(value) else None


class _View:
    """The configuration with a package's publishConfig laid over it, as npm's `opts` has it."""

    def __init__(self, layers: Layers, publish_config: Mapping[str, Value]) -> None:
        self.layers = layers
        given = layers.layers["cli"].raw
        filtered = layers.version in Floor.CLI_BEFORE_PUBLISH_CONFIG
        self.own = {key: value for key, value in publish_config.items() if not (filtered and key in given)}

    def value(self, key: str) -> Value:
        return self.own[key] if key in self.own else self.layers.flat(key)

    def origin(self, key: str) -> Origin:
        if key in self.own:
            return Origin("publishConfig", "package.json", key)
        return self.layers.as_origin(self.layers.holder(key) or "default", key)

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

    def credential(self, registry: Setting, name: str | None) -> tuple[Credential, tuple[Problem, ...]]:
        """What npm would send to *registry* with the package, and what is wrong with the registry's keys."""
        parsed = url.parse(registry.value)
        dart = nerf_dart(registry.value)
        if parsed is None or dart is None:
            return Credential(Kind.ABSENT), (
                Problem("invalid-registry", f"`{registry.origin.key}` is no URL, and npm stops at it", registry.origin,
                        stops_npm=self.layers.sure),
            )  # fmt: skip
        if not parsed.certain:  # under which keys npm looks is unknown
            return Credential(Kind.ABSENT), ()
        exchanged = f"//{parsed.host}{parsed.path}"  # where npm keeps the exchanged token (lib/utils/oidc.js)
        levels = list(_levels(registry.value, name or "", stage=self.layers.command[0] == "stage"))
        problems = [*self._misspelt(parsed)]
        if not isinstance(self.value(registry.origin.key), str) and registry.origin.layer != "default":
            problems.append(
                Problem("invalid-registry", f"`{registry.origin.key}` holds more than one URL, and npm stops at it",
                        registry.origin, stops_npm=self.layers.sure)
            )  # fmt: skip
        logged_in = self._logged_in(dart)
        before = levels[: levels.index(exchanged)] if exchanged in levels else []
        beating = next(filter(None, map(self._held, before)), None)
        sent = beating or next(filter(None, map(self._held, levels)), None)
        if exchanged != dart and not logged_in and self.layers.version in Floor.PUBLISH:
            problems.append(
                Problem(
                    "registry-without-slash",
                    f"the URL {registry.shown} ends without a slash: npm keeps the exchanged token under that "
                    "path, and looks for it one level above",
                    registry.origin,
                    stops_npm=self.layers.sure,
                )
            )
        if exchanged == dart and not logged_in and self.layers.version in Floor.PUBLISH:
            problems += self._hiding(f"{exchanged}:_authToken")
        if sent is not None and (logged_in or beating is not None):
            found = min(map(self._kind, sent), key=lambda one: _WORST_FIRST.index(one.kind))
            return found._replace(beats_oidc=beating is not None, needs_oidc=not logged_in), tuple(problems)
        return self._empty((dart, *levels)), tuple(problems)

    def _hiding(self, key: str) -> Iterator[Problem]:
        """An empty *key* above the user's .npmrc, where most versions of npm put the exchanged token.

        npm 11.5.1 to 11.20.0 and 12.0.0 to 12.1.0: lib/utils/oidc.js sets it for `user`, 11.21.0 and 12.2.0 for `cli`.
        """
        version, holder = self.layers.version, self.layers.holder(key)
        if holder in {"cli", "env", "project"} and version not in Floor.TOKEN_ON_TOP:
            on_top = "11.21.0" if version.major < 12 else "12.2.0"
            yield Problem(
                "empty-token",
                f"`{key}` is empty, and npm before {on_top} looks no further for the token that OIDC gives it",
                self.layers.as_origin(holder, key),
                stops_npm=self.layers.sure,
            )

    def _held(self, level: str) -> tuple[str, ...] | None:
        """The keys of *level* that npm takes credentials from (npm-registry-fetch, lib/auth.js, `hasAuth`)."""
        for suffixes in (("_authToken",), ("_auth",), ("username", "_password"), ("certfile", "keyfile")):
            keys = tuple(f"{level}:{suffix}" for suffix in suffixes)
            if all(truthy(self.value(key)) for key in keys):
                return keys
        return None

    def _logged_in(self, dart: str) -> bool:
        """Whether npm finds credentials by itself, and does not say ENEEDAUTH (lib/index.js, `getCredentialsByURI`)."""

        def has(suffix: str) -> bool:
            return truthy(self.layers.get(f"{dart}:{suffix}"))

        if has("_authToken") or (has("username") and has("_password")) or (has("certfile") and has("keyfile")):
            return True
        return has("_auth") and _has_name(text(self.layers.get(f"{dart}:_auth")))

    def _kind(self, key: str) -> Credential:
        """What the credential under *key* is, the variable it comes from, and where it stands."""
        named = list(variables(self._raw(key), self.layers.version))
        literal = key in self.own  # publishConfig is sent as it stands
        unset = next((name for name, stays in named if literal or (stays and name not in self.layers.env)), None)
        first = word(named[0][0]) if named else None
        value = self.value(key)
        if unset is not None:
            # ${NPM_TOKEN:-npm_…}: for npm all of it is the variable's name, and the rest may be a token.
            name = _NAME.match(unset)
            rest = unset[name.end() :].strip() if name else unset
            shown = word(name[0].strip()) if name else STARS
            return Credential(Kind.UNRESOLVED, self.origin(key), shown, fallback=rest not in {"", "?"})
        if not truthy(value):
            return Credential(Kind.EMPTY, self.origin(key), first)
        return Credential(Kind.PLACEHOLDER if value == PLACEHOLDER else Kind.SET, self.origin(key), first)

    def _raw(self, key: str) -> Value:
        if key in self.own:
            return self.own[key]
        holder = self.layers.holder(key)
        return None if holder is None else self.layers.layers[holder].raw.get(key)

    def _empty(self, levels: Iterable[str]) -> Credential:
        for level in levels:
            for suffix in ("_authToken", "_auth", "_password"):
                key = f"{level}:{suffix}"
                if key in self.own or self.layers.holder(key) is not None:
                    found = self._kind(key)
                    if found.kind is Kind.EMPTY:
                        return found
        return Credential(Kind.ABSENT)

    def _misspelt(self, parsed: url.Url) -> Iterator[Problem]:
        """Keys that are meant for the registry, but not spelt as npm reads them."""
        wanted = f"{parsed.host}{parsed.path}".rstrip("/")
        for name in ORDER:
            for key in self.layers.layers[name].values:
                where, colon, suffix = key.rpartition(":")
                if not colon or suffix not in options.NERF_DARTS or suffix == "email":
                    continue
                bare = where.removeprefix("https:").removeprefix("http:").strip("/")
                if bare.lower() != wanted or where == f"//{wanted}/":
                    continue
                yield Problem(
                    "misspelt-key",
                    f"npm does not look for a credential under `{key}`, but under `//{wanted}/:{suffix}`",
                    self.layers.as_origin(name, key),
                )


def _levels(registry: str, name: str, *, stage: bool) -> Iterator[str]:
    """The keys npm tries for the request that publishes, the most specific first (lib/auth.js, `regFromURI`)."""
    base = registry.strip(BLANKS).removesuffix("/")
    route = "/-/stage/package/" if stage else "/"
    parsed = url.parse(base + route + name.replace("/", "%2f"))
    if parsed is None:
        return
    level = f"//{parsed.host}{parsed.path}"
    while len(level) > 2:
        yield level
        level = level[:-1] if level.endswith("/") else level[: level.rfind("/") + 1]


def _has_name(auth: str) -> bool:
    """Whether the user name in a base64 `_auth` is not empty, decoded as leniently as Node does."""
    import binascii

    letters = "".join(char for char in auth.partition("=")[0] if char.isascii() and (char.isalnum() or char in "+/-_"))
    start = letters[:2].replace("-", "+").replace("_", "/")
    return len(start) == 2 and binascii.a2b_base64(f"{start}==") != b":"


# The way to a registry


class Transport(NamedTuple):
    """How npm reaches a registry. May hold a proxy's password and a private key: no fact, and it does not show them."""

    proxy: str | None = None
    https_proxy: str | None = None
    noproxy: str = ""
    ca: tuple[str, ...] = ()  # PEM
    cafile: str | None = None  # wins over ca
    strict_ssl: bool = True
    cert: str | None = None  # PEM
    key: str | None = None  # PEM
    local_address: str | None = None
    fetch_timeout: int = 300000  # milliseconds
    extra_ca_certs: str | None = None  # NODE_EXTRA_CA_CERTS, a path
    environment_https_proxy: str | None = None
    environment_http_proxy: str | None = None
    environment_no_proxy: str | None = None
    routes: tuple[tuple[str, int], ...] | None = (
        None  # in a rehearsal: host:port to a port of loopback; others are not reached
    )

    def __repr__(self) -> str:
        return "Transport(…)"


def proxy_for(target: str, transport: Transport) -> str | None:
    """The proxy that npm uses for the URL *target*, or None (@npmcli/agent 2.2.2 to 5.0.2, lib/proxy.js)."""
    parsed = url.parse(target)
    if parsed is None:
        return None
    proxy = transport.https_proxy or transport.proxy or transport.environment_https_proxy
    if not proxy and parsed.scheme != "https":
        proxy = transport.environment_http_proxy
    if not proxy:
        return None
    host = parsed.hostname.split(".")[::-1]
    for one in (transport.noproxy or transport.environment_no_proxy or "").split(","):
        labels = [label for label in one.strip(BLANKS).split(".") if label][::-1]
        if labels and host[: len(labels)] == labels:
            return None
    return proxy
