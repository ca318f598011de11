import pytest

from safepublish.causes.no_publishing_workflow import NoPublishingWorkflow
from safepublish.facts.finding import Answer
from safepublish.facts.run import Repository, Run
from tests.support import runs as s

EXAMPLE = s.predicting(workflow=None)
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.SKIP, id="in-ci"),
        pytest.param(s.laptop(), Answer.SKIP, id="a-laptop-that-publishes"),
        pytest.param(s.predicting(), Answer.PASS, id="a-workflow-publishes"),
        pytest.param(s.predicting(workflow=None), Answer.UNKNOWN, id="none-does"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert NoPublishingWorkflow().in_run(run).answer is answer


@pytest.mark.parametrize(("root", "where"), [("/r", "in /r"), (None, "in this directory or above it")])
def test_it_says_where_it_looked(root: str | None, where: str) -> None:
    run = s.predicting(workflow=None)._replace(repository=Repository(root=root))
    assert where in NoPublishingWorkflow().in_run(run).message
