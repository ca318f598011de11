"""One workflow or action file, and the workflows of the same repository that it calls or that call it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from safepublish.facts.finding import Location
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
    Step,
    Toolchain,
)
from safepublish.pipelines import document, validity
from safepublish.pipelines.document import Map, Source, UnreadableError, compose, source, span
from safepublish.pipelines.expressions import UNKNOWN, Contexts, Open, as_text, condition, is_never, resolved
from safepublish.pipelines.github import matrix, permissions
from safepublish.pipelines.github.called_workflow import (
    Caller,
    local_target,
    passed_inputs,
    passed_secrets,
    passed_tokens,
)
from safepublish.pipelines.github.candidates import Candidates
from safepublish.pipelines.github.runner import first_node, runner
from safepublish.pipelines.github.triggers import CALLABLE, declared_inputs, is_for_tags, triggers
from safepublish.pipelines.job import JobReader
from safepublish.pipelines.machine import Machine
from safepublish.pipelines.node_setup import named_place
from safepublish.pipelines.publish_names import may_publish
from safepublish.pipelines.scope import Files, Job, Variable, env_context, variables

_SWITCHES_PUBLISH = re.compile(r"publish|release|deploy", re.IGNORECASE)
"""The name of an input that may switch the publish off."""

_ACTION_IS_CALLED = "the job that uses the action decides"

Callers = Callable[[str], Sequence[tuple[str, str]]]
"""The path and text of every workflow of the repository that names the workflow at a path as one that it calls."""


def read(text: str, path: str, files: Files, callers: Callers = lambda _: ()) -> File:
    """The publish steps of the workflow or action file *text*; *path* is relative to the repository's root.

    A workflow that can only be called is read with its *callers*, where there are any.
    """

    def steps(root: Map, _: Source) -> Iterable[tuple[Step, ...]]:
        file = WorkflowFile(root, files)
        called = _called_by(file, callers(path)) if file.triggers == CALLABLE else []
        return called or file.steps()

    return document.read(text, path, steps)


def _called_by(file: "WorkflowFile", callers: Sequence[tuple[str, str]]) -> list[tuple[Step, ...]]:
    """The publish steps of a called workflow, for every job of its *callers* that calls it."""
    found: dict[tuple[str, int | None], list[Step]] = {}
    for path, text in callers:
        origin = source(text, path)
        try:
            calling_jobs = list(WorkflowFile(Map(compose(text), origin), file.files).calling_jobs(file.path))
        except UnreadableError:
            continue
        for caller in calling_jobs:
            for legs in WorkflowFile(file.root, file.files, caller).steps():
                found.setdefault((legs[0].place.job, legs[0].place.position), []).extend(legs)
    return [tuple(legs) for legs in found.values()]


class WorkflowFile:
    """One file that is read, with the job that calls it where it is read for that job."""

    def __init__(self, root: Map, files: Files, caller: Caller | None = None) -> None:  # noqa: D107 - the class says it
        self.root, self.source, self.path = root, root.source, root.source.path
        self.files, self.caller = files, caller
        self.jobs = root.map("jobs")
        self.candidates = Candidates(files)
        self.triggers = triggers(root)
        self.for_tags = is_for_tags(root)
        self.inputs = (
            declared_inputs(root, caller.inputs, caller.fixed_inputs) if caller is not None else declared_inputs(root)
        )

    @cached_property
    def refused(self) -> Refusal | None:
        """Why GitHub does not run this workflow, or the one that calls it."""
        return validity.of_workflow(self.root) or (self.caller.refused if self.caller is not None else None)

    def steps(self) -> Iterator[tuple[Step, ...]]:
        """Every publish step, each with its facts on every leg."""
        if "jobs" not in self.root and self.root.map("runs"):
            yield from self._composite_action(self.root.map("runs"))
            return
        for key in self.jobs:
            job = self.jobs.map(key)
            if job.text("uses") is not None:
                yield from self._called_workflow(key, job)
            elif steps := self.candidates.steps(job):
                yield from _by_step(self._found(leg) for leg in self.read_legs(key, steps))

    def read_legs(self, key: str, steps: Sequence[Map]) -> Iterator[JobReader]:
        """What *steps* of the job *key* do, on every leg of its matrix."""
        job = self.jobs.map(key)
        legs = matrix.legs(job)
        for leg in legs:
            reader = self._job_reader(key, job, leg, len(legs))
            if reader is not None:
                reader.read(steps)
                yield reader

    def calling_jobs(self, path: str) -> Iterator[Caller]:
        """The jobs that call the workflow at *path*."""
        for key in self.jobs:
            if local_target(self.jobs.map(key)) == path:
                yield self._as_caller(self.jobs.map(key))

    def permission(self, job: Map) -> Permission:
        """Whether *job* may request an ID token."""
        caller = self.caller.permission if self.caller is not None else None
        return permissions.permission(job, self.root, caller=caller, only_callable=self.triggers == CALLABLE)

    # Jobs

    def _found(self, leg: JobReader) -> list[Step]:
        caller = self.caller
        return leg.found if caller is None else [caller.without_missing_secrets(step) for step in leg.found]

    def _job_reader(self, key: str, job: Map, leg: matrix.Leg, legs: int) -> JobReader | None:
        """The reader of *job* on one *leg* of *legs*; None where its condition is false on that leg."""
        contexts: dict[str, Any] = {"matrix": leg.values, "inputs": self.inputs.values, "github": self._github()}
        env: dict[str, Variable] = {}
        for block, name in ((self.root, "workflow env"), (job, "job env")):
            env |= variables(block.map("env"), contexts, name)
            contexts["env"] = env_context(env)
        written = job.text("if")
        runs = condition(written, contexts)
        if runs is False and not is_never(written):
            return None
        context = self._context(job, contexts)._replace(
            leg={name: as_text(value) for name, value in leg.values.items() if value is not UNKNOWN},
            legs=legs,
            alike=leg.alike,
            never_runs=runs is False,
        )
        base = Step(self._place(key, job), context=context)
        node, npm = first_node(job, context.runner, contexts)
        return JobReader(Machine(self._job(job, base, contexts, leg.places, env), node, npm))

    def _place(self, key: str, job: Map) -> Place:
        """Where *job* stands, for its steps."""
        key_node, node = self.jobs.pairs[key]
        return Place(
            path=self.path,
            entry_path=self.caller.path if self.caller is not None else self.path,
            job=key,
            position=0,
            name=None,
            span=span(node, self.path),
            at=Location(self.path, key_node.start_mark.line + 1),
            job_key=span(key_node, self.path),
            job_span=span(node, self.path),
            steps_key=span(job.pairs["steps"][0], self.path) if "steps" in job else None,
            reusable="called" if self.caller is not None else "callee" if self.triggers == CALLABLE else None,
        )

    def _context(self, job: Map, contexts: Contexts) -> JobContext:
        """What *job* gives its steps, on all its legs."""
        entry = self if self.caller is None else self.caller
        written = job.text("if")
        name = job.map("environment").text("name") or job.text("environment")
        environment = resolved(name, contexts) if name else None
        return JobContext(
            triggers=entry.triggers,
            for_tags=entry.for_tags,
            conditions=() if written is None else (written,),
            environment=None if environment is UNKNOWN or environment is None else as_text(environment),
            environment_known=environment is not UNKNOWN,
            permission=self.permission(job),
            runner=runner(job, contexts),
            refused=self.refused,
        )

    def _job(
        self, job: Map, base: Step, contexts: Contexts, places: Mapping[str, Entry], env: Mapping[str, Variable]
    ) -> Job:
        defaults = [block.map("defaults").map("run") for block in (job, self.root)]
        written = next((block.text("working-directory") for block in defaults if "working-directory" in block), None)
        directory = resolved(written or ".", contexts)
        env_places = {f"env.{name.lower()}": var.entry for name, var in env.items() if var.entry is not None}
        return Job(
            base,
            self.files,
            contexts,
            {**self.inputs.places, **(self.caller.places if self.caller else {}), **places, **env_places},
            env,
            next((block.text("shell") for block in defaults if "shell" in block), None),
            "." if directory is UNKNOWN else as_text(directory),
            self.source,
            self.candidates.scripts,
        )

    def _github(self) -> Mapping[str, Any]:
        """The context `github`: the event, where only one starts the workflow."""
        known = Open()
        if len(self.triggers) == 1 and not self.triggers & CALLABLE:
            known["event_name"] = next(iter(self.triggers))
        return known

    # Composite actions

    def _composite_action(self, runs: Map) -> Iterator[tuple[Step, ...]]:
        """The publish steps of a composite action: its job, permissions and runner are the caller's."""
        if runs.text("using") != "composite":
            return
        contexts = {"inputs": self.inputs.values, "github": Open(), "env": Open(), "matrix": Open()}
        key, node = self.root.pairs["runs"]
        place = Place(
            path=self.path,
            entry_path=self.path,
            job="runs",
            position=0,
            name=None,
            span=span(node, self.path),
            at=Location(self.path, key.start_mark.line + 1),
            reusable="callee",
            composite=True,
        )
        context = JobContext(permission=Permission(None, why=_ACTION_IS_CALLED), refused=validity.of_action(self.root))
        base = Step(place, context=context)
        job = Job(base, self.files, contexts, self.inputs.places, {}, None, ".", self.source)
        machine = Machine(job, Node(why=_ACTION_IS_CALLED), Npm(why=_ACTION_IS_CALLED))
        yield from ((step,) for step in JobReader(machine).read(runs.maps("steps")))

    # Called workflows

    def _as_caller(self, job: Map) -> Caller:
        """What *job* gives the workflow that it calls."""
        contexts = {"inputs": self.inputs.values, "github": self._github(), "matrix": Open(), "env": Open()}
        inputs, fixed_inputs = passed_inputs(job, contexts)
        return Caller(
            self.path,
            self.triggers,
            self.for_tags,
            self.permission(job),
            inputs,
            fixed_inputs,
            passed_secrets(job),
            self._passed_places(job),
            self.refused,
        )

    def _passed_places(self, job: Map) -> dict[str, Entry]:
        """Where the values stand that *job* passes as inputs."""
        passed = job.map("with")
        entries = ((name, passed.entry(name)) for name in passed)
        known = self.inputs.places
        return {f"inputs.{name.lower()}": named_place(entry, known) or entry for name, entry in entries if entry}

    def _called_workflow(self, key: str, job: Map) -> Iterator[tuple[Step, ...]]:
        """The publish steps of the workflow that *job* calls, read with what the job gives it."""
        caller = self._as_caller(job)
        path = local_target(job)
        text = self.files(path) if path is not None and self.caller is None else None
        if path is None or text is None:
            step = self._unreadable_workflow(key, job, caller)
            yield from () if step is None else ((step,),)
            return
        origin = source(text, path)
        try:
            called = list(WorkflowFile(Map(compose(text), origin), self.files, caller).steps())
        except UnreadableError:
            return  # reported where that file is read
        key_node, node = self.jobs.pairs[key]
        place = span(node, self.path)
        for legs in called:
            yield tuple(
                step._replace(
                    place=step.place._replace(
                        path=self.path,
                        job=key,
                        position=None,
                        span=place,
                        job_key=span(key_node, self.path),
                        job_span=place,
                        steps_key=span(job.pairs["uses"][0], self.path),
                    )
                )
                for step in legs
            )

    def _unreadable_workflow(self, key: str, job: Map, caller: Caller) -> Step | None:
        """The call of a workflow that cannot be read, where its name says publish and it gets a credential."""
        target = (job.text("uses") or "").strip()
        tokens = tuple(passed_tokens(job))
        switches = {
            str(as_text(value)).lower()
            for name, value in caller.inputs.items()
            if _SWITCHES_PUBLISH.search(name) and value is not UNKNOWN
        }
        has_credential = caller.permission.granted is True or bool(tokens)
        named = may_publish(target.rpartition("/")[2].partition(".y")[0])
        if not named or not has_credential or switches == {"false"}:
            return None
        written, why = job.text("if"), f"{target} decides"
        return Step(
            self._place(key, job)._replace(entry_path=self.path, position=None, name=job.text("name")),
            Invocation(f"uses: {target}", "unknown", hidden=f"the workflow {target}"),
            JobContext(
                triggers=self.triggers,
                conditions=() if written is None else (written,),
                permission=caller.permission,
                refused=self.refused,
            ),
            Toolchain(Node(why=why), Npm(why=why)),
            Credentials(tokens=tokens),
        )


def _by_step(legs: Iterator[list[Step]]) -> Iterator[tuple[Step, ...]]:
    """The publishes of several legs, grouped by the step that does them."""
    found: dict[object, list[Step]] = {}
    for steps in legs:
        for step in steps:
            found.setdefault(step.place.at if step.place.position is None else step.place.position, []).append(step)
    for steps in found.values():
        # Next to a publish that can be read, a script that only its name gives away is no second one.
        shown = tuple(step for step in steps if step.invocation.hidden is None) or tuple(steps)
        yield shown if max(step.context.legs * step.context.alike for step in shown) == 1 else _with_repeats(shown)


def _with_repeats(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The *steps* of the legs of one step, each with the number of jobs that publish the same."""
    counted = Counter({_same_publish(step): 0 for step in steps})
    for step in steps:
        counted[_same_publish(step)] += step.context.alike
    return tuple(
        step
        if any("matrix" in condition or "strategy" in condition for condition in step.context.conditions)
        else step._replace(context=step.context._replace(repeats=counted[_same_publish(step)]))
        for step in steps
    )


def _same_publish(step: Step) -> object:
    invocation = step.invocation
    return step.place.at, invocation.argv, invocation.working_directory, step.credentials.registry.url
