import pytest

from safepublish.causes.version_published import VersionPublished
from safepublish.facts.finding import Answer, Location
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(version="1.1.0")
"""A run in which the cause is found."""

PUBLISHED = s.package(version="1.1.0")


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="new"),
        pytest.param(PUBLISHED, Answer.FAIL, id="published"),
        pytest.param(
            s.package(version="1.3.0-rc.1", dist_tag_given=True),
            Answer.FAIL,
            id="a-pre-release-that-npm-does-not-compare",
        ),
        pytest.param(s.command(PUBLISHED, force=True), Answer.FAIL, id="force-does-not-help"),
        pytest.param(s.npm("10.9.4", PUBLISHED), Answer.FAIL, id="older-npm-leaves-it-to-the-registry"),
        pytest.param(s.allowed(PUBLISHED), Answer.FAIL, id="a-token-does-not-help"),
        pytest.param(s.command(PUBLISHED, name="stage publish"), Answer.FAIL, id="staging"),
        pytest.param(
            s.package(PUBLISHED, scripts_may_change_manifest=True), Answer.UNKNOWN, id="a-script-may-raise-it"
        ),
        pytest.param(s.package(version=None), Answer.SKIP, id="no-version"),
        pytest.param(s.package(PUBLISHED, packument=s.ABSENT), Answer.SKIP, id="absent"),
        pytest.param(s.package(PUBLISHED, packument=s.UNKNOWN), Answer.SKIP, id="unknown"),
        pytest.param(s.predicting(PUBLISHED), Answer.FAIL, id="asking-about-the-ci"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert VersionPublished().in_run(run).answer is answer


def test_the_manifest_has_its_place() -> None:
    assert VersionPublished().in_run(PUBLISHED).location == Location("package.json")
    assert VersionPublished().in_run(s.package(PUBLISHED, source="tarball")).location is None


@pytest.mark.parametrize(("workspace", "command"), [(False, "npm version patch"), (True, "npm version patch -w left")])
def test_the_version_of_this_package_is_raised(*, workspace: bool, command: str) -> None:
    remedy = VersionPublished().in_run(s.package(PUBLISHED, workspace=workspace)).remedy
    assert remedy is not None
    assert remedy.command == command
