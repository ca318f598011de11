import pytest

from safepublish.causes.registry_ignored import RegistryIgnored
from safepublish.facts.finding import Answer
from safepublish.facts.run import Origin, Problem, Run
from tests.support import runs as s

EXAMPLE = s.command(
    problems=(
        Problem(
            "invalid-registry",
            "the value of `--registry` is not a valid URL; npm ignores it",
            Origin("cli", "--registry", "registry"),
        ),
    )
)
"""A run in which the cause is found."""

IGNORED = Problem(
    "invalid-registry",
    "the value of `--registry` is not a valid URL; npm ignores it",
    Origin("cli", "--registry", "registry"),
)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="none"),
        pytest.param(s.command(s.READY, problems=(IGNORED,)), Answer.WARN, id="no-url"),
        pytest.param(
            s.command(s.READY, problems=(IGNORED._replace(stops_npm=True),)), Answer.PASS, id="npm-stops-at-it"
        ),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert RegistryIgnored().in_run(run).answer is answer


def test_it_says_where_the_package_goes_instead() -> None:
    judgement = RegistryIgnored().in_run(s.command(s.READY, problems=(IGNORED,)))
    assert "publishes to https://registry.npmjs.org/" in judgement.message


def test_without_a_package_it_says_less() -> None:
    judgement = RegistryIgnored().in_run(s.command(s.package(registry=None), problems=(IGNORED,)))
    assert judgement.message == IGNORED.text
