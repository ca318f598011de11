"""GitLab's .gitlab-ci.yml, read for what will happen where it publishes (docs.gitlab.com/ci/yaml).

Files of the same repository that it includes are read with it; templates from elsewhere are not, and what they may
bring stays unknown.
"""

from collections.abc import Iterator, Mapping

from safepublish.facts.finding import Location
from safepublish.facts.kinds import Ci
from safepublish.facts.step import File, Node, Npm, Permission, Runner, Span, Step
from safepublish.npm import bundled, node_version
from safepublish.pipelines import document, script_steps
from safepublish.pipelines.document import Map, Source, YamlNode, compose, source, span, strings
from safepublish.pipelines.job import Machine
from safepublish.pipelines.scope import Files, Job, Var

PATH = ".gitlab-ci.yml"
_NO_JOBS = frozenset(
    {"default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script"}
    | {"after_script", "spec", "types"}
)
_DEEPEST = 10


_MOST_INCLUDED = 50


def read(text: str, path: str, files: Files) -> File:
    """The publishing commands of the pipeline *text*, as steps: each job has one for its before_script and script."""
    return document.read(text, path, lambda root, _: ((one,) for one in _Pipeline(root, files).steps()))


class _Pipeline:
    def __init__(self, root: Map, files: Files) -> None:
        self.path, self.files = root.source.path, files
        self.missing: list[str] = []  # what is included and cannot be read here
        self.roots = [root]  # what counts most first: the file itself, then the last that it includes
        self._include(root)

    def _include(self, root: Map) -> None:
        """Read the files of the repository that *root* includes (docs.gitlab.com/ci/yaml/includes)."""
        for node in root.items("include"):
            given = Map(node, root.source)
            text = node.value if node.id == "scalar" else given.text("local")
            told = text if text is not None else " ".join(f"{key} {given.text(key) or ''}".strip() for key in given)
            path = None if text is None or "://" in text or set("$*") & set(text) else text.lstrip("/")
            found = self.files(path) if path is not None else None
            if found is None or path is None or len(self.roots) >= _MOST_INCLUDED:
                self.missing.append(f"include: {told}")
            elif path not in {one.source.path for one in self.roots}:
                origin = source(found, path)
                included = Map(compose(found), origin)
                self.roots.insert(1, included)
                self._include(included)

    def steps(self) -> Iterator[Step]:
        """Every publish of every job that is no template."""
        for name in dict.fromkeys(name for root in self.roots for name in root):
            found = self._named(name)
            if name in _NO_JOBS or name.startswith(".") or not found or found[0].node is None or not found[0]:
                continue
            yield from self._job(name, found)

    def _named(self, name: str) -> list[Map]:
        """What stands under a key of the pipeline, of each file that has it, what counts most first."""
        return [root.map(name) for root in self.roots if name in root]

    def _job(self, name: str, own: list[Map]) -> Iterator[Step]:
        layers, known = self._layers(own, _DEEPEST)
        first, origin = own[0], own[0].source
        assert first.node is not None  # noqa: S101 - the caller looked
        given = [*reversed(self._named("variables")), *(layer.map("variables") for layer in reversed(layers))]
        env = {key: var for block in given for key, var in _variables(block).items()}
        parts = [found for key in ("before_script", "script") if (found := self._script(key, layers)) is not None]
        text = "\n".join(one.value for part, _ in parts for one in part)
        steps = [Map(made, where) for part, where in parts if (made := script_steps.step(part)) is not None]
        if not steps:
            return
        node_there, npm = self._image(layers)
        base = Step(
            path=origin.path,
            entry_path=self.path,
            job=name,
            position=None,
            name=None,
            span=span(first.node, origin.path),
            at=Location(origin.path, first.node.start_mark.line + 1),
            command="",
            tool="",
            ci=Ci.GITLAB,
            id_tokens=self._id_tokens(layers, known=known),
            id_tokens_entry=first.entry("id_tokens"),
            missing=tuple(self.missing),
            never_runs=self._never_runs(layers),
            permission=Permission(granted=True),
            runner=Runner(hosted=True),
            node=node_there,
            npm=npm,
            environment=first.text("environment") or first.map("environment").text("name"),
            job_key=self._key(name),
            job_span=span(first.node, origin.path),
            steps_key=entry.key if (entry := first.entry("script")) is not None else None,
        )
        every = {**env, **script_steps.outside(text, env)}
        job = Job(base, self.files, {}, {}, every, "bash -eo pipefail {0}", source=origin)
        for one in Machine(job, node_there, npm).run(steps):
            yield one._replace(position=None, name=None)

    def _layers(self, own: list[Map], depth: int) -> tuple[list[Map], bool]:
        """A job and the templates that it extends, what counts most first, and whether all of them are at hand."""
        found, known = [*own], True
        extended = next((one.node_of("extends") for one in own if "extends" in one), None)
        for name in reversed(strings(extended)):
            template = self._named(name)
            if not template or depth <= 0:
                known = False
                continue
            deeper, all_known = self._layers(template, depth - 1)
            found += deeper
            known = known and all_known
        return found, known

    def _places(self, layers: list[Map]) -> list[Map]:
        """Where a keyword of a job may stand: in the job, else among the defaults, unless it inherits none."""
        inherited = next((one.map("inherit").text("default") for one in layers if "inherit" in one), None)
        return [*layers, *([] if inherited == "false" else [*self._named("default"), *self.roots])]

    def _script(self, key: str, layers: list[Map]) -> tuple[list[YamlNode], Source] | None:
        """The commands of a script, and the file they stand in."""
        places = self._places(layers) if key == "before_script" else layers
        holder = next((one for one in places if key in one), None)
        node = holder.node_of(key) if holder is not None else None
        return None if holder is None or node is None else (list(self._scalars(node)), holder.source)

    @staticmethod
    def _never_runs(layers: list[Map]) -> bool:
        rules = next((one.maps("rules") for one in layers if "rules" in one), [])
        return bool(rules) and all(one.text("when") == "never" for one in rules)

    def _scalars(self, node: YamlNode, depth: int = _DEEPEST) -> Iterator[YamlNode]:
        """The commands of a script; `!reference [job, script]` stands for those of another."""
        if getattr(node, "tag", "") == "!reference" and node.id == "sequence" and depth > 0:
            keys = strings(node)
            found = (
                next((holder.node_of(keys[1]) for holder in self._named(keys[0]) if keys[1:2]), None) if keys else None
            )
            if found is not None:
                yield from self._scalars(found, depth - 1)
        elif node.id == "sequence" and depth > 0:
            for one in node.value:
                yield from self._scalars(one, depth - 1)
        elif node.id == "scalar":
            yield node

    def _image(self, layers: list[Map]) -> tuple[Node, Npm]:
        holder = next((one for one in self._places(layers) if "image" in one), None)
        text = None if holder is None else holder.text("image") or holder.map("image").text("name")
        asked = node_version.of_container(text) if text else None
        brought = bundled.brings(asked) if asked else None
        hidden = f", nor is {self.missing[0]} among the files at hand" if self.missing else ""
        why = "" if brought else f"the image {text} does not tell" if text else f"the job names no image{hidden}"
        entry = holder.entry("image") if holder is not None else None
        return Node("container", asked, entry, why=why), Npm(brought, "node" if brought else "unknown", why)

    def _id_tokens(self, layers: list[Map], *, known: bool) -> Mapping[str, tuple[str, ...]] | None:
        """The id tokens that GitLab mints for the job, with their audiences; None where a template may name them."""
        found: dict[str, tuple[str, ...]] = {}
        own = [one.map("id_tokens") for one in layers if "id_tokens" in one]
        default = [one.map("id_tokens") for one in self._places(layers)[len(layers) :] if "id_tokens" in one]
        for tokens in reversed(own or default[:1]):  # a job's own replace those of `default`
            found.update({name: tuple(strings(tokens.map(name).node_of("aud"))) for name in tokens})
        return None if "NPM_ID_TOKEN" not in found and (not known or self.missing) else found

    def _key(self, name: str) -> Span | None:
        entry = next((root.entry(name) for root in self.roots if name in root), None)
        return entry.key if entry is not None else None


def _variables(given: Map) -> dict[str, Var]:
    """The variables of a block; one may be a mapping with its value."""
    found = {}
    for name in given:
        text = given.text(name) if given.text(name) is not None else given.map(name).text("value")
        found[name] = Var(text, None if text is None or "$" in text else text, given.entry(name), "variables")
    return found
