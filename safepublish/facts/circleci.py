"""CircleCI's .circleci/config.yml, read for what will happen where it publishes (circleci.com/docs).

Orbs are not read, save for `node/install`, which names its version; parameters keep what they decide unknown.
"""

import re
from collections.abc import Iterator

from safepublish.facts import document, nodes, scripts
from safepublish.facts.document import Map, Source, YamlNode, span
from safepublish.facts.finding import Location
from safepublish.facts.kinds import Ci
from safepublish.facts.machine import Machine
from safepublish.facts.scope import Files, Job, Var
from safepublish.facts.step import Entry, File, Node, Npm, Permission, Runner, Step

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

    def steps(self) -> Iterator[Step]:
        """Every publish of every job."""
        jobs = self.root.map("jobs")
        for name in jobs:
            node = jobs.node_of(name)
            if node is not None and node.id == "mapping":
                yield from self._job(name, jobs, node)

    def _job(self, name: str, jobs: Map, node: YamlNode) -> Iterator[Step]:
        job = Map(node, self.source)
        found: list[YamlNode] = []
        asked: list[Entry] = []
        for item in self._items(job.node_of("steps"), _DEEPEST):
            step, version = self._step(item)
            found += [step] if step is not None else []
            asked += [version] if version is not None else []
        text = "\n".join(one.value[0][1].value for one in found)
        there, npm = self._image(job, asked)
        env = _variables(job.map("environment"))
        entry = jobs.entry(name)
        base = Step(
            path=self.source.path,
            entry_path=self.source.path,
            job=name,
            position=None,
            name=None,
            span=span(node, self.source.path),
            at=Location(self.source.path, node.start_mark.line + 1),
            command="",
            tool="",
            ci=Ci.CIRCLECI,
            id_tokens={},
            permission=Permission(granted=True),
            runner=Runner(hosted=True),
            node=there,
            npm=npm,
            job_key=entry.key if entry is not None else None,
            job_span=span(node, self.source.path),
        )
        given = Job(
            base, self.files, {}, {}, {**env, **scripts.outside(text, env)}, "bash -eo pipefail {0}", source=self.source
        )
        for one in Machine(given, there, npm).run([Map(one, self.source) for one in found]):
            held = {"NPM_ID_TOKEN": _audience(text)} if "NPM_ID_TOKEN" in one.env else {}
            yield one._replace(id_tokens=held, name=None)

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

    def _step(self, item: YamlNode) -> tuple[YamlNode | None, Entry | None]:
        """A step that runs a script, or the version of Node that an orb's step installs."""
        step = Map(item, self.source)
        name = next(iter(step), "")
        if name == "node/install":
            return None, step.map(name).entry("node-version")
        run = step.node_of("run")
        if run is not None and run.id == "mapping":
            shell = Map(run, self.source).text("shell")
            run = Map(run, self.source).node_of("command")
            return (scripts.step([run], shell=shell), None) if run is not None and run.id == "scalar" else (None, None)
        return (scripts.step([run]) if run is not None and run.id == "scalar" else None), None

    def _image(self, job: Map, asked: list[Entry]) -> tuple[Node, Npm]:
        """The Node of the job's first Docker image, of its executor's, or the one that an orb installs."""
        holder = job
        executor = job.text("executor") or job.map("executor").text("name")
        if executor is not None:
            holder = self.root.map("executors").map(executor)
        images = holder.items("docker")
        first = Map(images[0], self.source) if images else Map(None, self.source)
        image = first.text("image")
        version = asked[-1].text if asked else nodes.of_container(image) if image else None
        brought = nodes.brings(version) if version else None
        why = "" if brought else f"the image {image or 'of the job'} does not tell"
        npm = Npm(brought, "node" if brought else "unknown", why)
        if asked:
            return Node("orb", version, asked[-1], setup_entry=asked[-1], why=why), npm
        return Node("container", version, first.entry("image"), why=why), npm


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
