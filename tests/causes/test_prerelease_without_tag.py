import pytest

from safepublish.causes.prerelease_without_tag import PrereleaseWithoutTag
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(version="2.0.0-beta.1")
"""A run in which the cause is found."""

BETA = s.package(version="2.0.0-beta.1")


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.SKIP, id="a-release"),
        pytest.param(BETA, Answer.FAIL, id="a-pre-release"),
        pytest.param(s.package(BETA, dist_tag_given=True), Answer.PASS, id="a-tag-is-given"),
        pytest.param(BETA._replace(force=True), Answer.PASS, id="force"),
        pytest.param(s.npm("10.9.9", BETA), Answer.PASS, id="npm-10-does-not-look"),
        pytest.param(s.npm("11.0.0", BETA), Answer.FAIL, id="npm-11.0.0-does"),
        pytest.param(s.npm(None, BETA), Answer.UNKNOWN, id="npm-of-unknown-version"),
        pytest.param(s.package(BETA, scripts_may_change_manifest=True), Answer.UNKNOWN, id="a-script-may-change-it"),
        pytest.param(s.predicting(BETA), Answer.UNKNOWN, id="asking-about-the-ci"),
        pytest.param(s.package(version="1.3.0-rc.1"), Answer.SKIP, id="published-is-another-cause"),
        pytest.param(s.package(version=None), Answer.SKIP, id="no-version"),
        pytest.param(s.allowed(BETA), Answer.FAIL, id="a-token-does-not-help"),
        pytest.param(s.package(version="2.0.0+beta"), Answer.SKIP, id="build-metadata-is-no-pre-release"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert PrereleaseWithoutTag().in_run(run).answer is answer


@pytest.mark.parametrize(
    ("version", "tag"), [("2.0.0-beta.1", "beta"), ("2.0.0-1", "next"), ("2.0.0-x.1", "next"), ("2.0.0-B4.1", "next")]
)
def test_the_tag_is_the_pre_release_s_own_word_where_it_is_one(version: str, tag: str) -> None:
    remedy = PrereleaseWithoutTag().in_run(s.package(version=version)).remedy
    assert remedy is not None
    assert remedy.command == f"safepublish --tag {tag}"
