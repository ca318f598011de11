"""The reader of a workflow file: places, jobs, and text that no workflow would hold."""

import subprocess
import sys

import pytest

from safepublish.facts.finding import Location
from safepublish.facts.run import Workflow
from safepublish.pipelines import github

PATH = ".github/workflows/publish.yml"
PUBLISH = """\
on: push
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: npm publish --dry-run
  publish:
    permissions:
      id-token: write
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v4
        with:
          node-version: "20" # old
      - uses: actions/setup-node@v4
        with:
          registry-url: https://registry.npmjs.org
          node-version: 22.x
      - name: Publish
        run: |
          npm ci

          npm publish
      - uses: actions/setup-node@v4
        with: {node-version: 26}
"""


def read_job(text: str, job: str | None) -> Workflow | None:
    """What is read of *job*, or of the first step that publishes."""
    if job is None:
        found = next(iter(github.read_publishing_steps(text, PATH, lambda _: None)), None)
    else:
        found = github.read_job(text, PATH, lambda _: None, job)
    return found if found is None else found._replace(step=None)


PUBLISHING_JOB = Workflow(
    path=PATH,
    node_version="22.x",
    node_version_at=Location(PATH, 20, 25),
    node_version_line="          node-version: 22.x",
    permissions_at=Location(PATH, 10, 5),
    permissions_line="    permissions:",
    publish_at=Location(PATH, 25),
    job_at=Location(PATH, 9, 3),
    job_line="  publish:",
)


def test_the_running_job_is_read_with_the_setup_node_that_counts() -> None:
    assert read_job(PUBLISH, "publish") == PUBLISHING_JOB


def test_without_a_job_it_is_the_one_that_publishes_and_not_for_a_trial() -> None:
    assert read_job(PUBLISH, None) == PUBLISHING_JOB


def test_a_job_without_permissions_has_the_workflows() -> None:
    found = read_job(PUBLISH, "test")
    assert found is not None
    assert (found.permissions_at, found.publish_at, found.node_version) == (Location(PATH, 2, 1), None, None)


def test_crlf_and_the_line_breaks_of_yaml_leave_the_line_as_it_stands() -> None:
    text = (
        "# one\u2028\njobs:\n  a:\n    steps:\n      - uses: actions/setup-node@v4\n        with: {node-version: 20}\n"
    )
    text = text.replace("\n", "\r\n")
    found = read_job(text, "a")
    assert found is not None
    assert found.node_version_line == "        with: {node-version: 20}"


def test_the_run_of_a_plain_scalar_and_a_folded_block_is_told_by_its_first_line() -> None:
    text = "jobs:\n  a:\n    steps:\n      - run: npm ci &&\n          npm publish\n"
    assert read_job(text, None) == Workflow(
        PATH, publish_at=Location(PATH, 4), job_at=Location(PATH, 2, 3), job_line="  a:"
    )


CALL = "permissions: {}\njobs:\n  call:\n    permissions:\n      id-token: write\n    uses: ./.github/workflows/p.yml\n"


@pytest.mark.parametrize("job", ["call", "publish"])
def test_a_job_of_a_called_workflow_is_told_by_the_job_that_calls(job: str) -> None:
    assert read_job(CALL, job) == Workflow(
        PATH,
        permissions_at=Location(PATH, 4, 5),
        permissions_line="    permissions:",
        job_at=Location(PATH, 3, 3),
        job_line="  call:",
        reusable_caller=True,
    )


def test_which_of_two_calling_jobs_it_is_is_not_guessed() -> None:
    two = f"{CALL}  other:\n    uses: ./.github/workflows/q.yml\n"
    assert read_job(two, "publish") == Workflow(PATH, reusable_caller=True)


def test_an_alias_stands_for_what_it_names() -> None:
    text = "jobs:\n  a: &a\n    steps:\n      - run: npm publish\n  b: *a\n"
    found = read_job(text, "b")
    assert found is not None
    assert found.publish_at == Location(PATH, 4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "jobs: []",
        "jobs: {a: null}",
        "jobs: {a: {steps: text}}",
        "jobs: {a: {steps: [null, 1, {run: [npm publish]}, {run: null}]}}",
        "jobs: {a: {steps: [{uses: actions/setup-node@v4, with: null}, {uses: {}}]}}",
        "jobs: {[a]: {steps: []}, {}: 1}",
        "jobs: {a: &a {steps: [*a]}}",
        "&a [*a]",
        "jobs: &a {b: *a, c: *a}",
    ],
)
def test_odd_shapes_publish_nothing(text: str) -> None:
    assert read_job(text, None) is None


@pytest.mark.parametrize(
    "text",
    [
        "jobs: [",
        "a: b: c",
        "\x00",
        "jobs: *nowhere",
        "%YAML 9.9\n---\n",
        "a: 1\n---\nb: 2\n",
        "\ud800",
        "!!python/name:os.x {",
    ],
)
def test_broken_text_is_no_workflow(text: str) -> None:
    assert read_job(text, "a") is None


@pytest.mark.real_process
@pytest.mark.parametrize("text", ["[", "{a: ", "- ", "? ", "[a, "])
def test_nesting_that_overflows_the_composers_stack_is_no_workflow(text: str) -> None:
    # In a process of its own: without the guard libyaml's composer ends the process.
    arguments = f"{text!r} * 100000, 'x.yml', lambda _: None, 'a'"
    program = f"from safepublish.pipelines import github; print(github.read_job({arguments}))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, "None")


@pytest.mark.parametrize(("depth", "read"), [(197, True), (198, False)])
def test_only_what_is_deeper_than_any_workflow_is_refused(depth: int, read: bool) -> None:
    nested = "[" * depth + "]" * depth
    text = f"jobs: {{a: {{x: {nested}, steps: [{{run: npm publish}}]}}}}"
    assert (read_job(text, "a") is not None) is read


def test_aliases_of_aliases_are_not_expanded() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    assert read_job(f"{bomb}jobs: {{a: {{steps: [{{run: npm publish}}]}}}}", "a") is not None
