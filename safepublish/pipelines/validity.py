"""Why GitHub does not run a workflow, or its runner an action, whose YAML can be read.

The rules are those of GitHub's own parser (npm: @actions/workflow-parser 0.3.61, workflow-v1.0.json and
action-v1.0.json; its model/converter). A key that only a newer parser may know is no fault.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from safepublish.facts.finding import Location
from safepublish.facts.step import Refusal
from safepublish.pipelines.document import Map, Source, YamlNode, strings
from safepublish.pipelines.expressions import EXPRESSION, fault
from safepublish.shell.options import names

_EVENT = frozenset({"github", "inputs", "vars"})
_NEEDS = _EVENT | {"needs"}
_MATRIX = _NEEDS | {"strategy", "matrix"}
_STEP = _MATRIX | {"secrets", "steps", "job", "runner", "env"}
_ACTION = frozenset({"github", "inputs", "strategy", "matrix", "steps", "job", "runner", "env"})
_DEFAULT = frozenset({"github", "strategy", "matrix", "job", "runner"})
_STATUS = frozenset({"always", "success", "failure", "cancelled"})
_FILES = frozenset({"hashfiles"})

_OF_WORKFLOW = {"run-name": _EVENT, "env": _EVENT | {"secrets"}, "concurrency": _EVENT}
_OF_JOB = {
    "strategy": _NEEDS,
    **dict.fromkeys(("name", "runs-on", "timeout-minutes", "continue-on-error", "concurrency", "with"), _MATRIX),
    **dict.fromkeys(("env", "secrets"), _MATRIX | {"secrets"}),
    "outputs": _STEP,
}
"""The contexts that expressions may use, by the key of the workflow or job."""

_STEP_KEYS = ("name", "run", "with", "env", "working-directory", "timeout-minutes", "continue-on-error")
_OTHER_STEPS = frozenset({"wait", "wait-all", "cancel", "parallel", "<<"})
"""Keys of steps that neither run nor use something."""

_ID = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_NO_KEYS: Mapping[str, frozenset[str]] = {
    "workflow": names("runs-on steps needs uses run with strategy branches tags push inputs secrets if"),
    "job": names("run with shell working-directory secrets on jobs"),
    "calling job": names("runs-on steps container services outputs defaults environment env run shell"),
    "step that runs a script": frozenset({"with"}),
    "step that uses an action": frozenset({"shell", "working-directory"}),
    "step": names("runs-on steps needs permissions strategy outputs secrets environment defaults jobs"),
}
"""Keys that have a meaning elsewhere, and none here."""


def of_workflow(root: Map) -> Refusal | None:
    """Why GitHub runs no job of a workflow; None where nothing is wrong with it."""
    return next(_Check(root.source).workflow(root), None)


def of_action(root: Map) -> Refusal | None:
    """Why the runner does not load a composite action; None where nothing is wrong with it."""
    return next(_Check(root.source).action(root), None)


class _Check:
    """Finds what is wrong in one file, in its order."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def workflow(self, root: Map) -> Iterator[Refusal]:
        jobs = root.map("jobs")
        if "on" not in root:
            yield Refusal("the workflow has no `on`, so nothing starts it", Location(self.source.path, 1))
        yield from self._misplaced(root, "workflow")
        for key, contexts in _OF_WORKFLOW.items():
            yield from self._expressions(root.node_of(key), contexts)
        for name in jobs:
            yield from self._job(name, jobs)
        yield from self._needs(jobs)

    def action(self, root: Map) -> Iterator[Refusal]:
        inputs = root.map("inputs")
        for name in inputs:
            yield from self._expressions(inputs.map(name).node_of("default"), _DEFAULT, _FILES)
        steps = root.map("runs").maps("steps")
        for step in steps:
            yield from self._step(step, _ACTION, _ACTION)
            if "run" in step and "shell" not in step and "<<" not in step:
                yield self._at(step.node_of("run"), "a step that runs a script in an action needs a `shell`")
        yield from self._ids(steps)

    # Jobs

    def _job(self, name: str, jobs: Map) -> Iterator[Refusal]:
        job, (key, _) = jobs.map(name), jobs.pairs[name]
        if not _ID.fullmatch(name) or name.startswith("__") or len(name) >= 100:
            yield self._at(key, f"{name!r} cannot be the name of a job: letters, digits, - and _ are possible")
        calls = "uses" in job
        yield from self._misplaced(job, "calling job" if calls else "job")
        if job and not calls and not {"runs-on", "<<"} & set(job):
            yield self._at(key, f"the job {name} has no `runs-on`")
        yield from self._condition(job, _NEEDS, _STATUS)
        environment = job.node_of("environment")
        if environment is not None and environment.id == "mapping":
            environment = job.map("environment").node_of("name")
        yield from self._expressions(environment, _MATRIX)
        for key_there, contexts in _OF_JOB.items():
            yield from self._expressions(job.node_of(key_there), contexts)
        steps = job.maps("steps")
        for step in steps:
            yield from self._step(step, _STEP, _STEP - {"secrets"})
        yield from self._ids(steps)

    def _needs(self, jobs: Map) -> Iterator[Refusal]:
        """What waits for a job that is not there, or for itself."""
        known = {name.lower(): name for name in jobs}
        waiting: dict[str, list[str]] = {}
        for name in jobs:
            node = jobs.map(name).node_of("needs")
            waiting[name.lower()] = [need.lower() for need in strings(node)]
            absent = next((need for need in strings(node) if need.lower() not in known and "${{" not in need), None)
            if absent is not None:
                yield self._at(node, f"the job {name} needs the job {absent!r}, which is not in this file")
        try:
            TopologicalSorter(waiting).prepare()
        except CycleError as error:
            first = known[error.args[1][-1]]
            yield self._at(jobs.map(first).node_of("needs"), f"the job {first} needs itself, through `needs`")

    # Steps

    def _step(self, step: Map, contexts: frozenset[str], of_if: frozenset[str]) -> Iterator[Refusal]:
        if step.node is None or step.node.id != "mapping" or _OTHER_STEPS & set(step):
            return
        what = "step that uses an action" if "uses" in step else "step that runs a script"
        if ("uses" in step) == ("run" in step):
            both = "both `run` and `uses`" if "run" in step else "neither `run` nor `uses`"
            yield self._at(step.node, f"a step has {both}")
        yield from self._misplaced(step, what)
        yield from self._misplaced(step, "step")
        yield from self._condition(step, of_if, _STATUS | _FILES)
        for key in _STEP_KEYS:
            yield from self._expressions(step.node_of(key), contexts, _FILES)

    def _ids(self, steps: Iterable[Map]) -> Iterator[Refusal]:
        known = set()
        for step in steps:
            name = step.text("id")
            if name is None:
                continue
            if not _ID.fullmatch(name) or name.startswith("__"):
                yield self._at(step.node_of("id"), f"{name!r} cannot be the id of a step")
            if name.lower() in known:
                yield self._at(step.node_of("id"), f"two steps have the id {name!r}")
            known.add(name.lower())

    # Keys and expressions

    def _misplaced(self, block: Map, what: str) -> Iterator[Refusal]:
        for name in block:
            if name in _NO_KEYS[what]:
                yield self._at(block.pairs[name][0], f"a {what} cannot have `{name}`")

    def _condition(self, block: Map, contexts: frozenset[str], functions: frozenset[str]) -> Iterator[Refusal]:
        """What is wrong with an `if`, which is an expression also without ``${{ }}``."""
        node = block.node_of("if")
        if node is None or node.id != "scalar" or not node.value.strip():
            return
        if "${{" in node.value:
            yield from self._expressions(node, contexts, functions)
        elif (why := fault(node.value, contexts, functions)) is not None:
            yield self._at(node, why)

    def _expressions(
        self, node: YamlNode | None, contexts: frozenset[str], functions: frozenset[str] = frozenset()
    ) -> Iterator[Refusal]:
        """What is wrong with the expressions in *node*, in all scalars below it."""
        for scalar in _scalars(node):
            if "${{" not in scalar.value:
                continue
            for text in EXPRESSION.findall(scalar.value):
                why = fault(text, contexts, functions)
                if why is not None:
                    yield self._at(scalar, why)

    def _at(self, node: YamlNode | None, text: str) -> Refusal:
        mark = node.start_mark if node is not None else None
        return Refusal(text, Location(self.source.path, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1))


def _scalars(node: YamlNode | None, depth: int = 10) -> Iterator[YamlNode]:
    """The scalars of *node*; of a mapping those of its values."""
    if node is None or depth <= 0:
        return
    if node.id == "scalar":
        yield node
    elif node.id == "sequence":
        for item in node.value:
            yield from _scalars(item, depth - 1)
    else:
        for _, value in node.value:
            yield from _scalars(value, depth - 1)
