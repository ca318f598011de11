"""Workflows that others of the same repository call."""

import pytest

from safepublish.causes import judge
from safepublish.pipelines import github
from tests.support import steps
from tests.support.steps import DISPATCHED, NODE, PUBLISH, judged, verdict

TOKEN = "        env:\n          NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n"

CALLER = """\
on: push
jobs:
  release:
    permissions:
      id-token: write
    uses: ./.github/workflows/publish.yml
    with:
      node: "24"
"""

CALLEE = steps.changed(
    ("on: push\n", "on:\n  workflow_call:\n    inputs:\n      node:\n        default: '22'\n"),
    (NODE, "node-version: ${{ inputs.node }}"),
)


def called(caller: str, callee: str = CALLEE) -> str:
    return verdict(text=caller, files={steps.PATH: callee})


def test_a_called_workflow_is_read_with_its_caller() -> None:
    assert called(CALLER) == "trusted"
    assert called(steps.changed(('node: "24"', 'node: "20"'), text=CALLER)) == "broken"
    assert called(steps.changed(("id-token: write", "contents: read"), text=CALLER)) == "broken"
    (one,) = judged(CALLER, {steps.PATH: CALLEE})
    assert (one.step.place.job, one.step.place.position, one.step.place.reusable) == ("release", None, "called")
    assert one.step.place.at.path == steps.PATH


def test_a_called_workflow_without_its_caller_waits_for_the_caller() -> None:
    text = steps.changed(("'22'", "'24'"), text=CALLEE)
    assert verdict(text=text) == "unknown"
    assert verdict(("id-token: write", "id-token: none"), text=text) == "broken"
    assert verdict(text=CALLEE) == "broken"


def test_a_called_workflow_elsewhere_is_told_where_its_name_publishes() -> None:
    remote = steps.changed(("./.github/workflows/publish.yml", "o/r/.github/workflows/publish.yml@v1"), text=CALLER)
    assert verdict(text=remote) == "unknown"
    assert verdict(("publish.yml", "lint.yml"), text=remote) == ""
    assert verdict(('node: "24"', "publish: false"), text=remote) == ""
    passed = steps.changed(
        ('    with:\n      node: "24"', "    secrets:\n      NPM_TOKEN: ${{ secrets.NPM_TOKEN }}"), text=remote
    )
    assert verdict(text=passed) == "token"


def with_caller(caller: str, callee: str) -> str:
    file = github.read(callee, steps.PATH, lambda _: None, lambda _: [(".github/workflows/release.yml", caller)])
    return " ".join(one.verdict.value for one in judge.judge_steps(file))


def test_a_workflow_that_can_only_be_called_is_judged_by_its_callers() -> None:
    assert with_caller(CALLER, CALLEE) == "trusted"
    assert with_caller(steps.changed(("id-token: write", "contents: read"), text=CALLER), CALLEE) == "broken"
    assert with_caller(steps.changed(('"24"', '"20"'), text=CALLER), CALLEE) == "broken"
    two = f"{CALLER}  again:\n    uses: ./.github/workflows/publish.yml\n"
    assert with_caller(two, CALLEE) == "broken"
    other = steps.changed(("workflows/publish.yml", "workflows/lint.yml"), text=CALLER)
    assert with_caller(other, CALLEE) == "broken"  # Node 22, by default
    assert with_caller("jobs: [", CALLEE) == "broken"


@pytest.mark.parametrize(
    ("handed", "expected"),
    [
        ("    secrets: inherit\n", "token"),
        ("    secrets:\n      NPM_TOKEN: ${{ secrets.NPM }}\n", "token"),
        ("    secrets:\n      OTHER: ${{ secrets.NPM }}\n", "trusted"),
        ("", "trusted"),
    ],
)
def test_a_called_workflow_has_the_secrets_that_it_is_handed(handed: str, expected: str) -> None:
    caller = CALLER + handed
    assert with_caller(caller, steps.changed((PUBLISH, PUBLISH + TOKEN), text=CALLEE)) == expected
    assert called(caller, steps.changed((PUBLISH, PUBLISH + TOKEN), text=CALLEE)) == expected


def test_the_callers_permissions_are_named_where_they_are_in_the_way() -> None:
    caller = steps.changed(("id-token: write", "contents: read"), text=CALLER)
    file = github.read(CALLEE, steps.PATH, lambda _: None, lambda _: [(".github/workflows/release.yml", caller)])
    (one,) = judge.judge_steps(file)
    (finding,) = one.findings
    assert finding.message.startswith("the calling job in .github/workflows/release.yml cannot request an ID token")
    assert finding.location is not None
    assert (finding.location.path, finding.location.line) == (".github/workflows/release.yml", 4)


@pytest.mark.parametrize(
    ("given", "condition", "runs"),
    [
        ("", "${{ !inputs.trial }}", True),  # the default: false
        ("trial: true", "${{ !inputs.trial }}", False),
        ("trial: false", "${{ !inputs.trial }}", True),
        ("trial: false", "inputs.trial", False),
        ("trial: '${{ inputs.trial }}'", "inputs.trial", True),  # the caller's own, which a person chooses
        ("count: 0", "inputs.count", False),
        ("count: 1", "inputs.count", True),
    ],
)
def test_what_a_caller_of_the_same_repository_gives_decides(given: str, condition: str, *, runs: bool) -> None:
    inputs = "{trial: {type: boolean, default: false}, count: {type: number, default: 1}}"
    guarded = (PUBLISH, f"{PUBLISH}        if: {condition}\n")
    callee = steps.changed(("on: push", f"on:\n  workflow_call:\n    inputs: {inputs}"), guarded)
    caller = f"{DISPATCHED % 'false'}jobs:\n  call:\n    uses: ./{steps.PATH}\n    with: {{{given}}}\n"
    path = ".github/workflows/release.yml"
    file = github.read(callee, steps.PATH, lambda _: None, lambda _: [(path, caller)])
    # Where this caller makes it run never, another repository's may still.
    assert [legs[0].place.entry_path for legs in file.steps] == [path if runs else steps.PATH]
