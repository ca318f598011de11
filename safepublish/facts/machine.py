"""What the steps of a job leave on its machine, one after another, until one of them publishes.

The Node and npm in place, what the environment and npm's configuration hold, which of the upgrades can work.
Nothing is executed: scripts are read as `safepublish.facts.shell` takes them apart, actions and scripts of the same
repository are read along. A condition that only the run decides counts as met.
"""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from safepublish.facts import actions, credentials, nodes, publishing, shell
from safepublish.facts.actions import Uses
from safepublish.facts.document import Map, Source, UnreadableError, YamlNode, compose, is_plain, source, span
from safepublish.facts.expression import EXPRESSION, UNKNOWN, Contexts, Open, as_text, condition, names, resolved
from safepublish.facts.finding import Location
from safepublish.facts.kinds import Kind
from safepublish.facts.step import Command, Entry, Flag, Key, Node, Npm, Registry, Setup, Span, Step, Token, Upgrade
from safepublish.facts.tools import lowest, starts_npm
from safepublish.facts.versions import Version

Files = Callable[[str], str | None]
"""The text of a file of the repository by its path from the root, with slashes; None where it is not at hand."""

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
"""What make looks for, in this order (GNU make manual, 3.2)."""

NPMJS = "https://registry.npmjs.org/"
_DEEPEST = 6
"""Scripts that start scripts, and actions that use actions, are followed so far."""

_LOCAL = re.compile(r"//(?:localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal|verdaccio)", re.IGNORECASE)
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

_FIRST_TO_STOP = Version(9, 0, 0)
"""The first npm that stops at a credential without a registry (@npmcli/config 5.0.0, ERR_INVALID_AUTH)."""

_NEWEST_PNPM = "11"
"""The oldest that `latest` may mean."""

_NAMES = (
    "publish", "publib", "release", "canary", "nightly", "lerna", "changeset", "jsii", "npm@", "--global", "--location",
    "corepack", "nvm", "volta", "mise", "asdf", "fnm", "npmrc", "_auth", "GITHUB_ENV", "BASH_ENV", "brew", "choco",
    "runtime", "nodesource", "whoami", "dist-tag", "deprecate",
)  # fmt: skip
_SIGNS = re.compile(
    r"\b(?:pub(?!li)|np\b|auto\b|ship|n\s+[\dls]|set\s+(?!-)|apt|(?:owner|access|team|token)\b)|\s-g\b"
    r"|(?<!git )(?<![a-z-])config|\.(?:(?<!require\(['\"]\.)/|(?:sh|ps1|cmd|bat|[cm]?[jt]s)\b)|npm\s+install\s+npm"
)
"""With the names, what a script has in it that publishes, changes the npm in place, or gives it a credential."""

_SAID = re.compile(r"^[ \t]*(?:#|(?:echo|gh) (?:[^|&;`(<>\\\n\"']|\"[^\"`(\\\n]*\"|'[^'\n]*')*$).*", re.MULTILINE)
"""A comment, an `echo` that goes nowhere else, and `gh`, which publishes nothing to npm."""


@lru_cache(maxsize=2048)
def _is_worth_reading(script: str) -> bool:
    return _has_signs(script) and _has_signs(_SAID.sub("", script))


def _has_signs(script: str) -> bool:
    return any(name in script for name in _NAMES) or _SIGNS.search(script) is not None


_SCRIPT = re.compile(r"\.(?:[cm]?[jt]sx?|sh|py|rb)$")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_PUBLISHING_WORDS = frozenset({"publish", "npmpublish", "release", "releases", "canary", "nightly"})
_OTHER_WORDS = frozenset({
    "after", "announce", "assets", "before", "body", "build", "bump", "cargo", "changelog", "check", "checks", "clean",
    "commit", "compare", "config", "crates", "create", "date", "debug", "description", "discord", "doc", "docker",
    "docs", "download", "draft", "dry", "e2e", "electron", "find", "generate", "get", "gh", "github", "info",
    "install", "jsr", "lint", "local", "make", "message", "name", "notes", "number", "ovsx", "pack", "pages", "plan",
    "post", "pr", "prepare", "preview", "pypi", "rc", "rehearse", "setup", "sign", "site", "slack", "smoke", "status",
    "storybook", "tag", "tags", "test", "tests", "tweet", "type", "upload", "validate", "verify", "version",
    "versioning", "versions", "vsce", "vscode", "website",
})  # fmt: skip
"""What a script's name says beside `release` where it does not publish."""


class Var(NamedTuple):
    """A variable of the environment."""

    raw: str | None  # as the file writes it; None where only the run tells
    value: str | None  # resolved
    entry: Entry | None = None
    source: str = "env"


class Job(NamedTuple):
    """What a job gives its steps."""

    base: Step  # the facts that all of the job's publish steps share
    files: Files
    contexts: Contexts
    places: Mapping[str, Entry]  # where the values of `matrix.x`, `inputs.x` and `env.x` stand
    env: Mapping[str, Var]
    shell: str | None = None
    directory: str = "."
    source: Source = Source("")
    scripts: Sequence[str] = ()  # those of package.json that may publish


class _Scope(NamedTuple):
    """Where a step stands: in the job itself, or in an action that one of its steps uses."""

    path: str
    contexts: Contexts
    position: int
    outer: Map  # the job's own step
    step: Map
    env: Mapping[str, Var]
    shell: str | None
    directory: str | None
    depth: int = 0
    line: int | None = None  # of the command that led into a script of the repository
    called: str | None = None  # that command, as written
    script: YamlNode | None = None  # the node whose text is the script, where it stands in the job's file
    language: str | None = None  # the shell that runs it


class _Read(NamedTuple):
    """A command of a script, what it does to a publish, and what it writes."""

    command: shell.Command
    doing: publishing.Doing | None
    written: Sequence[credentials.Written]
    needs_token: str | None = None


@lru_cache(maxsize=2048)
def _read(
    text: str,
    language: str | None,
    directory: str | None,
    variables: tuple[tuple[str, str | None], ...],
    expressions: tuple[tuple[str, str | None], ...],
) -> tuple[_Read, ...]:
    """The commands of a script: `npm ci` stands in every job, and a script on every leg of its matrix."""
    told = {inner.strip(): value for inner, value in expressions}
    commands = shell.parse(text, shell=language, variables=dict(variables), expression=told.get, directory=directory)
    return tuple(_Read(one, publishing.classify(one), credentials.settings(one), _needs_token(one)) for one in commands)


_WITH_TOKEN: Mapping[str, frozenset[str] | None] = {
    "whoami": None,
    "unpublish": None,
    "deprecate": None,
    "dist-tag": frozenset({"add", "rm", "set"}),
    "owner": frozenset({"add", "rm"}),
    "access": frozenset({"set", "grant", "revoke"}),
    "team": frozenset({"create", "destroy", "add", "rm"}),
    "token": frozenset({"create", "revoke"}),
}
"""npm's commands that log in and never through OIDC (npm 12.2.0, lib/commands: only publish, stage and dist-tag call
lib/utils/oidc.js), and of which only these subcommands do."""


def _needs_token(command: shell.Command) -> str | None:
    """The command of npm that needs a token beside the publish, as it is shown."""
    if command.words[0] != "npm" or command.elsewhere:
        return None
    plain = [word for word in command.words[1:] if not word.startswith("-")]
    if not plain or plain[0] not in _WITH_TOKEN:
        return None
    subcommands = _WITH_TOKEN[plain[0]]
    if subcommands is None:
        return f"npm {plain[0]}"
    return f"npm {plain[0]} {plain[1]}" if plain[1:2] and plain[1] in subcommands else None


class Machine:
    """One job's machine, on one leg of the matrix."""

    def __init__(self, job: Job, node: Node, npm: Npm) -> None:  # noqa: D107 - the class says it
        self.job, self.node, self.npm = job, node, npm
        self.setup: Setup | None = None
        self.setup_token: Token | None = None
        self.upgrades: list[Upgrade] = []
        self.exported: dict[str, Var] = {}
        self.written: list[tuple[credentials.Credential, Token]] = []
        self.registries: list[tuple[str | None, str | None, str]] = []  # scope, URL, what set it
        self.managers: dict[str, str] = {}
        self.until_then: tuple[Node, Npm] | None = None  # what the step's end brings back
        self.others: list[Command] = []
        self.found: list[Step] = []

    def run(self, steps: Sequence[Map]) -> list[Step]:
        """Go through *steps*; returns those that publish."""
        job = self.job
        for position, step in enumerate(steps):
            self._step(_Scope(job.base.path, job.contexts, position, step, step, job.env, job.shell, job.directory))
        if self.others:
            self.found = [one._replace(others=tuple(self.others)) for one in self.found]
        return self.found

    def left(self) -> Step:
        """The facts at the end of the job, for one in which no publish is seen."""
        base = self.job.base
        return base._replace(
            node=self.node,
            npm=self.npm,
            setup=self.setup,
            upgrades=tuple(self.upgrades),
        )

    # One step

    def _step(self, scope: _Scope) -> None:
        step = scope.step
        if self.exported:
            scope = _with_env(scope, {**scope.env, **self.exported})
        written = step.text("if")
        met = condition(written, scope.contexts)
        if met is False:
            if (written or "").strip("${} ").lower() == "false":
                self._switched_off(scope)
            return
        if "env" in step:
            source = "step env" if scope.depth == 0 else "action env"
            scope = _with_env(scope, {**scope.env, **variables(step.map("env"), scope.contexts, source)})
        called = step.text("uses")
        if called is not None:
            self._action(actions.uses(as_text(resolved(called, scope.contexts)) if "${{" in called else called), scope)
        elif "run" in step:
            self._run(scope)
            if self.until_then is not None:
                self.node, self.npm = self.until_then
                self.until_then = None

    def _switched_off(self, scope: _Scope) -> None:
        """A step whose `if` is false: what it would publish is told, and it has no effect."""
        twin = Machine(self.job, self.node, self.npm)
        for name, value in vars(self).items():
            setattr(twin, name, value.copy() if isinstance(value, list | dict) else value)
        before = len(self.found)
        twin._step(scope._replace(step=scope.step.without("if")))
        self.found += [one._replace(never_runs=True) for one in twin.found[before:]]

    # Scripts

    def _run(self, scope: _Scope) -> None:
        node = scope.step.node_of("run")
        if node is None or node.id != "scalar":
            return
        which = scope.step.text("shell") or scope.shell or ("pwsh" if self.job.base.runner.os == "windows" else None)
        where = scope.step.text("working-directory")
        directory = scope.directory
        if where is not None:
            found = resolved(where, scope.contexts)
            directory = None if found is UNKNOWN else as_text(found)
        self._script(node.value, scope._replace(directory=directory, script=node, language=which))

    def _script(self, text: str, scope: _Scope) -> None:
        if not _is_worth_reading(text) and not any(name in text for name in self.job.scripts):
            return
        named = tuple(
            (name, one.raw if one.value is None else one.value) for name, one in scope.env.items() if name in text
        )
        evaluate = _in_script(scope)
        told = tuple((inner, evaluate(inner.strip())) for inner in EXPRESSION.findall(text))
        for read in _read(text, scope.language, scope.directory, named, told):
            self._command(read, scope)

    def _command(self, read: "_Read", scope: _Scope) -> None:
        command, doing, written, needs_token = read
        if doing is None and not written and needs_token is None:
            return
        line = _line(scope.script, command.line) if scope.script is not None else scope.line
        called = scope.called or " ".join(command.words)
        inner = scope._replace(line=line, called=called, directory=command.directory)
        if needs_token is not None:
            self.others.append(Command(needs_token, Location(scope.path, line)))
        self._settings(written, inner)
        if isinstance(doing, publishing.Upgrade):
            self._upgrade(doing, command, inner)
        elif isinstance(doing, publishing.Publish):
            if doing.dry_run is not True:
                self._publish(doing, command, inner)
        elif isinstance(doing, publishing.RunsScript) and scope.depth < _DEEPEST:
            self._package_script(doing, command, inner)
        elif isinstance(doing, publishing.RunsFile) and scope.depth < _DEEPEST:
            self._file(doing, command, inner)

    def _settings(self, written: Sequence[credentials.Written], scope: _Scope) -> None:
        """What a command writes into npm's configuration, or into the environment of later steps."""
        for one in written:
            if isinstance(one, credentials.Credential):
                self._credential(one, scope)
            elif isinstance(one, credentials.Registry):
                self.registries.append(
                    (one.scope, None if one.opaque else one.url, "npmrc" if one.file else "npm config")
                )
            elif isinstance(one, credentials.Sets):
                value = None if one.opaque else one.value
                self.exported[one.name] = Var(one.value, value, None, "GITHUB_ENV")
            elif one.key == "provenance" and not one.opaque:
                self.exported["npm_config_provenance"] = Var(one.value, one.value, None, "npmrc")

    def _upgrade(self, doing: publishing.Upgrade, command: shell.Command, scope: _Scope) -> None:
        if not doing.everywhere:
            if doing.node is None:
                return  # an npm in node_modules, which no publish of its own accord starts
            self.until_then = self.until_then or (self.node, self.npm)  # of this step's shell alone
        if doing.node is not None or (doing.npm is None and doing.tool not in {"npm", "corepack"}):
            asked = doing.node
            self.node = Node(doing.tool, asked, why="" if asked else f"{doing.tool} chooses it")
            brought = nodes.brings(asked) if asked else None
            self.npm = Npm(
                brought, "node" if brought else "unknown", "" if brought else f"{doing.tool} chooses the Node"
            )
            if doing.npm is None:
                return
        swallowed = command.swallowed is not None or scope.step.text("continue-on-error") == "true"
        if doing.opaque or doing.npm is None:
            outcome = nodes.Outcome(None, None, "the version it asks for is not in the file")
        else:
            outcome = nodes.upgraded(doing.npm, self.node.asked, self.npm.npms, forced=doing.forced)
        text = " ".join(command.words)
        alone = scope.depth == 0 and scope.script is not None and _is_alone(scope.script.value)
        self.upgrades.append(
            Upgrade(
                step=scope.position,
                span=self._span(scope, command),
                command=text,
                spec=doing.npm or "",
                works=outcome.works,
                brings=outcome.npms,
                why=outcome.why,
                swallowed=swallowed,
                alone=alone,
                step_span=span(scope.outer.node, self.job.base.path) if scope.outer.node is not None else None,
            )
        )
        if outcome.works is False and swallowed:
            return
        self.npm = Npm(outcome.npms, "upgrade" if outcome.npms else "unknown", outcome.why)

    def _credential(self, doing: credentials.Credential, scope: _Scope) -> None:
        """A credential that a command writes where npm finds it later."""
        kind, secret = self._kind(doing, scope)
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

    def _kind(self, doing: credentials.Credential, scope: _Scope) -> tuple[Kind, str | None]:
        """What the value that a command writes is: whether the names in it hold a secret."""
        if doing.empty:
            return Kind.EMPTY, None
        for name in doing.names:
            if name.lower().startswith("secrets.") or "." in name:
                return Kind.SET, name
            var = scope.env.get(name)
            if var is None:
                continue
            if var.value == "":
                return Kind.EMPTY, None
            return Kind.SET, _secret(var.raw)
        return (Kind.UNRESOLVED if doing.names else Kind.SET), None

    # Scripts of the repository

    def _package_script(self, doing: publishing.RunsScript, command: shell.Command, scope: _Scope) -> None:
        directory = _joined(scope.directory, doing.directory)
        manifest = self._manifest(directory) if not doing.workspaces else None
        if manifest is None:
            name = doing.names[len(doing.names) // 2]  # prerelease, release, postrelease
            script = next((one for one in doing.arguments if _SCRIPT.search(one) and may_publish(one)), None)
            if may_publish(name):
                self._hidden(f"the package script {name}", command, scope)
            elif script is not None:
                self._hidden(f"the script {script}", command, scope)
            return
        scripts = manifest.get("scripts")
        scripts = scripts if isinstance(scripts, dict) else {}
        run = [scripts[name] for name in doing.names if isinstance(scripts.get(name), str)]
        if not run and doing.binary and doing.names:
            words = (doing.names[-1], *doing.arguments)
            inner = scope._replace(depth=scope.depth + 1)
            called = command._replace(words=words, opaque=frozenset(), spans=())
            self._command(_Read(called, publishing.classify(called), ()), inner)
        deeper = scope._replace(depth=scope.depth + 1, directory=directory, script=None, language="sh")
        for index, text in enumerate(run):
            last = index == len(run) - 1
            with_arguments = " ".join([text, *doing.arguments]) if last else text
            self._script(with_arguments, deeper)

    def _make(self, doing: publishing.RunsFile, command: shell.Command, scope: _Scope) -> None:
        """Go on with what the targets of a Makefile run."""
        from safepublish.facts import makefile  # few use it

        path = _joined(scope.directory, doing.path)
        names = [""] if path is None or not doing.path.endswith(("/", ".")) else MAKEFILES
        paths = [posixpath.normpath(posixpath.join(path, name)) for name in names] if path is not None else []
        text = next((found for one in paths if (found := self.job.files(one)) is not None), None)
        script = makefile.script(text, doing.arguments) if text is not None and doing.language != "just" else None
        if script is not None:
            where = posixpath.dirname(paths[0]) or "."
            self._script(script, scope._replace(depth=scope.depth + 1, directory=where, script=None, language="sh"))
            return
        target = next((one for one in doing.arguments if may_publish(one)), None)
        if target is not None:
            self._hidden(f"the target {target} of {doing.language}", command, scope)

    def _file(self, doing: publishing.RunsFile, command: shell.Command, scope: _Scope) -> None:
        if doing.language in {"make", "gmake", "just", "task"}:
            self._make(doing, command, scope)
            return
        path = _joined(scope.directory, doing.path)
        text = self.job.files(path) if path is not None else None
        if text is not None and doing.language == "shell":
            self._script(text, scope._replace(depth=scope.depth + 1, script=None, language="bash"))
            return
        if text is not None and "publish" not in text:
            return
        known = text is not None and re.search(r"npm['\"`, \[]+publish", text) is not None
        if known or may_publish(doing.path):
            self._hidden(f"the script {doing.path}", command, scope, path if known else None)

    def _manifest(self, directory: str | None) -> Mapping[str, Any] | None:
        if directory is None:
            return None
        text = self.job.files(posixpath.normpath(posixpath.join(directory, "package.json")))
        if not text:
            return None
        import json  # only where there is a file

        try:
            found = json.loads(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    # Publishing

    def _publish(self, doing: publishing.Publish, command: shell.Command, scope: _Scope) -> None:
        inline = {name: Var(value, value, None, "command") for name, value in command.assigned}
        exported = {
            name: Var(value, value, None, "command")
            for name, value in command.exported.items()
            if name not in scope.env or value is not None
        }
        env = {**scope.env, **exported, **inline}
        scope = scope._replace(env=env)
        directory = _joined(scope.directory, doing.directory)
        registry = self._registry(doing.registry, env, directory, scope.contexts)
        if registry is None:
            return
        if command.elsewhere:
            self._hidden(f"what {command.elsewhere} runs", command, scope)
            return
        tool, version = doing.tool, doing.version or self.managers.get(doing.tool)
        manifest = self._manifest(directory) or self._manifest(".") or {}
        manager = manifest.get("packageManager")
        if version is None:
            version = _declared(manifest, tool)
        if tool == "yarn" and version is not None and not version.startswith(("1", "^1", "~1")):
            tool = "yarn-berry"
        npm = self.npm
        if doing.npm is not None:
            asked = doing.npm or "latest"
            npm = Npm(nodes.upgraded(asked, self.node.asked, self.npm.npms, forced=True).npms, "npx")
        elif doing.manager is not None:
            npm = Npm(None, "unknown", f"{doing.manager} chooses it")
        tokens = [*self._tokens(tool, env, registry, hidden=False), *self._command_token(doing, scope)]
        keys = self._keys(npm, scope, directory) if starts_npm(tool, version) else ()
        if keys:
            of_no_use = [token for doing_, token in self.written if _unusable(doing_) is not None]
            tokens = [token for token in tokens if token not in of_no_use]
        provenance = doing.provenance if doing.provenance is not None else _switch(env, "npm_config_provenance")
        self.found.append(
            self._base(scope, directory)._replace(
                at=Location(scope.path, scope.line),
                command=scope.called or " ".join(command.words),
                tool=tool,
                words=command.words,
                arguments=doing.arguments,
                opaque=doing.opaque,
                tool_version=version,
                staged=doing.command[:1] == ("stage",),
                shell=scope.language or "bash",
                npm=npm,
                tokens=tuple(tokens),
                keys=keys,
                registry=registry,
                provenance=provenance,
                provenance_flag=self._flag(command, scope.script, "--provenance"),
                swallowed=command.swallowed or _continues(scope),
                package_manager=manager if isinstance(manager, str) else None,
            )
        )

    def _hidden(self, what: str, command: shell.Command, scope: _Scope, file: str | None = None) -> None:
        """A script that cannot be read and, to judge by its name or by what *file* has in it, publishes."""
        env = {**scope.env, **{name: Var(value, value, None, "command") for name, value in command.assigned}}
        registry = self._registry(None, env, scope.directory, scope.contexts)
        if registry is None or _is_trial(command.words, env, scope.outer.text("name")):
            return
        tokens = self._tokens("hidden", env, registry, hidden=True)
        base = self._base(scope, scope.directory)
        if not self._reached(tokens):
            return
        self.found.append(
            base._replace(
                at=Location(scope.path, scope.line),
                command=scope.called or " ".join(command.words),
                tool="unknown",
                words=command.words,
                hidden=what,
                hidden_in=file,
                tokens=tuple(tokens),
                registry=registry,
                swallowed=command.swallowed or _continues(scope),
            )
        )

    def _reached(self, tokens: Sequence[Token]) -> bool:
        """Whether what cannot be read has a credential to publish with; else it is not told that it publishes."""
        permission = self.job.base.permission
        asks = permission.id_token is not None and (permission.id_token.text or "").strip() == "write"
        return asks or permission.granted is True or any(one.kind is Kind.SET for one in tokens)

    def _base(self, scope: _Scope, directory: str | None) -> Step:
        outer = scope.outer
        assert outer.node is not None  # noqa: S101 - a step is a node
        name = outer.text("name")
        return self.job.base._replace(
            position=scope.position,
            name=name,
            span=span(outer.node, self.job.base.path),
            at=Location(scope.path, scope.line or outer.node.start_mark.line + 1),
            working_directory=directory,
            env={key: one.value for key, one in scope.env.items()},
            conditions=self.job.base.conditions
            if (own := outer.text("if")) is None
            else (*self.job.base.conditions, own),
            node=self.node,
            npm=self.npm,
            setup=self.setup,
            upgrades=tuple(self.upgrades),
            ci_disabled=_ci_disabled(scope),
        )

    # Tokens and registries

    def _tokens(self, tool: str, env: Mapping[str, Var], registry: Registry, *, hidden: bool) -> list[Token]:
        """The tokens that the publish finds, for its registry."""
        found = [token for doing, token in self.written if _serves(doing.registry, registry)]
        named = set(_READ_BY.get(tool, ()))
        at_hand = self.job.files("package.json") is not None
        for name, var in env.items():
            if name in {"NPM_ID_TOKEN", "SIGSTORE_ID_TOKEN"}:
                continue
            auth = _AUTH_KEY.fullmatch(name)
            named_for_npm = _NPM_TOKEN.fullmatch(name) or re.search(
                r"secrets\.\w*(?:NPM|NODE_AUTH)", var.raw or "", re.IGNORECASE
            )
            if (auth is None and not named_for_npm) or name.lower() == "npm_config_provenance":
                continue
            kind, secret = _env_kind(var, registry)
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

    def _keys(self, npm: Npm, scope: _Scope, directory: str | None) -> tuple[Key, ...]:
        """The keys of credentials that *npm* cannot use: those that the job wrote, and of the project's own .npmrc."""
        if npm.npms is None or npm.npms.lowest.older_than(_FIRST_TO_STOP):
            return ()
        found = [
            Key(name, doing.unscoped, token.span.at, token.span)
            for doing, token in self.written
            if (name := _unusable(doing)) is not None and token.kind is not Kind.EMPTY and token.span is not None
        ]
        rewritten = any(doing.file for doing, _ in self.written) or any(one[2] == "npmrc" for one in self.registries)
        path = None if directory is None or rewritten else posixpath.normpath(posixpath.join(directory, ".npmrc"))
        for number, line in enumerate((self.job.files(path) or "").splitlines() if path else (), 1):
            one = credentials.of_line(line, opaque=False, file=".npmrc")
            if not isinstance(one, credentials.Credential) or (name := _unusable(one)) is None:
                continue
            if self._kind(one, scope)[0] is not Kind.EMPTY:
                found.append(Key(name, one.unscoped, Location(path or "", number)))
        return tuple(found)

    def _command_token(self, doing: publishing.Publish, scope: _Scope) -> list[Token]:
        if doing.credential is None:
            return []
        kind, secret = self._kind(doing.credential, scope)
        name = doing.credential.names[0] if doing.credential.names else None
        return [Token(kind, "flag", name, secret, read=True)]

    def _mentions(self, name: str) -> bool:
        """Whether an .npmrc or .yarnrc.yml of the repository names the variable."""
        texts = (self.job.files(path) for path in (".npmrc", ".yarnrc.yml"))
        return any(text is not None and name in text for text in texts)

    def _registry(
        self, flag: str | None, env: Mapping[str, Var], directory: str | None, contexts: Contexts
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
        manifest = self._manifest(directory) or {}
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
        return None if found.url is not None and _LOCAL.search(found.url) else found

    def _project_registry(self, manifest: Mapping[str, Any]) -> Registry | None:
        """The registry that the repository's .npmrc gives the package, by its scope or for all."""
        name = manifest.get("name")
        scope = name.partition("/")[0] if isinstance(name, str) and name.startswith("@") else None
        found = None
        for line in (self.job.files(".npmrc") or "").splitlines():
            key, equals, value = (part.strip() for part in line.partition("="))
            if equals and scope is not None and key == f"{scope}:registry":
                return Registry(value, "npmrc", scope)
            if equals and key == "registry":
                found = Registry(value, "npmrc")
        return found

    # Actions

    def _action(self, action: Uses, scope: _Scope) -> None:
        given = scope.step.map("with")
        if action.lower == "actions/setup-node":
            self._setup_node(action, given, scope)
            return
        published = actions.publishing(action)
        if published is not None:
            self._publishing_action(action, published, given, scope)
        elif action.lower in {"pnpm/action-setup", "pnpm/setup"}:
            version = _told(given, "version", scope.contexts)
            if version:
                self.managers["pnpm"] = version if version[0].isdigit() else _NEWEST_PNPM
            runtime = _given(given, "runtime", scope.contexts)
            if isinstance(runtime, str) and runtime.startswith("node@"):
                self._node("pnpm/setup", runtime.removeprefix("node@"), given.entry("runtime"))
        elif action.lower in {"volta-cli/action", "jdx/mise-action", "jdx/rtx-action"}:
            asked = _given(given, "node-version", scope.contexts)
            self._node(action.lower, asked if isinstance(asked, str) else None, given.entry("node-version"))
        elif action.is_local and scope.depth < _DEEPEST:
            self._local_action(action, given, scope)
        elif actions.may_install_node(action):
            self._unknown_node(action.name)
        else:
            self._unknown_action(action, given, scope)

    def _unknown_action(self, action: Uses, given: Map, scope: _Scope) -> None:
        """An action that is not at hand: it publishes where its name says so and a token of npm goes in."""
        inputs = tuple(
            name for name in given if "npm" in name.lower() and re.search(r"token|auth", name, re.IGNORECASE)
        )
        tokens = self._input_tokens(given, inputs, scope)
        named = may_publish(action.name.rpartition("/")[2])
        if named and (action.is_local or tokens) and self._reached(tokens):
            self._hidden_action(action, tokens, scope)

    def _hidden_action(self, action: Uses, tokens: list[Token], scope: _Scope) -> None:
        registry = self._registry(None, scope.env, scope.directory, scope.contexts)
        if registry is None:
            return
        if action.is_local:
            tokens = [*tokens, *self._tokens("hidden", scope.env, registry, hidden=True)]
        name = f"{action.name}{'@' + action.ref if action.ref else ''}"
        self.found.append(
            self._base(scope, scope.directory)._replace(
                command=f"uses: {name}",
                tool="unknown",
                hidden=f"the action {action.name}",
                tokens=tuple(tokens),
                registry=registry,
                swallowed=_continues(scope),
            )
        )

    def _node(self, source: str, asked: str | None, place: Entry | None) -> None:
        brought = nodes.brings(asked) if asked else None
        why = "" if brought else f"{source} chooses the Node"
        self.node = Node(source, asked, place, why=why)
        self.npm = Npm(brought, "node" if brought else "unknown", why)

    def _unknown_node(self, name: str) -> None:
        why = f"{name} may put a Node in place, and is not among the files at hand"
        self.node, self.npm = Node("unknown", why=why), Npm(None, "unknown", why)

    def _setup_node(self, action: Uses, given: Map, scope: _Scope) -> None:
        url = _given(given, "registry-url", scope.contexts)
        self.setup = Setup(
            position=scope.position,
            version=action.ref,
            registry_url=None if url in {None, "", UNKNOWN} else url,
            registry_entry=given.entry("registry-url") if url not in {None, ""} else None,
            scope=_told(given, "scope", scope.contexts) or None,
            node_version=given.entry("node-version"),
            with_=scope.step.entry("with"),
            span=span(scope.step.node, scope.path) if scope.step.node is not None else None,
        )
        if self.setup.registry_entry is not None:
            var = scope.env.get("NODE_AUTH_TOKEN")
            kind, secret = _env_kind(var, Registry(self.setup.registry_url)) if var else (None, None)
            if var is not None and kind is Kind.SET:
                self.setup_token = Token(kind, "setup-node env", "NODE_AUTH_TOKEN", secret, var.entry, read=True)
            else:
                self.setup_token = Token(Kind.PLACEHOLDER, "setup-node", "NODE_AUTH_TOKEN", read=True)
        self._node_of_setup(given, scope)

    def _node_of_setup(self, given: Map, scope: _Scope) -> None:
        asked, entry = _given(given, "node-version", scope.contexts), given.entry("node-version")
        if asked not in {None, ""}:
            text = None if asked is UNKNOWN else str(asked)
            node = given.node_of("node-version")
            plain = node is not None and node.id == "scalar" and is_plain(node) and "${{" not in node.value
            if text is not None:
                text = nodes.as_read(text, plain=plain)
            place = self._place(entry)
            brought = nodes.brings(text) if text else None
            why = "" if brought else (f"node-version {entry.text if text is None and entry else text} does not tell")
            self.node = Node("setup-node", text, place, scope.position, entry, why=why)
            self.npm = Npm(brought, "node" if brought else "unknown", why)
            return
        file = _given(given, "node-version-file", scope.contexts)
        if file in {None, ""}:
            return  # nothing is installed (actions/setup-node, src/main.ts)
        self._node_of_file(file, given.entry("node-version-file"), scope)

    def _node_of_file(self, file: Any, entry: Entry | None, scope: _Scope) -> None:
        path = None if file is UNKNOWN else posixpath.normpath(as_text(file).replace("\\", "/"))
        text = self.job.files(path) if path is not None else None
        asked = nodes.in_file(text) if path is not None and text is not None else None
        brought = nodes.brings(asked) if asked else None
        why = ""
        if text is None:
            why = f"{path or 'the node-version-file'} is not among the files at hand"
        elif brought is None:
            why = f"{path} does not tell"
        self.node = Node("setup-node", asked, entry, scope.position, entry, file=path, why=why)
        self.npm = Npm(brought, "node" if brought else "unknown", why)

    def _place(self, entry: Entry | None) -> Entry | None:
        """Where the text stands that an entry's value names: itself, or the matrix, env or input value."""
        if entry is None or entry.text is None or "${{" not in entry.text:
            return entry
        named = list(names(entry.text))
        return self.job.places.get(named[0].lower()) if len(named) == 1 else None

    def _local_action(self, action: Uses, given: Map, scope: _Scope) -> None:
        directory = posixpath.normpath(action.name.removeprefix("$/"))
        for name in ("action.yml", "action.yaml"):
            text = self.job.files(posixpath.normpath(posixpath.join(directory, name)))
            if text is not None:
                self._composite(text, posixpath.normpath(posixpath.join(directory, name)), given, scope)
                return
        if directory == ".":
            self._own_action(given, scope)
            return
        if actions.may_install_node(Uses(f"./{directory}")):
            self._unknown_node(action.name)
        self._unknown_action(action, given, scope)

    def _own_action(self, given: Map, scope: _Scope) -> None:
        """The repository's own action, which is not at hand: a publish where an npm token goes in."""
        named = (scope.outer.text("name") or "").lower()
        tokens = self._input_tokens(given, tuple(name for name in given if "token" in name.lower()), scope)
        npm = any("npm" in (one.secret or "").lower() for one in tokens)
        if not npm and not ("npm" in named and "publish" in named and self.job.base.permission.granted is True):
            return
        registry = _given(given, "registry", scope.contexts)
        if isinstance(registry, str) and _LOCAL.search(registry):
            return
        self._hidden_action(Uses("./"), tokens, scope)

    def _composite(self, text: str, path: str, given: Map, scope: _Scope) -> None:
        try:
            file = source(text, path)
            root = Map(compose(text), file)
            runs = root.map("runs")
            if runs.text("using") != "composite":
                return
            declared = root.map("inputs")
            inputs: dict[str, Any] = {}
            for name in declared:
                value = _given(given, name, scope.contexts)
                inputs[name] = value if value is not None else declared.map(name).text("default") or ""
            contexts = {**scope.contexts, "inputs": inputs}
            for step in runs.maps("steps"):
                self._step(
                    scope._replace(
                        path=path, contexts=contexts, step=step, depth=scope.depth + 1, shell=None, directory="."
                    )
                )
        except UnreadableError:
            self._unknown_node(path)

    def _publishing_action(self, action: Uses, known: actions.Publishes, given: Map, scope: _Scope) -> None:
        command = f"uses: {action.name}{'@' + action.ref if action.ref else ''}"
        if _told(given, known.dry_run, scope.contexts).lower() == "true":
            return
        does = _told(given, known.does, scope.contexts)
        if does in {"check", "workflow"}:
            return
        tokens = self._input_tokens(given, known.token, scope)
        if known.command is not None:
            text = given.text(known.command)
            if not text or not text.strip():
                return
            self._publishing_command(
                f"{command} (publish: {' '.join(text.split())})", text, tokens, known, scope, given
            )
            return
        if known.tool == "safepublish":
            self._own(command, does, given, scope)
            return
        url = _given(given, known.registry, scope.contexts) if known.registry else None
        flag = None if url is None else ("${{ … }}" if url is UNKNOWN else as_text(url))
        registry = self._registry(flag or None, scope.env, ".", scope.contexts)
        if registry is None:
            return
        told = _told(given, known.version, scope.contexts) or actions.semantic_release(action)
        found = self._base(scope, ".")
        hidden = f"the action {action.name}" if known.tool == "action" else None
        tokens += self._tokens("hidden" if hidden else known.tool, scope.env, registry, hidden=bool(hidden))
        major = lowest(action.ref)
        if known.own_from and major is not None and major.major < known.own_from:
            told = str(major)
        if hidden and not self._reached(tokens):
            return
        self.found.append(
            found._replace(
                command=command,
                tool=known.tool,
                tool_version=told,
                hidden=hidden,
                tokens=tuple(tokens),
                registry=registry,
                provenance=_switch(scope.env, "npm_config_provenance"),
                swallowed=_continues(scope),
            )
        )

    def _own(self, shown: str, does: str, given: Map, scope: _Scope) -> None:
        """This project's own action: the npm on PATH publishes, with the words of `args`."""
        where = _given(given, "working-directory", scope.contexts)
        directory = None if where is UNKNOWN else _joined(scope.directory, where)
        script = f"npm {'stage ' if does == 'stage' else ''}publish {given.text('args') or ''}"
        self._script(script, scope._replace(called=shown, directory=directory, language="bash"))

    def _publishing_command(
        self, shown: str, text: str, tokens: list[Token], known: actions.Publishes, scope: _Scope, given: Map
    ) -> None:
        """The command that changesets/action is given: what it runs decides."""
        before = len(self.found)
        node = given.node_of(known.command or "")
        self._script(text, scope._replace(called=shown, script=node, language="bash"))
        found = self.found[before:]
        if not found:
            registry = self._registry(None, scope.env, ".", scope.contexts)
            if registry is None:
                return
            self.found.append(
                self._base(scope, ".")._replace(
                    command=shown, tool="unknown", hidden=f"the command {' '.join(text.split())}", registry=registry,
                    tokens=tuple(tokens + self._tokens("changesets", scope.env, registry, hidden=True)),
                    swallowed=_continues(scope),
                )
            )  # fmt: skip
            return
        read = [*known.reads]
        for at in range(before, len(self.found)):
            step = self.found[at]
            more = [
                Token(kind, var.source, name, secret, var.entry, shared=var.source != "step env", read=True)
                for name, var in scope.env.items()
                if name in read and not any(one.variable == name for one in step.tokens)
                for kind, secret in [_env_kind(var, step.registry)]
                if kind is not None
            ]
            self.found[at] = step._replace(command=shown, tokens=(*step.tokens, *tokens, *more))

    def _input_tokens(self, given: Map, inputs: Sequence[str], scope: _Scope) -> list[Token]:
        found = []
        for name in inputs:
            for key in given:
                if key.lower() != name.lower():
                    continue
                entry = given.entry(key)
                var = Var(given.text(key), _known(resolved(given.text(key) or "", scope.contexts)), entry)
                kind, secret = _env_kind(var, Registry(None))
                if kind is not None:
                    found.append(Token(kind, "with", key, secret, entry, read=True))
        return found

    def _span(self, scope: _Scope, command: shell.Command) -> Span:
        if scope.path != self.job.base.path:
            line = scope.line or 1
            return Span(scope.path, line, 1, line + 1, 1)
        if scope.script is None or scope.depth:
            assert scope.outer.node is not None  # noqa: S101 - a step is a node
            return span(scope.outer.node, self.job.base.path)
        line = _line(scope.script, command.line)
        return Span(scope.path, line, 1, line + 1, 1)

    def _flag(self, command: shell.Command, node: YamlNode | None, word: str) -> Flag | None:
        """The flag *word* of the command, and where it stands."""
        for index, one in enumerate(command.words):
            if one == word or one.startswith(f"{word}="):
                place = command.spans[index] if index < len(command.spans) else None
                return Flag(one, self._placed(node, place) if node is not None and place is not None else None)
        return None

    def _placed(self, node: YamlNode, place: tuple[int, int]) -> Span | None:
        """The place in the file of a stretch of a script; None where escapes or folding hide it."""
        before, width = node.value[: place[0]], place[1] - place[0]
        row, column = before.count("\n"), place[0] - (before.rfind("\n") + 1)
        path, mark = self.job.base.path, node.start_mark
        if node.style == "|":
            line = mark.line + 1 + row
            if line >= len(self.job.source.lines):
                return None
            text = self.job.source.lines[line]
            script = node.value.split("\n")[row]
            first = len(text) - len(script) + column + 1
            return Span(path, line + 1, first, line + 1, first + width) if text.endswith(script) else None
        if mark.line == node.end_mark.line and node.style != ">":
            first = mark.column + 1 + column + (node.style in {"'", '"'})
            return Span(path, mark.line + 1, first, mark.line + 1, first + width)
        return None


def _with_env(scope: _Scope, env: Mapping[str, Var]) -> _Scope:
    """The scope with another environment, which expressions see too."""
    return scope._replace(env=env, contexts={**scope.contexts, "env": opened(env)})


def opened(env: Mapping[str, Var]) -> Open:
    """The context `env`: other variables may be there."""
    return Open({name: UNKNOWN if one.value is None else one.value for name, one in env.items()})


def variables(given: Map, contexts: Contexts, source: str) -> dict[str, Var]:
    """The variables of an `env` block."""
    found = {}
    for name in given:
        text = given.text(name)
        value = None if text is None else _known(resolved(text, contexts))
        found[name] = Var(text, value, given.entry(name), source)
    return found


def _known(value: Any) -> str | None:
    return None if value is UNKNOWN else as_text(value)


def _given(given: Map, name: str, contexts: Contexts) -> Any:
    """The text of an action's input, `UNKNOWN` where only the run tells it; None where it is not given."""
    for key in given:
        if key.lower() == name.lower():
            text = given.text(key)
            found = UNKNOWN if text is None else resolved(text, contexts)
            return found if found is UNKNOWN else as_text(found)
    return None


def _told(given: Map, name: str | None, contexts: Contexts) -> str:
    """The text of an action's input; "" where it is not given or not known."""
    found = _given(given, name, contexts) if name else None
    return found if isinstance(found, str) else ""


def _in_script(scope: _Scope) -> Callable[[str], str | None]:
    def evaluate(text: str) -> str | None:
        found = resolved("${{" + text + "}}", scope.contexts)
        if found is UNKNOWN:
            return None
        shown = as_text(found)
        if "inputs." in text and (shown in {"true", "false", ""} or shown.startswith("-")):
            return None  # what a person chooses at the start, for which the default says nothing
        return shown

    return evaluate


def _env_kind(var: Var, registry: Registry) -> tuple[Kind | None, str | None]:
    """What a variable that may hold a token holds: None where it is certainly none."""
    if var.value is not None and "secrets." not in (var.raw or ""):
        return (Kind.EMPTY, None) if var.value.strip() == "" else (None, None)
    if var.raw is None:
        return Kind.SET, None
    mentioned = list(names(var.raw))
    secrets = [name for name in mentioned if name.lower().startswith("secrets.")]
    github = [name for name in mentioned if name.lower() in {"secrets.github_token", "github.token"}]
    if github and len(github) == len(mentioned):
        # A GITHUB_TOKEN is none for npmjs.com; where no file at hand names the registry, it says which one is meant.
        other = registry.source in {"default", "unread"} or (registry.url and "registry.npmjs.org" not in registry.url)
        return (Kind.SET, github[0]) if other and registry.source != "read" else (None, None)
    if secrets:
        return Kind.SET, secrets[0]
    named = [name for name in mentioned if re.search(r"token|auth|secret", name, re.IGNORECASE)]
    return (Kind.SET, named[0]) if named else (Kind.SET, None)


def _secret(raw: str | None) -> str | None:
    return next((name for name in names(raw or "") if name.lower().startswith("secrets.")), None)


def _unusable(one: credentials.Credential) -> str | None:
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


def _switch(env: Mapping[str, Var], name: str) -> bool | None:
    for key, var in env.items():
        if key.lower() == name and var.value is not None:
            return {"true": True, "false": False}.get(var.value.strip().lower())
    return None


def _ci_disabled(scope: _Scope) -> Location | None:
    """Where CI is set to false."""
    var = scope.env.get("CI")
    if var is None or (var.value or "").strip().lower() != "false":
        return None
    return var.entry.value.at if var.entry else Location(scope.path, scope.line)


def _continues(scope: _Scope) -> str | None:
    return "continue-on-error: true" if scope.outer.text("continue-on-error") == "true" else None


def _line(node: YamlNode, number: int) -> int:
    """The file's line of line *number* of a script: only a literal block has one for each."""
    first: int = node.start_mark.line
    if node.style in {"|", ">"}:
        return first + 2 + (number if node.style == "|" else 0)
    return first + 1


def _is_alone(script: str) -> bool:
    lines = [line for line in script.split("\n") if line.strip() and not line.strip().startswith("#")]
    return len(lines) == 1 and not re.search(r"&&|\|\||;", lines[0])


def _joined(directory: str | None, more: str | None) -> str | None:
    if directory is None:
        return None
    if more is None:
        return posixpath.normpath(directory)
    return posixpath.normpath(posixpath.join(directory, more)) if "$" not in more else None


@lru_cache(maxsize=1024)
def may_publish(name: str) -> bool:
    """Whether the name of a script or file says that it publishes: ``ci-publish``, ``scripts/publish.js``."""
    words = {word.lower() for word in _WORDS.findall(name)}
    return bool(words & _PUBLISHING_WORDS) and not (words & _OTHER_WORDS)


def _is_trial(words: Sequence[str], env: Mapping[str, Var], name: str | None) -> bool:
    """Whether a command that cannot be read is called for a trial."""
    if any(word in {"--dry-run", "--dryRun", "--dry", "--help", "--dry-run=true"} for word in words):
        return True
    if re.search(r"dry[- _]?run", name or "", re.IGNORECASE):
        return True
    return any("DRY_RUN" in key.upper() and one.value in {"true", "1"} for key, one in env.items())


def _declared(manifest: Mapping[str, Any], tool: str) -> str | None:
    """The version of a tool that package.json asks for."""
    manager = manifest.get("packageManager")
    short = tool.removesuffix("-berry")
    if isinstance(manager, str) and manager.startswith(f"{short}@"):
        return manager.partition("@")[2].partition("+")[0]
    for block in ("devDependencies", "dependencies"):
        wanted = manifest.get(block)
        if (
            isinstance(wanted, dict)
            and isinstance(wanted.get(tool), str)
            and wanted[tool][:1].isdigit() | (wanted[tool][:1] in "^~")
        ):
            return str(wanted[tool])
    return None
