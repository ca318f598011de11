import pytest

from safepublish.causes.registry_without_slash import RegistryWithoutSlash
from safepublish.facts.finding import Answer, Location
from safepublish.facts.run import Origin, Problem, Run
from tests.support import runs as s

EXAMPLE = s.package(problems=(Problem("registry-without-slash", "the URL ends so", s.USER_NPMRC, stops_npm=True),))
"""A run in which the cause is found."""

PROBLEM = Problem(
    "registry-without-slash",
    "the URL https://npm.example.com/npm ends without a slash",
    Origin("project", ".npmrc", "registry", 2),
    stops_npm=True,
)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="none"),
        pytest.param(s.package(problems=(PROBLEM,)), Answer.FAIL, id="npm-finds-no-token"),
        pytest.param(
            s.package(problems=(PROBLEM._replace(stops_npm=False),)), Answer.PASS, id="in-a-dry-run-npm-does-not-stop"
        ),
        pytest.param(s.package(problems=(PROBLEM._replace(kind="usage"),)), Answer.PASS, id="another-problem"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert RegistryWithoutSlash().in_run(run).answer is answer


def test_the_setting_has_its_place() -> None:
    judgement = RegistryWithoutSlash().in_run(s.package(problems=(PROBLEM,)))
    assert judgement.location == Location(".npmrc", 2)
