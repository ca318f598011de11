import pytest

from safepublish.causes.registry_unreachable import RegistryUnreachable
from safepublish.facts.finding import Answer
from safepublish.facts.run import ExchangeResult, Options, Packument, Run
from tests.support import runs as s

EXAMPLE = s.package(packument=s.UNKNOWN)
"""A run in which the cause is found."""

SILENT = s.package(exchange_result=s.UNREACHABLE)
PLAIN = s.package(exchange_result=ExchangeResult(why="the registry is reached over plain http"))


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="answers"),
        pytest.param(s.package(registry=None), Answer.SKIP, id="no-registry"),
        pytest.param(s.package(packument=s.UNKNOWN), Answer.UNKNOWN, id="the-packument-fails"),
        pytest.param(s.package(packument=s.UNKNOWN._replace(status=401)), Answer.PASS, id="it-hides-from-strangers"),
        pytest.param(
            s.package(packument=s.EXISTS._replace(trouble="it is larger than 32 MiB")),
            Answer.PASS,
            id="too-many-versions",
        ),
        pytest.param(s.package(packument=Packument()), Answer.PASS, id="never-asked"),
        pytest.param(SILENT, Answer.UNKNOWN, id="the-exchange-is-not-reached"),
        pytest.param(s.probe(SILENT, confirmed_by_npm=True), Answer.FAIL, id="nor-by-npm"),
        pytest.param(s.probe(SILENT, confirmed_by_npm=False), Answer.PASS, id="but-by-npm"),
        pytest.param(
            s.allowed(s.probe(SILENT, confirmed_by_npm=True)), Answer.WARN, id="nor-by-npm-and-a-token-may-publish"
        ),
        pytest.param(PLAIN, Answer.UNKNOWN, id="not-sent-over-plain-http"),
        pytest.param(PLAIN._replace(options=Options(probe=False)), Answer.PASS, id="not-to-be-asked"),
        pytest.param(s.package(exchange_result=s.NO_PUBLISHER), Answer.PASS, id="the-exchange-is-refused"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert RegistryUnreachable().in_run(run).answer is answer


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (SILENT, "no answer within 5 s"),
        (s.probe(SILENT, why=None), "no answer"),
    ],
    ids=["why", "no-why"],
)
def test_it_says_why(run: Run, why: str) -> None:
    message = RegistryUnreachable().in_run(run).message
    assert message == f"the exchange with registry.npmjs.org could not be checked: {why}"
