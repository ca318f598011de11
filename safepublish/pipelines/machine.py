"""The machine of one job, as its steps so far have left it."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from safepublish.facts.finding import Location
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.step import Invocation, Node, Npm, Refusal, Registry, Step, Token, TokenCommand, Toolchain
from safepublish.pipelines.document import span
from safepublish.pipelines.expressions import ChosenOpen
from safepublish.pipelines.node_setup import InstalledNode
from safepublish.pipelines.npm_setup import NpmConfiguration
from safepublish.pipelines.publish_script import ScriptCommand
from safepublish.pipelines.scope import Job, Scope, Variable

DEEPEST = 6
"""How many scripts that start scripts, and actions that use actions, are followed."""


class Machine:
    """What the steps of a job have left on its machine, on one leg of the matrix, and what they publish."""

    def __init__(self, job: Job, node: Node, npm: Npm) -> None:  # noqa: D107 - the class says it
        self.job = job
        self.installed = InstalledNode(job, node, npm)
        self.configuration = NpmConfiguration(job.files, hidden_variables=job.hidden_variables)
        self.exported: dict[str, Variable] = {}
        self.outputs = ChosenOpen()  # of the steps so far, by their ids: the context `steps`, which decides no `if`
        self.token_commands: list[tuple[int, TokenCommand]] = []  # each with the number of publishes before it
        self.refused: Refusal | None = None  # why the runner does not load an action of the job, which ends it
        self.found: list[Step] = []

    def copy(self) -> "Machine":
        """Another machine in the same state, without what was published."""
        other = Machine(self.job, self.installed.node, self.installed.npm)
        other.installed, other.configuration = self.installed.copy(), self.configuration.copy()
        other.outputs = self.outputs
        other.exported, other.refused = {**self.exported}, self.refused
        return other

    def manifest(self, directory: str | None) -> Mapping[str, Any] | None:
        """The package.json in *directory*; None where there is none, or none that can be read."""
        if directory is None:
            return None
        text = self.job.files(posixpath.normpath(posixpath.join(directory, "package.json")))
        if not text:
            return None
        import json  # only where there is a file

        try:
            manifest = json.loads(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            return None
        return manifest if isinstance(manifest, dict) else None

    def registry(
        self,
        scope: Scope,
        directory: str | None,
        flag: str | None = None,
        env: Mapping[str, Variable] | None = None,
        tool: str | None = None,
    ) -> Registry | None:
        """The registry that a publish from *directory* goes to; None where that is one on the machine itself."""
        variables = scope.env if env is None else env
        return self.configuration.registry(flag, variables, self.manifest(directory) or {}, scope.contexts, tool)

    def has_credential(self, tokens: Sequence[Token]) -> bool:
        """Whether what cannot be read has a credential to publish with: a token, or the permission for OIDC."""
        permission = self.job.base.context.permission
        asks = permission.id_token is not None and (permission.id_token.text or "").strip() == "write"
        return asks or permission.granted is True or any(token.kind is CredentialKind.SET for token in tokens)

    def step(self, scope: Scope, directory: str | None) -> Step:
        """The facts of the step in *scope*, working in *directory*, without those of a publish."""
        outer, base = scope.outer, self.job.base
        assert outer.node is not None  # noqa: S101 - a step is a node
        condition = outer.text("if")
        conditions = base.context.conditions if condition is None else (*base.context.conditions, condition)
        return self.at_end()._replace(
            place=base.place._replace(
                position=scope.position,
                name=outer.text("name"),
                span=span(outer.node, base.place.path),
                at=Location(scope.path, scope.line or outer.node.start_mark.line + 1),
            ),
            invocation=Invocation(
                working_directory=directory,
                env={name: var.value for name, var in scope.env.items()},
                swallowed=scope.continues_on_error,
            ),
            context=base.context._replace(
                conditions=conditions,
                ci_disabled=_ci_disabled(scope),
                lost_variable=_lost_variable(scope) if base.context.ci is Ci.GITHUB else None,
                refused=base.context.refused or (None if _runs_after_failure(condition) else self.refused),
            ),
        )

    def at_end(self) -> Step:
        """The facts of the job at this point."""
        installed = self.installed
        toolchain = Toolchain(installed.node, installed.npm, self.configuration.setup, tuple(installed.upgrades))
        return self.job.base._replace(toolchain=toolchain)


class Reader(Protocol):
    """Reads what steps, scripts and commands do to a machine."""

    machine: Machine

    def read_step(self, scope: Scope) -> None:
        """Read one step."""

    def read_script(self, text: str, scope: Scope) -> None:
        """Read the script *text*."""

    def read_command(self, command: ScriptCommand, scope: Scope) -> None:
        """Read one command of a script."""


def _runs_after_failure(condition: str | None) -> bool:
    """Whether the `if` of a step may let it run after another has failed."""
    return condition is not None and re.search(r"\b(?:always|failure|cancelled)\s*\(", condition) is not None


def _lost_variable(scope: Scope) -> str | None:
    """The variable of GitHub's that npm needs for OIDC and that is empty; with NPM_ID_TOKEN it needs one alone."""
    needed = ("GITHUB_ACTIONS",) if "NPM_ID_TOKEN" in scope.env else _NEEDED
    return next((name for name in needed if name in scope.env and scope.env[name].value == ""), None)


_NEEDED = ("GITHUB_ACTIONS", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")


def _ci_disabled(scope: Scope) -> Location | None:
    """Where CI is set to false."""
    var = scope.env.get("CI")
    if var is None or (var.value or "").strip().lower() != "false":
        return None
    return var.entry.value.at if var.entry else Location(scope.path, scope.line)
