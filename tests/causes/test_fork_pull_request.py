import pytest

from safepublish.causes.fork_pull_request import ForkPullRequest
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.identity(event="pull_request", head_repository="fork/left", request_url=False)
"""A run in which the cause is found."""

BARE = s.identity(request_url=False, request_token=False)
FORK = s.identity(BARE, event="pull_request", head_repository="fork/left")


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.SKIP, id="a-push"),
        pytest.param(FORK, Answer.FAIL, id="a-fork"),
        pytest.param(
            BARE._replace(identity=BARE.identity._replace(event="pull_request", head_repository="octo/left")),
            Answer.SKIP,
            id="own-branch",
        ),
        pytest.param(
            BARE._replace(identity=BARE.identity._replace(event="pull_request", head_repository="Octo/Left")),
            Answer.SKIP,
            id="own-branch-in-other-letters",
        ),
        pytest.param(
            BARE._replace(identity=BARE.identity._replace(event="pull_request")), Answer.SKIP, id="a-fork-that-is-gone"
        ),
        pytest.param(s.identity(FORK, repository=None), Answer.SKIP, id="own-repository-unknown"),
        pytest.param(
            s.identity(FORK, event="pull_request_target"), Answer.SKIP, id="pull-request-target-has-an-identity"
        ),
        pytest.param(
            s.identity(BARE, event="pull_request", actor="dependabot[bot]", head_repository="octo/left"),
            Answer.FAIL,
            id="dependabot",
        ),
        pytest.param(s.identity(BARE, actor="dependabot[bot]"), Answer.SKIP, id="dependabot-s-push"),
        pytest.param(
            s.identity(FORK, request_url=True, request_token=True), Answer.PASS, id="an-identity-all-the-same"
        ),
        pytest.param(s.identity(FORK, npm_id_token=True), Answer.PASS, id="npm-id-token"),
        pytest.param(s.allowed(FORK), Answer.WARN, id="a-token-may-publish"),
        pytest.param(FORK._replace(identity=s.GITLAB), Answer.SKIP, id="gitlab"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert ForkPullRequest().in_run(run).answer is answer


def test_both_repositories_are_named() -> None:
    message = ForkPullRequest().in_run(FORK).message
    assert "fork/left" in message
    assert "octo/left" in message
