"""What the steps of a job do, one after another, until one of them publishes.

Nothing is executed: scripts are read as `safepublish.shell.interpreter` takes them apart, and actions and scripts of
the same repository are read too. A condition that only the run decides counts as met.
"""

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any

from safepublish.facts.finding import Location
from safepublish.facts.kinds import Kind
from safepublish.facts.step import Command, Node, Npm, Registry, Setup, Step, Token
from safepublish.npm import bundled
from safepublish.npm.publish_tools import lowest, starts_npm
from safepublish.pipelines import actions
from safepublish.pipelines.actions import Uses
from safepublish.pipelines.document import Map, UnreadableError, compose, source, span
from safepublish.pipelines.expressions import EXPRESSION, UNKNOWN, Chosen, Contexts, as_text, condition, fixed, resolved
from safepublish.pipelines.node_setup import Installed
from safepublish.pipelines.npm_setup import LOCAL, Configured, of_inputs, of_variable, switch
from safepublish.pipelines.publish_script import (
    SCRIPT,
    Read,
    commands,
    is_told_to_publish,
    is_trial,
    is_worth_reading,
    may_publish,
)
from safepublish.pipelines.scope import (
    Job,
    Scope,
    Var,
    flag_of,
    given_text,
    in_script,
    joined,
    line_of,
    told,
    variables,
    with_env,
)
from safepublish.shell import config_commands, interpreter, publish_commands

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
"""What make looks for, in this order (GNU make manual, 3.2)."""

_NO_PUBLISHERS = frozenset({"echo", "printf", "git", "gh"})
"""Commands that publish nothing to npm, whatever words they are given."""

_STARTS_A_PUBLISH = re.compile(r"(?:exec|spawn|run|system|call|\$`)[^\n;]*?\b(?:npm|pnpm|yarn|bun)['\"`, \[]+publish\b")
"""A program that starts the publish of a package manager: `execSync('npm publish')`, `subprocess.run(["npm", …`."""

_DEEPEST = 6
"""Scripts that start scripts, and actions that use actions, are followed so far."""


class Machine:
    """One job's machine, on one leg of the matrix."""

    def __init__(self, job: Job, node: Node, npm: Npm) -> None:  # noqa: D107 - the class says it
        self.job = job
        self.installed = Installed(job, node, npm)
        self.configured = Configured(job.files)
        self.exported: dict[str, Var] = {}
        self.others: list[tuple[int, Command]] = []  # with the number of publishes found before it
        self.found: list[Step] = []

    def run(self, steps: Sequence[Map]) -> list[Step]:
        """Go through *steps*; returns those that publish."""
        job = self.job
        for position, step in enumerate(steps):
            self._step(Scope(step.source.path, job.contexts, position, step, step, job.env, job.shell, job.directory))
        if self.others:
            for at, one in enumerate(self.found):
                others = tuple(other._replace(ends=other.ends and before <= at) for before, other in self.others)
                self.found[at] = one._replace(others=others)
        return self.found

    def left(self) -> Step:
        """The facts at the end of the job, for one in which no publish is seen."""
        base, there = self.job.base, self.installed
        return base._replace(
            node=there.node, npm=there.npm, setup=self.configured.setup, upgrades=tuple(there.upgrades)
        )

    # One step

    def _step(self, scope: Scope) -> None:
        step = scope.step
        if self.exported:
            scope = with_env(scope, {**scope.env, **self.exported})
        written = step.text("if")
        met = condition(written, scope.contexts)
        if met is False:
            if (written or "").strip("${} ").lower() == "false":
                self._switched_off(scope)
            return
        if "env" in step:
            source = "step env" if scope.depth == 0 else "action env"
            scope = with_env(scope, {**scope.env, **variables(step.map("env"), scope.contexts, source)})
        called = step.text("uses")
        if called is not None:
            self._action(actions.uses(as_text(resolved(called, scope.contexts)) if "${{" in called else called), scope)
        elif "run" in step:
            self._run(scope)
            self.installed.end_of_step()

    def _switched_off(self, scope: Scope) -> None:
        """A step whose `if` is false: what it would publish is told, and it has no effect."""
        twin = Machine(self.job, self.installed.node, self.installed.npm)
        twin.installed, twin.configured = self.installed.copy(), self.configured.copy()
        twin.exported = {**self.exported}
        twin._step(scope._replace(step=scope.step.without("if")))
        self.found += [one._replace(never_runs=True) for one in twin.found]

    # Scripts

    def _run(self, scope: Scope) -> None:
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

    def _script(self, text: str, scope: Scope) -> None:
        if not is_worth_reading(text) and not any(name in text for name in self.job.scripts):
            return
        named = tuple(
            (name, one.raw if one.value is None and "${{" in (one.raw or "") else one.value)
            for name, one in scope.env.items()
            if name in text
        )
        evaluate = in_script(scope)
        expressions = tuple((inner, evaluate(inner.strip())) for inner in EXPRESSION.findall(text))
        for read in commands(text, scope.language, scope.directory, named, expressions):
            self._command(read, scope)

    def _command(self, read: "Read", scope: Scope) -> None:
        command, doing, written, needs_token = read
        if doing is None and not written and needs_token is None:
            return
        line = line_of(scope.script, command.line) if scope.script is not None else scope.line
        called = scope.called or " ".join(command.argv)
        inner = scope._replace(line=line, called=called, directory=command.directory)
        if needs_token is not None:
            ends = self._ends_the_job(command, inner)
            self.others.append((len(self.found), Command(needs_token, Location(scope.path, line), ends)))
        self._settings(written, inner)
        if isinstance(doing, publish_commands.Upgrade):
            self.installed.upgrade(doing, command, inner)
        elif isinstance(doing, publish_commands.Publish):
            if doing.dry_run is not True:
                self._publish(doing, command, inner)
        elif isinstance(doing, publish_commands.RunsScript) and scope.depth < _DEEPEST:
            self._package_script(doing, command, inner)
        elif isinstance(doing, publish_commands.RunsFile) and scope.depth < _DEEPEST:
            self._file(doing, command, inner)

    def _ends_the_job(self, command: interpreter.Command, scope: Scope) -> bool:
        """Whether a command that needs a token runs for certain, finds none, and fails in everybody's sight."""
        certain = not command.conditional and command.swallowed is None and command.other_system is None
        steps = {scope.outer.text("if"), scope.step.text("if")} == {None} and _continues(scope) is None
        if not certain or not steps or command.assigned or command.exported:
            return False
        registry = self._registry(None, scope.env, scope.directory, scope.contexts)
        if registry is None or registry.url is None or self.job.files(".npmrc") is not None:
            return False
        return not any(
            one.kind is Kind.SET for one in self.configured.tokens("hidden", scope.env, registry, hidden=True)
        )

    def _settings(self, written: Sequence[config_commands.ConfigChange], scope: Scope) -> None:
        """What a command writes into npm's configuration, or into the environment of later steps."""
        for one in written:
            if isinstance(one, config_commands.Credential):
                self.configured.credential(one, scope)
            elif isinstance(one, config_commands.Registry):
                self.configured.set_registry(one)
            elif isinstance(one, config_commands.EnvironmentVariable):
                value = None if one.opaque else one.value
                self.exported[one.name] = Var(one.value, value, None, "GITHUB_ENV")
            elif one.key == "provenance" and not one.opaque:
                self.exported["npm_config_provenance"] = Var(one.value, one.value, None, "npmrc")

    # Scripts of the repository

    def _package_script(self, doing: publish_commands.RunsScript, command: interpreter.Command, scope: Scope) -> None:
        directory = joined(scope.directory, doing.directory)
        manifest = self._manifest(directory) if not doing.workspaces else None
        if manifest is None:
            if _captured(command, " ".join(doing.names)):
                return
            name = doing.names[len(doing.names) // 2]  # prerelease, release, postrelease
            script = next((one for one in doing.arguments if SCRIPT.search(one) and may_publish(one)), None)
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
            called = command._replace(argv=words, opaque=frozenset(), spans=())
            self._command(Read(called, publish_commands.classify(called), ()), inner)
        deeper = scope._replace(depth=scope.depth + 1, directory=directory, script=None, language="sh")
        for index, text in enumerate(run):
            last = index == len(run) - 1
            with_arguments = " ".join([text, *doing.arguments]) if last else text
            self._script(with_arguments, deeper)

    def _make(self, doing: publish_commands.RunsFile, command: interpreter.Command, scope: Scope) -> None:
        """Go on with what the targets of a Makefile run."""
        from safepublish.shell import makefile  # few use it

        path = joined(scope.directory, doing.path)
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

    def _file(self, doing: publish_commands.RunsFile, command: interpreter.Command, scope: Scope) -> None:
        if doing.language in {"make", "gmake", "just", "task"}:
            self._make(doing, command, scope)
            return
        if doing.text is not None:
            if _STARTS_A_PUBLISH.search(doing.text):
                self._hidden(f"the {doing.language} program in this step", command, scope)
            return
        path = joined(scope.directory, doing.path)
        text = self.job.files(path) if path is not None else None
        if text is not None and doing.language == "shell":
            self._script(text, scope._replace(depth=scope.depth + 1, script=None, language="bash"))
            return
        if text is not None and "publish" not in text:
            return
        known = text is not None and re.search(r"npm['\"`, \[]+publish", text) is not None
        told = is_told_to_publish(doing.path, doing.arguments) and (
            doing.language in {"node", "program"}
            or (doing.language and self.configured.setup is not None)  # Python's own is no npm
        )
        if known or ((told or may_publish(doing.path)) and not _captured(command, doing.path)):
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

    def _publish(self, doing: publish_commands.Publish, command: interpreter.Command, scope: Scope) -> None:
        inline = {name: Var(value, value, None, "command") for name, value in command.assigned}
        exported = {
            name: Var(value, value, None, "command")
            for name, value in command.exported.items()
            if name not in scope.env or value is not None
        }
        env = {**scope.env, **exported, **inline}
        if doing.tool in {"npm", "safepublish"} and doing.dry_run is False and switch(env, "npm_config_dry_run"):
            return
        scope = scope._replace(env=env)
        directory = joined(scope.directory, doing.directory)
        registry = self._registry(doing.registry, env, directory, scope.contexts)
        if registry is None:
            return
        if command.other_system:
            self._hidden(f"what {command.other_system} runs", command, scope)
            return
        tool, version = doing.tool, doing.version or self.installed.managers.get(doing.tool)
        manifest = self._manifest(directory) or self._manifest(".") or {}
        manager = manifest.get("packageManager")
        if version is None:
            version = _declared(manifest, tool)
        if tool == "yarn" and version is not None and not version.startswith(("1", "^1", "~1")):
            tool = "yarn-berry"
        npm = self.installed.npm
        if doing.npm is not None:
            asked = doing.npm or "latest"
            npm = Npm(
                bundled.upgraded(asked, self.installed.node.asked, self.installed.npm.npms, forced=True).npms, "npx"
            )
        elif doing.manager is not None:
            npm = Npm(None, "unknown", f"{doing.manager} chooses it")
        tokens = [
            *self.configured.tokens(tool, env, registry, hidden=False),
            *self.configured.of_flag(doing.credential, scope),
        ]
        keys = self.configured.keys(tool, npm, scope, directory) if starts_npm(tool, version) else []
        unusable = {token for _, token in keys}
        tokens = [token for token in tokens if token not in unusable]
        provenance = doing.provenance if doing.provenance is not None else switch(env, "npm_config_provenance")
        self.found.append(
            self._base(scope, directory)._replace(
                at=Location(scope.path, scope.line),
                command=scope.called or " ".join(command.argv),
                tool=tool,
                words=command.argv,
                arguments=doing.arguments,
                opaque=doing.opaque,
                tool_version=version,
                staged=doing.command[:1] == ("stage",),
                shell=scope.language or "bash",
                npm=npm,
                tokens=tuple(tokens),
                keys=tuple(key for key, _ in keys),
                registry=registry,
                provenance=provenance,
                provenance_flag=flag_of(command, scope.script, "--provenance", self.job),
                swallowed=command.swallowed or _continues(scope),
                package_manager=manager if isinstance(manager, str) else None,
            )
        )

    def _hidden(self, what: str, command: interpreter.Command, scope: Scope, file: str | None = None) -> None:
        """A script that cannot be read and, to judge by its name or by what *file* has in it, publishes."""
        env = {**scope.env, **{name: Var(value, value, None, "command") for name, value in command.assigned}}
        registry = self._registry(None, env, scope.directory, scope.contexts)
        certain = [word for at, word in enumerate(command.argv) if at not in command.opaque]
        if registry is None or is_trial(certain, env, scope.outer.text("name")):
            return
        tokens = self.configured.tokens("hidden", env, registry, hidden=True)
        base = self._base(scope, scope.directory)
        if not self._reached(tokens):
            return
        self.found.append(
            base._replace(
                at=Location(scope.path, scope.line),
                command=scope.called or " ".join(command.argv),
                tool="unknown",
                words=command.argv,
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

    def _base(self, scope: Scope, directory: str | None) -> Step:
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
            node=self.installed.node,
            npm=self.installed.npm,
            setup=self.configured.setup,
            upgrades=tuple(self.installed.upgrades),
            ci_disabled=_ci_disabled(scope),
        )

    def _registry(
        self, flag: str | None, env: Mapping[str, Var], directory: str | None, contexts: Contexts
    ) -> Registry | None:
        """The registry that the publish goes to; None where that is one on the machine itself."""
        return self.configured.registry(flag, env, self._manifest(directory) or {}, contexts)

    # Actions

    def _action(self, action: Uses, scope: Scope) -> None:
        given = scope.step.map("with")
        if action.lower == "actions/setup-node":
            self._setup_node(action, given, scope)
            return
        published = actions.publishing(action)
        if published is not None:
            self._publishing_action(action, published, given, scope)
        elif action.lower in {"pnpm/action-setup", "pnpm/setup"}:
            version = told(given, "version", scope.contexts)
            if version:
                self.installed.manager("pnpm", version)
            runtime = given_text(given, "runtime", scope.contexts)
            if isinstance(runtime, str) and runtime.startswith("node@"):
                self.installed.choose("pnpm/setup", runtime.removeprefix("node@"), given.entry("runtime"))
        elif action.lower in {"volta-cli/action", "jdx/mise-action", "jdx/rtx-action"}:
            asked = given_text(given, "node-version", scope.contexts)
            self.installed.choose(action.lower, asked if isinstance(asked, str) else None, given.entry("node-version"))
            if action.lower == "volta-cli/action" and given_text(given, "npm-version", scope.contexts) not in {
                None,
                "",
            }:
                self.installed.bring(told(given, "npm-version", scope.contexts))
        elif action.is_local and scope.depth < _DEEPEST:
            self._local_action(action, given, scope)
        elif actions.may_install_node(action):
            self.installed.unknown(action.name)
        else:
            self._unknown_action(action, given, scope)

    def _unknown_action(self, action: Uses, given: Map, scope: Scope) -> None:
        """An action that is not at hand: it publishes where its name says so and a token of npm goes in."""
        inputs = tuple(
            name for name in given if "npm" in name.lower() and re.search(r"token|auth", name, re.IGNORECASE)
        )
        tokens = of_inputs(given, inputs, scope.contexts)
        named = may_publish(action.name.rpartition("/")[2])
        if named and (action.is_local or tokens) and self._reached(tokens):
            self._hidden_action(action, tokens, scope)

    def _hidden_action(self, action: Uses, tokens: list[Token], scope: Scope) -> None:
        registry = self._registry(None, scope.env, scope.directory, scope.contexts)
        if registry is None:
            return
        if action.is_local:
            tokens = [*tokens, *self.configured.tokens("hidden", scope.env, registry, hidden=True)]
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

    def _setup_node(self, action: Uses, given: Map, scope: Scope) -> None:
        url = given_text(given, "registry-url", scope.contexts)
        setup = Setup(
            position=scope.position,
            version=action.ref,
            registry_url=None if url in {None, "", UNKNOWN} else url,
            registry_entry=given.entry("registry-url") if url not in {None, ""} else None,
            scope=told(given, "scope", scope.contexts) or None,
            node_version=given.entry("node-version"),
            with_=scope.step.entry("with"),
            span=span(scope.step.node, scope.path) if scope.step.node is not None else None,
        )
        self.configured.set_up(setup, scope.env)
        self.installed.set_up(given, scope)

    def _local_action(self, action: Uses, given: Map, scope: Scope) -> None:
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
            self.installed.unknown(action.name)
        self._unknown_action(action, given, scope)

    def _own_action(self, given: Map, scope: Scope) -> None:
        """The repository's own action, which is not at hand: a publish where an npm token goes in."""
        named = (scope.outer.text("name") or "").lower()
        tokens = of_inputs(given, tuple(name for name in given if "token" in name.lower()), scope.contexts)
        npm = any("npm" in (one.secret or "").lower() for one in tokens)
        if not npm and not ("npm" in named and "publish" in named and self.job.base.permission.granted is True):
            return
        registry = given_text(given, "registry", scope.contexts)
        if isinstance(registry, str) and LOCAL.search(registry):
            return
        self._hidden_action(Uses("./"), tokens, scope)

    def _composite(self, text: str, path: str, given: Map, scope: Scope) -> None:
        try:
            file = source(text, path)
            root = Map(compose(text), file)
            runs = root.map("runs")
            if runs.text("using") != "composite":
                return
            declared = root.map("inputs")
            known = fixed(scope.contexts)
            inputs, certain = Chosen(), {}
            for name in declared:
                default = declared.map(name).text("default") or ""
                value, sure = (given_text(given, name, contexts) for contexts in (scope.contexts, known))
                inputs[name], certain[name] = default if value is None else value, default if sure is None else sure
            inputs.fixed = certain
            contexts = {**scope.contexts, "inputs": inputs}
            for step in runs.maps("steps"):
                self._step(
                    scope._replace(
                        path=path, contexts=contexts, step=step, depth=scope.depth + 1, shell=None, directory="."
                    )
                )
        except UnreadableError:
            self.installed.unknown(path)

    def _publishing_action(self, action: Uses, known: actions.Publishes, given: Map, scope: Scope) -> None:
        command = f"uses: {action.name}{'@' + action.ref if action.ref else ''}"
        if told(given, known.dry_run, fixed(scope.contexts)).lower() == "true":
            return
        does = told(given, known.does, scope.contexts)
        if does in {"check", "workflow", "status", "version", "preview"}:  # the last three of covector
            return
        tokens = of_inputs(given, known.token, scope.contexts)
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
        url = given_text(given, known.registry, scope.contexts) if known.registry else None
        flag = None if url is None else ("${{ … }}" if url is UNKNOWN else as_text(url))
        registry = self._registry(flag or None, scope.env, ".", scope.contexts)
        if registry is None:
            return
        version = told(given, known.version, scope.contexts) or actions.semantic_release(action)
        found = self._base(scope, ".")
        hidden = f"the action {action.name}" if known.tool == "action" else None
        tokens += self.configured.tokens("hidden" if hidden else known.tool, scope.env, registry, hidden=bool(hidden))
        major = lowest(action.ref)
        if known.own_from and major is not None and major.major < known.own_from:
            version = str(major)
        if hidden and not self._reached(tokens):
            return
        self.found.append(
            found._replace(
                command=command,
                tool=known.tool,
                tool_version=version,
                hidden=hidden,
                tokens=tuple(tokens),
                registry=registry,
                provenance=switch(scope.env, "npm_config_provenance"),
                swallowed=_continues(scope),
            )
        )

    def _own(self, shown: str, does: str, given: Map, scope: Scope) -> None:
        """This project's own action: the npm on PATH publishes, with the words of `args`; or the command named does."""
        where = given_text(given, "working-directory", scope.contexts)
        directory = None if where is UNKNOWN else joined(scope.directory, where)
        script = (
            given.text("publish-with") or f"npm {'stage ' if does == 'stage' else ''}publish {given.text('args') or ''}"
        )
        self._script(script, scope._replace(called=shown, directory=directory, language="bash"))

    def _may_publish(self, text: str, scope: Scope) -> bool:
        """Whether a script in which no publish is seen may start one, in what is not at hand."""
        evaluate = in_script(scope)
        expressions = tuple((inner, evaluate(inner.strip())) for inner in EXPRESSION.findall(text))
        return any(
            self._leads_on(read, scope) for read in commands(text, scope.language, scope.directory, (), expressions)
        )

    def _leads_on(self, read: "Read", scope: Scope) -> bool:
        command, doing, _, _ = read
        deeper = scope._replace(depth=scope.depth + 1, language="sh")
        if isinstance(doing, publish_commands.RunsScript):
            manifest = self._manifest(joined(command.directory, doing.directory)) if not doing.workspaces else None
            scripts = manifest.get("scripts") if manifest is not None else None
            if not isinstance(scripts, dict) or scope.depth >= _DEEPEST:
                return True
            texts = [scripts[name] for name in doing.names if isinstance(scripts.get(name), str)]
            named = not texts and any("publish" in word for word in command.argv)
            return named or any(self._may_publish(text, deeper) for text in texts)
        if isinstance(doing, publish_commands.RunsFile):
            path = joined(command.directory, doing.path)
            text = self.job.files(path) if path is not None else None
            if text is None or scope.depth >= _DEEPEST:
                return True
            return self._may_publish(text, deeper) if doing.language == "shell" else "publish" in text
        if doing is not None:
            return False
        return 0 in command.opaque or (
            command.argv[0] not in _NO_PUBLISHERS and any("publish" in word for word in command.argv)
        )

    def _publishing_command(
        self, shown: str, text: str, tokens: list[Token], known: actions.Publishes, scope: Scope, given: Map
    ) -> None:
        """The command that changesets/action is given: what it runs decides."""
        before = len(self.found)
        node = given.node_of(known.command or "")
        self._script(text, scope._replace(called=shown, script=node, language="bash"))
        found = self.found[before:]
        if not found:
            registry = self._registry(None, scope.env, ".", scope.contexts)
            if registry is None or not self._may_publish(text, scope._replace(language="bash")):
                return
            self.found.append(
                self._base(scope, ".")._replace(
                    command=shown, tool="unknown", hidden=f"the command {' '.join(text.split())}", registry=registry,
                    tokens=tuple(tokens + self.configured.tokens("changesets", scope.env, registry, hidden=True)),
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
                for kind, secret in [of_variable(var, step.registry)]
                if kind is not None
            ]
            self.found[at] = step._replace(command=shown, tokens=(*step.tokens, *tokens, *more))


def _ci_disabled(scope: Scope) -> Location | None:
    """Where CI is set to false."""
    var = scope.env.get("CI")
    if var is None or (var.value or "").strip().lower() != "false":
        return None
    return var.entry.value.at if var.entry else Location(scope.path, scope.line)


def _captured(command: interpreter.Command, name: str) -> bool:
    """Whether a script is asked for what it prints: `release-channel.js` names one, and publishes nothing."""
    return command.swallowed == "$( )" and "publish" not in name.lower()


def _continues(scope: Scope) -> str | None:
    return "continue-on-error: true" if scope.outer.text("continue-on-error") == "true" else None


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
