"""CircleCI's .circleci/config.yml, read for what will happen where it publishes (circleci.com/docs).

Orbs are not read, save for the `install` and the executor of circleci/node, which name their version; parameters keep
what they decide unknown, and an orb's step or job whose name says that it publishes is reported as unknown.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from safepublish.facts.finding import Location
from safepublish.facts.kinds import Ci
from safepublish.facts.step import (
    Credentials,
    Entry,
    File,
    Invocation,
    JobContext,
    Node,
    Npm,
    Permission,
    Place,
    Refusal,
    Runner,
    Step,
    Toolchain,
)
from safepublish.npm import node_version
from safepublish.pipelines import document
from safepublish.pipelines.document import Map, Source, YamlNode, span
from safepublish.pipelines.job import JobReader
from safepublish.pipelines.machine import Machine
from safepublish.pipelines.node_setup import node_with_npm
from safepublish.pipelines.publish_names import may_publish
from safepublish.pipelines.scope import Files, Job, Variable
from safepublish.pipelines.script_steps import SHELL, project_variables, script_step

_REQUESTED_AUDIENCE = re.compile(r"oidc\s+get\b[^\n]*?\\?\"aud\\?\"\s*:\s*\\?\"([^\"\\]+)")
_OWN_TOKEN = re.compile(r"NPM_ID_TOKEN=[\"']?\$(?:\{?CIRCLE_OIDC_TOKEN(?:_V2)?\b|\(\s*circleci run oidc get\s*\))")
_DEEPEST = 5


def read(text: str, path: str, files: Files) -> File:
    """The publishing commands of the configuration *text*, as steps of its jobs."""
    return document.read(
        text, path, lambda root, origin: ((step,) for step in _Config(root, origin, files).steps()), merges=True
    )


class _Config:
    def __init__(self, root: Map, origin: Source, files: Files) -> None:
        self.root, self.source, self.files = root, origin, files
        self.orbs = {name: root.map("orbs").text(name) or "" for name in root.map("orbs")}

    def steps(self) -> Iterator[Step]:
        """Every publish of every job."""
        jobs = self.root.map("jobs")
        for name in jobs:
            node = jobs.node_of(name)
            if node is not None and node.id == "mapping":
                yield from self._job(name, jobs, node)
        workflows = self.root.map("workflows")
        for workflow in workflows:
            for item in workflows.map(workflow).items("jobs"):
                keys = Map(item, self.source).pairs.values()
                called = item if item.id == "scalar" else next((key for key, _ in keys), None)
                if called is not None and self._may_publish(called.value):
                    yield self._hidden(self._base(called.value, called), "job", called)

    @cached_property
    def refused(self) -> Refusal | None:
        """Why CircleCI runs no workflow: one names a job, or requires one, that is not there."""
        workflows = self.root.map("workflows")
        return next((fault for name in workflows for fault in self._faults(workflows.map(name))), None)

    def _faults(self, workflow: Map) -> Iterator[Refusal]:
        items = [
            (self._name(item), item, Map(item, self.source).map(self._name(item))) for item in workflow.items("jobs")
        ]
        if any("matrix" in job or "<<" in name for name, _, job in items):
            return  # its jobs have other names
        known = {job.text("name") or name for name, _, job in items}
        for name, item, job in items:
            line = Location(self.source.path, item.start_mark.line + 1)
            defined = name in self.root.map("jobs") or "/" in name or job.text("type") in {"approval", "no-op"}
            if not defined and name not in self.orbs:
                yield Refusal(f"the workflow names the job {name!r}, which is not in this file", line)
            for node in job.items("requires"):
                needed = node.value if node.id == "scalar" else next(iter(Map(node, self.source)), "")
                if needed not in known and "<<" not in needed:
                    yield Refusal(f"the job {name} requires the job {needed!r}, which is not in its workflow", line)

    def _job(self, name: str, jobs: Map, node: YamlNode) -> Iterator[Step]:
        job = Map(node, self.source)
        items = list(self._items(job.node_of("steps"), _DEEPEST))
        scripts = [step for item in items if (step := self._script(item)) is not None]
        text = "\n".join(step.value[0][1].value for step in scripts)
        entry = jobs.entry(name)
        base = self._base(name, node)
        node_there, npm = self._node(job, items)
        base = base._replace(
            place=base.place._replace(job_key=entry.key if entry is not None else None),
            toolchain=Toolchain(node_there, npm),
        )
        env = _variables(job.map("environment"))
        env = {**env, **project_variables(text, env)}
        job_there = Job(
            base,
            self.files,
            {},
            {},
            env,
            SHELL,
            source=self.source,
            hidden_variables="the project's variables or a context",
        )
        machine = Machine(job_there, node_there, npm)
        for publish in JobReader(machine).read([Map(script, self.source) for script in scripts]):
            id_tokens = {"NPM_ID_TOKEN": _audiences(text)} if "NPM_ID_TOKEN" in publish.invocation.env else {}
            yield publish._replace(
                place=publish.place._replace(name=None), credentials=publish.credentials._replace(id_tokens=id_tokens)
            )
        for item in items:
            if self._may_publish(self._name(item)):
                yield self._hidden(base, "step", item)

    def _base(self, job: str, node: YamlNode) -> Step:
        """The facts that all steps of a job share."""
        path, place = self.source.path, span(node, self.source.path)
        return Step(
            Place(
                path=path,
                entry_path=path,
                job=job,
                position=None,
                name=None,
                span=place,
                at=Location(path, place.line),
                job_span=place,
            ),
            context=JobContext(
                ci=Ci.CIRCLECI, refused=self.refused, permission=Permission(granted=True), runner=Runner(hosted=True)
            ),
            credentials=Credentials(id_tokens={}),
        )

    def _hidden(self, base: Step, what: str, node: YamlNode) -> Step:
        """A step or job of an orb that, to judge by its name, publishes; how is in the orb, which is not read."""
        name = self._name(node)
        orb = self.orbs[name.partition("/")[0]]
        return base._replace(
            place=base.place._replace(at=Location(self.source.path, node.start_mark.line + 1)),
            invocation=Invocation(name, "unknown", hidden=f"the {what} {name} of the orb {orb}"),
            context=base.context._replace(missing=(f"orb {orb}",)),
            credentials=base.credentials._replace(id_tokens=None),
        )

    def _may_publish(self, name: str) -> bool:
        """Whether a step or job is an orb's whose name says that it publishes."""
        orb, slash, own = name.partition("/")
        return bool(slash) and orb in self.orbs and may_publish(own)

    def _is_node(self, name: str) -> bool:
        orb = name.partition("/")[0]
        return self.orbs.get(orb, "").startswith("circleci/node@") or orb == "node"

    def _name(self, item: YamlNode) -> str:
        return str(item.value) if item.id == "scalar" else next(iter(Map(item, self.source)), "")

    def _items(self, steps: YamlNode | None, depth: int) -> Iterator[YamlNode]:
        """The steps of a job, those of `when`, `unless` and of the file's own commands among them."""
        if steps is None or steps.id != "sequence" or depth <= 0:
            return
        commands = self.root.map("commands")
        for item in steps.value:
            step = Map(item, self.source)
            name = item.value if item.id == "scalar" else next(iter(step), "")
            if name in {"when", "unless"}:
                yield from self._items(step.map(name).node_of("steps"), depth - 1)
            elif isinstance(name, str) and name in commands:
                yield from self._items(commands.map(name).node_of("steps"), depth - 1)
            else:
                yield item

    def _script(self, item: YamlNode) -> YamlNode | None:
        """A step that runs a script, in the form of one of GitHub's."""
        run = Map(item, self.source).node_of("run")
        shell = None
        if run is not None and run.id == "mapping":
            shell = Map(run, self.source).text("shell")
            run = Map(run, self.source).node_of("command")
        return script_step([run], shell=shell) if run is not None and run.id == "scalar" else None

    def _node(self, job: Map, items: list[YamlNode]) -> tuple[Node, Npm]:
        """The Node that an orb's step installs, else that of the job's executor, or of its first Docker image."""
        for item in reversed(items):
            name = self._name(item)
            if name.endswith("/install") and self._is_node(name):
                version = Map(item, self.source).map(name).entry("node-version")
                return _orb_node(version, f"the step {name} does not show the version")
        executor = job.text("executor") or job.map("executor").text("name")
        executors = self.root.map("executors")
        if executor is not None and executor not in executors:
            tag = job.map("executor").entry("tag") if self._is_node(executor) else None
            return _orb_node(tag, f"the executor {executor} is defined in an orb, which is not in this repository")
        images = (job if executor is None else executors.map(executor)).maps("docker")
        entry = images[0].entry("image") if images else None
        image = entry.text if entry is not None else None
        version_there = node_version.of_container(image) if image else None
        unknown = f"the image {image or 'of the job'} does not show the version"
        return node_with_npm("container", version_there, entry, unknown=unknown)


def _orb_node(version: Entry | None, unknown: str) -> tuple[Node, Npm]:
    """The Node that an orb installs, with the version that stands in the file."""
    text = None if version is None else version.text
    return node_with_npm("orb", text, version, unknown=unknown, setup_entry=version)


def _audiences(text: str) -> tuple[str, ...]:
    """The audiences that the job's scripts request an ID token for, as far as they say."""
    found = tuple(dict.fromkeys(_REQUESTED_AUDIENCE.findall(text)))
    return found or (("CircleCI's own services",) if _OWN_TOKEN.search(text) else ())


def _variables(block: Map) -> dict[str, Variable]:
    found: dict[str, Variable] = {}
    for name in block:
        text = block.text(name)
        value = None if text is None or "<<" in text else text
        found[name] = Variable(text, value, block.entry(name), "environment")
    return found
