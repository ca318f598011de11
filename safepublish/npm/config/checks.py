"""What npm stops at before its command begins, once every layer is loaded."""

import re

from safepublish.facts.run import Origin
from safepublish.npm import options
from safepublish.npm.arguments import Arguments, text, truthy
from safepublish.npm.config.layers import FILES, Layers
from safepublish.npm.config.registry import nerf_dart
from safepublish.npm.config.tags import is_no_tag, is_semver_range
from safepublish.npm.floors import Floor
from safepublish.npm.secrets import STARS, word

_HEADERS = (("otp", "npm-otp"), ("user-agent", "user-agent"), ("scope", "npm-scope"))
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_OPTION = re.compile(r"[a-z]+(?:-[a-z]+)*")


def check(layers: Layers, arguments: Arguments) -> None:
    """Find what npm stops at before the command begins, once every layer is loaded."""
    _complete_scope(layers)
    loglevel = text(layers.unvalidated("loglevel"))
    if loglevel not in layers.types["loglevel"].split() and layers.version in Floor.SILENT_END:
        layers.stop(
            "usage",
            f"the value of `loglevel` is none of {', '.join(layers.types['loglevel'].split())}; "
            "npm exits without a message",
            layers.as_origin(layers.holder("loglevel", cleaned=()) or "default", "loglevel"),
        )
    _check_arguments(layers, arguments)
    _check_registry(layers, arguments)
    _check_auth(layers)
    _check_sections(layers)
    _check_strict_files(layers)
    tag = layers.get("tag")
    if isinstance(tag, str) and is_semver_range(tag):
        layers.stop("usage", "the value of `tag` is a semver range; npm exits with an error", layers.origin("tag"))
    if layers.version in Floor.TAG_CHECK and is_no_tag(text(tag)):
        layers.stop(
            "usage",
            "the value of `tag` has characters that are not allowed in a tag (EINVALIDTAGNAME)",
            layers.origin("tag"),
        )
    if layers.get("workspaces") is False and layers.get("workspace"):
        layers.stop("usage", "`--no-workspaces` cannot be combined with `--workspace`", layers.origin("workspaces"))
    _check_extension_file(layers)
    _check_requests(layers)
    if layers.get("usage") is True:
        layers.stop("usage", "with `usage` npm prints its help and publishes nothing", layers.origin("usage"))
    if isinstance(layers.flat("access"), dict):
        layers.stop("usage", "`access` is a section; npm exits with an error", layers.origin("access"))


def _check_requests(layers: Layers) -> None:
    """Settings with which every request of npm fails (make-fetch-happen, minipass-fetch and Node's own checks).

    Run with npm 11.5.1 and 12.2.0; older ones were not run.
    """
    if layers.version not in Floor.EXCHANGE:
        return
    for key, header in _HEADERS:
        value = layers.flat(key)
        if isinstance(value, str) and _HEADER_VALUE.fullmatch(value) is None:
            layers.stop(
                "usage",
                f"`{key}` has a character that the header {header} cannot carry; every request of npm fails",
                layers.origin(key),
            )
    for key in ("maxsockets", "fetch-timeout"):
        number = layers.flat(key)
        is_word = key == "maxsockets" and isinstance(number, str) and number.strip().isalpha()
        if is_word or (isinstance(number, int | float) and number < 0):
            layers.stop("usage", f"the value of `{key}` is not a positive number; npm fails", layers.origin(key))
    shortest, longest = layers.flat("fetch-retry-mintimeout"), layers.flat("fetch-retry-maxtimeout")
    if isinstance(shortest, int | float) and isinstance(longest, int | float) and shortest > longest:
        layers.stop(
            "usage",
            "`fetch-retry-mintimeout` is greater than `fetch-retry-maxtimeout`; every request of npm fails",
            layers.origin("fetch-retry-mintimeout"),
        )
    before = layers.flat("before")
    if isinstance(before, str) and before and re.search(r"\d", before) is None:
        layers.stop("usage", "the value of `before` is not a date; npm exits with an error", layers.origin("before"))


def _check_extension_file(layers: Layers) -> None:
    """`extension-file` from anywhere but the project or the command line (npm 12, lib/npm.js, `#load`)."""
    holder = layers.holder("extension-file", cleaned=())
    if holder in {None, "cli", "project", "default"} or layers.unvalidated("extension-file") is None:
        return
    if layers.version in Floor.STRICT:
        layers.stop(
            "usage",
            "`extension-file` may be set on the command line and in the project's .npmrc only",
            layers.as_origin(holder or "", "extension-file"),
        )


def _complete_scope(layers: Layers) -> None:
    """Put the @ before `scope`, after which npm works out its flat options again (lib/npm.js, `#load`)."""
    holder = layers.holder("scope", cleaned=())
    scope = layers.unvalidated("scope")
    if holder is None or not truthy(scope) or text(scope).startswith("@"):
        return
    layers.layers[holder].values["scope"] = f"@{text(scope)}"
    layers.flattened_again = True


def _check_arguments(layers: Layers, arguments: Arguments) -> None:
    strict = layers.version in Floor.STRICT
    newest = layers.version <= options.NEWEST
    for each in arguments.single_hyphen if strict else ():
        layers.stop("unknown-flag", f"npm 12 does not accept `{each}`; write `-{each}`", Origin("cli", each, each[1:]))
    for short, long in arguments.abbreviations if strict else ():
        layers.stop(
            "unknown-flag",
            f"npm 12 does not accept the abbreviation `--{short}`; write `--{long}`",
            Origin("cli", f"--{short}", long),
        )
    for key in arguments.values:
        if not layers.is_known(key):
            consequence = "exits with an error" if strict else "ignores it"
            shown = word(key)
            layers.stop(
                "unknown-flag",
                f"`--{shown}` is not an option of npm {layers.version}, which {consequence}",
                Origin("cli", f"--{shown}", shown),
                stops=strict and newest,
            )


def _check_registry(layers: Layers, arguments: Arguments) -> None:
    ignored = [value for key, value in arguments.ignored if key == "registry"]
    if ignored:
        layers.stop(
            "invalid-registry",
            "the value of `--registry` is not a valid URL; npm ignores it",
            Origin("cli", "--registry", "registry"),
            stops=False,
        )
    # npm looks at the registry while it validates the files one by one, lowest first (lib/index.js, `validate`).
    for place in range(len(FILES)):
        cleaned = FILES[len(FILES) - 1 - place :]
        holder = layers.holder("registry", cleaned=cleaned) or "default"
        if nerf_dart(text(layers.value(holder, "registry", cleaned=cleaned))) is None:
            layers.stop(
                "invalid-registry",
                "the value of `registry` is not a valid URL; npm exits with an error",
                layers.as_origin(holder, "registry"),
            )
            return


def _check_auth(layers: Layers) -> None:
    """Credentials that belong to no registry (lib/index.js, `validate`, ERR_INVALID_AUTH)."""
    keys = ["_authtoken", "-authtoken", "_auth", "_authToken", "username", "_password"]
    if layers.version in Floor.STRICT:
        keys += ["email", "certfile", "keyfile"]
    for name in FILES:
        for key in keys:
            if key not in layers.layers[name].values:
                continue
            kept, value = layers.cleaned(name, key)
            if kept and truthy(value):
                layers.stop(
                    "invalid-auth",
                    f"`{key}` is not tied to a registry; npm {layers.version.major} requires that (ERR_INVALID_AUTH)",
                    layers.as_origin(name, key),
                )


def _check_sections(layers: Layers) -> None:
    """A section named as an option is: npm cannot make a text of it (nopt-lib.js, `clean`)."""
    for name in FILES:
        for key, value in layers.layers[name].values.items():
            kinds = layers.types.get(key, "").split()
            if isinstance(value, dict) and "B" not in kinds and not {"S", "U", "N"}.isdisjoint(kinds):
                layers.stop("usage", f"`{key}` is a section; npm exits with an error", layers.as_origin(name, key))


def _check_strict_files(layers: Layers) -> None:
    if layers.version not in Floor.STRICT or not truthy(layers.get("strict-npmrc")):
        return
    newest = layers.version <= options.NEWEST
    for name in ("builtin", *FILES):
        for key, value in layers.layers[name].values.items():
            if not layers.is_known(key):
                # A token alone on its line is a key without a value, whatever it looks like.
                shown = word(key) if value is not True or _OPTION.fullmatch(key) else STARS
                layers.stop(
                    "unknown-flag",
                    f"`{shown}` is not an option of npm {layers.version}, which exits with an error (`strict-npmrc`)",
                    layers.as_origin(name, key)._replace(key=shown),
                    stops=newest,
                )
