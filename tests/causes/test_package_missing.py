import pytest

from safepublish.causes.package_missing import PackageMissing
from safepublish.facts.finding import Answer
from safepublish.facts.run import ExchangeResult, Run
from tests.support import runs as s

EXAMPLE = s.package(packument=s.ABSENT, exchange_result=s.NO_PUBLISHER)
"""A run in which the cause is found."""

MISSING = s.package(packument=s.ABSENT, exchange_result=s.NO_PUBLISHER)
SCOPED = s.package(MISSING, name="@octo/left")


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.SKIP, id="exists"),
        pytest.param(s.package(packument=s.UNKNOWN), Answer.SKIP, id="unknown"),
        pytest.param(MISSING, Answer.FAIL, id="absent-and-refused"),
        pytest.param(s.package(packument=s.ABSENT), Answer.SKIP, id="absent-and-accepted-is-private"),
        pytest.param(
            s.package(MISSING, registry=s.PACKAGES, exchange_result=s.FOREIGN),
            Answer.SKIP,
            id="absent-and-no-such-registry",
        ),
        pytest.param(s.package(MISSING, exchange_result=s.UNAUTHORIZED), Answer.SKIP, id="absent-and-unauthorized"),
        pytest.param(s.probe(MISSING, confirmed_by_npm=False), Answer.WARN, id="npm-s-own-is-accepted"),
        pytest.param(s.allowed(MISSING), Answer.WARN, id="a-token-may-publish"),
        pytest.param(s.package(MISSING, exchange_result=ExchangeResult()), Answer.FAIL, id="not-asked-unscoped"),
        pytest.param(s.package(SCOPED, exchange_result=ExchangeResult()), Answer.UNKNOWN, id="not-asked-scoped"),
        pytest.param(
            s.package(SCOPED, exchange_result=ExchangeResult(confirmed_by_npm=True)),
            Answer.FAIL,
            id="asked-by-npm-alone-and-refused",
        ),
        pytest.param(
            s.package(MISSING, exchange_result=ExchangeResult(), registry=s.PACKAGES),
            Answer.UNKNOWN,
            id="not-asked-elsewhere",
        ),
        pytest.param(
            s.command(s.package(MISSING, exchange_result=ExchangeResult()), name="stage publish"),
            Answer.UNKNOWN,
            id="not-asked-staging",
        ),
        pytest.param(s.command(MISSING, name="stage publish"), Answer.FAIL, id="refused-staging"),
        pytest.param(SCOPED, Answer.FAIL, id="scoped-and-refused"),
        pytest.param(s.package(MISSING, name=None), Answer.SKIP, id="no-name"),
        pytest.param(s.predicting(MISSING), Answer.FAIL, id="asking-about-the-ci"),
        pytest.param(s.predicting(SCOPED), Answer.UNKNOWN, id="asking-about-the-ci-scoped"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert PackageMissing().in_run(run).answer is answer


def test_the_first_version_goes_by_hand_and_the_publisher_after_it() -> None:
    judgement = PackageMissing().in_run(MISSING)
    assert judgement.remedy is not None
    assert judgement.remedy.command == (
        "npm login && npm publish\nnpm trust github left --repo octo/left --file publish.yml --allow-publish"
    )
    assert judgement.evidence == (
        "The registry refused the exchange with 404: OIDC token exchange error - package not found",
    )


@pytest.mark.parametrize(
    ("access", "command"),
    [
        (None, "npm login && npm publish './my dist' --access public"),
        ("restricted", "npm login && npm publish './my dist'"),
    ],
)
def test_a_scoped_one_is_made_public_unless_it_is_to_be_private(access: str | None, command: str) -> None:
    judgement = PackageMissing().in_run(s.predicting(s.package(SCOPED, access=access, spec="./my dist"), workflow=None))
    assert judgement.remedy is not None
    assert judgement.remedy.command == command


def test_a_scoped_one_may_be_private() -> None:
    assert "If @octo/left exists and is private" in PackageMissing().in_run(SCOPED).evidence[1]


def test_not_asked_nothing_is_said_of_the_exchange() -> None:
    assert PackageMissing().in_run(s.package(MISSING, exchange_result=ExchangeResult())).evidence == ()
