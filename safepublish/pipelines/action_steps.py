"""What a step does that uses an action."""

import posixpath
import re

from safepublish.facts.kinds import CredentialKind
from safepublish.facts.step import Entry, Setup, Token
from safepublish.npm.publish_tools import lowest
from safepublish.pipelines import actions, validity
from safepublish.pipelines.action_inputs import input_text, input_value
from safepublish.pipelines.actions import Uses
from safepublish.pipelines.document import Map, UnreadableError, compose, source, span
from safepublish.pipelines.expressions import UNKNOWN, Chosen, ChosenOpen, Open, as_text, fixed, resolved
from safepublish.pipelines.machine import DEEPEST, Reader
from safepublish.pipelines.node_setup import named_place
from safepublish.pipelines.npm_setup import LOCAL_REGISTRY, boolean_variable, credential_of, input_tokens
from safepublish.pipelines.publish_names import may_publish
from safepublish.pipelines.publish_steps import add_hidden_action, add_hidden_command
from safepublish.pipelines.repository_scripts import may_start_publish
from safepublish.pipelines.scope import Scope, joined_path
from safepublish.pipelines.version_managers import GIVEN, installs_node, manager_of

_MANIFESTS = ("action.yml", "action.yaml")

_NO_PUBLISH = frozenset({"check", "workflow", "status", "version", "preview"})
"""The commands of a publishing action that publish nothing; the last three are covector's."""


def read_action(reader: Reader, action: Uses, scope: Scope) -> None:
    """Read the step that uses *action*."""
    inputs = scope.step.map("with")
    installed = reader.machine.installed
    publishes = actions.publishing(action)
    if action.lower == "actions/setup-node":
        _set_up_node(reader, action, inputs, scope)
    elif publishes is not None:
        _publish(reader, action, publishes, inputs, scope)
    elif action.lower in {"pnpm/action-setup", "pnpm/setup"}:
        _set_up_pnpm(reader, inputs, scope)
    elif (manager := manager_of(action.lower)) is not None:
        _install_with(reader, action, manager, inputs, scope)
    elif action.lower == "volta-cli/action":
        version = input_value(inputs, "node-version", scope.contexts)
        version = version if isinstance(version, str) else None
        installed.install_node(action.lower, version, inputs.entry("node-version"))
        if input_value(inputs, "npm-version", scope.contexts) not in {None, ""}:
            installed.install_npm(input_text(inputs, "npm-version", scope.contexts))
    elif action.is_local and scope.depth < DEEPEST:
        _read_local_action(reader, action, inputs, scope)
    elif actions.may_install_node(action):
        installed.may_be_replaced(action.name)
    else:
        _unreadable_action(reader, action, inputs, scope)


_READS_SECRETS = re.compile(
    r"vault|secrets?[-_]?manager|(?:load|get|fetch|import|inject)[-_]secrets|doppler|infisical|akeyless|bitwarden|conjur"
)
"""The name of an action that sets variables to secrets which it gets elsewhere."""


# Actions that set up a tool


def _set_up_node(reader: Reader, action: Uses, inputs: Map, scope: Scope) -> None:
    url = input_value(inputs, "registry-url", scope.contexts)
    setup = Setup(
        position=scope.position,
        version=action.ref,
        registry_url=None if url in {None, "", UNKNOWN} else url,
        registry_entry=inputs.entry("registry-url") if url not in {None, ""} else None,
        scope=input_text(inputs, "scope", scope.contexts) or None,
        node_version=inputs.entry("node-version"),
        with_=scope.step.entry("with"),
        span=span(scope.step.node, scope.path) if scope.step.node is not None else None,
    )
    reader.machine.configuration.set_up_node(setup, scope.env)
    reader.machine.installed.set_up_node(inputs, scope)


def _set_up_pnpm(reader: Reader, inputs: Map, scope: Scope) -> None:
    installed = reader.machine.installed
    version = input_text(inputs, "version", scope.contexts)
    if version:
        installed.install_manager("pnpm", version)
    runtime = input_text(inputs, "runtime", scope.contexts)
    if runtime.startswith("node@"):
        installed.install_node("pnpm/setup", runtime.removeprefix("node@"), inputs.entry("runtime"))


def _install_with(reader: Reader, action: Uses, manager: str, inputs: Map, scope: Scope) -> None:
    """Install the Node that the inputs or the repository's files name for a version *manager*, if they name one."""
    if input_value(inputs, "install", scope.contexts) == "false":
        return
    written = {path: inputs.text(name) for name, path in GIVEN.items() if name in inputs}
    files = reader.machine.job.files if not written else written.get
    installs, version = installs_node(files, manager)
    if installs is not False:
        reader.machine.installed.install_node(action.lower, version, None)


# Actions of the repository, and those that cannot be read


def _read_local_action(reader: Reader, action: Uses, inputs: Map, scope: Scope) -> None:
    """Read an action of the repository, if its file can be read."""
    directory = posixpath.normpath(action.name.removeprefix("$/"))
    for name in _MANIFESTS:
        path = posixpath.normpath(posixpath.join(directory, name))
        text = reader.machine.job.files(path)
        if text is not None:
            _read_composite_action(reader, text, path, inputs, scope)
            return
    if directory == ".":
        _unreadable_own_action(reader, inputs, scope)
        return
    if actions.may_install_node(Uses(f"./{directory}")):
        reader.machine.installed.may_be_replaced(action.name)
    _unreadable_action(reader, action, inputs, scope)


def _read_composite_action(reader: Reader, text: str, path: str, inputs: Map, scope: Scope) -> None:
    """Read the steps of a composite action; another kind of action counts as one that publishes nothing."""
    outputs = reader.machine.outputs
    try:
        root = Map(compose(text), source(text, path))
        runs = root.map("runs")
        if runs.text("using") != "composite":
            return
        before, machine = reader.machine.refused, reader.machine
        machine.outputs = ChosenOpen()
        machine.refused = before or validity.of_action(root)
        contexts = {**scope.contexts, "inputs": _composite_inputs(root.map("inputs"), inputs, scope)}
        places = _input_places(reader, root.map("inputs"), inputs, scope)
        inner = scope._replace(
            path=path, contexts=contexts, depth=scope.depth + 1, shell=None, directory=".", places=places
        )
        for step in runs.maps("steps"):
            reader.read_step(inner._replace(step=step))
        known = {**contexts, "steps": machine.outputs}
        machine.outputs = outputs
        if "id" in scope.step:
            declared = root.map("outputs")
            values = {name: resolved(declared.map(name).text("value") or "", known) for name in declared}
            machine.outputs[scope.step.text("id") or ""] = {"outputs": Open(values)}
        if scope.continues_on_error is not None:
            machine.refused = before
    except UnreadableError:
        reader.machine.outputs = outputs
        reader.machine.installed.may_be_replaced(path)


def _input_places(reader: Reader, declared: Map, inputs: Map, scope: Scope) -> dict[str, Entry]:
    """Where the values of an action's inputs stand: with the step that uses it, else its defaults."""
    known = reader.machine.job.places if scope.places is None else scope.places
    given = {name.lower(): entry for name in inputs if (entry := inputs.entry(name)) is not None}
    places = {}
    for name in declared:
        entry = given.get(name.lower()) or declared.map(name).entry("default")
        if entry is not None:
            places[f"inputs.{name.lower()}"] = named_place(entry, known) or entry
    return places


def _composite_inputs(declared: Map, inputs: Map, scope: Scope) -> Chosen:
    """The context `inputs` of a composite action: what the step passes, else the defaults."""
    certain_contexts = fixed(scope.contexts)
    values, certain = Chosen(), {}
    for name in declared:
        default = declared.map(name).text("default") or ""
        value = input_value(inputs, name, scope.contexts)
        values[name] = default if value is None else value
        value = input_value(inputs, name, certain_contexts)
        certain[name] = default if value is None else value
    values.fixed = certain
    return values


def _unreadable_own_action(reader: Reader, inputs: Map, scope: Scope) -> None:
    """The repository's own action, which is built at run time: it publishes where it gets an npm token."""
    name = (scope.outer.text("name") or "").lower()
    tokens = input_tokens(inputs, tuple(key for key in inputs if "token" in key.lower()), scope.contexts)
    gets_npm_token = any("npm" in (token.secret or "").lower() for token in tokens)
    says_publish = "npm" in name and "publish" in name and reader.machine.job.base.context.permission.granted is True
    if not gets_npm_token and not says_publish:
        return
    registry = input_value(inputs, "registry", scope.contexts)
    if not isinstance(registry, str) or not LOCAL_REGISTRY.search(registry):
        add_hidden_action(reader.machine, Uses("./"), tokens, scope)


def _unreadable_action(reader: Reader, action: Uses, inputs: Map, scope: Scope) -> None:
    """An action that cannot be read: it publishes where its name says so and it gets an npm token."""
    if _READS_SECRETS.search(action.lower) is not None:
        reader.machine.configuration.may_export = action.name
    names = tuple(name for name in inputs if "npm" in name.lower() and re.search(r"token|auth", name, re.IGNORECASE))
    tokens = input_tokens(inputs, names, scope.contexts)
    says_publish = may_publish(action.name.rpartition("/")[2])
    own = {name: var for name, var in scope.env.items() if var.source in {"step env", "action env"}}
    registry = reader.machine.registry(scope, scope.directory)
    if says_publish and registry is not None and not action.is_local:
        given = reader.machine.configuration.tokens("hidden", own, registry, hidden=True)
        tokens += [token for token in given if token.kind is CredentialKind.SET and token.variable in own]
    if says_publish and (action.is_local or tokens) and reader.machine.has_credential(tokens):
        add_hidden_action(reader.machine, action, tokens, scope)


# Actions that publish


def _publish(reader: Reader, action: Uses, publishes: actions.Publishes, inputs: Map, scope: Scope) -> None:
    """Add what a publishing action publishes."""
    if input_text(inputs, publishes.dry_run, fixed(scope.contexts)).lower() == "true":
        return
    command = input_text(inputs, publishes.command_name, scope.contexts)
    if command in _NO_PUBLISH:
        return
    if publishes.script is not None:
        text = inputs.text(publishes.script)
        if text and text.strip():
            _publish_with_script(reader, action, publishes, text, inputs, scope)
    elif publishes.tool == "safepublish":
        _publish_with_safepublish(reader, action, command, inputs, scope)
    else:
        _publish_with_tool(reader, action, publishes, inputs, scope)


def _publish_with_tool(reader: Reader, action: Uses, publishes: actions.Publishes, inputs: Map, scope: Scope) -> None:
    """Add the publish of an action that brings its tool."""
    machine = reader.machine
    url = input_value(inputs, publishes.registry, scope.contexts) if publishes.registry else None
    flag = None if url is None else ("${{ … }}" if url is UNKNOWN else as_text(url))
    registry = machine.registry(scope, ".", flag or None)
    if registry is None:
        return
    is_hidden = publishes.tool == "action"
    tokens = input_tokens(inputs, publishes.token, scope.contexts)
    tokens += machine.configuration.tokens(
        "hidden" if is_hidden else publishes.tool, scope.env, registry, hidden=is_hidden
    )
    if is_hidden and not machine.has_credential(tokens):
        return
    version = input_text(inputs, publishes.version, scope.contexts) or actions.semantic_release(action)
    major = lowest(action.ref)
    if publishes.own_from and major is not None and major.major < publishes.own_from:
        version = str(major)
    step = machine.step(scope, ".")
    invocation = step.invocation._replace(
        command=f"uses: {action.shown}",
        tool=publishes.tool,
        tool_version=version,
        hidden=f"the action {action.name}" if is_hidden else None,
        provenance=boolean_variable(scope.env, "npm_config_provenance"),
    )
    credentials = step.credentials._replace(registry=registry, tokens=tuple(tokens))
    machine.found.append(step._replace(invocation=invocation, credentials=credentials))


def _publish_with_safepublish(reader: Reader, action: Uses, command: str, inputs: Map, scope: Scope) -> None:
    """Add the publish of this project's own action: the command in `publish-with`, else npm with `args`."""
    written = input_value(inputs, "working-directory", scope.contexts)
    directory = None if written is UNKNOWN else joined_path(scope.directory, written)
    npm_publish = f"npm {'stage ' if command == 'stage' else ''}publish {inputs.text('args') or ''}"
    script = inputs.text("publish-with") or npm_publish
    reader.read_script(script, scope._replace(called=f"uses: {action.shown}", directory=directory, language="bash"))


def _publish_with_script(
    reader: Reader, action: Uses, publishes: actions.Publishes, text: str, inputs: Map, scope: Scope
) -> None:
    """Add what the script *text* publishes that the action runs (changesets/action)."""
    machine = reader.machine
    called = f"uses: {action.shown} (publish: {' '.join(text.split())})"
    tokens = input_tokens(inputs, publishes.token, scope.contexts)
    before = len(machine.found)
    node = inputs.node_of(publishes.script or "")
    reader.read_script(text, scope._replace(called=called, script=node, language="bash"))
    if len(machine.found) == before:
        registry = machine.registry(scope, ".")
        if registry is not None and may_start_publish(reader, text, scope._replace(language="bash")):
            add_hidden_command(machine, text, called, registry, tokens, scope)
        return
    for index in range(before, len(machine.found)):
        step = machine.found[index]
        more = [
            Token(kind, var.source, name, secret, var.entry, shared=var.source != "step env", read=True)
            for name, var in scope.env.items()
            if name in publishes.reads and not any(token.variable == name for token in step.credentials.tokens)
            for kind, secret in [credential_of(var, step.credentials.registry)]
            if kind is not None
        ]
        credentials = step.credentials._replace(tokens=(*step.credentials.tokens, *tokens, *more))
        machine.found[index] = step._replace(
            invocation=step.invocation._replace(command=called), credentials=credentials
        )
