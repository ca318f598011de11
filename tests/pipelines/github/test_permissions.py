"""Whether a job may request an ID token."""

import pytest

from tests.support.steps import verdict

PERMISSIONS = "    permissions:\n      contents: read\n      id-token: write\n"

PERMITTED = [
    ("    permissions:\n      id-token: write\n", "trusted"),
    ("    permissions: write-all\n", "trusted"),
    ("    permissions: read-all\n", "broken"),
    ("    permissions: {}\n", "broken"),
    ("    permissions:\n      id-token: read\n", "broken"),
    ("    permissions:\n      contents: read\n", "broken"),
    ("    permissions: {contents: read, id-token: write}\n", "trusted"),
    ("    permissions:\n      id-token: ${{ vars.X }}\n", "unknown"),
    ("", "broken"),
]


@pytest.mark.parametrize(("block", "expected"), PERMITTED)
def test_the_permissions_of_the_job(block: str, expected: str) -> None:
    assert verdict((PERMISSIONS, block)) == expected


@pytest.mark.parametrize(
    ("workflow", "job", "expected"),
    [
        ("permissions:\n  id-token: write\n", "", "trusted"),
        ("permissions: write-all\n", "", "trusted"),
        ("permissions:\n  id-token: write\n", "    permissions:\n      contents: write\n", "broken"),
        ("permissions: {}\n", PERMISSIONS, "trusted"),
    ],
)
def test_a_block_of_the_job_replaces_the_workflows(workflow: str, job: str, expected: str) -> None:
    assert verdict(("on: push\n", f"on: push\n{workflow}"), (PERMISSIONS, job)) == expected
