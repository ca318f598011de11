"""GitLab's .gitlab-ci.yml, read for what will happen where it publishes (docs.gitlab.com/ci/yaml).

Files of the same repository that it includes are read with it; templates from elsewhere are not, and what they may
define stays unknown.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from safepublish.facts.finding import Location
from safepublish.facts.kinds import Ci
from safepublish.facts.step import (
    Credentials,
    File,
    JobContext,
    Node,
    Npm,
    Permission,
    Place,
    Refusal,
    Runner,
    Span,
    Step,
    Toolchain,
)
from safepublish.npm import node_version
from safepublish.pipelines import document
from safepublish.pipelines.document import Map, Source, YamlNode, compose, source, span, strings
from safepublish.pipelines.job import JobReader
from safepublish.pipelines.machine import Machine
from safepublish.pipelines.node_setup import node_with_npm
from safepublish.pipelines.scope import Files, Job, Variable
from safepublish.pipelines.script_steps import SHELL, project_variables, script_step

_NO_JOBS = frozenset(
    {"default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script"}
    | {"after_script", "spec", "types"}
)
_DEEPEST = 10
_MOST_INCLUDED = 50


def read(text: str, path: str, files: Files) -> File:
    """The publishing commands of the pipeline *text*, as steps: each job has one for its before_script and script."""
    return document.read(text, path, lambda root, _: ((step,) for step in _Pipeline(root, files).steps()), merges=True)


class _Pipeline:
    def __init__(self, root: Map, files: Files) -> None:
        self.path, self.files = root.source.path, files
        self.missing: list[str] = []  # what is included and cannot be read here
        self.roots = [root]  # in the order in which they count: the file itself, then the last that it includes
        self._include(root)

    def _include(self, root: Map) -> None:
        """Read the files of the repository that *root* includes (docs.gitlab.com/ci/yaml/includes)."""
        for node in root.items("include"):
            keywords = Map(node, root.source)
            name = node.value if node.id == "scalar" else keywords.text("local")
            path = None if name is None or "://" in name or set("$*") & set(name) else name.lstrip("/")
            text = self.files(path) if path is not None else None
            if text is None or path is None or len(self.roots) >= _MOST_INCLUDED:
                shown = " ".join(f"{key} {keywords.text(key) or ''}".strip() for key in keywords)
                self.missing.append(f"include: {shown if name is None else name}")
            elif path not in {included.source.path for included in self.roots}:
                included = Map(compose(text), source(text, path, merges=True))
                self.roots.insert(1, included)
                self._include(included)

    def steps(self) -> Iterator[Step]:
        """Every publish of every job that is no template."""
        for name in dict.fromkeys(name for root in self.roots for name in root):
            definitions = self._named(name)
            is_job = name not in _NO_JOBS and not name.startswith(".")
            if is_job and definitions and definitions[0].node is not None and definitions[0]:
                yield from self._job(name, definitions)

    @cached_property
    def refused(self) -> Refusal | None:
        """Why GitLab creates no pipeline: a job needs one that is not there, and nothing is included unread."""
        return None if self.missing else next(self._faults(), None)

    def _faults(self) -> Iterator[Refusal]:
        known = {name for root in self.roots for name in root}
        for root in self.roots:
            for name in root:
                job = root.map(name)
                for node in job.items("needs") if name not in _NO_JOBS else ():
                    keywords = Map(node, root.source)
                    needed = node.value if node.id == "scalar" else keywords.text("job")
                    is_elsewhere = {"pipeline", "project"} & set(keywords) or keywords.text("optional") == "true"
                    if needed and not is_elsewhere and needed not in known and "$" not in needed:
                        text = f"the job {name} needs the job {needed!r}, which is not in the pipeline"
                        yield Refusal(text, Location(root.source.path, node.start_mark.line + 1))

    def _named(self, name: str) -> list[Map]:
        """What stands under a key of the pipeline, of each file that has it, in the order in which they count."""
        return [root.map(name) for root in self.roots if name in root]

    def _job(self, name: str, definitions: list[Map]) -> Iterator[Step]:
        layers, is_complete = self._layers(definitions, _DEEPEST)
        scripts = [found for key in ("before_script", "script") if (found := self._script(key, layers)) is not None]
        steps = [Map(step, where) for nodes, where in scripts if (step := script_step(nodes)) is not None]
        if not steps:
            return
        base = self._base(name, layers, is_complete=is_complete)
        blocks = [*reversed(self._named("variables")), *(layer.map("variables") for layer in reversed(layers))]
        env = {key: var for block in blocks for key, var in _variables(block).items()}
        text = "\n".join(node.value for nodes, _ in scripts for node in nodes)
        env = {**env, **project_variables(text, env)}
        job = Job(
            base,
            self.files,
            {},
            {},
            env,
            SHELL,
            source=definitions[0].source,
            hidden_variables="the project's variables",
        )
        for publish in JobReader(Machine(job, base.toolchain.node, base.toolchain.npm)).read(steps):
            yield publish._replace(place=publish.place._replace(position=None, name=None))

    def _base(self, name: str, layers: list[Map], *, is_complete: bool) -> Step:
        """The facts that all steps of a job share."""
        job, path = layers[0], layers[0].source.path
        assert job.node is not None  # noqa: S101 - the caller has checked
        node, npm = self._image(layers)
        script = job.entry("script")
        place = Place(
            path=path,
            entry_path=self.path,
            job=name,
            position=None,
            name=None,
            span=span(job.node, path),
            at=Location(path, job.node.start_mark.line + 1),
            job_key=self._key(name),
            job_span=span(job.node, path),
            steps_key=script.key if script is not None else None,
        )
        context = JobContext(
            ci=Ci.GITLAB,
            refused=self.refused,
            never_runs=self._never_runs(layers),
            environment=job.text("environment") or job.map("environment").text("name"),
            permission=Permission(granted=True),
            runner=Runner(hosted=True),
            missing=tuple(self.missing),
        )
        id_tokens = self._id_tokens(layers, is_complete=is_complete)
        credentials = Credentials(id_tokens=id_tokens, id_tokens_entry=job.entry("id_tokens"))
        return Step(place, context=context, toolchain=Toolchain(node, npm), credentials=credentials)

    def _layers(self, definitions: list[Map], depth: int) -> tuple[list[Map], bool]:
        """A job and the templates that it extends, in the order in which they count, and whether all can be read."""
        layers, is_complete = [*definitions], True
        extended = next((definition.node_of("extends") for definition in definitions if "extends" in definition), None)
        for name in reversed(strings(extended)):
            template = self._named(name)
            if not template or depth <= 0:
                is_complete = False
                continue
            deeper, is_deeper_complete = self._layers(template, depth - 1)
            layers += deeper
            is_complete = is_complete and is_deeper_complete
        return layers, is_complete

    def _places(self, layers: list[Map]) -> list[Map]:
        """Where a keyword of a job may stand: in the job, else among the defaults, unless it inherits none."""
        inherited = next((layer.map("inherit").text("default") for layer in layers if "inherit" in layer), None)
        return [*layers, *([] if inherited == "false" else [*self._named("default"), *self.roots])]

    def _script(self, key: str, layers: list[Map]) -> tuple[list[YamlNode], Source] | None:
        """The commands of a script, and the file they stand in."""
        places = self._places(layers) if key == "before_script" else layers
        holder = next((place for place in places if key in place), None)
        node = holder.node_of(key) if holder is not None else None
        return None if holder is None or node is None else (list(self._scalars(node)), holder.source)

    @staticmethod
    def _never_runs(layers: list[Map]) -> bool:
        rules = next((layer.maps("rules") for layer in layers if "rules" in layer), [])
        return bool(rules) and all(rule.text("when") == "never" for rule in rules)

    def _scalars(self, node: YamlNode, depth: int = _DEEPEST) -> Iterator[YamlNode]:
        """The commands of a script; `!reference [job, script]` stands for those of another."""
        if node.id == "scalar":
            yield node
        elif node.id != "sequence" or depth <= 0:
            return
        elif getattr(node, "tag", "") == "!reference":
            keys = strings(node)
            holder = next(iter(self._named(keys[0])), None) if keys[1:2] else None
            referenced = holder.node_of(keys[1]) if holder is not None else None
            if referenced is not None:
                yield from self._scalars(referenced, depth - 1)
        else:
            for item in node.value:
                yield from self._scalars(item, depth - 1)

    def _image(self, layers: list[Map]) -> tuple[Node, Npm]:
        holder = next((place for place in self._places(layers) if "image" in place), None)
        name = None if holder is None else holder.text("image") or holder.map("image").text("name")
        missing = f", and {self.missing[0]} is not in this repository" if self.missing else ""
        unknown = f"the image {name} does not show the version" if name else f"the job has no image{missing}"
        entry = holder.entry("image") if holder is not None else None
        return node_with_npm("container", node_version.of_container(name) if name else None, entry, unknown=unknown)

    def _id_tokens(self, layers: list[Map], *, is_complete: bool) -> Mapping[str, tuple[str, ...]] | None:
        """The ID tokens that GitLab mints for the job, with their audiences; None where a template may name them."""
        audiences: dict[str, tuple[str, ...]] = {}
        own = [layer.map("id_tokens") for layer in layers if "id_tokens" in layer]
        default = [place.map("id_tokens") for place in self._places(layers)[len(layers) :] if "id_tokens" in place]
        for tokens in reversed(own or default[:1]):  # a job's own replace those of `default`
            audiences.update({name: tuple(strings(tokens.map(name).node_of("aud"))) for name in tokens})
        return None if "NPM_ID_TOKEN" not in audiences and (not is_complete or self.missing) else audiences

    def _key(self, name: str) -> Span | None:
        entry = next((root.entry(name) for root in self.roots if name in root), None)
        return entry.key if entry is not None else None


def _variables(block: Map) -> dict[str, Variable]:
    """The variables of a block; one may be a mapping with its value."""
    found = {}
    for name in block:
        text = block.text(name) if block.text(name) is not None else block.map(name).text("value")
        value = None if text is None or "$" in text else text
        found[name] = Variable(text, value, block.entry(name), "variables")
    return found
