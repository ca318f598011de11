import pytest

from safepublish.causes.id_token_wrong_audience import IdTokenWrongAudience
from safepublish.facts.finding import Answer
from safepublish.facts.run import ExchangeResult, Identity, IdTokenRequest, Run
from tests.support import runs as s

EXAMPLE = s.id_token(s.package(exchange_result=s.UNAUTHORIZED), audiences=("sigstore",))
"""A run in which the cause is found."""

REFUSED = s.package(exchange_result=s.UNAUTHORIZED)
BROKEN = s.id_token(REFUSED, audiences=("sigstore",))


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="whole"),
        pytest.param(
            s.id_token(REFUSED, audiences=("sigstore", "npm:registry.npmjs.org")), Answer.PASS, id="just-right"
        ),
        pytest.param(BROKEN, Answer.FAIL, id="for-sigstore"),
        pytest.param(s.package(BROKEN, exchange_result=ExchangeResult()), Answer.FAIL, id="not-asked"),
        pytest.param(
            s.package(BROKEN, exchange_result=s.READY.package.exchange_result), Answer.PASS, id="but-accepted"
        ),
        pytest.param(s.probe(BROKEN, confirmed_by_npm=False), Answer.PASS, id="but-npm-s-own-is-accepted"),
        pytest.param(s.allowed(BROKEN), Answer.WARN, id="a-token-may-publish"),
        pytest.param(BROKEN._replace(identity=s.JENKINS), Answer.SKIP, id="npm-ignores-it-elsewhere"),
        pytest.param(s.predicting(), Answer.SKIP, id="a-laptop"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert IdTokenWrongAudience().in_run(run).answer is answer


def test_it_names_both() -> None:
    message = IdTokenWrongAudience().in_run(BROKEN).message
    assert message == ("the audience of the ID token from GitHub is sigstore; npm:registry.npmjs.org is required")


def test_only_a_token_that_is_set_is_removed() -> None:
    minted = IdTokenWrongAudience().in_run(BROKEN).remedy
    present = IdTokenWrongAudience().in_run(s.id_token(BROKEN, request=IdTokenRequest.PRESENT)).remedy
    assert minted is not None
    assert "Run the job again" in minted.text
    assert present is not None
    assert "Remove NPM_ID_TOKEN" in present.text


def test_without_an_audience_nothing_is_said() -> None:
    assert IdTokenWrongAudience().in_run(s.id_token(REFUSED, audiences=())).answer is Answer.PASS


def test_without_a_registry_it_does_not_arise() -> None:
    assert IdTokenWrongAudience().in_run(s.package(BROKEN, registry=None)).answer is Answer.SKIP


def test_a_registry_that_is_not_npmjs_is_named_with_its_layer() -> None:
    run = s.package(exchange_result=s.UNAUTHORIZED, registry=s.YARN)
    assert IdTokenWrongAudience().in_run(run).evidence == (
        "The registry https://registry.yarnpkg.com is set in the variable npm_config_registry.",
    )


@pytest.mark.parametrize(
    ("identity", "diff", "command"),
    [
        (s.GITHUB, None, None),
        (s.GITLAB, '+       aud: "npm:registry.npmjs.org"', None),
        (
            s.CIRCLECI,
            None,
            """export NPM_ID_TOKEN=$(circleci run oidc get --claims '{"aud":"npm:registry.npmjs.org"}')""",
        ),
    ],
    ids=["github", "gitlab", "circleci"],
)
def test_the_mend_fits_the_ci(identity: Identity, diff: str | None, command: str | None) -> None:
    run = s.id_token(REFUSED._replace(identity=identity), audiences=("sigstore",))
    remedy = IdTokenWrongAudience().in_run(run).remedy
    assert remedy is not None
    assert (remedy.diff, remedy.command) == (diff, command)
