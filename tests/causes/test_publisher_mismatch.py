from typing import Any

import pytest

from safepublish.causes.publisher_mismatch import PublisherMismatch, publisher_fields, trust_command
from safepublish.facts.finding import Answer
from safepublish.facts.run import Publisher, Run
from tests.support import runs as s

EXAMPLE = s.package(exchange_result=s.NO_PUBLISHER)
"""A run in which the cause is found."""

REFUSED = s.package(exchange_result=s.NO_PUBLISHER)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="accepted"),
        pytest.param(REFUSED, Answer.FAIL, id="refused"),
        pytest.param(s.package(exchange_result=s.UNAUTHORIZED), Answer.PASS, id="unauthorized"),
        pytest.param(s.package(REFUSED, packument=s.ABSENT), Answer.SKIP, id="absent-is-another-cause"),
        pytest.param(s.package(REFUSED, packument=s.UNKNOWN), Answer.FAIL, id="existence-unknown"),
        pytest.param(s.probe(REFUSED, confirmed_by_npm=True), Answer.FAIL, id="npm-s-own-is-refused"),
        pytest.param(s.probe(REFUSED, confirmed_by_npm=False), Answer.WARN, id="npm-s-own-is-accepted"),
        pytest.param(s.allowed(REFUSED), Answer.WARN, id="a-token-may-publish"),
        pytest.param(s.package(REFUSED, credential=s.TOKEN), Answer.FAIL, id="a-token-without-leave"),
        pytest.param(s.package(REFUSED, registry=s.PACKAGES), Answer.FAIL, id="another-registry-that-exchanges"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert PublisherMismatch().in_run(run).answer is answer


def evidence(run: Run) -> str:
    return "\n".join(PublisherMismatch().in_run(run).evidence)


def published(run: Run = REFUSED, **fields: Any) -> Run:
    return s.package(run, packument=s.EXISTS._replace(publisher=Publisher("1.1.0", **fields)))


def test_the_table_shows_this_run_beside_the_last_publisher() -> None:
    run = published(s.claims(REFUSED, environment="npm"), repository="octo/left", workflow="release.yml")
    assert PublisherMismatch().claims(run) == (
        ("repository", "octo/left", "octo/left"),
        ("workflow file", "publish.yml", "release.yml"),
        ("environment", "npm", "-"),
    )


def test_what_is_not_known_is_a_dash() -> None:
    run = s.identity(s.claims(REFUSED, repository=None, workflow_ref=None), repository=None, workflow_ref=None)
    assert PublisherMismatch().claims(run) == (
        ("repository", "-", "-"),
        ("workflow file", "-", "-"),
        ("environment", "-", "-"),
    )


def test_without_claims_the_variables_count() -> None:
    run = s.id_token(REFUSED, claims={})
    assert PublisherMismatch().claims(run)[:2] == (
        ("repository", "octo/left", "-"),
        ("workflow file", "publish.yml", "-"),
    )
    assert "environment" not in evidence(run).replace("environment: -", "")


def test_gitlab_has_a_project_and_a_file() -> None:
    assert PublisherMismatch().claims(REFUSED._replace(identity=s.GITLAB)) == (
        ("project", "octo/left", "-"),
        ("CI file", ".gitlab-ci.yml", "-"),
        ("environment", "-", "-"),
    )


def test_circleci_has_a_project() -> None:
    run = REFUSED._replace(identity=s.CIRCLECI)
    assert PublisherMismatch().claims(run) == (("project", "octo/left", "-"),)
    assert "rerun with SSH" in evidence(run)


def test_of_a_reusable_workflow_the_caller_s_file_counts() -> None:
    run = s.claims(REFUSED, job_workflow_ref="octo/shared/.github/workflows/npm.yml@refs/heads/main")
    assert PublisherMismatch().claims(run)[3] == (
        "called workflow (not compared)",
        "octo/shared/.github/workflows/npm.yml@refs/heads/main",
        "-",
    )
    assert "npmjs.com compares the caller's file, publish.yml, not npm.yml." in evidence(run)


def test_the_same_workflow_at_another_ref_is_not_called() -> None:
    run = s.claims(REFUSED, job_workflow_ref="octo/left/.github/workflows/publish.yml@refs/heads/main")
    assert len(PublisherMismatch().claims(run)) == 3


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"repository": "Octo/left"}, "The repository differs only in letter case: octo/left and Octo/left."),
        ({"workflow": "Publish.yml"}, "The workflow file differs only in letter case: publish.yml and Publish.yml."),
        ({"workflow": "publish.yaml"}, "The file extension differs: publish.yml and publish.yaml."),
        ({"repository": "octo/right"}, "1.1.0 was published from octo/right. Was it renamed, moved or forked?"),
        ({"trusted": False}, "1.1.0 was not published by a trusted publisher. No publisher may have been saved yet."),
        ({"trusted": True}, "1.1.0 was published by a trusted publisher, so one exists or existed."),
        ({"workflow": "release.yml"}, "workflow file: publish.yml (last version: release.yml)"),
    ],
)
def test_differences_are_pointed_out(fields: dict[str, Any], text: str) -> None:
    assert text in evidence(published(**fields))
    assert text not in evidence(REFUSED)


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (REFUSED, "This job has no environment. A publisher that names one does not match."),
        (
            s.claims(REFUSED, environment="npm"),
            "This job has the environment npm. The publisher's environment must be that, or empty.",
        ),
        (s.claims(REFUSED, sub="repo:octo@12/left@34:ref:refs/tags/v1"), "https://github.com/npm/cli/issues/9969"),
        (s.probe(REFUSED, confirmed_by_npm=True), "The registry also refused npm's own exchange."),
    ],
    ids=["no-environment", "environment", "immutable-sub", "second-opinion"],
)
def test_what_this_run_shows(run: Run, text: str) -> None:
    assert text in evidence(run)


def test_an_at_sign_in_the_ref_is_no_immutable_sub() -> None:
    assert "9969" not in evidence(s.claims(REFUSED, sub="repo:octo/left:ref:refs/tags/left@1.2.0"))


def test_where_existence_is_unknown_both_are_said() -> None:
    message = PublisherMismatch().in_run(s.package(REFUSED, packument=s.UNKNOWN)).message
    assert message.startswith("left does not exist, or none of its trusted publishers matches this run")


@pytest.mark.parametrize(
    ("run", "command"),
    [
        (REFUSED, "npm trust github left --repo octo/left --file publish.yml --allow-publish"),
        (
            s.command(REFUSED, name="stage publish"),
            "npm trust github left --repo octo/left --file publish.yml --allow-stage-publish",
        ),
        (
            s.claims(REFUSED, environment="pro duction'"),
            "npm trust github left --repo octo/left --file publish.yml --env 'pro duction'\"'\"'' --allow-publish",
        ),
        (
            s.package(REFUSED, name="@octo/left")._replace(identity=s.GITLAB),
            "npm trust gitlab @octo/left --project octo/left --file .gitlab-ci.yml --allow-publish",
        ),
        (REFUSED._replace(identity=s.CIRCLECI), None),
        (s.package(REFUSED, name=None), None),
        (s.identity(s.id_token(REFUSED, claims={}), workflow_ref=None), None),
        (s.identity(s.id_token(REFUSED, claims={}), repository=None), None),
    ],
    ids=["github", "stage", "environment", "gitlab", "circleci", "no-name", "no-workflow", "no-repository"],
)
def test_the_command_to_paste(run: Run, command: str | None) -> None:
    assert trust_command(run) == command


def test_the_settings_page_is_npmjs_s() -> None:
    remedy = PublisherMismatch().in_run(REFUSED).remedy
    assert remedy is not None
    assert "https://www.npmjs.com/package/left/access" in remedy.text
    assert remedy.text.endswith("To add this run as a publisher, use npm 11.15 or newer on your own machine.")


def test_another_registry_has_another_page() -> None:
    remedy = PublisherMismatch().in_run(s.package(REFUSED._replace(identity=s.CIRCLECI), registry=s.PACKAGES)).remedy
    assert remedy is not None
    assert "npmjs.com/package" not in remedy.text
    assert "necessarily" not in remedy.text


def test_the_fields_of_the_form() -> None:
    assert publisher_fields(s.claims(REFUSED, environment="npm")) == (
        ("Organization or user", "octo"),
        ("Repository", "left"),
        ("Workflow filename", "publish.yml"),
        ("Environment name", "npm"),
    )
    assert publisher_fields(REFUSED)[3][1].startswith("empty")
    assert publisher_fields(REFUSED._replace(identity=s.CIRCLECI)) == ()


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (published(REFUSED, trusted=True), False),
        (published(REFUSED, trusted=False), True),
        (REFUSED, True),
    ],
    ids=["one-worked-before", "never-trusted", "no-publisher-known"],
)
def test_the_expiry_of_a_new_publisher_is_named_where_none_is_known_to_have_published(
    run: Run, *, expected: bool
) -> None:
    assert ("it may have expired" in evidence(run)) is expected


@pytest.mark.parametrize(
    ("fields", "here", "answer"),
    [
        pytest.param({"named_repository": "stevemao/left-pad"}, "octo/left", Answer.UNKNOWN, id="another"),
        pytest.param(
            {"repository": "acme/x", "named_repository": "octo/left"}, "octo/left", Answer.UNKNOWN, id="proven"
        ),
        pytest.param({"named_repository": "Octo/Left"}, "octo/left", Answer.PASS, id="same"),
        pytest.param({}, "octo/left", Answer.PASS, id="none-named"),
        pytest.param({"named_repository": "a/b"}, None, Answer.PASS, id="no-origin"),
    ],
)
def test_a_name_of_somebody_else_is_said_on_a_laptop(fields: dict[str, str], here: str | None, answer: Answer) -> None:
    run = published(s.predicting(), **fields)
    run = run._replace(repository=run.repository._replace(remote=here))
    assert PublisherMismatch().in_run(run).answer is answer
    assert PublisherMismatch().in_run(run._replace(is_forecast=False)).answer is not Answer.UNKNOWN
