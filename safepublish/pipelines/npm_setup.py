"""What npm's configuration holds on a job's machine: credentials and registries, and which of them a publish gets."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any

from safepublish.facts.finding import Location
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.step import Key, Npm, Registry, Setup, Span, Token
from safepublish.npm.floors import Floor
from safepublish.pipelines.document import Map
from safepublish.pipelines.expressions import UNKNOWN, Contexts, as_text, names, resolved
from safepublish.pipelines.scope import Files, Scope, Var, joined, known
from safepublish.shell import config_commands

LOCAL = re.compile(r"//(?:localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal|verdaccio)", re.IGNORECASE)

_NPM_TOKEN = re.compile(
    r"(?:NODE_AUTH|NPM\w*|\w*_NPM|YARN_NPM\w*|PUBLISH|NPMJS\w*)_?(?:TOKEN|AUTH|KEY|SECRET)(?:_\w+)?|NPM_(?:TOKEN|AUTH)\w*"
    r"|\w*NPM\w*TOKEN\w*",
    re.IGNORECASE,
)

_AUTH_KEY = re.compile(r"npm_config_(//[^:]+)/?:_(?:authtoken|auth|password)", re.IGNORECASE)

_READ_BY = {
    "semantic-release": ("NPM_TOKEN",),
    "changesets": ("NPM_TOKEN",),
    "publib": ("NPM_TOKEN",),
    "yarn-berry": ("YARN_NPM_AUTH_TOKEN",),
    "bun": ("NPM_CONFIG_TOKEN", "NPM_TOKEN"),
    "auto": ("NPM_TOKEN",),
}
"""The variables that a tool takes a token from by itself."""


_OF_THE_USER = ("~", "$", "/", "(", "%")
"""How the path of an .npmrc begins that is no project's."""


class Configured:
    """npm's configuration and environment as the steps so far have left them."""

    def __init__(self, files: Files) -> None:  # noqa: D107 - the class says it
        self.files = files
        self.setup: Setup | None = None
        self.setup_token: Token | None = None
        self.written: list[tuple[config_commands.Credential, Token]] = []
        self.directories: dict[Token, str | None] = {}  # of a token in a project's file: where that lies
        self.registries: list[tuple[str | None, str | None, str]] = []  # scope, URL, what set it

    def copy(self) -> "Configured":
        """Another one that holds the same."""
        twin = Configured(self.files)
        twin.setup, twin.setup_token = self.setup, self.setup_token
        twin.written, twin.registries = [*self.written], [*self.registries]
        twin.directories = {**self.directories}
        return twin

    def set_up(self, setup: Setup, env: Mapping[str, Var]) -> None:
        """What setup-node writes: where it is given a registry, an .npmrc that names NODE_AUTH_TOKEN."""
        self.setup = setup
        if setup.registry_entry is None:
            return
        var = env.get("NODE_AUTH_TOKEN")
        kind, secret = of_variable(var, Registry(setup.registry_url)) if var else (None, None)
        if var is not None and kind is CredentialKind.SET:
            self.setup_token = Token(kind, "setup-node env", "NODE_AUTH_TOKEN", secret, var.entry, read=True)
        else:
            self.setup_token = Token(CredentialKind.PLACEHOLDER, "setup-node", "NODE_AUTH_TOKEN", read=True)

    def set_registry(self, one: config_commands.Registry) -> None:
        """A registry that a command writes."""
        self.registries.append((one.scope, None if one.opaque else one.url, "npmrc" if one.file else "npm config"))

    def credential(self, doing: config_commands.Credential, scope: Scope) -> None:
        """A credential that a command writes where npm finds it later."""
        kind, secret = self.kind(doing, scope)
        line = scope.line or scope.outer.node.start_mark.line + 1 if scope.outer.node is not None else 1
        token = Token(
            kind,
            "npmrc" if doing.file else "npm config",
            doing.names[0] if doing.names else None,
            secret,
            span=Span(scope.path, line, 1, line + 1, 1),
            shared=True,
            read=True,
        )
        self.written = [one for one in self.written if one[0].registry != doing.registry or one[0].key != doing.key]
        self.written.append((doing, token))
        if doing.file is not None:
            self.directories[token] = joined(scope.directory, posixpath.dirname(doing.file) or ".")

    def kind(self, doing: config_commands.Credential, scope: Scope) -> tuple[CredentialKind, str | None]:
        """What the value that a command writes is: whether the names in it hold a secret."""
        if doing.empty:
            return CredentialKind.EMPTY, None
        for name in doing.names:
            if name.lower().startswith("secrets.") or "." in name:
                return CredentialKind.SET, name
            var = scope.env.get(name)
            if var is None:
                continue
            if var.value == "":
                return CredentialKind.EMPTY, None
            return CredentialKind.SET, _secret(var.raw)
        return (CredentialKind.UNRESOLVED if doing.names else CredentialKind.SET), None

    def tokens(self, tool: str, env: Mapping[str, Var], registry: Registry, *, hidden: bool) -> list[Token]:
        """The tokens that the publish finds, for its registry."""
        found = [token for doing, token in self.written if _serves(doing.registry, registry)]
        named = set(_READ_BY.get(tool, ()))
        at_hand = self.files("package.json") is not None
        for name, var in env.items():
            if name in {"NPM_ID_TOKEN", "SIGSTORE_ID_TOKEN"}:
                continue
            auth = _AUTH_KEY.fullmatch(name)
            named_for_npm = _NPM_TOKEN.fullmatch(name) or re.search(
                r"secrets\.\w*(?:NPM|NODE_AUTH)", var.raw or "", re.IGNORECASE
            )
            if (auth is None and not named_for_npm) or name.lower() == "npm_config_provenance":
                continue
            kind, secret = of_variable(var, registry)
            if kind is None:
                continue
            read = True if auth or name in named or hidden else None
            if name == "NODE_AUTH_TOKEN" and self.setup is not None and self.setup.registry_url is not None:
                read = True
            if read is None and at_hand:
                read = self._mentions(name)
            if read is False:
                continue
            found.append(Token(kind, var.source, name, secret, var.entry, shared=var.source != "step env", read=read))
        if self.setup_token is not None and "NODE_AUTH_TOKEN" not in env:
            found.append(self.setup_token)
        return found

    def keys(self, tool: str, npm: Npm, scope: Scope, directory: str | None) -> list[tuple[Key, Token | None]]:
        """The keys of credentials that *npm* cannot use, each with the token that a step wrote under it.

        Of the project's own .npmrc too, where it is plain that npm reads it: in the *directory* of the publish.
        """
        if npm.npms is None or npm.npms.lowest not in Floor.KNOWN:
            return []
        here = directory if tool in {"npm", "safepublish", "pnpm"} else None
        found: list[tuple[Key, Token | None]] = []
        for doing, token in self.written:
            name = _unusable(doing)
            if name is None or token.kind is CredentialKind.EMPTY or token.span is None:
                continue
            where = self.directories.get(token)
            if doing.file is None or doing.file.startswith(_OF_THE_USER) or (where is not None and where == here):
                found.append((Key(name, doing.unscoped, token.span.at, token.span), token))
        rewritten = any(doing.file for doing, _ in self.written) or any(one[2] == "npmrc" for one in self.registries)
        path = None if here is None or rewritten else posixpath.normpath(posixpath.join(here, ".npmrc"))
        for number, line in enumerate((self.files(path) or "").splitlines() if path else (), 1):
            one = config_commands.of_line(line, opaque=False, file=".npmrc")
            if not isinstance(one, config_commands.Credential) or (name := _unusable(one)) is None:
                continue
            if self.kind(one, scope)[0] is not CredentialKind.EMPTY:
                found.append((Key(name, one.unscoped, Location(path or "", number)), None))
        return found

    def of_flag(self, given: config_commands.Credential | None, scope: Scope) -> list[Token]:
        """The token that the publish command itself names."""
        if given is None:
            return []
        kind, secret = self.kind(given, scope)
        name = given.names[0] if given.names else None
        return [Token(kind, "flag", name, secret, read=True)]

    def _mentions(self, name: str) -> bool:
        """Whether an .npmrc or .yarnrc.yml of the repository names the variable."""
        texts = (self.files(path) for path in (".npmrc", ".yarnrc.yml"))
        return any(text is not None and name in text for text in texts)

    def registry(
        self, flag: str | None, env: Mapping[str, Var], manifest: Mapping[str, Any], contexts: Contexts
    ) -> Registry | None:
        """The registry that the publish goes to; None where that is one on the machine itself."""
        found: Registry | None = None
        if flag is not None:
            value = resolved(flag, contexts)
            found = Registry(None if value is UNKNOWN or "$" in as_text(value) else as_text(value), "flag")
        for name, var in env.items():
            if found is None and name.lower() == "npm_config_registry":
                found = Registry(var.value, "env", entry=var.entry)
        if found is None and self.registries:
            scope, url, source = self.registries[-1]
            found = Registry(url, source, scope)
        config = manifest.get("publishConfig")
        scoped = self._project_registry(manifest)
        if scoped is not None and scoped.scope is not None:  # it goes before the command line
            found = scoped
        if found is None and isinstance(config, dict) and isinstance(config.get("registry"), str):
            found = Registry(config["registry"], "publishConfig")
        found = found or scoped
        if found is None and self.setup is not None and self.setup.registry_entry is not None:
            found = Registry(self.setup.registry_url, "setup-node", self.setup.scope, self.setup.registry_entry)
        if found is None and not manifest:
            # A credential for another host is written for a registry that package.json or a file names.
            host = next(
                (one.registry for one, _ in self.written if one.registry and "registry.npmjs.org" not in one.registry),
                None,
            )
            found = Registry(None if "$" in host else f"https:{host}", "credential") if host else None
        found = found or Registry(source="read" if manifest else "default")
        return None if found.url is not None and LOCAL.search(found.url) else found

    def _project_registry(self, manifest: Mapping[str, Any]) -> Registry | None:
        """The registry that the repository's .npmrc gives the package, by its scope or for all."""
        name = manifest.get("name")
        scope = name.partition("/")[0] if isinstance(name, str) and name.startswith("@") else None
        text = self.files(".npmrc")
        if not text or "registry" not in text:
            return None
        from safepublish.npm.config.ini import parse_ini  # where there is one

        values = parse_ini(text).values
        scoped, plain = values.get(f"{scope}:registry"), values.get("registry")
        if scope is not None and isinstance(scoped, str):
            return Registry(scoped, "npmrc", scope)
        return Registry(plain, "npmrc") if isinstance(plain, str) else None


def of_inputs(given: Map, inputs: Sequence[str], contexts: Contexts) -> list[Token]:
    """The tokens that an action gets through its inputs."""
    found = []
    for name in inputs:
        for key in given:
            if key.lower() != name.lower():
                continue
            entry = given.entry(key)
            var = Var(given.text(key), known(resolved(given.text(key) or "", contexts)), entry)
            kind, secret = of_variable(var, Registry(None))
            if kind is not None:
                found.append(Token(kind, "with", key, secret, entry, read=True))
    return found


def of_variable(var: Var, registry: Registry) -> tuple[CredentialKind | None, str | None]:
    """What a variable that may hold a token holds: None where it is certainly none."""
    if var.value is not None and "secrets." not in (var.raw or ""):
        return (CredentialKind.EMPTY, None) if var.value.strip() == "" else (None, None)
    if var.raw is None:
        return CredentialKind.SET, None
    mentioned = list(names(var.raw))
    secrets = [name for name in mentioned if name.lower().startswith("secrets.")]
    github = [name for name in mentioned if name.lower() in {"secrets.github_token", "github.token"}]
    if github and len(github) == len(mentioned):
        # A GITHUB_TOKEN is none for npmjs.com; where no file at hand names the registry, it says which one is meant.
        other = registry.source in {"default", "unread"} or (registry.url and "registry.npmjs.org" not in registry.url)
        return (CredentialKind.SET, github[0]) if other and registry.source != "read" else (None, None)
    if secrets:
        return CredentialKind.SET, secrets[0]
    named = [name for name in mentioned if re.search(r"token|auth|secret", name, re.IGNORECASE)]
    return (CredentialKind.SET, named[0]) if named else (CredentialKind.SET, None)


def _secret(raw: str | None) -> str | None:
    return next((name for name in names(raw or "") if name.lower().startswith("secrets.")), None)


def _unusable(one: config_commands.Credential) -> str | None:
    """The key of a credential that npm cannot use, as written; None of one that it can."""
    if one.empty:
        return None
    if one.unscoped:
        return one.key
    misspelt = one.registry is not None and not one.registry.endswith("/") and "$" not in one.registry
    return f"{one.registry}:{one.key}" if misspelt and one.key.startswith("_") else None


def _serves(written: str | None, registry: Registry) -> bool:
    """Whether a credential for *written* is sent to *registry*."""
    if written is None or registry.url is None or "$" in written:
        return True
    host = re.sub(r"^[a-z]+:", "", registry.url).strip("/").lower()
    return host.startswith(written.strip("/").lower())


def switch(env: Mapping[str, Var], name: str) -> bool | None:
    """What a variable that is true or false says; None where it is not there or not known."""
    for key, var in env.items():
        if key.lower() == name and var.value is not None:
            return {"true": True, "false": False}.get(var.value.strip().lower())
    return None
