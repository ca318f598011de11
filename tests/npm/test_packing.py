"""What keeps npm from packing; situations of the campaign hold the same shapes against the real npm."""

from typing import Any

import pytest

from safepublish.causes.manifest_unreadable import ManifestUnreadable
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from safepublish.npm.packing import trouble
from tests.support import runs as s

LEFT = {"left": "^1.0.0"}


@pytest.mark.parametrize(
    ("document", "stops"),
    [
        pytest.param({"dependencies": LEFT}, False, id="texts"),
        pytest.param({"dependencies": {"left": ""}}, False, id="an-empty-text"),
        pytest.param({"dependencies": {"left": "a b"}}, False, id="a-text-that-is-no-spec"),
        pytest.param({"dependencies": ["left"]}, False, id="a-list"),
        pytest.param({"dependencies": {"left": 1}}, True, id="a-number"),
        pytest.param({"devDependencies": {"left": None}}, True, id="null"),
        pytest.param({"peerDependencies": {"left": {}}}, True, id="an-object"),
        pytest.param({"optionalDependencies": {"left": True}}, True, id="true"),
        pytest.param({"dependencies": {"left": 1}, "optionalDependencies": LEFT}, False, id="optional-replaces-it"),
        pytest.param({"dependencies": LEFT, "overrides": {"right": "2"}}, False, id="another-is-overridden"),
        pytest.param({"dependencies": LEFT, "overrides": {"left": "^1.0.0"}}, False, id="overridden-with-the-same"),
        pytest.param({"dependencies": LEFT, "overrides": {"left": "^2"}}, True, id="overridden"),
        pytest.param({"devDependencies": LEFT, "overrides": {"left": "1.0.0"}}, True, id="overridden-while-developing"),
        pytest.param({"dependencies": LEFT, "overrides": {"left": {".": "2"}}}, True, id="overridden-by-the-dot"),
        pytest.param({"dependencies": LEFT, "overrides": {"left": {"x": "2"}}}, False, id="overridden-below"),
        pytest.param({"dependencies": LEFT, "overrides": {"left@*": "2"}}, True, id="any-version"),
        pytest.param({"dependencies": LEFT, "overrides": {"left@1": "2"}}, False, id="a-version-is-left-to-npm"),
        pytest.param({"dependencies": LEFT, "overrides": {"left": "*"}}, False, id="with-any"),
        pytest.param({"dependencies": LEFT, "overrides": {"left": "$left"}}, False, id="with-itself"),
        pytest.param({"dependencies": LEFT, "overrides": {"left": "$right"}}, False, id="with-nothing"),
        pytest.param(
            {"dependencies": {**LEFT, "right": "2"}, "overrides": {"left": "$right"}}, True, id="with-another"
        ),
        pytest.param(
            {"peerDependencies": LEFT, "devDependencies": {"left": "1.0.0"}, "overrides": {"left": "1.0.0"}},
            False,
            id="with-one-of-two",
        ),
        pytest.param({"overrides": {"": "1"}}, True, id="no-key"),
        pytest.param({"overrides": {"a b": "1"}}, True, id="a-key-that-is-no-name"),
        pytest.param({"overrides": {"left>right": "1"}}, True, id="a-key-of-pnpm"),
        pytest.param({"overrides": {"./left": "1"}}, True, id="a-key-that-is-a-path"),
        pytest.param({"overrides": {"@octo/left@1": "1"}}, False, id="a-scoped-key"),
        pytest.param({"overrides": {"left": {"": "1"}}}, True, id="no-key-below"),
        pytest.param({"overrides": {"left": None}}, True, id="overridden-with-null"),
        pytest.param({"overrides": {"left": 1}}, False, id="overridden-with-a-number"),
        pytest.param({"overrides": "x"}, False, id="overrides-is-a-text"),
        pytest.param({"workspaces": ["a"]}, False, id="workspaces"),
        pytest.param({"workspaces": {"packages": ["a"]}}, False, id="workspaces-of-yarn"),
        pytest.param({"workspaces": "a"}, True, id="workspaces-is-a-text"),
        pytest.param({"workspaces": {}}, False, id="an-empty-object-is-left-to-npm"),
        pytest.param({"workspaces": ""}, False, id="workspaces-is-no-text"),
        pytest.param({"files": ["a"]}, False, id="files"),
        pytest.param({"files": [1]}, True, id="files-holds-a-number"),
        pytest.param({"files": "a"}, False, id="files-is-a-text"),
    ],
)
def test_whether_npm_stops(document: dict[str, Any], stops: bool) -> None:
    assert (trouble(document) is not None) is stops


BROKEN = s.package(pack_trouble="overrides")
EXTENDED = s.package(package_extensions=True)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(BROKEN, Answer.FAIL, id="npm-packs"),
        pytest.param(s.package(BROKEN, scripts_may_change_manifest=True), Answer.UNKNOWN, id="after-the-scripts"),
        pytest.param(s.npm("11.21.2", EXTENDED), Answer.PASS, id="extensions-and-npm-11"),
        pytest.param(s.npm("12.0.0", EXTENDED), Answer.FAIL, id="extensions-and-npm-12"),
        pytest.param(
            s.package(s.npm("12.0.0", EXTENDED), scripts_may_change_manifest=True),
            Answer.FAIL,
            id="extensions-are-read-before-the-scripts",
        ),
        pytest.param(s.predicting(s.npm("12.0.0", EXTENDED)), Answer.PASS, id="the-ci-has-its-own-npm"),
    ],
)
def test_the_cause(run: Run, answer: Answer) -> None:
    assert ManifestUnreadable().in_run(run).answer is answer
