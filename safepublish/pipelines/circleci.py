"""CircleCI's .circleci/config.yml, read for what will happen where it publishes (circleci.com/docs).

Orbs are not read, save for the `install` and the executor of circleci/node, which name their version; parameters keep
what they decide unknown, and an orb's step or job whose name says that it publishes is told, and unknown.
"""

import re
from collections.abc import Iterator

from safepublish.facts.finding import Location
from safepublish.facts.kinds import Ci
from safepublish.facts.step import Entry, File, Node, Npm, Permission, Runner, Step
from safepublish.npm import bundled, node_version
from safepublish.pipelines import document, script_steps
from safepublish.pipelines.document import Map, Source, YamlNode, span
from safepublish.pipelines.job import Machine
from safepublish.pipelines.publish_script import may_publish
from safepublish.pipelines.scope import Files, Job, Var

PATH = ".circleci/config.yml"
_ASKED = re.compile(r"oidc\s+get\b[^\n]*?\\?\"aud\\?\"\s*:\s*\\?\"([^\"\\]+)")
_OTHERS = re.compile(r"NPM_ID_TOKEN=[\"']?\$(?:\{?CIRCLE_OIDC_TOKEN(?:_V2)?\b|\(\s*circleci run oidc get\s*\))")
_DEEPEST = 5


def read(text: str, path: str, files: Files) -> File:
    """The publishing commands of the configuration *text*, as steps of its jobs."""
    return document.read(text, path, lambda root, origin: ((one,) for one in _Config(root, origin, files).steps()))


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
        for name in workflows:
            for item in workflows.map(name).items("jobs"):
                called = (
                    item
                    if item.id == "scalar"
                    else next((pair[0] for pair in Map(item, self.source).pairs.values()), None)
                )
                if called is not None and self._hides(called.value):
                    yield self._hidden(self._base(called.value, called), "job", called)

    def _job(self, name: str, jobs: Map, node: YamlNode) -> Iterator[Step]:
        job = Map(node, self.source)
        found: list[YamlNode] = []
        hidden: list[YamlNode] = []
        installed: tuple[str, Entry | None] | None = None
        for item in self._items(job.node_of("steps"), _DEEPEST):
            step, named = self._script(item), self._name(item)
            found += [step] if step is not None else []
            hidden += [item] if self._hides(named) else []
            if named.endswith("/install") and self._is_node(named):
                installed = named, Map(item, self.source).map(named).entry("node-version")
        text = "\n".join(one.value[0][1].value for one in found)
        there, npm = self._image(job, installed)
        env = _variables(job.map("environment"))
        entry = jobs.entry(name)
        base = self._base(name, node)._replace(node=there, npm=npm, job_key=entry.key if entry is not None else None)
        given = Job(
            base,
            self.files,
            {},
            {},
            {**env, **script_steps.outside(text, env)},
            "bash -eo pipefail {0}",
            source=self.source,
        )
        for one in Machine(given, there, npm).run([Map(one, self.source) for one in found]):
            held = {"NPM_ID_TOKEN": _audience(text)} if "NPM_ID_TOKEN" in one.env else {}
            yield one._replace(id_tokens=held, name=None)
        for item in hidden:
            yield self._hidden(base, "step", item)

    def _base(self, job: str, node: YamlNode) -> Step:
        path = self.source.path
        return Step(
            path=path,
            entry_path=path,
            job=job,
            position=None,
            name=None,
            span=span(node, path),
            at=Location(path, node.start_mark.line + 1),
            command="",
            tool="",
            ci=Ci.CIRCLECI,
            id_tokens={},
            permission=Permission(granted=True),
            runner=Runner(hosted=True),
            job_span=span(node, path),
        )

    def _hidden(self, base: Step, what: str, node: YamlNode) -> Step:
        """A step or job of an orb that, to judge by its name, publishes: whether it does, and how, the orb tells."""
        name = self._name(node)
        at = Location(self.source.path, node.start_mark.line + 1)
        orb = self.orbs[name.partition("/")[0]]
        return base._replace(
            command=name,
            tool="unknown",
            hidden=f"the {what} {name} of the orb {orb}",
            at=at,
            id_tokens=None,
            missing=(f"orb {orb}",),
        )

    def _hides(self, name: str) -> bool:
        """Whether a step or job by its name stands in an orb and publishes."""
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
        """A step that runs a script, as one of GitHub's."""
        run = Map(item, self.source).node_of("run")
        if run is not None and run.id == "mapping":
            shell = Map(run, self.source).text("shell")
            run = Map(run, self.source).node_of("command")
            return script_steps.step([run], shell=shell) if run is not None and run.id == "scalar" else None
        return script_steps.step([run]) if run is not None and run.id == "scalar" else None

    def _image(self, job: Map, installed: tuple[str, Entry | None] | None) -> tuple[Node, Npm]:
        """The Node that an orb's step installs, else that of the job's first Docker image, or of its executor's."""
        if installed is not None:
            step, version = installed
            return self._put(
                "orb", None if version is None else version.text, version, f"the step {step} does not tell"
            )
        executor = job.text("executor") or job.map("executor").text("name")
        if executor is not None and executor not in self.root.map("executors"):
            tag = job.map("executor").entry("tag") if self._is_node(executor) else None
            why = f"the executor {executor} stands in an orb, and that is not among the files at hand"
            return self._put("orb", None if tag is None else tag.text, tag, why)
        holder = job if executor is None else self.root.map("executors").map(executor)
        images = holder.maps("docker")
        entry = images[0].entry("image") if images else None
        image = entry.text if entry is not None else None
        asked = node_version.of_container(image) if image else None
        return self._put("container", asked, entry, f"the image {image or 'of the job'} does not tell")

    @staticmethod
    def _put(source: str, asked: str | None, entry: Entry | None, otherwise: str) -> tuple[Node, Npm]:
        brought = bundled.brings(asked) if asked else None
        why = "" if brought else otherwise
        setup = entry if source == "orb" else None
        return Node(source, asked, entry, setup_entry=setup, why=why), Npm(
            brought, "node" if brought else "unknown", why
        )


def _audience(text: str) -> tuple[str, ...]:
    """The audiences that the job's scripts ask an id token for, as far as they tell."""
    found = tuple(dict.fromkeys(_ASKED.findall(text)))
    return found or (("CircleCI's own services",) if _OTHERS.search(text) else ())


def _variables(given: Map) -> dict[str, Var]:
    found: dict[str, Var] = {}
    for name in given:
        text = given.text(name)
        found[name] = Var(text, None if text is None or "<<" in text else text, given.entry(name), "environment")
    return found
