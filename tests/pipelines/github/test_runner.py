"""The machine that a job asks for."""

import pytest

from tests.support import steps
from tests.support.steps import RUNNER, verdict

RUNNERS = [
    ("ubuntu-24.04", "trusted"),
    ("ubuntu-24.04-arm", "trusted"),
    ("windows-latest", "trusted"),
    ("macos-15-intel", "trusted"),
    ("[ubuntu-latest]", "trusted"),
    ("self-hosted", "broken"),
    ("[self-hosted, linux]", "broken"),
    ("blacksmith-4vcpu-ubuntu-2404", "broken"),
    ("depot-ubuntu-24.04", "broken"),
    ("my-big-runner", "unknown"),
    ("${{ vars.RUNNER }}", "unknown"),
    ("{group: large}", "unknown"),
    ("${{ github.ref == 'x' && 'ubuntu-latest' || 'ubuntu-24.04' }}", "trusted"),
    ("${{ github.ref == 'x' && 'ubuntu-latest' || 'depot-ubuntu' }}", "unknown"),
]


@pytest.mark.parametrize(("label", "expected"), RUNNERS)
def test_the_runner(label: str, expected: str) -> None:
    assert verdict((RUNNER, f"runs-on: {label}")) == expected


def test_a_self_hosted_runner_without_provenance_is_a_warning() -> None:
    changes = ((RUNNER, "runs-on: self-hosted"), ("npm publish", "npm publish --no-provenance"))
    assert verdict(*changes) == "trusted"
    assert steps.ids(*changes) == {"self-hosted-runner:warn"}
