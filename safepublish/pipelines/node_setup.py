"""The Node and the npm on a job's machine, and what installed them."""

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from safepublish.facts.kinds import Ci
from safepublish.facts.step import Entry, Node, Npm, Upgrade
from safepublish.npm import bundled, node_version, upgrades
from safepublish.pipelines.action_inputs import input_value
from safepublish.pipelines.document import Map, is_plain
from safepublish.pipelines.expressions import UNKNOWN, as_text, names
from safepublish.pipelines.publish_script import is_single_command
from safepublish.pipelines.scope import Job, Scope, placed
from safepublish.pipelines.script_places import command_span
from safepublish.shell import interpreter, publish_commands

_LATEST_PNPM = "11"
"""The oldest major version that `latest` may mean."""


def node_with_npm(
    source: str, version: str | None, entry: Entry | None = None, *, unknown: str, setup_entry: Entry | None = None
) -> tuple[Node, Npm]:
    """The Node *version* and the npm that it ships; *unknown* says why, where that npm cannot be determined."""
    npms = bundled.brings(version) if version else None
    why = "" if npms else unknown
    node = Node(source, version, entry, setup_entry=setup_entry, why=why)
    return node, Npm(npms, "node" if npms else "unknown", why)


class InstalledNode:
    """The Node and npm of one job's machine, as the steps so far have left them."""

    def __init__(self, job: Job, node: Node, npm: Npm) -> None:  # noqa: D107 - the class says it
        self.job, self.node, self.npm = job, node, npm
        self.upgrades: list[Upgrade] = []
        self.managers: dict[str, str] = {}  # the versions of package managers
        self.local: dict[str, str] = {}  # the npm that commands installed in node_modules, by the directory that has it
        self.pnpm_starts: str | None = None  # pnpm's setting npm-path
        self._after_step: tuple[Node, Npm] | None = None  # what the step's end brings back

    def copy(self) -> "InstalledNode":
        """Another one in the same state."""
        other = InstalledNode(self.job, self.node, self.npm)
        other.upgrades, other.managers, other._after_step = [*self.upgrades], {**self.managers}, self._after_step
        other.local, other.pnpm_starts = {**self.local}, self.pnpm_starts
        return other

    def end_of_step(self) -> None:
        """Bring back what a command has replaced for its own shell alone."""
        if self._after_step is not None:
            self.node, self.npm = self._after_step
            self._after_step = None

    # Commands

    def upgrade(self, doing: publish_commands.Upgrade, command: interpreter.Command, scope: Scope) -> None:
        """Run a command that installs another npm or Node."""
        if not doing.everywhere:
            if doing.node is None:
                directory = placed(scope.directory, doing.directory)
                if directory is not None:
                    self.local[directory] = doing.npm or ""
                return
            self._after_step = self._after_step or (self.node, self.npm)  # only in this step's shell
        if doing.node is not None or (doing.npm is None and doing.tool not in {"npm", "corepack"}):
            self._replace_node(doing)
            if doing.npm is None:
                return
        outcome = self._outcome(doing, command)
        is_swallowed = command.swallowed is not None or scope.step.text("continue-on-error") == "true"
        self.upgrades.append(
            Upgrade(
                step=scope.position,
                span=command_span(command, scope, self.job),
                command=" ".join(command.argv),
                spec=doing.npm or "",
                works=outcome.works,
                brings=outcome.npms,
                why=outcome.why,
                swallowed=is_swallowed,
                alone=scope.depth == 0 and scope.script is not None and is_single_command(scope.script.value),
            )
        )
        if outcome.works is not False or not is_swallowed:
            self.npm = Npm(outcome.npms, "upgrade" if outcome.npms else "unknown", outcome.why)

    def _replace_node(self, doing: publish_commands.Upgrade) -> None:
        npms = bundled.brings(doing.node) if doing.node else None
        self.node = Node(doing.tool, doing.node, why="" if doing.node else f"{doing.tool} chooses it")
        self.npm = Npm(npms, "node" if npms else "unknown", "" if npms else f"{doing.tool} chooses the Node")

    def _outcome(self, doing: publish_commands.Upgrade, command: interpreter.Command) -> upgrades.Upgrade:
        """Whether an upgrade of npm works, and what it installs."""
        if doing.tool == "corepack" and doing.npm is None and (pinned := self._package_manager()) is not None:
            return upgrades.upgraded(pinned, self.node.version, None, forced=True)
        if doing.opaque or doing.npm is None:
            return upgrades.Upgrade(None, None, "its version is not in the file")
        outcome = upgrades.upgraded(doing.npm, self.node.version, self.npm.npms, forced=doing.forced)
        return upgrades.either(self.npm.npms, outcome) if self._may_be_other_npm(command) else outcome

    def _package_manager(self) -> str | None:
        """The npm that `packageManager` of package.json names, which corepack's shim runs; None where it names none."""
        found = re.search(r'"packageManager"\s*:\s*"npm@(\d[^"+]*)', self.job.files("package.json") or "")
        return found[1] if found else None

    def _may_be_other_npm(self, command: interpreter.Command) -> bool:
        """Whether sudo, which on Linux has a PATH of its own (sudoers, secure_path), may start the image's npm."""
        base = self.job.base
        linux = (
            base.context.ci is Ci.GITHUB
            and base.context.runner.os not in {"windows", "macos"}
            and self.node.source == "setup-node"
        )
        by_sudo = any(name.startswith("sudo") for name in command.wrappers)
        return linux and by_sudo and not any(name == "PATH" for name, _ in command.assigned)

    # Actions

    def install_manager(self, name: str, version: str) -> None:
        """Install a package manager."""
        self.managers[name] = version if version[0].isdigit() else _LATEST_PNPM

    def install_node(self, source: str, version: str | None, entry: Entry | None) -> None:
        """Install a Node through *source*, with the version that stands at *entry*."""
        self.node, self.npm = node_with_npm(source, version, entry, unknown=f"{source} chooses the Node")

    def install_npm(self, spec: str) -> None:
        """Install another npm with the Node; "" where its version is unknown."""
        npms = upgrades.upgraded(spec, self.node.version, self.npm.npms, forced=True).npms if spec else None
        self.npm = Npm(npms, "upgrade" if npms else "unknown", "" if npms else f"{self.node.source} chooses it")

    def may_be_replaced(self, name: str) -> None:
        """Forget the Node, because the action *name* may install another and cannot be read."""
        why = f"{name} may install Node, and is not in this repository"
        self.node, self.npm = Node("unknown", why=why), Npm(None, "unknown", why)

    def set_up_node(self, inputs: Map, scope: Scope) -> None:
        """Install the Node that the *inputs* of setup-node request."""
        version, entry = input_value(inputs, "node-version", scope.contexts), inputs.entry("node-version")
        if version not in {None, ""}:
            self._set_up_version(version, entry, inputs, scope)
            return
        file = input_value(inputs, "node-version-file", scope.contexts)
        if file not in {None, ""}:  # else nothing is installed (actions/setup-node, src/main.ts)
            self._set_up_version_file(file, inputs.entry("node-version-file"), scope)

    def _set_up_version(self, version: Any, entry: Entry | None, inputs: Map, scope: Scope) -> None:
        text = None
        if version is not UNKNOWN:
            node = inputs.node_of("node-version")
            plain = node is not None and node.id == "scalar" and is_plain(node) and "${{" not in node.value
            text = node_version.as_read(str(version), plain=plain)
        shown = entry.text if text is None and entry else text
        unknown = f"node-version {shown} does not show the version"
        node_there, self.npm = node_with_npm(
            "setup-node", text, self._place(entry, scope), unknown=unknown, setup_entry=entry
        )
        self.node = node_there._replace(setup=scope.position)

    def _set_up_version_file(self, file: Any, entry: Entry | None, scope: Scope) -> None:
        path = None if file is UNKNOWN else posixpath.normpath(as_text(file).replace("\\", "/"))
        text = self.job.files(path) if path is not None else None
        version = node_version.in_file(text) if text is not None else None
        unknown = f"{path} does not show the version"
        if text is None:
            unknown = f"{path or 'the node-version-file'} is not in this repository"
        node, self.npm = node_with_npm("setup-node", version, entry, unknown=unknown, setup_entry=entry)
        self.node = node._replace(setup=scope.position, file=path)

    def _place(self, entry: Entry | None, scope: Scope) -> Entry | None:
        """Where the text stands that an entry's value names: itself, or the matrix, env or input value."""
        return None if entry is None else named_place(entry, self.job.places if scope.places is None else scope.places)


def named_place(entry: Entry, places: Mapping[str, Entry]) -> Entry | None:
    """The entry whose value an *entry* names, of *places*; itself where it names none, None where that is unknown."""
    if entry.text is None or "${{" not in entry.text:
        return entry
    mentioned = list(names(entry.text))
    return places.get(mentioned[0].lower()) if len(mentioned) == 1 else None
