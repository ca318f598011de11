"""The CIs: every vendor of ci-info is recognised by its own variables, and the table is that of npm's ci-info."""

import json

import pytest

from safepublish import data
from safepublish.ci.providers import provider
from safepublish.facts.kinds import Ci
from tests.support import world
from tools import facts


@pytest.mark.parametrize(("name", "marks"), data.load("ci")["vendors"], ids=str)
def test_every_vendor_is_recognised_by_its_own_variables(name: str, marks: list[str]) -> None:
    env = {mark.partition("=")[0]: mark.partition("=")[2] or "x" for mark in marks}
    assert provider(env) == (Ci.OTHER, name)
    for missing in env:
        assert provider({key: value for key, value in env.items() if key != missing}) != (Ci.OTHER, name)


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"GITHUB_ACTIONS": "true", "GITLAB_CI": "true"}, Ci.GITHUB),
        ({"GITLAB_CI": "true", "CIRCLECI": "true", "CI": "true"}, Ci.GITLAB),
        ({"CIRCLECI": "true", "JENKINS_URL": "x", "BUILD_ID": "1"}, Ci.CIRCLECI),
        ({"GITHUB_ACTIONS": "", "CI": "true"}, Ci.OTHER),
        ({"RUN_ID": "1"}, Ci.OTHER),
        ({"RUN_ID": "1", "CI": "false"}, Ci.NONE),
        ({}, Ci.NONE),
    ],
)
def test_the_three_come_first_and_any_ci_counts(env: dict[str, str], expected: Ci) -> None:
    assert provider(env) == (expected, None)


def test_the_vendors_are_those_of_the_ci_info_in_npm() -> None:
    own = world.npm("12.2.0") / "node_modules" / "ci-info"
    version = json.loads((own / "package.json").read_text())["version"]
    vendors = json.loads((own / "vendors.json").read_text())
    assert data.load("ci") == facts.ci_document(vendors, version)
