"""On a laptop the npm that counts is the one that the publishing workflow's Node brings."""

import pytest
from causes import situations as s

from safepublish.causes import npm_too_old
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run


def asks(node: str | None, *, another: bool = False, command: str = "publish") -> Run:
    line = None if node is None else f'          node-version: "{node}"'
    workflow = s.PUBLISHES._replace(node_version=node, node_version_line=line, another_npm=another)
    return s.predicting(s.npm("9.9.4"), workflow)._replace(command=command)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(asks("22"), Answer.FAIL, id="22"),
        pytest.param(asks("24.4.1"), Answer.FAIL, id="24.4.1"),
        pytest.param(asks("24.5.0"), Answer.PASS, id="24.5.0"),
        pytest.param(asks("24"), Answer.PASS, id="24"),
        pytest.param(asks("22", another=True), Answer.UNKNOWN, id="22-and-a-step-that-installs-npm"),
        pytest.param(asks("24", another=True), Answer.PASS, id="24-and-a-step-that-installs-npm"),
        pytest.param(asks(None), Answer.UNKNOWN, id="no-node-version"),
        pytest.param(asks("${{ matrix.node }}"), Answer.UNKNOWN, id="an-expression"),
        pytest.param(asks("24.14.1", command="stage publish"), Answer.FAIL, id="stage-11.11.0"),
        pytest.param(asks("24.18.0", command="stage publish"), Answer.PASS, id="stage-11.16.0"),
        pytest.param(s.predicting(workflow=None), Answer.SKIP, id="no-workflow"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    judgement = npm_too_old.in_run(run)
    assert judgement.answer is answer
    assert (judgement.remedy is not None) is (answer in {Answer.FAIL, Answer.UNKNOWN})


def test_the_edit_is_shown() -> None:
    remedy = npm_too_old.in_run(asks("22")).remedy
    assert remedy is not None
    assert remedy.diff == '-          node-version: "22"\n+          node-version: "24"'
