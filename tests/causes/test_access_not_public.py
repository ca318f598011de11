import pytest

from safepublish.causes.access_not_public import AccessNotPublic
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from safepublish.facts.run import Visibility as Called
from tests.support import runs as s

EXAMPLE = s.package(access="restricted")
"""A run in which the cause is found."""

NEW = s.package(packument=s.ABSENT)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="public-package"),
        pytest.param(s.package(access="restricted"), Answer.FAIL, id="unscoped-restricted"),
        pytest.param(s.package(name="@octo/left", access="restricted"), Answer.PASS, id="scoped-restricted"),
        pytest.param(s.package(NEW, access="public", provenance=True), Answer.PASS, id="access-public"),
        pytest.param(s.package(provenance=True), Answer.PASS, id="asked-for-and-public"),
        pytest.param(s.package(NEW, provenance=True), Answer.FAIL, id="asked-for-and-new"),
        pytest.param(s.package(s.allowed(NEW), provenance=True), Answer.FAIL, id="asked-for-and-new-with-a-token"),
        pytest.param(s.package(provenance=True, packument=s.UNKNOWN), Answer.UNKNOWN, id="asked-for-and-unknown"),
        pytest.param(
            s.package(provenance=True, visibility=Called.PUBLIC), Answer.PASS, id="asked-for-and-called-public"
        ),
        pytest.param(
            s.package(NEW, provenance=True, visibility=Called.PUBLIC),
            Answer.PASS,
            id="hidden-from-strangers-called-public",
        ),
        pytest.param(
            s.package(provenance=True, visibility=Called.NOT_PUBLIC), Answer.FAIL, id="shown-but-not-called-public"
        ),
        pytest.param(s.package(provenance=True, visibility=Called.UNKNOWN), Answer.UNKNOWN, id="shown-and-unknown"),
        pytest.param(
            s.package(NEW, provenance=True, visibility=Called.UNKNOWN), Answer.UNKNOWN, id="hidden-and-unknown"
        ),
        pytest.param(
            s.package(NEW, provenance=True, visibility=Called.UNKNOWN, exchange_result=s.NO_PUBLISHER),
            Answer.FAIL,
            id="hidden-and-nobody-to-ask",
        ),
        pytest.param(s.package(provenance=True, offline=True), Answer.FAIL, id="asked-for-and-offline"),
        pytest.param(s.package(offline=True), Answer.PASS, id="left-to-npm-and-offline"),
        pytest.param(s.npm("11.5.1", s.package(offline=True)), Answer.FAIL, id="npm-11.5.1-attaches-it-offline"),
        pytest.param(NEW, Answer.PASS, id="left-to-npm-and-private"),
        pytest.param(s.npm("11.5.1", NEW), Answer.FAIL, id="npm-11.5.1-attaches-to-private-packages"),
        pytest.param(s.npm("11.5.2", NEW), Answer.PASS, id="npm-11.5.2-does-not"),
        pytest.param(s.npm("11.5.1", s.package(packument=s.UNKNOWN)), Answer.UNKNOWN, id="npm-11.5.1-and-unknown"),
        pytest.param(
            s.allowed(s.package(NEW, name="@octo/left", exchange_result=s.NO_PUBLISHER)),
            Answer.WARN,
            id="a-token-publishes-a-new-scoped-one",
        ),
        pytest.param(
            s.allowed(s.package(NEW, exchange_result=s.NO_PUBLISHER)),
            Answer.PASS,
            id="a-token-publishes-a-new-unscoped-one",
        ),
        pytest.param(s.package(name=None), Answer.SKIP, id="no-name"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert AccessNotPublic().in_run(run).answer is answer


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (s.package(NEW, provenance=True), "provenance is requested"),
        (s.npm("11.5.1", NEW), "provenance is attached by npm before 11.5.2 without checking"),
    ],
    ids=["asked-for", "by-itself"],
)
def test_it_says_where_provenance_comes_from(run: Run, why: str) -> None:
    assert AccessNotPublic().in_run(run).message.startswith(why)
