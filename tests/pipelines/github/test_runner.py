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


PROVIDERS = [
    ("blacksmith-2vcpu", "Blacksmith"),
    ("depot-ubuntu", "Depot"),
    ("namespace-profile-x", "Namespace"),
    ("nscloud-ubuntu", "Namespace"),
    ("buildjet-2vcpu", "BuildJet"),
    ("warp-ubuntu", "WarpBuild"),
    ("ubicloud-standard-2", "Ubicloud"),
    ("runs-on=1", "RunsOn"),
    ("cirun-runner", "Cirun"),
    ("actuated-4cpu", "actuated"),
    ("latchkey-small", "Latchkey"),
    ("cirrus-x", "Cirrus"),
    ("ghcr.io/cirruslabs/macos", "Cirrus"),
    ("sprinters:aws", "Sprinters"),
    ("tenki-standard", "Tenki"),
    ("avocado-x", "Avocado"),
    ("self-hosted-x", None),
    ("arc-runner-set", None),
]


@pytest.mark.parametrize(("label", "company"), PROVIDERS)
def test_the_company_whose_runner_it_is(label: str, company: str | None) -> None:
    (one,) = steps.judged(steps.changed((RUNNER, f"runs-on: {label}")))
    (message,) = [finding.message for finding in one.findings if finding.id == "self-hosted-runner"]
    assert one.verdict.value == "broken"
    assert f"`{label}` is {f'hosted by {company}, not by GitHub' if company else 'self-hosted'};" in message


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        *((label, "trusted") for label in (
            "ubuntu-latest", "ubuntu-slim", "ubuntu-22.04", "ubuntu-24.04-arm64", "windows-2022", "windows-11",
            "windows-11-arm", "windows-2025-vs2026", "macos-latest", "macos-15", "macos-13-large", "macos-14-xlarge",
        )),
        *((label, "unknown") for label in (
            "ubuntu", "ubuntu-2404", "xubuntu-latest", "ubuntu-latest-4-cores", "windows-12", "macos-1",
            "macos-15-arm7",
        )),
    ],
)  # fmt: skip
def test_the_labels_of_githubs_own_images(label: str, expected: str) -> None:
    assert verdict((RUNNER, f"runs-on: {label}")) == expected
