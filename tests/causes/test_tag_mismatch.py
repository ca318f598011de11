import pytest

from safepublish.causes.tag_mismatch import TagMismatch
from safepublish.facts.finding import Answer, Location
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.identity(git_tag="v1.3.0")
"""A run in which the cause is found."""


def tagged(tag: str | None, **package: object) -> Run:
    return s.package(s.identity(git_tag=tag), **{"name": "left", "version": "1.2.0", **package})


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(EXAMPLE, Answer.WARN, id="another-version"),
        pytest.param(tagged("v1.2.0"), Answer.PASS, id="the-same"),
        pytest.param(tagged("1.2.0"), Answer.PASS, id="the-same-without-v"),
        pytest.param(tagged("v1.2.0+build.7"), Answer.PASS, id="build-metadata-does-not-count"),
        pytest.param(tagged("1.2.1"), Answer.WARN, id="another-without-v"),
        pytest.param(tagged("v1.2.0-rc.1"), Answer.WARN, id="the-pre-release-of-it"),
        pytest.param(tagged("left@1.2.0"), Answer.PASS, id="with-the-name"),
        pytest.param(tagged("left@v1.2.1"), Answer.WARN, id="with-the-name-another"),
        pytest.param(tagged("left-v1.2.0"), Answer.PASS, id="with-the-name-and-a-dash"),
        pytest.param(tagged("left-v1.2.1-rc.1"), Answer.WARN, id="with-the-name-and-a-dash-another"),
        pytest.param(tagged("left/v1.2.1"), Answer.WARN, id="with-the-name-and-a-slash"),
        pytest.param(tagged("@octo/left@1.2.0", name="@octo/left"), Answer.PASS, id="scoped"),
        pytest.param(tagged("@octo/left@1.2.1", name="@octo/left"), Answer.WARN, id="scoped-another"),
        pytest.param(tagged("left-v1.2.1", name="@octo/left"), Answer.WARN, id="the-name-without-its-scope"),
        pytest.param(tagged("@else/left@1.2.1", name="@octo/left"), Answer.SKIP, id="another-scope"),
        pytest.param(tagged("right@1.2.1"), Answer.SKIP, id="another-package"),
        pytest.param(tagged("right-v1.2.1"), Answer.SKIP, id="another-package-with-a-dash"),
        pytest.param(tagged("left-pad-v1.2.1"), Answer.SKIP, id="a-longer-name"),
        pytest.param(tagged("v1.2.1", workspace=True), Answer.SKIP, id="of-which-workspace"),
        pytest.param(tagged("left@1.2.1", workspace=True), Answer.WARN, id="of-this-workspace"),
        pytest.param(tagged("v1"), Answer.SKIP, id="a-part-of-a-version"),
        pytest.param(tagged("v1.2"), Answer.SKIP, id="two-parts-of-a-version"),
        pytest.param(tagged("nightly"), Answer.SKIP, id="no-version"),
        pytest.param(tagged("release-2026-11-30"), Answer.SKIP, id="a-date"),
        pytest.param(tagged(None), Answer.SKIP, id="no-tag"),
        pytest.param(tagged("v1.2.1", version=None), Answer.SKIP, id="the-manifest-has-no-version"),
        pytest.param(tagged("v1.2.1", script_bumps_version=True), Answer.SKIP, id="a-script-raises-the-version"),
        pytest.param(tagged("v1.2.1", scripts_may_change_manifest=True), Answer.WARN, id="a-script-that-only-builds"),
        pytest.param(tagged("v1.2.1", source="tarball"), Answer.WARN, id="a-tarball"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert TagMismatch().in_run(run).answer is answer


def test_it_names_both_versions_and_the_place() -> None:
    judgement = TagMismatch().in_run(tagged("v1.2.1", file="package.json"))
    assert judgement.message == (
        "the tag v1.2.1 started this job, but the version in package.json is 1.2.0; npm publishes"
        " the version in the file"
    )
    assert judgement.remedy is not None
    assert judgement.remedy.command == "npm version 1.2.1 --no-git-tag-version"
    assert judgement.location == Location("package.json")
    assert TagMismatch().in_run(tagged("v1.2.1", source="tarball")).location is None
