"""GitLab's .gitlab-ci.yml, read for what will happen where it publishes (docs.gitlab.com/ci/yaml).

Templates from elsewhere (`include`) are not read; a job that extends one keeps what that may bring unknown.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from safepublish.facts import document, nodes, scripts
from safepublish.facts.document import Map, Source, YamlNode, span, strings
from safepublish.facts.finding import Location
from safepublish.facts.kinds import Ci
from safepublish.facts.machine import Machine
from safepublish.facts.scope import Files, Job, Var
from safepublish.facts.step import Entry, File, Node, Npm, Permission, Runner, Step

PATH = ".gitlab-ci.yml"
_NO_JOBS = frozenset(
    {"default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script"}
    | {"after_script", "spec", "types"}
)
_DEEPEST = 10


def read(text: str, path: str, files: Files) -> File:
    """The publishing commands of the pipeline *text*, as steps: each job has one for its before_script and script."""
    return document.read(text, path, lambda root, origin: ((one,) for one in _Pipeline(root, origin, files).steps()))


class _Pipeline:
    def __init__(self, root: Map, origin: Source, files: Files) -> None:
        self.root, self.source, self.files = root, origin, files
        self.elsewhere = "include" in root

    def steps(self) -> Iterator[Step]:
        """Every publish of every job that is no template."""
        for name in self.root:
            job = self.root.node_of(name)
            if name in _NO_JOBS or name.startswith(".") or job is None or job.id != "mapping":
                continue
            yield from self._job(name, job)

    def _job(self, name: str, node: YamlNode) -> Iterator[Step]:
        layers, known = self._layers(node, _DEEPEST)
        env = {
            **_variables(self.root.map("variables")),
            **{key: var for layer in reversed(layers) for key, var in _variables(layer.map("variables")).items()},
        }
        before = self._first("before_script", layers)
        script = next((found for layer in layers if (found := layer.node_of("script")) is not None), None)
        parts = [list(self._scalars(one)) for one in (before, script) if one is not None]
        text = "\n".join(one.value for part in parts for one in part)
        steps = [Map(made, self.source) for part in parts if (made := scripts.step(part)) is not None]
        if not steps:
            return
        node_there, npm = self._image(layers)
        own = layers[0]
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
            ci=Ci.GITLAB,
            id_tokens=self._id_tokens(layers, known=known),
            id_tokens_entry=own.entry("id_tokens"),
            permission=Permission(granted=True),
            runner=Runner(hosted=True),
            node=node_there,
            npm=npm,
            environment=own.text("environment") or own.map("environment").text("name"),
            job_key=self._key(name),
            job_span=span(node, self.source.path),
            steps_key=entry.key if (entry := own.entry("script")) is not None else None,
        )
        every = {**env, **scripts.outside(text, env)}
        job = Job(base, self.files, {}, {}, every, "bash -eo pipefail {0}", source=self.source)
        for one in Machine(job, node_there, npm).run(steps):
            yield one._replace(position=None, name=None)

    def _layers(self, node: YamlNode, depth: int) -> tuple[list[Map], bool]:
        """A job and the templates that it extends, what counts most first, and whether all of them are in this file."""
        job = Map(node, self.source)
        found, known = [job], True
        for name in reversed(strings(job.node_of("extends"))):
            template = self.root.node_of(name)
            if template is None or depth <= 0:
                known = False
                continue
            deeper, all_known = self._layers(template, depth - 1)
            found += deeper
            known = known and all_known
        return found, known

    def _first(self, name: str, layers: list[Map]) -> YamlNode | None:
        """A keyword of the job, else the default."""
        places = [*layers, self.root.map("default"), self.root]
        return next((found for one in places if (found := one.node_of(name)) is not None), None)

    def _scalars(self, node: YamlNode, depth: int = _DEEPEST) -> Iterator[YamlNode]:
        """The commands of a script; `!reference [job, script]` stands for those of another."""
        if getattr(node, "tag", "") == "!reference" and node.id == "sequence" and depth > 0:
            found: YamlNode | None = self.root.node
            for key in strings(node):
                found = Map(found, self.source).node_of(key)
            if found is not None:
                yield from self._scalars(found, depth - 1)
        elif node.id == "sequence" and depth > 0:
            for one in node.value:
                yield from self._scalars(one, depth - 1)
        elif node.id == "scalar":
            yield node

    def _image(self, layers: list[Map]) -> tuple[Node, Npm]:
        image = self._first("image", layers)
        text = None if image is None else image.value if image.id == "scalar" else Map(image, self.source).text("name")
        asked = nodes.of_container(text) if text else None
        brought = nodes.brings(asked) if asked else None
        why = "" if brought else f"the image {text} does not tell" if text else "the job names no image"
        holder = next((one for one in [*layers, self.root.map("default"), self.root] if "image" in one), None)
        entry = holder.entry("image") if holder is not None else None
        return Node("container", asked, entry, why=why), Npm(brought, "node" if brought else "unknown", why)

    def _id_tokens(self, layers: list[Map], *, known: bool) -> Mapping[str, tuple[str, ...]] | None:
        """The id tokens that GitLab mints for the job, with their audiences; None where a template may name them."""
        found: dict[str, tuple[str, ...]] = {}
        for layer in [self.root.map("default"), *reversed(layers)]:
            tokens = layer.map("id_tokens")
            found.update({name: tuple(strings(tokens.map(name).node_of("aud"))) for name in tokens})
        return None if "NPM_ID_TOKEN" not in found and (not known or self.elsewhere) else found

    def _key(self, name: str) -> Any:
        entry: Entry | None = self.root.entry(name)
        return entry.key if entry is not None else None


def _variables(given: Map) -> dict[str, Var]:
    """The variables of a block; one may be a mapping with its value."""
    found = {}
    for name in given:
        text = given.text(name) if given.text(name) is not None else given.map(name).text("value")
        found[name] = Var(text, None if text is None or "$" in text else text, given.entry(name), "variables")
    return found
