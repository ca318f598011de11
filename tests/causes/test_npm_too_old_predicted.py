"""On a laptop the npm that counts is the one that the publishing workflow's Node brings."""

import pytest

from safepublish.causes import judge
from safepublish.facts.finding import Finding
from safepublish.facts.run import Run
from safepublish.pipelines import github
from tests.support import runs as s
from tests.support import steps

NODE = 'node-version: "24"'
PUBLISH = "run: npm publish"


def asks(*pairs: tuple[str, str], command: str = "publish") -> Run:
    view, *_ = github.read_publishing_steps(steps.changed(*pairs), steps.PATH, lambda _: None)
    return s.command(s.predicting(s.npm("9.9.4"), view), name=command)


def found(run: Run) -> Finding | None:
    return next((finding for finding in judge.judge_run(run) if finding.id == "npm-too-old"), None)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(asks((NODE, "node-version: 22")), "fail", id="22"),
        pytest.param(asks((NODE, "node-version: 24.4.1")), "fail", id="24.4.1"),
        pytest.param(asks((NODE, "node-version: 24.5.0")), None, id="24.5.0"),
        pytest.param(asks(), None, id="24"),
        pytest.param(asks((NODE, "node-version: 22"), (PUBLISH, "run: npm i -g npm@11 && npm publish")), None, id="up"),
        pytest.param(asks((NODE, "cache: npm")), "unknown", id="no-node-version"),
        pytest.param(asks((NODE, "node-version: ${{ vars.NODE }}")), "unknown", id="an-expression"),
        pytest.param(
            asks((NODE, "node-version: 24.14.1"), (PUBLISH, "run: npm stage publish")), "fail", id="stage-11.11"
        ),
        pytest.param(
            asks((NODE, "node-version: 24.18.0"), (PUBLISH, "run: npm stage publish")), None, id="stage-11.16"
        ),
        pytest.param(s.predicting(workflow=None), None, id="no-workflow"),
    ],
)
def test_answer(run: Run, answer: str | None) -> None:
    finding = found(run)
    assert (finding.answer.value if finding else None) == answer


def test_the_edit_is_shown() -> None:
    finding = found(asks((NODE, 'node-version: "22"')))
    assert finding is not None
    assert finding.remedy is not None
    assert finding.remedy.diff == '-          node-version: "22"\n+          node-version: "24"'


def test_what_else_the_workflow_lacks_is_said_too() -> None:
    run = asks(("id-token: write", "packages: read"))
    assert [finding.id for finding in judge.judge_run(run)] == ["missing-id-token-permission"]
