"""No text makes the reader of workflows crash or loop, and every place that it names is there."""

import time
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from safepublish.causes import judge
from safepublish.facts.step import Entry, Span, Step
from safepublish.pipelines import expressions, github
from safepublish.pipelines.document import source
from tests.support import steps

PIECES = [
    "jobs:", "on:", "steps:", "- ", "  ", "\t", "run: |", "run: >-", "uses: ./",
    "uses: ./.github/workflows/publish.yml", "uses: $/a", "permissions: write-all", "id-token: write",
    "strategy: {matrix: {a: [1, 2], include: [{a: 3}]}}", "matrix: ${{ fromJSON(x) }}",
    "env: {NODE_AUTH_TOKEN: ${{ secrets.X }}}", "<<: *a", "&a", "*a", "[", "]", "{", "}", "'", '"', "#", ":", "|",
    ">", "-", "?", "!!binary", "!x", "---", "...", "%YAML 1.2", "\r\n", "\n", "\u2028", "\ufeff",
    "if: ${{ matrix.a == 1 && !(", "${{", "}}", "npm publish", "npm i -g npm@", "npm run a", "runs:",
    "using: composite", "container: node", "runs-on: [a, ${{ b }}]", "with: {node-version: 22}",
    "actions/setup-node@v4", "changesets/action@v1", "publish: ", "continue-on-error: true", "workflow_call:",
    "inputs: {a: {default: 1}}", "secrets: inherit", "\x00", "é",
]  # fmt: skip
FILES = {
    "package.json": '{"scripts": {"a": "npm run b", "b": "npm run a", "release": "npm publish"}}',
    "action.yml": "runs:\n  using: composite\n  steps:\n    - uses: ./\n    - run: npm publish\n",
    "a/action.yml": "runs: {using: composite, steps: [{uses: ./a}, {uses: ./}, {run: [x]}]}",
    steps.PATH: "on: workflow_call\njobs:\n  a:\n    uses: ./.github/workflows/publish.yml\n",
}


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A working workflow with pieces put in, taken out and doubled."""
    text = draw(st.sampled_from([steps.WORKFLOW, steps.WORKFLOW.replace("\n", "\r\n"), FILES["a/action.yml"]]))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text)))
        kind = draw(st.sampled_from(["in", "in", "out", "twice"]))
        if kind == "in":
            text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
        elif kind == "out":
            text = text[:at] + text[at + draw(st.integers(1, 20)) :]
        else:
            text = text[:at] + text[max(0, at - draw(st.integers(1, 60))) :]
    return text


KEYS = st.sampled_from([
    "on", "jobs", "steps", "run", "uses", "with", "env", "permissions", "id-token", "strategy", "matrix", "include",
    "exclude", "runs-on", "container", "if", "name", "needs", "secrets", "inputs", "default", "node-version",
    "node-version-file", "registry-url", "shell", "working-directory", "defaults",
])  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 99), st.floats(), st.sampled_from(PIECES), st.text(max_size=9)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=30
)


def places(step: Step) -> list[Span]:
    """Every stretch of the file that a step's facts name."""
    found: list[Span] = []
    waiting: list[Any] = list(step)
    while waiting:
        one = waiting.pop()
        if isinstance(one, Span):
            found.append(one)
        elif isinstance(one, Entry):
            found += [one.key, one.value]
        elif isinstance(one, tuple):
            waiting += one
    return found


def survives(text: str) -> None:
    started = time.process_time()
    file = steps.read(text, FILES)
    judged = judge.judge_steps(file)
    assert time.process_time() - started < 10
    lines = source(text, "").lines
    for one in judged:
        assert one.step.place.job
        assert one.verdict.value in {"trusted", "token", "broken", "unknown"}
        for span in places(one.step):
            if span.path == steps.PATH:
                assert 1 <= span.line <= span.end_line <= len(lines) + 1
                assert span.column >= 1


@settings(max_examples=150, deadline=None)
@given(mutated())
@example("jobs: &a {b: *a}")
@example("jobs: {a: &a {steps: [*a], uses: ./.github/workflows/publish.yml}}")
@example("jobs: {a: {steps: [{run: 'npm publish', if: " + "!" * 300 + "}]}}")
@example("jobs: {a: {strategy: {matrix: {a: [1,2,3,4], b: [1,2,3,4], c: [1,2,3,4], d: [1,2,3,4], e: [1,2,3,4]}},"
         " steps: [{run: 'npm publish ${{ matrix.a }}${{ matrix.e }}'}]}}")  # fmt: skip
def test_a_mutated_workflow(text: str) -> None:
    survives(text)


@settings(max_examples=120, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=5), st.lists(st.dictionaries(KEYS, VALUES, max_size=5), max_size=3))
def test_a_document_of_the_right_words_in_any_shape(document: dict[str, Any], jobs: list[dict[str, Any]]) -> None:
    document["jobs"] = {f"job{number}": job for number, job in enumerate(jobs)}
    survives(yaml.safe_dump(document, allow_unicode=True))


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("${}!()[].,'&|=<>ab1 *\n") | st.characters(), max_size=60))
def test_any_expression(text: str) -> None:
    expressions.value(text, {"a": {"b": "c"}, "b": expressions.Open()})
    expressions.resolved(text, {"a": {"b": "c"}})
    expressions.condition(text, {"a": {"b": "c"}})
    list(expressions.names(text))


@pytest.mark.parametrize(
    "called",
    [
        "$/",
        "./",
        "$/.",
        "./.",
        "../x",
        "./../..",
        "$/../../etc",
        ".//a",
        "$//",
        "./a/",
        "$/a@v1",
        "./${{ inputs.x }}",
        "$",
    ],
)
@pytest.mark.parametrize("place", ["step", "job"])
def test_odd_local_paths_are_read_or_left(called: str, place: str) -> None:
    job = (
        f"    uses: {called}\n"
        if place == "job"
        else f"    runs-on: ubuntu-latest\n    steps:\n      - uses: {called}\n"
    )
    file = github.read(f"on: push\njobs:\n  a:\n{job}", ".github/workflows/a.yml", lambda path: f"name: {path}\n")
    assert file.trouble is None
    judge.judge_steps(file)
