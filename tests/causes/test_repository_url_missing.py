import pytest

from safepublish.causes.repository_url_missing import RepositoryUrlMissing
from safepublish.facts.finding import Answer, Location
from safepublish.facts.run import ExchangeResult, Repository, Run
from tests.support import runs as s

EXAMPLE = s.package(repository=None)
"""A run in which the cause is found."""

MISSING = s.package(repository=None)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="there"),
        pytest.param(MISSING, Answer.FAIL, id="missing"),
        pytest.param(
            s.claims(MISSING, repository_visibility="private"),
            Answer.SKIP,
            id="a-private-repository-gets-no-provenance",
        ),
        pytest.param(s.package(MISSING, packument=s.ABSENT), Answer.SKIP, id="a-private-package-gets-none"),
        pytest.param(
            s.npm("11.5.1", s.package(MISSING, packument=s.ABSENT)), Answer.FAIL, id="npm-11.5.1-does-not-ask-for-that"
        ),
        pytest.param(s.package(MISSING, packument=s.UNKNOWN), Answer.UNKNOWN, id="whether-it-is-public-is-unknown"),
        pytest.param(s.package(MISSING, provenance=False), Answer.SKIP, id="switched-off"),
        pytest.param(
            s.claims(s.package(MISSING, provenance=True), repository_visibility="private"), Answer.FAIL, id="asked-for"
        ),
        pytest.param(
            s.package(s.allowed(MISSING), provenance=True, exchange_result=s.NO_PUBLISHER),
            Answer.FAIL,
            id="asked-for-with-a-token",
        ),
        pytest.param(
            s.package(s.allowed(MISSING), exchange_result=s.NO_PUBLISHER), Answer.SKIP, id="a-token-publishes-without"
        ),
        pytest.param(
            s.package(MISSING, credential=s.TOKEN, exchange_result=ExchangeResult()),
            Answer.UNKNOWN,
            id="a-token-may-publish-without",
        ),
        pytest.param(
            s.package(MISSING, exchange_result=ExchangeResult()),
            Answer.FAIL,
            id="without-a-token-it-is-oidc-or-nothing",
        ),
        pytest.param(
            s.identity(s.claims(MISSING, repository_visibility=None), repository_visibility=None),
            Answer.UNKNOWN,
            id="the-visibility-is-unknown",
        ),
        pytest.param(s.npm(None, MISSING), Answer.UNKNOWN, id="npm-of-unknown-version"),
        pytest.param(s.npm("11.4.2", MISSING), Answer.SKIP, id="npm-is-too-old-for-it"),
        pytest.param(
            s.npm("11.5.0", s.package(MISSING, exchange_result=s.NO_PUBLISHER)),
            Answer.FAIL,
            id="npm-11.5.0-decides-before-the-exchange",
        ),
        pytest.param(
            s.npm("11.5.1", s.package(MISSING, exchange_result=s.NO_PUBLISHER)), Answer.SKIP, id="npm-11.5.1-after-it"
        ),
        pytest.param(
            s.npm("11.20.0", s.package(MISSING, provenance_file=True)), Answer.SKIP, id="a-file-goes-first-in-11.20"
        ),
        pytest.param(s.npm("11.19.1", s.package(MISSING, provenance_file=True)), Answer.FAIL, id="but-not-in-11.19"),
        pytest.param(s.npm("12.0.2", s.package(MISSING, provenance_file=True)), Answer.FAIL, id="nor-in-12.0"),
        pytest.param(s.npm("12.1.0", s.package(MISSING, provenance_file=True)), Answer.SKIP, id="again-in-12.1"),
        pytest.param(
            s.npm(None, s.package(MISSING, provenance_file=True)),
            Answer.UNKNOWN,
            id="a-file-and-npm-of-unknown-version",
        ),
        pytest.param(s.package(MISSING, scripts_may_change_manifest=True), Answer.UNKNOWN, id="a-script-may-write-it"),
        pytest.param(MISSING._replace(identity=s.GITLAB), Answer.UNKNOWN, id="gitlab"),
        pytest.param(
            MISSING._replace(identity=s.GITLAB._replace(sigstore_id_token=False)),
            Answer.SKIP,
            id="gitlab-without-sigstore",
        ),
        pytest.param(s.package(MISSING._replace(identity=s.CIRCLECI), provenance=True), Answer.SKIP, id="circleci"),
        pytest.param(s.identity(MISSING, ci_disabled=True), Answer.SKIP, id="ci-false"),
        pytest.param(s.package(MISSING, trouble="it is no JSON"), Answer.SKIP, id="no-manifest"),
        pytest.param(s.package(MISSING, unread="it is too large"), Answer.SKIP, id="not-looked-at"),
        pytest.param(s.predicting(MISSING), Answer.UNKNOWN, id="asking-about-the-ci"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert RepositoryUrlMissing().in_run(run).answer is answer


def test_the_line_to_add_names_this_repository() -> None:
    judgement = RepositoryUrlMissing().in_run(MISSING)
    assert judgement.remedy is not None
    assert judgement.remedy.diff == (
        '+   "repository": { "type": "git", "url": "git+https://github.com/octo/left.git" },'
    )
    assert judgement.location == Location("package.json")


def test_on_a_laptop_it_names_the_origin() -> None:
    remedy = RepositoryUrlMissing().in_run(s.predicting(MISSING)).remedy
    assert remedy is not None
    assert remedy.diff is not None


def test_where_no_repository_is_known_there_is_no_line() -> None:
    run = s.predicting(MISSING)._replace(repository=Repository())
    remedy = RepositoryUrlMissing().in_run(run).remedy
    assert remedy is not None
    assert remedy.diff is None


def test_a_tarball_has_no_place() -> None:
    assert RepositoryUrlMissing().in_run(s.package(MISSING, source="tarball")).location is None
