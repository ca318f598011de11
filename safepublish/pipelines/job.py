"""What the steps of a job do, one after another, until one of them publishes.

Nothing is executed: scripts are read as `safepublish.shell.interpreter` parses them, and so are actions and scripts of
the same repository. A condition that only the run decides counts as met.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from safepublish.facts.finding import Location
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.step import Step, TokenCommand
from safepublish.pipelines.action_steps import read_action
from safepublish.pipelines.actions import uses
from safepublish.pipelines.document import Map
from safepublish.pipelines.expressions import UNKNOWN, Open, as_text, condition, is_never, resolved
from safepublish.pipelines.machine import DEEPEST, Machine
from safepublish.pipelines.publish_script import ScriptCommand, commands, matters_to_publish
from safepublish.pipelines.publish_steps import add_publish
from safepublish.pipelines.repository_scripts import read_file, read_package_scripts
from safepublish.pipelines.scope import Scope, Variable, script_text, variables
from safepublish.pipelines.script_places import file_line
from safepublish.pipelines.unknown_programs import read_unknown_programs
from safepublish.shell import config_commands, interpreter, publish_commands


class JobReader:
    """Reads the steps of a job, and keeps what they leave on its machine."""

    def __init__(self, machine: Machine) -> None:  # noqa: D107 - the class says it
        self.machine = machine

    @property
    def found(self) -> list[Step]:
        """The steps that publish."""
        return self.machine.found

    def read(self, steps: Sequence[Map]) -> list[Step]:
        """Read *steps* in their order; returns those that publish."""
        machine, job = self.machine, self.machine.job
        for position, step in enumerate(steps):
            scope = Scope(step.source.path, job.contexts, position, step, step, job.env, job.shell, job.directory)
            self.read_step(scope)
        for index, publish in enumerate(machine.found if machine.token_commands else ()):
            token_commands = tuple(
                command._replace(ends=command.ends and before <= index) for before, command in machine.token_commands
            )
            machine.found[index] = publish._replace(context=publish.context._replace(token_commands=token_commands))
        return machine.found

    def read_step(self, scope: Scope) -> None:
        """Read one step, of the job or of an action that it uses."""
        step = scope.step
        if self.machine.outputs:
            scope = scope._replace(contexts={**scope.contexts, "steps": self.machine.outputs})
        if self.machine.exported:
            scope = scope.with_env({**scope.env, **self.machine.exported})
        written = step.text("if")
        if condition(written, scope.contexts) is False:
            if is_never(written):
                self._read_switched_off(scope)
            return
        if "env" in step:
            source = "step env" if scope.depth == 0 else "action env"
            scope = scope.with_env({**scope.env, **variables(step.map("env"), scope.contexts, source)})
        program = step.text("run") or step.map("with").text("script") or ""
        if _EXCHANGE.search(program) is not None:
            self.machine.configuration.exchanged_by_hand = True
        called = step.text("uses")
        if called is not None:
            action = uses(as_text(resolved(called, scope.contexts)) if "${{" in called else called)
            read_action(self, action, scope)
        elif "run" in step:
            self._read_run(scope)
            self.machine.installed.end_of_step()

    def _read_switched_off(self, scope: Scope) -> None:
        """Add what a step would publish whose `if` is false; it has no effect on the machine."""
        reader = JobReader(self.machine.copy())
        reader.read_step(scope._replace(step=scope.step.without("if")))
        self.machine.found += [step._replace(context=step.context._replace(never_runs=True)) for step in reader.found]

    # Scripts

    def _read_run(self, scope: Scope) -> None:
        """Read the script of a step."""
        node = scope.step.node_of("run")
        if node is None or node.id != "scalar":
            return
        is_windows = self.machine.job.base.context.runner.os == "windows"
        shell = scope.step.text("shell") or scope.shell or ("pwsh" if is_windows else None)
        written = scope.step.text("working-directory")
        directory = scope.directory
        if written is not None:
            value = resolved(written, scope.contexts)
            directory = None if value is UNKNOWN else as_text(value)
        inner = scope._replace(directory=directory, script=node, language=shell)
        before = len(self.machine.found)
        self.read_script(node.value, inner)
        if (scope.depth or scope.step.text("id") in self._mentioned) and "id" in scope.step:
            self._read_outputs(node.value, inner)
        if len(self.machine.found) == before:
            read_unknown_programs(self.machine, node.value, inner)

    @cached_property
    def _mentioned(self) -> frozenset[str]:
        """The ids of the steps whose outputs the job's file uses."""
        return frozenset(re.findall(r"\bsteps\.([\w-]+)\.outputs\b", "\n".join(self.machine.job.source.lines)))

    def _read_outputs(self, text: str, scope: Scope) -> None:
        """Keep the outputs of a step that its script fixes."""
        outputs = Open()
        for run, *_ in commands(text, scope, _values(text, scope)):
            for output in config_commands.step_outputs(run):
                is_fixed = not (output.opaque or run.conditional or run.loop or output.name in outputs)
                outputs[output.name] = output.value if is_fixed and "if" not in scope.step else UNKNOWN
        self.machine.outputs[scope.step.text("id") or ""] = {"outputs": outputs}

    def read_script(self, text: str, scope: Scope) -> None:
        """Read the script *text*."""
        if _EXCHANGE.search(text) is not None:
            self.machine.configuration.exchanged_by_hand = True
        commands_of_variables = (
            var.value or var.raw or "" for name, var in scope.env.items() if f"${name}" in text or f"${{{name}" in text
        )
        shown = "\n".join([script_text(text, scope), *commands_of_variables])
        if not matters_to_publish(shown) and not any(name in shown for name in self.machine.job.scripts):
            return
        for command in commands(text, scope, _values(shown, scope)):
            self.read_command(command, scope)

    def read_command(self, command: ScriptCommand, scope: Scope) -> None:
        """Read one command of a script."""
        run, doing, written, needs_token = command
        if doing is None and not written and needs_token is None:
            return
        machine = self.machine
        line = file_line(scope.script, run.line) if scope.script is not None else scope.line
        called = scope.called or " ".join(run.argv)
        scope = scope._replace(line=line, called=called, directory=run.directory)
        if needs_token is not None:
            token_command = TokenCommand(needs_token, Location(scope.path, line), self._ends_job(run, scope))
            machine.token_commands.append((len(machine.found), token_command))
        self._read_written(written, run, scope)
        if isinstance(doing, publish_commands.Upgrade):
            machine.installed.upgrade(doing, run, scope)
        elif isinstance(doing, publish_commands.Publish):
            if doing.dry_run is not True:
                add_publish(machine, doing, run, scope)
        elif isinstance(doing, publish_commands.RunsScript) and scope.depth < DEEPEST:
            read_package_scripts(self, doing, run, scope)
        elif isinstance(doing, publish_commands.RunsFile) and scope.depth < DEEPEST:
            read_file(self, doing, run, scope)

    def _ends_job(self, command: interpreter.Command, scope: Scope) -> bool:
        """Whether a *command* that needs a token certainly runs, finds none, and fails the job."""
        is_certain = not command.conditional and command.swallowed is None and command.other_system is None
        always_runs = {scope.outer.text("if"), scope.step.text("if")} == {None} and scope.continues_on_error is None
        if not is_certain or not always_runs or command.assigned or command.exported:
            return False
        machine = self.machine
        registry = machine.registry(scope, scope.directory)
        if registry is None or registry.url is None or machine.job.files(".npmrc") is not None:
            return False
        tokens = machine.configuration.tokens("hidden", scope.env, registry, hidden=True)
        return not any(token.kind is CredentialKind.SET for token in tokens)

    def _read_written(
        self, settings: Sequence[config_commands.ConfigChange], run: interpreter.Command, scope: Scope
    ) -> None:
        """Keep what a command writes into npm's configuration, or into the environment of later steps."""
        machine = self.machine
        for setting in settings:
            if isinstance(setting, config_commands.Credential):
                machine.configuration.write_credential(setting, scope)
            elif isinstance(setting, config_commands.Registry):
                machine.configuration.write_registry(setting)
            elif isinstance(setting, config_commands.EnvironmentVariable):
                if run.conditional and setting.name in machine.exported and "--dry-run" in setting.value:
                    continue  # another branch has another command
                value = None if setting.opaque and setting.name != "PATH" else setting.value
                raw = setting.value if value is not None else _UNKNOWN_PART.sub("${{ … }}", setting.value)
                machine.exported[setting.name] = Variable(raw, value, None, "GITHUB_ENV")
            elif setting.key in {"npm-path", "npmPath"}:
                machine.installed.pnpm_starts = setting.value
            elif setting.key == "provenance" and not setting.opaque:
                machine.exported["npm_config_provenance"] = Variable(setting.value, setting.value, None, "npmrc")


_EXCHANGE = re.compile(r"oidc/token/exchange")
"""How a script exchanges an ID token at the registry itself."""

_UNKNOWN_PART = re.compile(r"\$\{?\w+\}?|\$\([^()]*\)|`[^`]*`")


def _values(text: str, scope: Scope) -> tuple[tuple[str, str | None], ...]:
    """The variables of the environment that *text* names, for the script that it is."""
    return tuple(
        (name, var.raw if var.value is None and "${{" in (var.raw or "") else var.value)
        for name, var in scope.env.items()
        if name in text
    )
