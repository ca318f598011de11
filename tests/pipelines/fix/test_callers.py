"""Fixes go to the place that decides: a calling job's permissions and inputs, the inputs of a step."""

from safepublish.causes.fix_workflow import FixedFile, fix_workflow
from tests.support.steps import COMPOSITE, WORKFLOW, changed

CALLER_PATH, CALLEE_PATH = ".github/workflows/release.yml", ".github/workflows/publish.yml"
CALLER = """\
on: push
permissions:
  contents: read
jobs:
  call:
    uses: ./.github/workflows/publish.yml
    with:
      node: 22
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make test
"""
CALLEE = changed(
    ("on: push\n", 'on:\n  workflow_call:\n    inputs:\n      node: {type: string, default: "24"}\n'),
    ('node-version: "24"', "node-version: ${{ inputs.node }}"),
)


def fixed(path: str, caller: str = CALLER, callee: str = CALLEE) -> FixedFile:
    files = {CALLER_PATH: caller, CALLEE_PATH: callee}
    return fix_workflow(files[path], path, files.get, callers=lambda _: ((CALLER_PATH, caller),))


def test_the_callers_permissions_and_input_change() -> None:
    one = fixed(CALLER_PATH)
    assert one.text == CALLER.replace("node: 22", "node: 24").replace(
        "    uses:", "    permissions:\n      contents: read\n      id-token: write\n    uses:"
    )
    assert [step.verdict.value for step in one.steps] == ["trusted"]


def test_the_called_file_stays_and_names_the_other() -> None:
    one = fixed(CALLEE_PATH)
    assert one.text == CALLEE
    assert one.unfixed == (("publish", f"the fix belongs in {CALLER_PATH}"),)


def test_a_default_that_the_caller_leaves_changes_in_the_called_file() -> None:
    caller = CALLER.replace("    with:\n      node: 22\n", "").replace("  contents: read", "  id-token: write")
    callee = CALLEE.replace('default: "24"', 'default: "20"')
    assert fixed(CALLER_PATH, caller, callee).text == caller
    assert fixed(CALLEE_PATH, caller, callee).text == CALLEE


def test_an_only_job_gets_the_permission_in_the_workflows_block() -> None:
    caller = CALLER.partition("  test:")[0].replace("node: 22", "node: 24")
    assert fixed(CALLER_PATH, caller).text == caller.replace(
        "  contents: read\n", "  contents: read\n  id-token: write\n"
    )


def test_the_input_of_a_composite_action_changes_where_it_is_given() -> None:
    setup = '      - uses: actions/setup-node@v5\n        with:\n          node-version: "24"\n'
    text = changed((setup, "      - uses: ./.github/actions/setup\n        with:\n          node: 20\n"), text=WORKFLOW)
    files = {".github/actions/setup/action.yml": COMPOSITE, CALLEE_PATH: text}
    one = fix_workflow(text, CALLEE_PATH, files.get)
    assert one.text == text.replace("node: 20", "node: 24")
    default = text.replace("        with:\n          node: 20\n", "")
    files = {".github/actions/setup/action.yml": COMPOSITE.replace("24", "20"), CALLEE_PATH: default}
    two = fix_workflow(default, CALLEE_PATH, files.get)
    assert (two.text, two.unfixed) == (
        default,
        (("publish", "the fix belongs in .github/actions/setup/action.yml"),),
    )
