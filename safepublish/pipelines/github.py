"""GitHub workflow files, read for what will happen at their publish steps.

Text in, facts out: `read` needs the repository's other files only through the function it is given. Actions and
workflows of other repositories are not read; what depends on them stays unknown.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product
from typing import Any, NamedTuple

from safepublish.facts.finding import Location
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Workflow
from safepublish.facts.step import Entry, File, Node, Npm, Permission, Runner, Step, Token
from safepublish.npm import bundled, node_version
from safepublish.pipelines import document
from safepublish.pipelines.actions import publishing, uses
from safepublish.pipelines.document import Map, Source, UnreadableError, YamlNode, compose, entry, source, span, strings
from safepublish.pipelines.expressions import (
    UNKNOWN,
    Chosen,
    Contexts,
    Open,
    as_text,
    condition,
    fixed,
    names,
    resolved,
)
from safepublish.pipelines.job import MAKEFILES, Machine
from safepublish.pipelines.publish_script import is_worth_a_look, may_publish
from safepublish.pipelines.scope import Files, Job, Var, opened, variables

_MOST_LEGS = 256
"""GitHub runs no more jobs of one matrix."""

_HOSTED = re.compile(
    r"(?:ubuntu-(?:latest|slim|\d\d\.\d\d)|windows-(?:latest|\d{4}|11|\d{4}-vs\d{4})|macos-(?:latest|\d{2}))"
    r"(?:-(?:arm|arm64|intel|large|xlarge|vs\d{4}))?"
)
"""The labels of GitHub's own images (actions/runner-images, README)."""

_PROVIDERS = {
    "blacksmith": "Blacksmith",
    "depot": "Depot",
    "namespace": "Namespace",
    "nscloud": "Namespace",
    "buildjet": "BuildJet",
    "warp": "WarpBuild",
    "ubicloud": "Ubicloud",
    "runs-on": "RunsOn",
    "cirun": "Cirun",
    "actuated": "actuated",
    "self-hosted": "self-hosted",
    "arc-runner": "self-hosted",
    "latchkey": "Latchkey",
    "cirrus": "Cirrus",
    "ghcr.io/cirruslabs": "Cirrus",
    "sprinters": "Sprinters",
    "tenki": "Tenki",
    "avocado": "Avocado",
}
"""By the beginning of the label: companies whose runners tell npmjs.com that they are self-hosted."""

_CALLABLE = frozenset({"workflow_call"})
_MAY_PUBLISH = re.compile(r"publish|release|deploy", re.IGNORECASE)


Callers = Callable[[str], Sequence[tuple[str, str]]]
"""The path and text of every workflow of the repository that names the workflow at a path as one that it calls."""


def read(text: str, path: str, files: Files, callers: Callers = lambda _: ()) -> File:
    """The publish steps of the workflow or action file *text*; *path* is relative to the repository's root.

    A workflow that can only be called is read with its *callers*, where there are any. A path that is GitLab's or
    CircleCI's is read as theirs.
    """
    if path.endswith((".gitlab-ci.yml", ".circleci/config.yml")):
        from safepublish.pipelines import circleci, gitlab  # seldom

        return gitlab.read(text, path, files) if path.endswith(gitlab.PATH) else circleci.read(text, path, files)

    def steps(root: Map, origin: Source) -> Iterable[tuple[Step, ...]]:
        file = _File(root, origin, files)
        called = _called_by(file, callers(path)) if file.triggers == _CALLABLE else []
        return called or file.steps()

    return document.read(text, path, steps)


def _called_by(file: "_File", callers: Sequence[tuple[str, str]]) -> list[tuple[Step, ...]]:
    """The publish steps of a called workflow, for every job of its *callers* that calls it."""
    found: dict[tuple[str, int | None], list[Step]] = {}
    for path, text in callers:
        origin = source(text, path)
        try:
            calls = list(_File(Map(compose(text), origin), origin, file.files).calls(file.path))
        except UnreadableError:
            continue
        for call in calls:
            for legs in _File(file.root, file.source, file.files, call).steps():
                found.setdefault((legs[0].job, legs[0].position), []).extend(legs)
    return [tuple(legs) for legs in found.values()]


def of_job(text: str, path: str, files: Files, job: str | None) -> Workflow | None:
    """What the workflow *text* says about the running *job*; without one, about the first job that publishes.

    None where the text is no workflow or holds no such job. A job inside a called workflow is not in its caller's text,
    so there the calling job is told, where there is but one.
    """
    origin = source(text, path)
    try:
        return _File(Map(compose(text), origin), origin, files).of_job(job)
    except UnreadableError:
        return None


class _Call(NamedTuple):
    """A calling job: what a called workflow gets from it."""

    file: "_File"
    permission: Permission
    inputs: Mapping[str, Any]
    fixed: Mapping[str, Any]  # the inputs as far as no person chooses them
    secrets: frozenset[str] | None  # None: all, by `secrets: inherit`

    def given(self, step: Step) -> Step:
        """A step of the called workflow: a secret that the job does not hand over is empty there."""
        secrets = self.secrets
        if secrets is None:
            return step
        return step._replace(
            tokens=tuple(
                token._replace(kind=CredentialKind.EMPTY)
                if token.secret and token.secret.partition(".")[2].lower() not in secrets
                else token
                for token in step.tokens
            )
        )


class _File:
    """One file that is read; *call* is the job that calls it, where it is read with its caller."""

    def __init__(self, root: Map, origin: Source, files: Files, call: _Call | None = None) -> None:
        self.root, self.source, self.path, self.files, self.call = root, origin, origin.path, files, call
        self._scripts: Sequence[str] | None = None
        self.triggers = frozenset(_triggers(root))
        self.for_tags = _for_tags(root)
        self.inputs, self.input_places = self._declared()

    def steps(self) -> Iterator[tuple[Step, ...]]:
        """Every publish step, told for each leg."""
        runs = self.root.map("runs")
        if runs and "jobs" not in self.root:
            yield from self._action(runs)
            return
        jobs = self.root.map("jobs")
        for key in jobs:
            job = jobs.map(key)
            if job.text("uses") is not None:
                yield from self._called(key, job, jobs)
            elif steps := self._worth(job):
                yield from _by_step(self._published(machine) for machine in self._machines(key, job, jobs, steps))

    def _worth(self, job: Map) -> Sequence[Map]:
        """The steps of a job up to the last that may publish, as far as its text tells at a glance."""
        steps = job.maps("steps")
        for last in range(len(steps) - 1, -1, -1):
            action, script = steps[last].text("uses"), steps[last].text("run")
            if action is not None and self._action_may_publish(action):
                return steps[: last + 1]
            if script is None:
                continue
            if is_worth_a_look(script) or any(name in script for name in self._publishing_scripts()):
                return steps[: last + 1]
        return ()

    def _action_may_publish(self, called: str) -> bool:
        action = uses(called)
        if not action.is_local:
            return "${{" in called or publishing(action) is not None or may_publish(action.name.rpartition("/")[2])
        directory = action.name[2:].rstrip("/")
        texts = [self.files(f"{directory}/{name}".lstrip("/")) for name in ("action.yml", "action.yaml")]
        text = next((one for one in texts if one is not None), None)
        if text is None:
            return not directory or may_publish(directory.rpartition("/")[2])
        return is_worth_a_look(text) or any(name in text for name in self._publishing_scripts())

    def _publishing_scripts(self) -> Sequence[str]:
        if self._scripts is None:
            makefile = next((text for name in MAKEFILES if (text := self.files(name)) is not None), None)
            self._scripts = (*_publishing_scripts(self.files("package.json")), *_publishing_targets(makefile))
        return self._scripts

    def of_job(self, key: str | None) -> Workflow | None:
        """See `of_job`."""
        jobs = self.root.map("jobs")
        if not jobs:
            return None
        if key is None:
            return next((self._view(legs[0]) for legs in self.steps()), None)
        job = jobs.map(key)
        if "steps" in job:
            machines = list(self._machines(key, job, jobs, job.maps("steps")))
            published = [step for machine in machines for step in machine.found]
            seen = next((one for one in published if one.hidden is None), None) or next(iter(published), None)
            if seen is not None:
                return self._view(seen)
            return self._view(machines[0].left())._replace(publish_at=None, step=None) if machines else None
        callers = [name for name in jobs if "uses" in jobs.map(name)]
        chosen = key if key in callers else callers[0] if len(callers) == 1 else None
        if chosen is None:
            return Workflow(self.path, reusable_caller=True) if callers else None
        pair = jobs.pairs[chosen]
        block = self._permission(jobs.map(chosen)).block
        return Workflow(
            self.path,
            permissions_at=block.key.at if block else None,
            permissions_line=self._line(block.key.line) if block else None,
            job_at=span(pair[0], self.path).at,
            job_line=self._line(pair[0].start_mark.line + 1),
            reusable_caller=True,
        )

    def _view(self, step: Step) -> Workflow:
        """A step's facts as the guard's causes take them."""
        block, node = step.permission.block, step.node.entry
        return Workflow(
            path=step.path,
            node_version=step.node.asked,
            node_version_at=node.value.at if node else None,
            node_version_line=node.line if node else None,
            permissions_at=block.key.at if block else None,
            permissions_line=self._line(block.key.line) if block and block.key.path == self.path else None,
            publish_at=step.at,
            job_at=step.job_key.at if step.job_key else None,
            job_line=self._line(step.job_key.line) if step.job_key else None,
            step=step,
        )

    def _line(self, number: int) -> str:
        return self.source.lines[number - 1]

    # What is declared

    def _declared(self) -> tuple[Chosen, dict[str, Entry]]:
        """The inputs with their defaults, and where those stand."""
        values, types = Chosen(), {}
        places = {}
        blocks = [self.root.map("on").map(name).map("inputs") for name in ("workflow_dispatch", "workflow_call")]
        for block in [*blocks, self.root.map("inputs") if "jobs" not in self.root else blocks[0]]:
            for name in block:
                default = block.map(name).text("default")
                types[name] = block.map(name).text("type")
                values[name] = UNKNOWN if default is None else _typed(default, types[name])
                place = block.map(name).entry("default")
                if place is not None:
                    places[f"inputs.{name.lower()}"] = place
        if self.call is not None:
            given, certain = (
                {name: _typed(value, types.get(name)) for name, value in one.items()}
                for one in (self.call.inputs, self.call.fixed)
            )
            values.fixed = {**values, **certain}
            values.update(given)
        return values, places

    def _github(self) -> Mapping[str, Any]:
        known = Open()
        if len(self.triggers) == 1 and not self.triggers & _CALLABLE:
            known["event_name"] = next(iter(self.triggers))
        return known

    # Jobs

    def _published(self, machine: Machine) -> list[Step]:
        return [self.call.given(step) for step in machine.found] if self.call else machine.found

    def _machines(self, key: str, job: Map, jobs: Map, steps: Sequence[Map]) -> Iterator[Machine]:
        """The job's machine on every leg, after its steps."""
        values = self._matrix(job)
        legs = values or [({}, {})]
        for leg, places in legs:
            matrix = Open(leg) if not values else leg
            if values == [] and "matrix" in job.map("strategy"):
                matrix = Open()
            machine = self._machine(key, job, jobs, matrix, places, len(legs))
            if machine is not None:
                machine.run(steps)
                yield machine

    def _machine(
        self, key: str, job: Map, jobs: Map, matrix: Mapping[str, Any], places: Mapping[str, Entry], legs: int
    ) -> Machine | None:
        contexts: dict[str, Any] = {"matrix": matrix, "inputs": self.inputs, "github": self._github()}
        env = variables(self.root.map("env"), contexts, "workflow env")
        contexts["env"] = opened(env)
        env |= variables(job.map("env"), contexts, "job env")
        contexts["env"] = opened(env)
        pair = jobs.pairs[key]
        met = condition(job.text("if"), contexts)
        if met is False and (job.text("if") or "").strip("${} ").lower() != "false":
            return None
        runner = self._runner(job, contexts)
        environment = job.map("environment").text("name") or job.text("environment")
        where = resolved(environment, contexts) if environment else None
        entry = self.call.file if self.call else self
        base = Step(
            path=self.path,
            entry_path=entry.path,
            job=key,
            position=0,
            name=None,
            span=span(pair[1], self.path),
            at=Location(self.path, pair[0].start_mark.line + 1),
            command="",
            tool="",
            leg={name: as_text(value) for name, value in matrix.items() if value is not UNKNOWN},
            legs=legs,
            environment=None if where is UNKNOWN or where is None else as_text(where),
            environment_known=where is not UNKNOWN,
            triggers=entry.triggers,
            for_tags=entry.for_tags,
            conditions=_written(job.text("if")),
            never_runs=met is False,
            permission=self._permission(job),
            runner=runner,
            job_key=span(pair[0], self.path),
            job_span=span(pair[1], self.path),
            steps_key=span(job.pairs["steps"][0], self.path) if "steps" in job else None,
            reusable=self._reusable(),
        )
        defaults = [block.map("defaults").map("run") for block in (job, self.root)]
        directory = next((one.text("working-directory") for one in defaults if "working-directory" in one), None) or "."
        found = resolved(directory, contexts)
        task = Job(
            base,
            self.files,
            contexts,
            {**self.input_places, **places, **_env_places(env)},
            env,
            next((one.text("shell") for one in defaults if "shell" in one), None),
            "." if found is UNKNOWN else as_text(found),
            self.source,
            self._publishing_scripts(),
        )
        node, npm = _first(job, runner, contexts)
        return Machine(task, node, npm)

    def _reusable(self) -> str | None:
        if self.call is not None:
            return "called"
        return "callee" if self.triggers == _CALLABLE else None

    def _action(self, runs: Map) -> Iterator[tuple[Step, ...]]:
        """The publish steps of a composite action: its job, permissions and runner are the caller's."""
        if runs.text("using") != "composite":
            return
        contexts: dict[str, Any] = {"inputs": self.inputs, "github": Open(), "env": Open(), "matrix": Open()}
        pair = self.root.pairs["runs"]
        base = Step(
            path=self.path,
            entry_path=self.path,
            job="runs",
            position=0,
            name=None,
            span=span(pair[1], self.path),
            at=Location(self.path, pair[0].start_mark.line + 1),
            command="",
            tool="",
            permission=Permission(None, why="the job that uses the action decides"),
            runner=Runner(),
            reusable="callee",
            composite=True,
        )
        task = Job(base, self.files, contexts, self.input_places, {}, None, ".", self.source)
        why = "the job that uses the action decides"
        steps = Machine(task, Node(why=why), Npm(why=why)).run(runs.maps("steps"))
        yield from ((step,) for step in steps)

    # Permissions

    def _permission(self, job: Map) -> Permission:
        """Whether the job may request an id token: its block replaces the workflow's, and no block grants none."""
        own = self._block(job, "job") or self._block(self.root, "workflow")
        if self.call is not None:
            above = self.call.permission
            if own is None:
                return above._replace(caller=above)
            granted = own.granted if above.granted is True else (False if own.granted is False else above.granted)
            return own._replace(granted=granted, caller=above)
        if self.triggers == _CALLABLE:
            if own is not None and own.granted is False:
                return own
            why = "only the calling job can grant it, and no caller is known"
            return (own or Permission())._replace(granted=None, why=why)
        return own or Permission(False)

    def _block(self, holder: Map, scope: str) -> Permission | None:
        block = holder.entry("permissions")
        if block is None:
            return None
        if block.text is not None:
            text = block.text.strip().lower()
            granted = None if "${{" in text else text == "write-all"
            return Permission(granted, block, scope, why="an expression decides" if granted is None else "")
        inner = holder.map("permissions")
        item = inner.entry("id-token")
        text = (item.text or "").strip().lower() if item else "none"
        granted = None if "${{" in text else text == "write"
        return Permission(granted, block, scope, item, why="an expression decides" if granted is None else "")

    # Runners

    def _runner(self, job: Map, contexts: Contexts) -> Runner:
        place = job.entry("runs-on")
        node = job.node_of("runs-on")
        if node is None:
            return Runner(entry=place)
        if node.id == "mapping":
            block = Map(node, self.source)
            labels = _resolved_all(strings(block.node_of("labels")), contexts)
            group = block.text("group")
            if labels is not None and any(_provider(one) for one in labels):
                return Runner(tuple(labels), False, place, _os(labels), next(filter(None, map(_provider, labels))))
            return Runner(tuple(labels) if labels is not None else None, None, place, _os(labels or [group or ""]))
        labels = _resolved_all(strings(node), contexts)
        if labels is None:
            return self._by_expression(node, place)
        provider = next(filter(None, map(_provider, labels)), None)
        if provider is not None:
            return Runner(tuple(labels), False, place, _os(labels), provider)
        hosted = True if labels and all(_HOSTED.fullmatch(one.lower()) for one in labels) else None
        return Runner(tuple(labels), hosted, place, _os(labels))

    @staticmethod
    def _by_expression(node: YamlNode, place: Entry | None) -> Runner:
        """A runner that only the run chooses: hosted where every label that the expression names is."""
        text = " ".join(strings(node))
        named = re.findall(r"'([^']+)'", text)
        labels = [one for one in named if _HOSTED.fullmatch(one.lower()) or _provider(one)]
        free = re.search(r"\b(?:vars|inputs|needs|env|steps)\.", re.sub(r"'[^']*'", "", text))
        if (
            labels
            and not free
            and all(_HOSTED.fullmatch(one.lower()) for one in labels)
            and re.search(r"&&.*\|\|", text)
        ):
            return Runner(tuple(labels), True, place, _os(labels))
        whole = re.fullmatch(r"([a-z]+)-\$\{\{.*\}\}", text.strip())
        if whole is not None and whole.group(1) in {"ubuntu", "windows", "macos"}:
            return Runner(None, True, place, _os([text]))
        return Runner(None, None, place, None)

    # Matrices

    def _matrix(self, job: Map) -> list[tuple[dict[str, Any], dict[str, Entry]]]:
        """The legs of the job's matrix, and where their values stand; none where an expression makes them."""
        matrix = job.map("strategy").map("matrix")
        if not matrix:
            return []
        axes: list[tuple[str, list[tuple[Any, Entry | None]]]] = []
        for name in matrix:
            node = matrix.node_of(name)
            if name in {"include", "exclude"} or node is None:
                continue
            if node.id != "sequence":
                axes.append((name, [(UNKNOWN, None)]))
                continue
            axes.append((name, [(_value(item), self._item(name, item)) for item in node.value]))
        legs: list[tuple[dict[str, Any], dict[str, Entry]]] = []
        for chosen in islice(product(*(values for _, values in axes)), _MOST_LEGS if axes else 0):
            leg = {name: value for (name, _), (value, _) in zip(axes, chosen, strict=True)}
            places = {
                f"matrix.{name.lower()}": place for (name, _), (_, place) in zip(axes, chosen, strict=True) if place
            }
            for (name, _), (value, _) in zip(axes, chosen, strict=True):
                if isinstance(value, dict):
                    places |= self._inside(f"matrix.{name.lower()}", matrix, name, value)
            legs.append((leg, places))
        excluded = [_value(item) for item in matrix.items("exclude")]
        legs = [one for one in legs if not any(_matches(one[0], without) for without in excluded)]
        include = matrix.node_of("include")
        if include is not None and include.id != "sequence":
            return [*legs, ({**(legs[0][0] if legs else {})}, {})] if legs else []
        self._include(legs, matrix, {name for name, _ in axes})
        return self._distinct(job, legs)

    def _include(self, legs: list[tuple[dict[str, Any], dict[str, Entry]]], matrix: Map, axes: set[str]) -> None:
        """Add what `include` gives: to every leg that it does not contradict, else as a leg of its own."""
        original = len(legs)
        for item in matrix.items("include"):
            more = _value(item)
            if not isinstance(more, dict):
                continue
            block = Map(item, self.source)
            places = {f"matrix.{name.lower()}": place for name in block if (place := block.entry(name)) is not None}
            fits = [
                one for one in legs[:original] if all(one[0].get(name) == more[name] for name in more if name in axes)
            ]
            if fits and axes:
                for leg, known in fits:
                    leg.update(more)
                    known.update(places)
            else:
                legs.append((dict(more), places))

    def _distinct(
        self, job: Map, legs: list[tuple[dict[str, Any], dict[str, Entry]]]
    ) -> list[tuple[dict[str, Any], dict[str, Entry]]]:
        """The legs that differ in what the job's text mentions."""
        if len(legs) < 2 or job.node is None:
            return legs
        where = span(job.node, self.path)
        text = "\n".join(self.source.lines[where.line - 1 : where.end_line])
        mentioned = set(re.findall(r"matrix\.([\w-]+)", text)) | set(re.findall(r"matrix\['([\w-]+)'\]", text))
        if "matrix }}" in text or "(matrix)" in text:
            return legs
        lower = {name.lower() for name in mentioned}
        found: dict[str, tuple[dict[str, Any], dict[str, Entry]]] = {}
        for leg in legs:
            key = repr(sorted((name, repr(value)) for name, value in leg[0].items() if name.lower() in lower))
            found.setdefault(key, leg)
        return list(found.values())

    def _item(self, name: str, node: YamlNode) -> Entry | None:
        if node.id != "scalar":
            return None
        return entry(name, (node, node), self.source)

    def _inside(self, prefix: str, matrix: Map, name: str, value: Mapping[str, Any]) -> dict[str, Entry]:
        places = {}
        for item in matrix.items(name):
            if item.id == "mapping" and _value(item) == value:
                block = Map(item, self.source)
                for key in block:
                    place = block.entry(key)
                    if place is not None:
                        places[f"{prefix}.{key.lower()}"] = place
        return places

    # Called workflows

    def _called(self, key: str, job: Map, jobs: Map) -> Iterator[tuple[Step, ...]]:
        """The publish steps of a workflow that the job calls, read with what the job gives it."""
        target = (job.text("uses") or "").strip()
        local = target.startswith(("./", "$/"))
        call = self._call(job)
        permission, inputs = call.permission, call.inputs
        pair = jobs.pairs[key]
        text = self.files(target[2:]) if local and self.call is None else None
        if text is not None:
            origin = source(text, target[2:])
            try:
                inner = list(_File(Map(compose(text), origin), origin, self.files, call).steps())
            except UnreadableError:
                return  # told where that file is read
            where = span(pair[1], self.path)
            for legs in inner:
                yield tuple(step._replace(path=self.path, job=key, position=None, span=where) for step in legs)
            return
        tokens = tuple(self._passed(job))
        off = {
            str(as_text(value)).lower()
            for name, value in inputs.items()
            if _MAY_PUBLISH.search(name) and value is not UNKNOWN
        }
        reached = permission.granted is True or bool(tokens)
        if not (may_publish(target.rpartition("/")[2].partition(".y")[0]) and reached) or off == {"false"}:
            return
        yield (
            Step(
                path=self.path,
                entry_path=self.path,
                job=key,
                position=None,
                name=job.text("name"),
                span=span(pair[1], self.path),
                at=Location(self.path, pair[0].start_mark.line + 1),
                command=f"uses: {target}",
                tool="unknown",
                hidden=f"the workflow {target}",
                triggers=self.triggers,
                conditions=_written(job.text("if")),
                node=Node(why=f"{target} decides"),
                npm=Npm(why=f"{target} decides"),
                permission=permission,
                tokens=tokens,
                job_key=span(pair[0], self.path),
                job_span=span(pair[1], self.path),
                reusable=self._reusable(),
            ),
        )

    def _call(self, job: Map) -> _Call:
        given = job.map("with")
        contexts: dict[str, Any] = {"inputs": self.inputs, "github": self._github(), "matrix": Open(), "env": Open()}
        inputs, certain = (
            {name: resolved(given.text(name) or "", one) for name in given} for one in (contexts, fixed(contexts))
        )
        everything = job.text("secrets") == "inherit"
        secrets = None if everything else frozenset(["github_token", *(name.lower() for name in job.map("secrets"))])
        return _Call(self, self._permission(job), inputs, certain, secrets)

    def calls(self, path: str) -> Iterator[_Call]:
        """What each job that calls the workflow at *path* gives it."""
        jobs = self.root.map("jobs")
        for key in jobs:
            target = (jobs.map(key).text("uses") or "").strip()
            if target.startswith(("./", "$/")) and target[2:] == path:
                yield self._call(jobs.map(key))

    def _passed(self, job: Map) -> Iterator[Token]:
        """The tokens of npm that a job hands to the workflow it calls."""
        secrets = job.map("secrets")
        for name in secrets:
            text = secrets.text(name) or ""
            mentioned = [one for one in names(text) if one.lower().startswith("secrets.")]
            if mentioned and re.search(r"npm|node_auth", name + " ".join(mentioned), re.IGNORECASE):
                yield Token(CredentialKind.SET, "secrets", name, mentioned[0], secrets.entry(name), read=True)


def _written(condition: str | None) -> tuple[str, ...]:
    return () if condition is None else (condition,)


def _typed(value: Any, kind: str | None) -> Any:
    """An input's value as its declared type has it: `false` of a boolean is no text, which would be true."""
    if isinstance(value, str) and kind == "boolean" and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if isinstance(value, str) and kind == "number" and re.fullmatch(r"-?\d+(?:\.\d+)?", value):
        return float(value)
    return value


def _env_places(env: Mapping[str, Var]) -> dict[str, Entry]:
    return {f"env.{name.lower()}": one.entry for name, one in env.items() if one.entry is not None}


def _triggers(root: Map) -> Iterator[str]:
    node = root.node_of("on") or root.node_of("true")
    if node is None:
        return
    if node.id == "mapping":
        yield from Map(node, root.source)
    else:
        yield from strings(node)


def _for_tags(root: Map) -> bool:
    """Whether `on.push` names tags and no branches: then a push to a branch starts nothing."""
    push = root.map("on").map("push") or root.map("true").map("push")
    return bool(push and "tags" in push and "branches" not in push and "branches-ignore" not in push)


def _by_step(legs: Iterator[list[Step]]) -> Iterator[tuple[Step, ...]]:
    """Publishes of several legs, put together by the step that does them."""
    found: dict[object, list[Step]] = {}
    for steps in legs:
        for step in steps:
            key = step.at if step.position is None else step.position
            found.setdefault(key, []).append(step)
    for steps in found.values():
        # Beside a publish that is seen, a script that only its name gives away is no second one.
        yield tuple(step for step in steps if step.hidden is None) or tuple(steps)


def _value(node: YamlNode) -> Any:
    """A node of a matrix as an expression sees it."""
    if node.id == "mapping":
        return {key.value: _value(value) for key, value in node.value if key.id == "scalar"}
    if node.id == "sequence":
        return [_value(item) for item in node.value]
    text: str = node.value
    if "${{" in text:
        return UNKNOWN
    if node.style in {None, ""}:
        if text.lower() in {"true", "false"}:
            return text.lower() == "true"
        if text in {"", "~", "null"}:
            return None
    return text


def _matches(leg: Mapping[str, Any], without: Any) -> bool:
    return (
        isinstance(without, dict) and bool(without) and all(leg.get(name) == value for name, value in without.items())
    )


def _resolved_all(texts: Sequence[str], contexts: Contexts) -> list[str] | None:
    found: list[str] = []
    for text in texts:
        value = resolved(text, contexts)
        if value is UNKNOWN:
            return None
        found.extend(map(as_text, value) if isinstance(value, list) else [as_text(value)])
    return found


def _provider(label: str) -> str | None:
    lower = label.lower()
    return next((name for start, name in _PROVIDERS.items() if lower.startswith(start)), None)


def _os(labels: Sequence[str]) -> str | None:
    text = " ".join(labels).lower()
    return next((name for name in ("windows", "macos", "ubuntu") if name in text), None) if text else None


def _first(job: Map, runner: Runner, contexts: Contexts) -> tuple[Node, Npm]:
    """The Node and npm that are there before the first step: the container's, else the runner image's."""
    container = job.text("container") or job.map("container").text("image")
    if container is not None:
        image = resolved(container, contexts)
        asked = None if image is UNKNOWN else node_version.of_container(as_text(image))
        brought = bundled.brings(asked) if asked else None
        why = "" if brought else f"the container {container} does not tell"
        return Node("container", asked, job.entry("container"), why=why), Npm(
            brought, "node" if brought else "unknown", why
        )
    label = runner.labels[0] if runner.labels and len(runner.labels) == 1 else None
    brought = bundled.on_image(label) if label else None
    why = f"no step sets up a Node, and what the image {label or 'of the runner'} brings changes"
    return Node("image", why=why), Npm(brought, "image", why)


@lru_cache(maxsize=8)
def _publishing_scripts(manifest: str | None) -> tuple[str, ...]:
    """The names of package.json's scripts that may publish, also through one another."""
    if not manifest:
        return ()
    import json  # only where there is a file

    try:
        found = json.loads(manifest.removeprefix("\ufeff")).get("scripts")
    except (ValueError, RecursionError, AttributeError):
        return ()
    scripts = {name: text for name, text in found.items() if isinstance(text, str)} if isinstance(found, dict) else {}
    names = {name for name, text in scripts.items() if is_worth_a_look(text)}
    while more := {name for name, text in scripts.items() if any(one in text for one in names)} - names:
        names |= more
    return tuple(names)


@lru_cache(maxsize=8)
def _publishing_targets(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    from safepublish.shell import makefile  # where there is one

    return makefile.publishing(text, is_worth_a_look)
