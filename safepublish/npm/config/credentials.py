"""The credentials that npm would send to a registry."""

import re
from collections.abc import Iterable, Iterator

from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import PLACEHOLDER, Credential, Problem, Setting
from safepublish.npm import options, url
from safepublish.npm.arguments import BLANKS, text, truthy
from safepublish.npm.config.layers import ORDER, Layers
from safepublish.npm.config.registry import View, nerf_dart
from safepublish.npm.config.values import variables
from safepublish.npm.floors import Floor
from safepublish.npm.secrets import STARS, shown_setting, word

_WORST_FIRST = (CredentialKind.UNRESOLVED, CredentialKind.EMPTY, CredentialKind.PLACEHOLDER, CredentialKind.SET)
_UNREAD = ("NPM_TOKEN", "NODE_AUTH_TOKEN")
_UNREAD_KEYS = ("_auth", "_authtoken")
_NAME = r"\s*\w+(?:\.[A-Za-z_]\w*)*"


def credential(view: View, registry: Setting, name: str | None) -> tuple[Credential, tuple[Problem, ...]]:
    """What npm would send to *registry* with the package, and what is wrong with the registry's keys."""
    parsed = url.parse(registry.value)
    dart = nerf_dart(registry.value)
    if parsed is None or dart is None:
        return Credential(CredentialKind.ABSENT), (
            Problem(
                "invalid-registry",
                f"`{registry.origin.key}` is not a valid URL; npm exits with an error",
                registry.origin,
                stops_npm=view.layers.sure,
            ),
        )
    if not parsed.certain:  # under which keys npm looks is unknown
        return Credential(CredentialKind.ABSENT), ()
    exchanged = f"//{parsed.host}{parsed.path}"  # where npm keeps the exchanged token (lib/utils/oidc.js)
    levels = list(_levels(registry.value, name or "", stage=view.layers.command[0] == "stage"))
    logged_in = _is_logged_in(view, dart)
    problems = (
        *_misspelt_keys(view, parsed),
        *_more_than_one_url(view, registry),
        *(() if logged_in else _problems_of_exchange(view, registry, exchanged, dart)),
    )
    before = levels[: levels.index(exchanged)] if exchanged in levels else []
    beating = next(filter(None, (_credential_keys(view, each) for each in before)), None)
    sent = beating or next(filter(None, (_credential_keys(view, each) for each in levels)), None)
    if sent is not None and (logged_in or beating is not None):
        found = min((_credential_at(view, each) for each in sent), key=lambda each: _WORST_FIRST.index(each.kind))
        return found._replace(beats_oidc=beating is not None, needs_oidc=not logged_in), problems
    return _empty_credential(view, (dart, *levels)), problems


def _more_than_one_url(view: View, registry: Setting) -> Iterator[Problem]:
    if not isinstance(view.value(registry.origin.key), str) and registry.origin.layer != "default":
        message = f"`{registry.origin.key}` has more than one URL; npm exits with an error"
        yield Problem("invalid-registry", message, registry.origin, stops_npm=view.layers.sure)


def _problems_of_exchange(view: View, registry: Setting, exchanged: str, dart: str) -> Iterator[Problem]:
    """Why npm would not find the token that it gets through OIDC, which it keeps under the key *exchanged*."""
    if view.layers.version not in Floor.PUBLISH:
        return
    if exchanged == dart:
        yield from _empty_token_problems(view, f"{exchanged}:_authToken")
        return
    yield Problem(
        "registry-without-slash",
        f"the URL {shown_setting(registry)} ends without a slash; npm stores the exchanged token under that "
        "path, and reads it one level above",
        registry.origin,
        stops_npm=view.layers.sure,
    )


def _empty_token_problems(view: View, key: str) -> Iterator[Problem]:
    """An empty *key* above the user's .npmrc, where most versions of npm put the exchanged token.

    npm 11.5.1 to 11.20.0 and 12.0.0 to 12.1.0: lib/utils/oidc.js sets it for `user`, 11.21.0 and 12.2.0 for `cli`.
    """
    version, holder = view.layers.version, view.layers.holder(key)
    if holder in {"cli", "env", "project"} and version not in Floor.TOKEN_ON_TOP:
        on_top = "11.21.0" if version.major < 12 else "12.2.0"
        yield Problem(
            "empty-token",
            f"`{key}` is empty, and npm before {on_top} prefers it to the token from OIDC",
            view.layers.as_origin(holder, key),
            stops_npm=view.layers.sure,
        )


def _credential_keys(view: View, level: str) -> tuple[str, ...] | None:
    """The keys of *level* that npm takes credentials from (npm-registry-fetch, lib/auth.js, `hasAuth`)."""
    for suffixes in (("_authToken",), ("_auth",), ("username", "_password"), ("certfile", "keyfile")):
        keys = tuple(f"{level}:{suffix}" for suffix in suffixes)
        if all(truthy(view.value(key)) for key in keys):
            return keys
    return None


def _is_logged_in(view: View, dart: str) -> bool:
    """Whether npm finds credentials by itself, and does not say ENEEDAUTH (lib/index.js, `getCredentialsByURI`)."""

    def has(suffix: str) -> bool:
        return truthy(view.layers.get(f"{dart}:{suffix}"))

    if has("_authToken") or (has("username") and has("_password")) or (has("certfile") and has("keyfile")):
        return True
    return has("_auth") and _has_name(text(view.layers.get(f"{dart}:_auth")))


def _credential_at(view: View, key: str) -> Credential:
    """What the credential under *key* is, the variable it comes from, and where it stands."""
    named = list(variables(view.raw(key), view.layers.version))
    literal = key in view.own  # publishConfig is sent as it stands
    unset = next((name for name, stays in named if literal or (stays and name not in view.layers.env)), None)
    first = word(named[0][0]) if named else None
    value = view.value(key)
    if unset is not None:
        # ${NPM_TOKEN:-npm_…}: for npm all of it is the variable's name, and the rest may be a token.
        name = re.match(_NAME, unset)
        rest = unset[name.end() :].strip() if name else unset
        shown = word(name[0].strip()) if name else STARS
        return Credential(CredentialKind.UNRESOLVED, view.origin(key), shown, fallback=rest not in {"", "?"})
    if not truthy(value):
        return Credential(CredentialKind.EMPTY, view.origin(key), first)
    return Credential(
        CredentialKind.PLACEHOLDER if value == PLACEHOLDER else CredentialKind.SET, view.origin(key), first
    )


def _empty_credential(view: View, levels: Iterable[str]) -> Credential:
    for level in levels:
        for suffix in ("_authToken", "_auth", "_password"):
            key = f"{level}:{suffix}"
            if key in view.own or view.layers.holder(key) is not None:
                found = _credential_at(view, key)
                if found.kind is CredentialKind.EMPTY:
                    return found
    return Credential(CredentialKind.ABSENT)


def _misspelt_keys(view: View, parsed: url.Url) -> Iterator[Problem]:
    """Keys that are meant for the registry, but not spelt as npm reads them."""
    wanted = f"{parsed.host}{parsed.path}".rstrip("/")
    for name in ORDER:
        for key in view.layers.layers[name].values:
            where, colon, suffix = key.rpartition(":")
            if not colon or suffix not in options.NERF_DARTS or suffix == "email":
                continue
            bare = where.removeprefix("https:").removeprefix("http:").strip("/")
            if bare.lower() != wanted or where == f"//{wanted}/":
                continue
            yield Problem(
                "misspelt-key",
                f"npm does not read a credential under `{key}`, but under `//{wanted}/:{suffix}`",
                view.layers.as_origin(name, key),
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


def unread_tokens(layers: Layers) -> tuple[str, ...]:
    """Variables that look like tokens, are set, and that nothing in the effective configuration reads."""
    read = {
        variable
        for name in ORDER
        for key, raw in layers.layers[name].raw.items()
        if layers.holder(key) == name
        for variable, _ in variables(raw, layers.version)
    }
    found = [
        variable
        for variable, value in layers.env.items()
        if value
        and variable not in read
        and (variable in _UNREAD or (variable[:11].lower() == "npm_config_" and variable[11:].lower() in _UNREAD_KEYS))
    ]
    return tuple(found)
