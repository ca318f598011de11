"""The Node and the npm in place on a job's machine, and what put them there."""

import posixpath
from typing import Any

from safepublish.facts.kinds import Ci
from safepublish.facts.step import Entry, Node, Npm, Upgrade
from safepublish.npm import bundled, node_version, upgrades
from safepublish.pipelines.document import Map, is_plain, span
from safepublish.pipelines.expressions import UNKNOWN, as_text, names
from safepublish.pipelines.publish_script import is_alone
from safepublish.pipelines.scope import Job, Scope, given_text, span_of
from safepublish.shell import interpreter, publish_commands

_NEWEST_PNPM = "11"
"""The oldest that `latest` may mean."""


class Installed:
    """The Node and npm of one job's machine, as the steps so far have left them."""

    def __init__(self, job: Job, node: Node, npm: Npm) -> None:  # noqa: D107 - the class says it
        self.job, self.node, self.npm = job, node, npm
        self.upgrades: list[Upgrade] = []
        self.managers: dict[str, str] = {}
        self.until_then: tuple[Node, Npm] | None = None  # what the step's end brings back

    def copy(self) -> "Installed":
        """Another one with the same in place."""
        twin = Installed(self.job, self.node, self.npm)
        twin.upgrades, twin.managers, twin.until_then = [*self.upgrades], {**self.managers}, self.until_then
        return twin

    def end_of_step(self) -> None:
        """Bring back what a command has replaced for its own shell alone."""
        if self.until_then is not None:
            self.node, self.npm = self.until_then
            self.until_then = None

    def manager(self, name: str, version: str) -> None:
        """A package manager that an action installs."""
        self.managers[name] = version if version[0].isdigit() else _NEWEST_PNPM

    def upgrade(self, doing: publish_commands.Upgrade, command: interpreter.Command, scope: Scope) -> None:
        """A command that puts another npm, or another Node, in place: where it can, that is there afterwards."""
        if not doing.everywhere:
            if doing.node is None:
                return  # an npm in node_modules, which no publish of its own accord starts
            self.until_then = self.until_then or (self.node, self.npm)  # of this step's shell alone
        if doing.node is not None or (doing.npm is None and doing.tool not in {"npm", "corepack"}):
            asked = doing.node
            self.node = Node(doing.tool, asked, why="" if asked else f"{doing.tool} chooses it")
            brought = bundled.brings(asked) if asked else None
            self.npm = Npm(
                brought, "node" if brought else "unknown", "" if brought else f"{doing.tool} chooses the Node"
            )
            if doing.npm is None:
                return
        swallowed = command.swallowed is not None or scope.step.text("continue-on-error") == "true"
        if doing.opaque or doing.npm is None:
            outcome = upgrades.Upgrade(None, None, "the version it asks for is not in the file")
        else:
            outcome = upgrades.upgraded(doing.npm, self.node.asked, self.npm.npms, forced=doing.forced)
            if self._may_be_anothers(command):
                outcome = upgrades.either(self.npm.npms, outcome)
        text = " ".join(command.argv)
        alone = scope.depth == 0 and scope.script is not None and is_alone(scope.script.value)
        self.upgrades.append(
            Upgrade(
                step=scope.position,
                span=span_of(command, scope, self.job),
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

    def _may_be_anothers(self, command: interpreter.Command) -> bool:
        """Whether sudo, which on Linux has a PATH of its own (sudoers, secure_path), may start the image's npm."""
        base = self.job.base
        linux = base.ci is Ci.GITHUB and base.runner.os not in {"windows", "macos"} and self.node.source == "setup-node"
        return linux and "sudo" in command.wrappers and not any(name == "PATH" for name, _ in command.assigned)

    def choose(self, source: str, asked: str | None, place: Entry | None) -> None:
        """What *source* puts in place: the Node *asked* for, whose text stands at *place*."""
        brought = bundled.brings(asked) if asked else None
        why = "" if brought else f"{source} chooses the Node"
        self.node = Node(source, asked, place, why=why)
        self.npm = Npm(brought, "node" if brought else "unknown", why)

    def bring(self, asked: str) -> None:
        """Another npm that an action puts beside the Node it brings; "" where only the run tells which."""
        npms = upgrades.upgraded(asked, self.node.asked, self.npm.npms, forced=True).npms if asked else None
        self.npm = Npm(npms, "upgrade" if npms else "unknown", "" if npms else f"{self.node.source} chooses it")

    def unknown(self, name: str) -> None:
        """An action that may put a Node in place and cannot be read."""
        why = f"{name} may put a Node in place, and is not among the files at hand"
        self.node, self.npm = Node("unknown", why=why), Npm(None, "unknown", why)

    def set_up(self, given: Map, scope: Scope) -> None:
        """The Node that setup-node is asked for."""
        asked, entry = given_text(given, "node-version", scope.contexts), given.entry("node-version")
        if asked not in {None, ""}:
            text = None if asked is UNKNOWN else str(asked)
            node = given.node_of("node-version")
            plain = node is not None and node.id == "scalar" and is_plain(node) and "${{" not in node.value
            if text is not None:
                text = node_version.as_read(text, plain=plain)
            place = self._place(entry)
            brought = bundled.brings(text) if text else None
            why = "" if brought else (f"node-version {entry.text if text is None and entry else text} does not tell")
            self.node = Node("setup-node", text, place, scope.position, entry, why=why)
            self.npm = Npm(brought, "node" if brought else "unknown", why)
            return
        file = given_text(given, "node-version-file", scope.contexts)
        if file in {None, ""}:
            return  # nothing is installed (actions/setup-node, src/main.ts)
        self._node_of_file(file, given.entry("node-version-file"), scope)

    def _node_of_file(self, file: Any, entry: Entry | None, scope: Scope) -> None:
        path = None if file is UNKNOWN else posixpath.normpath(as_text(file).replace("\\", "/"))
        text = self.job.files(path) if path is not None else None
        asked = node_version.in_file(text) if path is not None and text is not None else None
        brought = bundled.brings(asked) if asked else None
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
