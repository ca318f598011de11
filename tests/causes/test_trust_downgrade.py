from typing import Any

import pytest

from safepublish.causes.trust_downgrade import TrustDowngrade
from safepublish.facts.finding import Answer
from safepublish.facts.run import Evidence, Options, PublishedAs, Run
from safepublish.rehearsal import Grant, PublishedPackage, PublishedVersion, Registry
from tests.support import runs as s
from tests.support import world
from tests.test_guard import guard
from tests.test_wait import Make

TOKEN = "npm_downdowndowndowndowndowndowndowndown1"

LATEST = {
    "staged": PublishedAs("1.1.0", None, staged=True, provenance=True),
    "trusted": PublishedAs("1.1.0", True),
    "provenance": PublishedAs("1.1.0", False, provenance=True),
    "none": PublishedAs("1.1.0", False),
    "unknown": None,
}


def after(latest: str, run: Run = s.READY, **fields: Any) -> Run:
    packument = s.EXISTS._replace(latest=LATEST[latest], **fields)
    return run._replace(package=run.package._replace(packument=packument))


def with_token(**fields: Any) -> Run:
    return s.package(s.READY._replace(options=s.ALLOWED), credential=s.TOKEN, exchange_result=s.NO_PUBLISHER, **fields)


STAGING = s.command(name="stage publish")
EXAMPLE = after("staged")
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(EXAMPLE, Answer.WARN, id="direct-after-staged"),
        pytest.param(after("trusted"), Answer.PASS, id="trusted-after-trusted"),
        pytest.param(after("provenance"), Answer.PASS, id="trusted-after-provenance"),
        pytest.param(after("none"), Answer.PASS, id="trusted-after-a-token"),
        pytest.param(after("unknown"), Answer.SKIP, id="nothing-is-known"),
        pytest.param(after("staged", STAGING), Answer.PASS, id="staged-after-staged"),
        pytest.param(after("trusted", with_token()), Answer.WARN, id="a-token-after-trusted"),
        pytest.param(after("provenance", with_token()), Answer.WARN, id="a-token-after-provenance"),
        pytest.param(after("provenance", with_token(provenance=True)), Answer.PASS, id="a-token-with-provenance"),
        pytest.param(after("trusted", with_token(provenance=True)), Answer.WARN, id="provenance-after-trusted"),
        pytest.param(after("none", with_token()), Answer.PASS, id="a-token-after-a-token"),
        pytest.param(after("none", with_token(), has_provenance=True), Answer.WARN, id="an-older-one-had-provenance"),
        pytest.param(
            after("unknown", with_token(), has_provenance=True), Answer.WARN, id="some-version-had-provenance"
        ),
        pytest.param(
            after("trusted", with_token()._replace(options=Options())), Answer.SKIP, id="a-token-that-is-refused-anyway"
        ),
        pytest.param(
            after("trusted", s.package(credential=s.TOKEN._replace(beats_oidc=True))),
            Answer.SKIP,
            id="beats-oidc-refused",
        ),
        pytest.param(after("staged", s.package(exchange_result=s.FAILED)), Answer.SKIP, id="the-exchange-is-unknown"),
        pytest.param(
            after("staged", s.READY._replace(options=Options(strict=True))),
            Answer.FAIL,
            id="direct-after-staged-strict",
        ),
        pytest.param(
            after("staged", s.READY._replace(is_forecast=True)), Answer.SKIP, id="a-laptop-without-a-workflow"
        ),
        pytest.param(after("staged", s.package(version="1.1.0")), Answer.SKIP, id="that-version-itself"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert TrustDowngrade().in_run(run).answer is answer


@pytest.mark.parametrize(
    ("published", "evidence"),
    [
        (LATEST["staged"], Evidence.STAGED),
        (LATEST["trusted"], Evidence.TRUSTED_PUBLISHER),
        (PublishedAs("1.0.0", True, provenance=True), Evidence.TRUSTED_PUBLISHER),
        (LATEST["provenance"], Evidence.PROVENANCE),
        (PublishedAs("1.0.0", None), Evidence.NONE),
    ],
)
def test_evidence(published: PublishedAs, evidence: Evidence) -> None:
    assert published.evidence is evidence


def history(make_loopback: Make, *versions: PublishedVersion) -> world.Loopback:
    package = PublishedPackage(versions, publishers=world.HELLO.publishers)
    return make_loopback(Registry({"hello-oidc": package}, tokens={TOKEN: Grant.PUBLISH}))


def test_a_direct_publish_after_a_staged_one(make_loopback: Make) -> None:
    loopback = history(make_loopback, PublishedVersion("0.9.0", staged=True))
    refused = guard(loopback, "--strict")
    assert (refused.returncode, refused.published) == (3, ())
    assert "error[trust-downgrade]: hello-oidc@0.9.0 was staged and approved by a" in refused.stderr
    outcome = guard(loopback)
    assert (outcome.returncode, len(outcome.published)) == (0, 1)
    assert "warning[trust-downgrade]: " in outcome.stderr
    loopback.registry.packages["hello-oidc"] = PublishedPackage(("0.9.0",), publishers=world.HELLO.publishers)
    waived = guard(loopback, "--strict", "--waive", "trust-downgrade=agreed")
    assert waived.returncode == 0


def test_a_staged_publish_after_a_staged_one(make_loopback: Make) -> None:
    outcome = guard(history(make_loopback, PublishedVersion("0.9.0", staged=True)), "stage", "--strict")
    assert (outcome.returncode, "trust-downgrade" in outcome.stderr) == (0, False)


def test_a_token_after_a_trusted_publisher(make_loopback: Make) -> None:
    loopback = history(make_loopback, PublishedVersion("0.9.0", trusted=True))
    loopback.registry.packages["hello-oidc"] = loopback.registry.packages["hello-oidc"]._replace(publishers=())
    outcome = guard(loopback, "--allow-token", more=loopback.setup_node(token=TOKEN))
    assert outcome.returncode == 0
    said = " ".join(outcome.stderr.split())
    assert (
        "hello-oidc@0.9.0 was published by a trusted publisher, but this version would be published with a token"
        in said
    )


def test_provenance_of_an_older_version_than_the_last(make_loopback: Make) -> None:
    source = ("octo-org/hello-oidc", ".github/workflows/publish.yml", "refs/tags/v0.8.0")
    loopback = history(make_loopback, PublishedVersion("0.8.0", source=source), PublishedVersion("0.9.0"))
    loopback.registry.packages["hello-oidc"] = loopback.registry.packages["hello-oidc"]._replace(publishers=())
    outcome = guard(loopback, "--allow-token", more=loopback.setup_node(token=TOKEN))
    assert outcome.returncode == 0
    assert "an earlier version was published with provenance, but" in " ".join(outcome.stderr.split())
