"""The configuration of npm on a job's machine: its credentials and registries, and which of them a publish uses."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from safepublish.facts.finding import Location
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.step import Key, Npm, Registry, Setup, Span, Token
from safepublish.npm.floors import Floor
from safepublish.pipelines.document import Map
from safepublish.pipelines.expressions import UNKNOWN, Contexts, as_text, names, resolved
from safepublish.pipelines.scope import Files, Scope, Variable, joined_path, known_text
from safepublish.shell import config_commands

if TYPE_CHECKING:
    from packaging.version import Version

LOCAL_REGISTRY = re.compile(r"//(?:localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal|verdaccio)", re.IGNORECASE)
"""The URL of a registry on the machine itself."""

_NPM_TOKEN = re.compile(
    r"(?:NODE_AUTH|NPM\w*|\w*_NPM|YARN_NPM\w*|PUBLISH|NPMJS\w*)_?(?:TOKEN|AUTH|KEY|SECRET)(?:_\w+)?|NPM_(?:TOKEN|AUTH)\w*"
    r"|\w*NPM\w*TOKEN\w*",
    re.IGNORECASE,
)

_AUTH_KEY = re.compile(r"npm_config_(//[^:]+)/?:_(?:authtoken|auth|password)", re.IGNORECASE)

_READ_BY = {
    "semantic-release": ("NPM_TOKEN",),
    "@semantic-release/npm": ("NPM_TOKEN",),
    "changesets": ("NPM_TOKEN",),
    "publib": ("NPM_TOKEN",),
    "yarn-berry": ("YARN_NPM_AUTH_TOKEN",),
    "bun": ("NPM_CONFIG_TOKEN", "NPM_TOKEN"),
    "auto": ("NPM_TOKEN",),
}
"""The variables that a tool takes a token from by itself."""


_YARN_REGISTRY = re.compile(r"\s+[\"']?(?:https?:)?(//[^\"'\s]+?)[\"']?:\s*(?:#.*)?$")
"""A key of `npmRegistries` in .yarnrc.yml."""

_OF_THE_USER = ("~", "$", "/", "(", "%")
"""How the path of an .npmrc begins that is no project's."""


class NpmConfiguration:
    """npm's configuration and environment as the steps so far have left them."""

    def __init__(self, files: Files, *, hidden_variables: str | None = None) -> None:  # noqa: D107 - the class says it
        self.files = files
        self.hidden_variables = hidden_variables
        self.pnpm: Version | None = None  # the pnpm of the job
        self.exchanged_by_hand = False  # a step has exchanged an ID token itself, for what later steps find
        self.may_export: str | None = None  # an action that may have set variables
        self.setup: Setup | None = None
        self.setup_token: Token | None = None
        self.written: list[tuple[config_commands.Credential, Token]] = []
        self.directories: dict[Token, str | None] = {}  # of a token in a project's file: where that lies
        self.registries: list[
            tuple[str | None, str | None, str, config_commands.Registry]
        ] = []  # scope, URL, what set it

    def copy(self) -> "NpmConfiguration":
        """Another one in the same state."""
        other = NpmConfiguration(self.files, hidden_variables=self.hidden_variables)
        other.pnpm = self.pnpm
        other.exchanged_by_hand, other.may_export = self.exchanged_by_hand, self.may_export
        other.setup, other.setup_token = self.setup, self.setup_token
        other.written, other.registries = [*self.written], [*self.registries]
        other.directories = {**self.directories}
        return other

    def set_up_node(self, setup: Setup, env: Mapping[str, Variable]) -> None:
        """Run setup-node, which with a registry writes an .npmrc that names NODE_AUTH_TOKEN."""
        self.setup = setup
        if setup.registry_entry is None:
            return
        # It sets NPM_CONFIG_USERCONFIG: what earlier steps wrote into the user's own file is not read any more.
        self.written = [item for item in self.written if not _is_of_user(item[0].file)]
        self.registries = [item for item in self.registries if not _is_of_user(item[3].file)]
        var = env.get("NODE_AUTH_TOKEN")
        kind, secret = credential_of(var, Registry(setup.registry_url)) if var else (None, None)
        if var is not None and kind is CredentialKind.SET:
            self.setup_token = Token(kind, "setup-node env", "NODE_AUTH_TOKEN", secret, var.entry, read=True)
        else:
            self.setup_token = Token(CredentialKind.PLACEHOLDER, "setup-node", "NODE_AUTH_TOKEN", read=True)

    def write_registry(self, registry: config_commands.Registry) -> None:
        """Keep a registry that a command writes."""
        url = None if registry.opaque else registry.url
        self.registries.append((registry.scope, url, "npmrc" if registry.file else "npm config", registry))

    def write_credential(self, credential: config_commands.Credential, scope: Scope) -> None:
        """Keep a credential that a command writes where npm finds it later."""
        kind, secret = _kind(credential, scope)
        if kind is CredentialKind.UNRESOLVED and (self.hidden_variables is not None or _is_assigned(credential, scope)):
            kind = CredentialKind.SET  # the variable is the project's, or the script's own
        line = scope.line or scope.outer.node.start_mark.line + 1 if scope.outer.node is not None else 1
        token = Token(
            kind,
            "npmrc" if credential.file else "npm config",
            credential.names[0] if credential.names else None,
            secret,
            span=Span(scope.path, line, 1, line + 1, 1),
            shared=True,
            read=True,
        )
        same = credential.registry, credential.key
        self.written = [item for item in self.written if (item[0].registry, item[0].key) != same]
        self.written.append((credential, token))
        if credential.file is not None:
            self.directories[token] = joined_path(scope.directory, posixpath.dirname(credential.file) or ".")

    def tokens(self, tool: str, env: Mapping[str, Variable], registry: Registry, *, hidden: bool) -> list[Token]:
        """The tokens that a publish to *registry* may use; of a *hidden* one every token counts as read."""
        found = [
            token
            for credential, token in self.written
            if _serves(credential.registry, registry) and self._is_read_by(credential.manager, tool)
        ]
        for name, var in env.items():
            if not _may_be_npm_token(name, var):
                continue
            kind, secret = credential_of(var, registry)
            read = True if hidden else self._is_read(name, tool, registry)
            if kind is not None and read is not False:
                is_shared = var.source != "step env"
                found.append(Token(kind, var.source, name, secret, var.entry, shared=is_shared, read=read))
        if self.setup_token is not None and "NODE_AUTH_TOKEN" not in env:
            found.append(self.setup_token)
        if self.hidden_variables is not None:
            found += self._project_tokens(tool, env, registry)
        if self.exchanged_by_hand:
            found = [token for token in found if token.secret is not None or token.kind is not CredentialKind.SET]
        return found

    def _project_tokens(self, tool: str, env: Mapping[str, Variable], registry: Registry) -> Iterator[Token]:
        """The tokens that the repository's configuration takes from variables which are in no file."""
        for path, credential in checked_in_credentials(self.files):
            reads = path == ".npmrc" if tool != "yarn-berry" else path == ".yarnrc.yml"
            if not (reads or tool == "hidden") or credential.empty or not _serves(credential.registry, registry):
                continue
            name = next((name for name in credential.names if name not in env), None)
            if name is not None and not _is_id_token(name):
                yield Token(CredentialKind.SET, self.hidden_variables or "", name, shared=True, read=True)

    def hidden_token(self, tool: str, env: Mapping[str, Variable]) -> str | None:
        """Why *tool* may find a token that no file shows: it reads a variable that may be the project's."""
        if self.exchanged_by_hand:
            return "a step of the job exchanges an ID token itself"
        if self.may_export is not None and self.setup_token is not None:
            return f"{self.may_export} may set NODE_AUTH_TOKEN"
        unset = [name for name in _READ_BY.get(tool, ()) if name not in env]
        if self.hidden_variables is None or not unset:
            return None
        return f"{unset[0]} may come from {self.hidden_variables}"

    def _is_read_by(self, manager: str, tool: str | None) -> bool:
        """Whether *tool* reads the configuration that a command of *manager* writes; None is any tool."""
        if manager == "yarn":
            return tool in {"yarn", "yarn-berry", "hidden", None}
        if manager in {"pnpm", "pn"} and self.pnpm is not None and self.pnpm in Floor.PNPM_ITSELF:
            return tool in {"pnpm", "hidden", None}  # pnpm 10 leaves such keys to npm's configuration
        return True

    def _is_read(self, name: str, tool: str, registry: Registry) -> bool | None:
        """Whether *tool* or npm's configuration reads the variable *name*; None where that is unknown."""
        if _AUTH_KEY.fullmatch(name) or name in _READ_BY.get(tool, ()):
            return True
        if name == "NODE_AUTH_TOKEN" and self.setup is not None and self.setup.registry_url is not None:
            return True
        serves = [
            _serves(credential.registry, registry)
            for _, credential in checked_in_credentials(self.files)
            if name in credential.names
        ]
        if serves:
            return any(serves)
        if self.files("package.json") is None:
            return None
        texts = (self.files(path) for path in (".npmrc", ".yarnrc.yml"))
        return any(text is not None and name in text for text in texts)

    def flag_tokens(self, credential: config_commands.Credential | None, scope: Scope) -> list[Token]:
        """The token that the publish command itself names."""
        if credential is None:
            return []
        kind, secret = _kind(credential, scope)
        return [Token(kind, "flag", next(iter(credential.names), None), secret, read=True)]

    def unusable_keys(self, tool: str, npm: Npm, scope: Scope, directory: str | None) -> list[tuple[Key, Token | None]]:
        """The keys of credentials that *npm* cannot use, each with the token that a step wrote under it.

        Also those of the project's own .npmrc, where npm certainly reads it: in the *directory* of the publish.
        """
        if npm.npms is None or npm.npms.lowest not in Floor.KNOWN:
            return []
        project = directory if tool in {"npm", "safepublish", "pnpm"} else None
        return [*self._written_keys(project), *self._project_keys(project, scope)]

    def _written_keys(self, project: str | None) -> Iterator[tuple[Key, Token | None]]:
        for credential, token in self.written:
            name = _unusable_key(credential)
            if name is None or token.kind is CredentialKind.EMPTY or token.span is None:
                continue
            file, directory = credential.file, self.directories.get(token)
            if file is None or file.startswith(_OF_THE_USER) or (directory is not None and directory == project):
                yield Key(name, credential.unscoped, token.span.at, token.span), token

    def _project_keys(self, project: str | None, scope: Scope) -> Iterator[tuple[Key, Token | None]]:
        is_rewritten = any(credential.file for credential, _ in self.written) or any(
            source == "npmrc" for _, _, source, _ in self.registries
        )
        if project is None or is_rewritten:
            return
        path = posixpath.normpath(posixpath.join(project, ".npmrc"))
        for number, line in enumerate((self.files(path) or "").splitlines(), 1):
            credential = config_commands.of_line(line, opaque=False, file=".npmrc")
            name = _unusable_key(credential) if isinstance(credential, config_commands.Credential) else None
            if name is None or not isinstance(credential, config_commands.Credential):
                continue
            if _kind(credential, scope)[0] is not CredentialKind.EMPTY:
                yield Key(name, credential.unscoped, Location(path, number)), None

    # Registries

    def registry(
        self,
        flag: str | None,
        env: Mapping[str, Variable],
        manifest: Mapping[str, Any],
        contexts: Contexts,
        tool: str | None = None,
    ) -> Registry | None:
        """The registry that a publish goes to; None where that is one on the machine itself."""
        project = self._project_registry(manifest)
        if project is not None and project.scope is not None:  # it goes before the command line
            found: Registry | None = project
        else:
            found = self._requested_registry(flag, env, contexts, tool) or _manifest_registry(manifest) or project
        if found is None and self.setup is not None and self.setup.registry_entry is not None:
            found = Registry(self.setup.registry_url, "setup-node", self.setup.scope, self.setup.registry_entry)
        if found is None and not manifest:
            found = self._registry_of_credential()
        found = found or Registry(source="read" if manifest else "default")
        return None if found.url is not None and LOCAL_REGISTRY.search(found.url) else found

    def _requested_registry(
        self, flag: str | None, env: Mapping[str, Variable], contexts: Contexts, tool: str | None
    ) -> Registry | None:
        """The registry of the command line, the environment, or npm's user configuration, the first of them."""
        if flag is not None:
            value = resolved(flag, contexts)
            return Registry(None if value is UNKNOWN or "$" in as_text(value) else as_text(value), "flag")
        for name, var in env.items():
            if name.lower() == "npm_config_registry":
                return Registry(var.value, "env", entry=var.entry)
        read = [item for item in self.registries if self._is_read_by(item[3].manager, tool)]
        if read:
            scope, url, source, _ = read[-1]
            return Registry(url, source, scope)
        return None

    def _registry_of_credential(self) -> Registry | None:
        """The registry of a credential for another host: package.json or a file that cannot be read names it too."""
        hosts = (credential.registry for credential, _ in self.written if credential.registry)
        host = next((host for host in hosts if "registry.npmjs.org" not in host), None)
        return None if host is None else Registry(None if "$" in host else f"https:{host}", "credential")

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


def _is_of_user(file: str | None) -> bool:
    """Whether the .npmrc *file* is the user's own."""
    return file is None or (file.startswith(_OF_THE_USER) and file != "(global)" and "GITHUB_WORKSPACE" not in file)


def checked_in_credentials(files: Files) -> Iterator[tuple[str, config_commands.Credential]]:
    """The credentials of the .npmrc and .yarnrc.yml of the repository, each with the file's name."""
    for line in (files(".npmrc") or "").splitlines():
        change = config_commands.of_line(line, opaque=False, file=".npmrc")
        if isinstance(change, config_commands.Credential):
            yield ".npmrc", change
    registry, depth = None, 0
    for line in (files(".yarnrc.yml") or "").splitlines():
        indent = len(line) - len(line.lstrip())
        if match := _YARN_REGISTRY.match(line):
            registry, depth = match.group(1), indent
            continue
        if line.strip() and indent <= depth:
            registry = None
        change = config_commands.of_line(line, opaque=False, file=".yarnrc.yml")
        if isinstance(change, config_commands.Credential):
            yield ".yarnrc.yml", change._replace(registry=registry)


def _is_id_token(name: str) -> bool:
    """Whether a variable holds an ID token of the CI, or the result of an exchange, and no long-lived token."""
    return name in {"NPM_ID_TOKEN", "SIGSTORE_ID_TOKEN"} or "OIDC" in name.upper()


def _may_be_npm_token(name: str, var: Variable) -> bool:
    """Whether a variable is for npm, to judge by its name or by the secret in it."""
    if name in {"NPM_ID_TOKEN", "SIGSTORE_ID_TOKEN"} or name.lower() == "npm_config_provenance":
        return False
    if _AUTH_KEY.fullmatch(name) or _NPM_TOKEN.fullmatch(name):
        return True
    return re.search(r"secrets\.\w*(?:NPM|NODE_AUTH)", var.raw or "", re.IGNORECASE) is not None


def is_own_variable(name: str, source: str) -> bool:
    """Whether a variable of the environment is a program's own: no publishing tool reads it."""
    known = name in {"NPM_TOKEN", "NODE_AUTH_TOKEN", "YARN_NPM_AUTH_TOKEN"} or name.lower().startswith("npm_config_")
    return source.endswith("env") and not known


def _manifest_registry(manifest: Mapping[str, Any]) -> Registry | None:
    """The registry of `publishConfig`."""
    config = manifest.get("publishConfig")
    url = config.get("registry") if isinstance(config, dict) else None
    return Registry(url, "publishConfig") if isinstance(url, str) else None


def input_tokens(inputs: Map, names: Sequence[str], contexts: Contexts) -> list[Token]:
    """The tokens that an action gets through the inputs *names*."""
    found = []
    for name in names:
        for key in inputs:
            if key.lower() != name.lower():
                continue
            entry, text = inputs.entry(key), inputs.text(key)
            var = Variable(text, known_text(resolved(text or "", contexts)), entry)
            kind, secret = credential_of(var, Registry(None))
            if kind is not None:
                found.append(Token(kind, "with", key, secret, entry, read=True))
    return found


def credential_of(var: Variable, registry: Registry) -> tuple[CredentialKind | None, str | None]:
    """The kind of token in a variable, and the secret it names; None where it certainly holds no token."""
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


def _kind(credential: config_commands.Credential, scope: Scope) -> tuple[CredentialKind, str | None]:
    """Whether the value that a command writes is a secret, and which the file names."""
    if credential.empty:
        return CredentialKind.EMPTY, None
    for name in credential.names:
        if name.lower().startswith("secrets.") or "." in name:
            return CredentialKind.SET, name
        var = scope.env.get(name)
        if var is None:
            continue
        if var.value == "":
            return CredentialKind.EMPTY, None
        return CredentialKind.SET, _secret(var.raw)
    return (CredentialKind.UNRESOLVED if credential.names else CredentialKind.SET), None


def _is_assigned(credential: config_commands.Credential, scope: Scope) -> bool:
    """Whether the script sets the variable itself that a credential holds: `TOKEN=$(vault read …)`."""
    text = scope.script.value if scope.script is not None else ""
    return any(re.search(rf"\b{re.escape(name)}=|\bread\b.*\b{re.escape(name)}\b", text) for name in credential.names)


def _secret(raw: str | None) -> str | None:
    return next((name for name in names(raw or "") if name.lower().startswith("secrets.")), None)


def _unusable_key(credential: config_commands.Credential) -> str | None:
    """The key of a credential that npm cannot use, as written; None of a usable one."""
    if credential.empty:
        return None
    if credential.unscoped:
        return credential.key
    registry = credential.registry
    is_misspelt = registry is not None and not registry.endswith("/") and "$" not in registry
    return f"{registry}:{credential.key}" if is_misspelt and credential.key.startswith("_") else None


def _serves(written: str | None, registry: Registry) -> bool:
    """Whether a credential for *written* is sent to *registry*."""
    if written is None or registry.url is None or "$" in written:
        return True
    host = re.sub(r"^[a-z]+:", "", registry.url).strip("/").lower()
    return host.startswith(written.strip("/").lower())


def boolean_variable(env: Mapping[str, Variable], name: str) -> bool | None:
    """The value of a variable that is true or false; None where it is not set or unknown."""
    for key, var in env.items():
        if key.lower() == name and var.value is not None:
            return {"true": True, "false": False}.get(var.value.strip().lower())
    return None
