"""The facts about what publishes: a command, a script that cannot be read, or an action that cannot be read."""

from collections.abc import Mapping
from typing import Any

from safepublish.facts.finding import Location
from safepublish.facts.step import Credentials, Invocation, Npm, Registry, Spec, Step, Token
from safepublish.npm import upgrades
from safepublish.npm.publish_tools import PUBLISHING_PARTS, exchanges, lowest, starts_npm
from safepublish.pipelines.actions import Uses
from safepublish.pipelines.local_npm import local_npm
from safepublish.pipelines.lock_files import forced_version, locked_versions, requested_version, version_of
from safepublish.pipelines.machine import Machine
from safepublish.pipelines.npm_setup import boolean_variable, is_own_variable
from safepublish.pipelines.publish_names import is_dry_run
from safepublish.pipelines.scope import Scope, Variable, command_variables, joined_path
from safepublish.pipelines.script_places import command_flag, word_span
from safepublish.pipelines.tool_settings import tool_settings
from safepublish.shell import interpreter, publish_commands


def add_publish(
    machine: Machine, publish: publish_commands.Publish, command: interpreter.Command, scope: Scope
) -> None:
    """Add what a *command* publishes, unless it is a dry run or goes to a registry on the machine itself."""
    env = _environment(command, scope)
    reads_npm_variables = publish.tool in {"npm", "safepublish"} and publish.dry_run is False
    if reads_npm_variables and boolean_variable(env, "npm_config_dry_run"):
        return
    scope = scope._replace(env=env)
    directory = joined_path(scope.directory, publish.directory)
    pnpm = machine.installed.managers.get("pnpm") or _declared_version(machine, machine.manifest(".") or {}, "pnpm")
    machine.configuration.pnpm = lowest(pnpm)
    registry = machine.registry(scope, directory, publish.registry, tool=publish.tool)
    if registry is None:
        return
    if command.other_system:
        add_hidden_script(machine, f"what {command.other_system} runs", command, scope)
        return
    tool, version = _tool(machine, publish, directory)
    settings = tool_settings(machine, tool, version, command.argv, directory)
    if settings.publishes is False:
        return
    provenance = publish.provenance
    if settings.plugin is not None:
        add_hidden_script(machine, f"the plugin {settings.plugin} of {publish.tool}", command, scope)
        return
    step = machine.step(scope, directory)
    invocation = step.invocation._replace(
        command=scope.called or " ".join(command.argv),
        tool=tool,
        argv=command.argv,
        arguments=publish.arguments,
        opaque=publish.opaque,
        spec=_spec(machine, publish, command, scope),
        tool_version=version,
        publishes=settings.publishes,
        settings_unread=settings.unread,
        checks_login=settings.checks_login,
        staged=publish.staged,
        shell=scope.language or "bash",
        provenance=boolean_variable(env, "npm_config_provenance") if provenance is None else provenance,
        provenance_flag=command_flag(command, scope.script, "--provenance", machine.job),
        swallowed=command.swallowed or scope.continues_on_error,
    )
    path = dict(command.assigned).get("PATH") or command.exported.get("PATH")
    toolchain = step.toolchain._replace(
        npm=local_npm(machine, publish, command.argv[0], path, scope) or _npm(machine, publish)
    )
    credentials = _credentials(machine, invocation, toolchain.npm, registry, publish, scope)
    place = step.place._replace(at=Location(scope.path, scope.line))
    context = step.context._replace(drops_environment="sudo" in command.wrappers)
    machine.found.append(Step(place, invocation, context, toolchain, credentials))


def _spec(
    machine: Machine, publish: publish_commands.Publish, command: interpreter.Command, scope: Scope
) -> Spec | None:
    """The argument of npm that names what is published."""
    if publish.tool not in {"npm", "safepublish"} or len(publish.spec) != 1:
        return None
    (word,) = publish.spec
    exists = machine.manifest(joined_path(scope.directory, word)) is not None
    return Spec(word, word_span(command, word, scope.script, machine.job), exists)


def _environment(command: interpreter.Command, scope: Scope) -> Mapping[str, Variable]:
    """The environment of *command*: what its script exports, and what stands before it, go first."""
    exported = {name: value for name, value in command.exported.items() if name not in scope.env or value is not None}
    return {**scope.env, **command_variables({**exported, **dict(command.assigned)})}


def _tool(machine: Machine, publish: publish_commands.Publish, directory: str | None) -> tuple[str, str | None]:
    """The tool that publishes, and its version as far as the files say it."""
    manifest = machine.manifest(directory) or machine.manifest(".") or {}
    version = publish.version or machine.installed.managers.get(publish.tool)
    if version is None:
        version = _declared_version(machine, manifest, publish.tool)
    if publish.tool == "yarn" and version is not None and not version.startswith(("1", "^1", "~1")):
        return "yarn-berry", version
    if publish.tool == "lerna" and version is None:  # @lerna-lite/cli brings the command too
        lite = _declared_version(machine, manifest, "lerna-lite")
        return ("lerna-lite", lite) if lite is not None else ("lerna", None)
    part = PUBLISHING_PARTS.get(publish.tool)
    named = dict(publish.packages).get(part) if part is not None else None
    part_version = named or (part and _part_version(machine, manifest, publish, part))
    if part and part_version and exchanges(part, part_version) is not exchanges(publish.tool, version):
        return part, part_version
    return publish.tool, version


def _part_version(
    machine: Machine, manifest: Mapping[str, Any], publish: publish_commands.Publish, part: str
) -> str | None:
    """The version of the *part* that publishes for a tool: as locked, else as forced by package.json."""
    if publish.version is not None:
        return None  # npx installs the tool apart from the repository's packages
    found = locked_versions(machine.job.files, part, dependent=publish.tool)
    return found.pop() if len(found) == 1 else forced_version(manifest, part)


def _npm(machine: Machine, publish: publish_commands.Publish) -> Npm:
    """The npm that publishes."""
    installed = machine.installed
    if publish.npm is not None:
        spec = publish.npm or "latest"
        return Npm(upgrades.upgraded(spec, installed.node.version, installed.npm.npms, forced=True).npms, "npx")
    if publish.manager is not None:
        return Npm(None, "unknown", f"{publish.manager} chooses it")
    return installed.npm


def _credentials(
    machine: Machine,
    invocation: Invocation,
    npm: Npm,
    registry: Registry,
    publish: publish_commands.Publish,
    scope: Scope,
) -> Credentials:
    """The tokens that the tool finds for *registry*, and the keys of those that *npm* cannot use."""
    configuration = machine.configuration
    tokens = configuration.tokens(invocation.tool, scope.env, registry, hidden=False)
    tokens += configuration.flag_tokens(publish.credential, scope)
    keys = []
    if starts_npm(invocation.tool, invocation.tool_version):
        keys = configuration.unusable_keys(invocation.tool, npm, scope, invocation.working_directory)
    unusable = {token for _, token in keys}
    return machine.job.base.credentials._replace(
        registry=registry,
        tokens=tuple(token for token in tokens if token not in unusable),
        keys=tuple(key for key, _ in keys),
        hidden_token=configuration.hidden_token(invocation.tool, scope.env),
    )


def add_hidden_script(
    machine: Machine, what: str, command: interpreter.Command, scope: Scope, file: str | None = None
) -> None:
    """Add a script that cannot be read and, to judge by its name or by what is in *file*, publishes."""
    env = {**scope.env, **command_variables(dict(command.assigned))}
    registry = machine.registry(scope, scope.directory, env=env)
    known = [argument for index, argument in enumerate(command.argv) if index not in command.opaque]
    if registry is None or is_dry_run(known, env, scope.outer.text("name")):
        return
    tokens = machine.configuration.tokens("hidden", env, registry, hidden=True)
    if machine.has_credential(tokens):
        step = _hidden(machine, scope, what, scope.called or " ".join(command.argv), registry, tokens)
        invocation = step.invocation._replace(
            argv=command.argv, hidden_in=file, swallowed=command.swallowed or scope.continues_on_error
        )
        place = step.place._replace(at=Location(scope.path, scope.line))
        credentials = _as_program_reads(machine, step.credentials, command, scope)
        machine.found.append(step._replace(place=place, invocation=invocation, credentials=credentials))


def _as_program_reads(
    machine: Machine, credentials: Credentials, command: interpreter.Command, scope: Scope
) -> Credentials:
    """The *credentials* of a program: a variable that only it could read is none where its file does not name it."""
    paths = (joined_path(scope.directory, word) for word in command.argv if "." in word or "/" in word)
    text = next((text for path in paths if path and (text := machine.job.files(path)) is not None), None)
    if text is None:
        return credentials
    tokens = tuple(
        token
        for token in credentials.tokens
        if token.variable is None or token.variable in text or not is_own_variable(token.variable, token.source)
    )
    unread = next((token.variable for token in credentials.tokens if token not in tokens), None)
    why = f"{unread} may be read by a part of it" if unread else credentials.hidden_token
    return credentials._replace(tokens=tokens, hidden_token=why)


def add_hidden_action(machine: Machine, action: Uses, tokens: list[Token], scope: Scope) -> None:
    """Add an action that cannot be read and, to judge by its name and inputs, publishes."""
    registry = machine.registry(scope, scope.directory)
    if registry is None:
        return
    if action.is_local:
        tokens = [*tokens, *machine.configuration.tokens("hidden", scope.env, registry, hidden=True)]
    what = f"the action {action.name}"
    machine.found.append(_hidden(machine, scope, what, f"uses: {action.shown}", registry, tokens))


def add_hidden_command(
    machine: Machine, text: str, called: str, registry: Registry, tokens: list[Token], scope: Scope
) -> None:
    """Add the command *text* of an action, which may start a publish in something that cannot be read."""
    tokens = [*tokens, *machine.configuration.tokens("changesets", scope.env, registry, hidden=True)]
    what = f"the command {' '.join(text.split())}"
    machine.found.append(_hidden(machine, scope._replace(directory="."), what, called, registry, tokens))


def _hidden(machine: Machine, scope: Scope, what: str, command: str, registry: Registry, tokens: list[Token]) -> Step:
    step = machine.step(scope, scope.directory)
    return step._replace(
        invocation=step.invocation._replace(command=command, tool="unknown", hidden=what),
        credentials=step.credentials._replace(registry=registry, tokens=tuple(tokens)),
    )


_PACKAGES = {"changesets": "@changesets/cli", "lerna-lite": "@lerna-lite/publish"}
"""The package of a tool, where its name differs."""


def _declared_version(machine: Machine, manifest: Mapping[str, Any], tool: str) -> str | None:
    """The version of *tool* that package.json requires, or a lock file has."""
    manager = manifest.get("packageManager")
    if isinstance(manager, str) and manager.startswith(f"{tool.removesuffix('-berry')}@"):
        return manager.partition("@")[2].partition("+")[0]
    package = _PACKAGES.get(tool, tool)
    required = requested_version(manifest, package)
    if required is None and _local_version(machine, manifest, package) is not None:
        return _local_version(machine, manifest, package)
    return None if required is None else version_of(machine.job.files, manifest, package)


def _local_version(machine: Machine, manifest: Mapping[str, Any], package: str) -> str | None:
    """The version of a *package* that is a part of this repository: required by `file:`, `link:` or `workspace:`."""
    for block in ("devDependencies", "dependencies"):
        dependencies = manifest.get(block)
        spec = dependencies.get(package) if isinstance(dependencies, dict) else None
        if not isinstance(spec, str):
            continue
        kind, colon, path = spec.partition(":")
        paths = [path] if kind in {"file", "link", "portal"} else [f"packages/{package.rpartition('/')[2]}"]
        if colon and kind in {"file", "link", "portal", "workspace"}:
            for directory in paths:
                own = machine.manifest(joined_path(".", directory)) or {}
                version = own.get("version")
                if own.get("name") == package and isinstance(version, str):
                    return version
    return None
