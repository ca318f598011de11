import pytest

from safepublish.causes.missing_id_token_permission import MissingIdTokenPermission
from safepublish.facts.finding import Answer, Judgement, Location
from safepublish.facts.run import Repository, Run, Workflow
from tests.support import runs as s

EXAMPLE = s.identity(request_url=False, request_token=False)
"""A run in which the cause is found."""

BARE = s.identity(request_url=False, request_token=False)
PATH = ".github/workflows/publish.yml"


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="both"),
        pytest.param(BARE, Answer.FAIL, id="neither"),
        pytest.param(s.identity(request_token=False), Answer.FAIL, id="only-the-url"),
        pytest.param(s.identity(request_url=False), Answer.FAIL, id="only-the-token"),
        pytest.param(
            s.package(s.identity(BARE, npm_id_token=True), provenance=False), Answer.PASS, id="npm-id-token-serves"
        ),
        pytest.param(
            s.package(s.identity(BARE, npm_id_token=True), provenance=True),
            Answer.FAIL,
            id="npm-id-token-does-not-sign",
        ),
        pytest.param(
            s.identity(BARE, npm_id_token=True),
            Answer.FAIL,
            id="npm-id-token-does-not-sign-what-npm-attaches-by-itself",
        ),
        pytest.param(
            s.claims(s.identity(BARE, npm_id_token=True), repository_visibility="private"),
            Answer.PASS,
            id="npm-id-token-where-nothing-is-signed",
        ),
        pytest.param(s.allowed(BARE), Answer.WARN, id="a-token-may-publish"),
        pytest.param(s.package(s.allowed(BARE), provenance=True), Answer.FAIL, id="a-token-cannot-sign-either"),
        pytest.param(
            s.identity(BARE, event="pull_request", head_repository="fork/left"),
            Answer.SKIP,
            id="a-fork-is-another-cause",
        ),
        pytest.param(s.identity(event="pull_request", head_repository="fork/left"), Answer.PASS, id="a-fork-with-both"),
        pytest.param(s.READY._replace(identity=s.GITLAB), Answer.SKIP, id="gitlab"),
        pytest.param(s.predicting(), Answer.SKIP, id="a-laptop"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert MissingIdTokenPermission().in_run(run).answer is answer


def judged(workflow: Workflow | None, run: Run = BARE) -> Judgement:
    return MissingIdTokenPermission().in_run(run._replace(repository=Repository(workflow=workflow)))


@pytest.mark.parametrize(
    ("workflow", "diff", "place"),
    [
        (None, "+ permissions:\n+   contents: read\n+   id-token: write", None),
        (Workflow(PATH), "+ permissions:\n+   contents: read\n+   id-token: write", None),
        (
            Workflow(PATH, permissions_at=Location(PATH, 7, 5), permissions_line="    permissions:"),
            "     permissions:\n+      id-token: write",
            Location(PATH, 7, 5),
        ),
        (
            Workflow(PATH, permissions_at=Location(PATH, 7, 5), permissions_line="    permissions: # little"),
            "     permissions: # little\n+      id-token: write",
            Location(PATH, 7, 5),
        ),
        (
            Workflow(PATH, permissions_at=Location(PATH, 2, 1), permissions_line="permissions: read-all"),
            "-permissions: read-all\n+permissions:\n+  contents: read\n+  id-token: write",
            Location(PATH, 2, 1),
        ),
        (
            Workflow(PATH, permissions_at=Location(PATH, 2, 1)),
            " permissions:\n+  id-token: write",
            Location(PATH, 2, 1),
        ),
        (
            Workflow(PATH, job_at=Location(PATH, 6, 3), job_line="  publish:"),
            "   publish:\n+    permissions:\n+      contents: read\n+      id-token: write",
            Location(PATH, 6, 3),
        ),
        (
            Workflow(PATH, job_at=Location(PATH, 6, 3)),
            " \n+  permissions:\n+    contents: read\n+    id-token: write",
            Location(PATH, 6, 3),
        ),
    ],
    ids=["no-workflow", "no-place", "block", "block-with-comment", "read-all", "no-line", "job", "job-without-line"],
)
def test_the_edit_fits_the_file(workflow: Workflow | None, diff: str, place: Location | None) -> None:
    judgement = judged(workflow)
    assert judgement.remedy is not None
    assert (judgement.remedy.diff, judgement.location) == (diff, place)


def test_a_called_workflow_needs_it_on_both_sides() -> None:
    judgement = judged(Workflow(PATH, reusable_caller=True))
    assert judgement.remedy is not None
    assert "the job in the workflow it calls" in judgement.remedy.text
    assert any("calling job grants" in line for line in judgement.evidence)


@pytest.mark.parametrize(("kept", "lost"), [("URL", "TOKEN"), ("TOKEN", "URL")])
def test_where_one_variable_is_lost_on_the_way_no_edit_is_offered(kept: str, lost: str) -> None:
    run = s.identity(request_url=kept == "URL", request_token=kept == "TOKEN")
    judgement = judged(None, run)
    assert f"ACTIONS_ID_TOKEN_REQUEST_{kept} is set but ACTIONS_ID_TOKEN_REQUEST_{lost} is not" in judgement.message
    assert judgement.remedy is not None
    assert judgement.remedy.diff is None
    assert "-e ACTIONS_ID_TOKEN_REQUEST_URL" in judgement.remedy.text


def test_without_a_job_s_name_nothing_is_said_of_it() -> None:
    assert judged(None, s.identity(BARE, job=None)).evidence == ()
