import pytest

from safepublish.causes.registry_without_oidc import RegistryWithoutOidc
from safepublish.facts.finding import Answer, Location
from safepublish.facts.run import ExchangeResult, Run
from tests.support import runs as s

EXAMPLE = s.package(registry=s.PACKAGES, exchange_result=s.FOREIGN)
"""A run in which the cause is found."""

FOREIGN = s.package(registry=s.PACKAGES, exchange_result=s.FOREIGN)
YARN = s.package(registry=s.YARN, exchange_result=s.UNAUTHORIZED)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="npmjs"),
        pytest.param(FOREIGN, Answer.FAIL, id="github-packages"),
        pytest.param(
            s.probe(FOREIGN, status=401, message="Requires authentication"), Answer.FAIL, id="a-401-in-other-words"
        ),
        pytest.param(s.probe(FOREIGN, message=None), Answer.FAIL, id="no-words-at-all"),
        pytest.param(
            s.probe(FOREIGN, message="OIDC token exchange error - package not found"),
            Answer.PASS,
            id="a-registry-that-knows-the-exchange",
        ),
        pytest.param(s.package(exchange_result=s.FOREIGN), Answer.PASS, id="npmjs-in-other-words"),
        pytest.param(YARN, Answer.FAIL, id="yarn-s-mirror"),
        pytest.param(s.probe(FOREIGN, confirmed_by_npm=False), Answer.WARN, id="npm-s-own-is-accepted"),
        pytest.param(s.allowed(FOREIGN), Answer.WARN, id="a-token-may-publish"),
        pytest.param(s.package(registry=s.PACKAGES, exchange_result=ExchangeResult()), Answer.PASS, id="not-asked"),
        pytest.param(s.package(registry=None), Answer.SKIP, id="no-registry"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert RegistryWithoutOidc().in_run(run).answer is answer


def test_it_names_what_chose_the_registry() -> None:
    judgement = RegistryWithoutOidc().in_run(FOREIGN)
    assert judgement.evidence == (
        "npm publishes to https://npm.pkg.github.com/, which comes from .npmrc, line 2 (@octo:registry).",
    )
    assert judgement.location == Location(".npmrc", 2)
    assert judgement.remedy is not None
    assert "change @octo:registry in .npmrc, line 2 to https://registry.npmjs.org/" in judgement.remedy.text


def test_yarn_is_told_to_set_such_variables() -> None:
    judgement = RegistryWithoutOidc().in_run(YARN)
    assert any("yarn sets that variable" in line for line in judgement.evidence)
    assert judgement.remedy is not None
    assert judgement.remedy.command == "export npm_config_registry=https://registry.npmjs.org/"


def test_a_token_for_it_may_be_meant() -> None:
    remedy = RegistryWithoutOidc().in_run(s.package(FOREIGN, credential=s.TOKEN)).remedy
    assert remedy is not None
    assert "--allow-token" in remedy.text
