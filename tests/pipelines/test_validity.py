"""Files that GitHub refuses, and their neighbours that it runs; GitHub's own parser says the same of each."""

import itertools
from pathlib import Path

import pytest

from safepublish.pipelines import validity
from safepublish.pipelines.document import Map, compose, source
from tests.support import steps, workflow_parser

BASE = """\
on: push
env: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make
  publish:
    needs: build
    runs-on: ubuntu-latest
    permissions: {contents: read, id-token: write}
    steps:
      - uses: actions/checkout@v6
      - id: one
        run: npm publish
"""
ACTION = """\
name: publish
description: publishes
inputs:
  token: {description: a token}
runs:
  using: composite
  steps:
    - run: npm publish
      shell: bash
"""
RUN, JOB, NEEDS = "        run: npm publish\n", "  publish:\n", "    needs: build\n"
JOB_IF, STEP_IF = f"{JOB}    if: ", f"{RUN}        if: "
FIRST = "  build:\n"
CALL = "  call:\n    uses: ./.github/workflows/x.yml\n"
SHELL = "      shell: bash\n"

REFUSED: list[tuple[str, str, str, str]] = [
    ("needs an absent job", NEEDS, "    needs: [build, lint]\n", "'lint'"),
    ("needs itself", NEEDS, "    needs: publish\n", "itself"),
    ("a cycle", FIRST, f"{FIRST}    needs: publish\n", "itself"),
    ("no runs-on", "    runs-on: ubuntu-latest\n    steps:\n      - run: make", "    steps: [{run: make}]", "runs-on"),
    ("a job's name", JOB, "  publish.npm:\n", "publish.npm"),
    ("a job's name that begins with a digit", JOB, "  1publish:\n", "1publish"),
    ("run in a job", JOB, f"{JOB}    run: make\n", "`run`"),
    ("secrets in a job", JOB, f"{JOB}    secrets: inherit\n", "`secrets`"),
    ("steps in the workflow", "env: {}", "steps: []", "`steps`"),
    ("steps beside a called workflow", FIRST, f"{CALL}    steps: []\n{FIRST}", "`steps`"),
    ("neither run nor uses", RUN, "        name: publish\n", "neither"),
    ("both run and uses", RUN, f"{RUN}        uses: a/b@v1\n", "both"),
    ("with beside run", RUN, f"{RUN}        with: {{a: b}}\n", "`with`"),
    ("permissions in a step", RUN, f"{RUN}        permissions: {{id-token: write}}\n", "`permissions`"),
    ("a working directory of an action", "checkout@v6\n", "checkout@v6\n        working-directory: x\n", "working-dir"),
    ("two steps of one id", "      - uses: actions", "      - id: one\n        uses: actions", "'one'"),
    ("an id with a dot", "id: one", "id: one.two", "one.two"),
    ("a context that does not exist", RUN, "        run: npm publish ${{ secret.X }}\n", "`secret`"),
    (
        "a context that does not exist, in with",
        "checkout@v6\n",
        "checkout@v6\n        with: {a: '${{ x.y }}'}\n",
        "`x`",
    ),
    ("env for env", "env: {}", "env: {A: '${{ env.B }}'}", "`env`"),
    ("env for a job's env", JOB, f"{JOB}    env: {{A: '${{{{ env.B }}}}'}}\n", "`env`"),
    ("env for a runner", "runs-on: ubuntu-latest", "runs-on: ${{ env.OS }}", "`env`"),
    ("env for an environment", JOB, f"{JOB}    environment: ${{{{ env.E }}}}\n", "`env`"),
    ("secrets in a job's if", JOB, f"{JOB_IF}secrets.NPM_TOKEN != ''\n", "`secrets`"),
    ("matrix in a job's if", JOB, f"{JOB_IF}matrix.node == 24\n", "`matrix`"),
    ("secrets in a step's if", RUN, f"{STEP_IF}secrets.NPM_TOKEN != ''\n", "`secrets`"),
    ("secrets in a step's if, in braces", RUN, f"{STEP_IF}${{{{ secrets.NPM_TOKEN }}}}\n", "`secrets`"),
    ("double quotes", RUN, f'{STEP_IF}github.ref == "x"\n', '"x"'),
    ("one equals sign", RUN, f"{STEP_IF}github.ref = 'x'\n", "'='"),
    ("no end", RUN, f"{STEP_IF}github.ref ==\n", "complete"),
    ("a word too many", RUN, f"{STEP_IF}github.ref 'x'\n", "expected"),
    ("an empty expression", RUN, "        run: npm publish ${{ }}\n", "complete"),
    ("an unknown function", RUN, f"{STEP_IF}lower(github.ref) == 'x'\n", "`lower`"),
    ("a status outside of an if", RUN, "        run: npm publish ${{ failure() }}\n", "`failure`"),
    ("hashFiles for a job", JOB, f"{JOB_IF}hashFiles('x') != ''\n", "`hashFiles`"),
]
RUNS: list[tuple[str, str, str]] = [
    ("ready", RUN, RUN),
    ("several needs", NEEDS, "    needs: [build]\n"),
    (
        "a called workflow",
        FIRST,
        f"{CALL}    secrets: inherit\n    with: {{a: '${{{{ needs.build.outputs.a }}}}'}}\n{FIRST}",
    ),
    ("secrets for a job", JOB, f"{JOB}    env: {{A: '${{{{ secrets.B }}}}'}}\n"),
    ("secrets for a step", RUN, f"{RUN}        env: {{A: '${{{{ secrets.B || github.token }}}}'}}\n"),
    ("secrets in a script", RUN, "        run: npm publish ${{ secrets.X }}\n"),
    ("matrix for a runner", "runs-on: ubuntu-latest", "runs-on: ${{ matrix.os }}"),
    ("always in a job's if", JOB, f"{JOB_IF}always() && needs.build.result == 'success'\n"),
    ("always in braces", RUN, f"{STEP_IF}${{{{ always() && !cancelled() }}}}\n"),
    ("a function in another case", RUN, f"{STEP_IF}StartsWith(github.ref, 'refs/tags/') && toJson(env) != ''\n"),
    ("hashFiles in a step", RUN, f"{STEP_IF}hashFiles('x', 'y') != ''\n"),
    ("an index and a star", RUN, f"{STEP_IF}contains(github.event.labels.*.name, 'x') || github['ref'] == 'y'\n"),
    ("a quoted brace", RUN, "        run: npm publish ${{ format('{0}', '}') }}\n"),
    ("numbers", RUN, f"{STEP_IF}github.run_number > 0x1F || -1.5e3 < .5\n"),
    ("a word of its own behind a point", RUN, f"{STEP_IF}steps.one.outputs.always == null && vars.secrets != ''\n"),
    ("a context in another case", RUN, f"{STEP_IF}GitHub.ref == 'x'\n"),
    ("outputs of a job", JOB, f"{JOB}    outputs: {{a: '${{{{ steps.one.outputs.a }}}}'}}\n"),
]
ACTIONS: list[tuple[str, str, str, str | None]] = [
    ("ready", SHELL, SHELL, None),
    ("secrets", SHELL, f"{SHELL}      env: {{A: '${{{{ secrets.B }}}}'}}\n", "`secrets`"),
    ("secrets in a script", "npm publish", "npm publish ${{ secrets.B }}", "`secrets`"),
    ("secrets for a default", "{description: a token}", "{default: '${{ secrets.B }}'}", "`secrets`"),
    ("vars", SHELL, f"{SHELL}      if: vars.B\n", "`vars`"),
    ("needs", SHELL, f"{SHELL}      if: needs.build.result == 'success'\n", "`needs`"),
    ("no shell", SHELL, "", "`shell`"),
    ("an input", SHELL, f"{SHELL}      env: {{A: '${{{{ inputs.token || github.token }}}}'}}\n", None),
    (
        "a step before",
        SHELL,
        f"{SHELL}      if: always() && steps.x.outputs.y && matrix.z && env.A && runner.os\n",
        None,
    ),
    ("github.token for a default", "{description: a token}", "{description: x, default: '${{ github.token }}'}", None),
]


def changed(base: str, old: str, new: str) -> str:
    assert old in base, old
    return base.replace(old, new, 1) if old != "runs-on: ubuntu-latest" else base.replace(old, new)


def reason(text: str, *, action: bool = False) -> str | None:
    root = Map(compose(text), source(text, "x.yml"))
    found = validity.of_action(root) if action else validity.of_workflow(root)
    return None if found is None else found.text


@pytest.mark.parametrize(("old", "new", "words"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_a_workflow_is_refused(old: str, new: str, words: str) -> None:
    assert words in (reason(changed(BASE, old, new)) or "")


@pytest.mark.parametrize(("old", "new"), [pytest.param(*row[1:], id=row[0]) for row in RUNS])
def test_a_workflow_runs(old: str, new: str) -> None:
    assert reason(changed(BASE, old, new)) is None


@pytest.mark.parametrize(("old", "new", "words"), [pytest.param(*row[1:], id=row[0]) for row in ACTIONS])
def test_an_action(old: str, new: str, words: str | None) -> None:
    found = reason(changed(ACTION, old, new), action=True)
    assert found is None if words is None else words in (found or "")


@pytest.mark.real_process
def test_githubs_parser_refuses_the_same(tmp_path: Path) -> None:
    workflows = [changed(BASE, old, new) for _, old, new, *_ in (*REFUSED, *RUNS)]
    actions = [changed(ACTION, old, new) for _, old, new, _ in ACTIONS]
    files = [("x.yml", text) for text in workflows] + [("action.yml", text) for text in actions]
    names = [row[0] for row in (*REFUSED, *RUNS, *ACTIONS)]
    wrong = {
        name: answer
        for name, (file, text), answer in zip(names, files, workflow_parser.errors(files, tmp_path), strict=True)
        if bool(answer) is not bool(reason(text, action=file == "action.yml"))
    }
    assert wrong == {}


@pytest.mark.real_process
def test_no_expression_is_refused_that_github_takes(tmp_path: Path) -> None:
    """All short expressions of these words: what is refused here, GitHub's parser refuses too."""
    words = ("github.ref", "'a'", "==", "!", "(", ")", ",", "contains(", "always()", "x")
    texts = [" ".join(parts) for length in (1, 2, 3) for parts in itertools.product(words, repeat=length)]
    files = [("x.yml", changed(BASE, RUN, f"{RUN}        if: |\n          {text}\n")) for text in texts]
    theirs = workflow_parser.errors(files, tmp_path)
    refused = [reason(text) is not None for _, text in files]
    assert [text for text, ours, others in zip(texts, refused, theirs, strict=True) if ours and not others] == []
    agreed = sum(ours for ours, others in zip(refused, theirs, strict=True) if others)
    assert agreed > 0.9 * sum(map(bool, theirs))


def test_the_publish_of_a_refused_file_is_broken() -> None:
    text = steps.changed((steps.PUBLISH, "      - run: npm publish\n        if: secrets.A\n"))
    assert steps.verdict(text=text) == "broken"
    assert "workflow-invalid:fail" in steps.ids(text=text)


def test_a_job_ends_at_an_action_that_is_refused() -> None:
    files = {".github/actions/x/action.yml": ACTION.replace("npm publish", "make").replace(SHELL, "")}
    uses = f"      - uses: ./.github/actions/x\n{steps.PUBLISH}"
    assert steps.verdict((steps.PUBLISH, uses), files=files) == "broken"
    assert steps.verdict((steps.PUBLISH, f"{uses}        if: always()\n"), files=files) == "trusted"
    goes_on = uses.replace("actions/x\n", "actions/x\n        continue-on-error: true\n")
    assert steps.verdict((steps.PUBLISH, goes_on), files=files) == "trusted"
