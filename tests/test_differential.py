"""The guard against the real npm: a slice of `situations.py`, whose whole table `make campaign` runs."""

import pytest

from campaigns import situations
from tests.support import world

pytestmark = pytest.mark.real_process

SLICE = [
    "identity/10.9.4/github/placeholder",
    "identity/11.4.2/github/none",
    "identity/11.5.0/github/placeholder",
    "identity/11.5.1/github/placeholder",
    "identity/11.5.1/no-permission/unset",
    "identity/11.5.1/ci-false/none",
    "identity/12.2.0/ci-false/none",
    "identity/12.2.0/npm-id-token/none",
    "identity/12.2.0/audience/none",
    "identity/12.2.0/expired/token",
    "identity/12.2.0/laptop/token",
    "identity/12.2.0/gitlab/none",
    "identity/12.2.0/circleci/none",
    "identity/11.5.2/circleci/none",
    "registry/12.2.0/missing/none",
    "registry/12.2.0/no-publisher/token",
    "registry/12.2.0/published/none",
    "arguments/11.21.2/--regi {url}",
    "arguments/12.2.0/--tag next/prerelease",
    "configuration/12.2.0/path-key-dead/trusted",
    "configuration/12.2.0/missing-slash/untrusted",
    "configuration/12.2.0/bad-registry/trusted",
    "manifest/11.5.1/other-repository",
    "provenance/11.5.1/auto/private-package",
    "layout/11.21.2/tarball/npmrc-beside-it",
    "stage/11.11.0/trusted",
    "dry-run/identity/12.2.0/no-permission/none",
    *(situation.id for situation in situations.situations() if situation.id.startswith("cause/12.2.0/")),
]
MORE = [
    "identity/9.9.4/github/placeholder",
    "identity/10.9.4/github/none",
    "identity/10.9.4/github/token",
    "identity/12.2.0/no-permission/token",
    "identity/12.2.0/jenkins/none",
    "identity/12.2.0/endpoint-500/none",
    "registry/12.2.0/no-publisher/placeholder",
    "registry/12.2.0/letter-case/none",
    "registry/12.2.0/environment-matches/none",
    "registry/12.2.0/reusable/token",
    "registry/10.9.4/published/token",
    "registry/12.2.0/higher/none",
    "registry/12.2.0/stage-only/none",
    "registry/12.2.0/exchange-html/none",
    "registry/12.2.0/packument-500/none",
    "arguments/12.2.0/--foo bar",
    "arguments/12.2.0/--force/prerelease",
    "configuration/12.2.0/unscoped-token/trusted",
    "manifest/12.2.0/prepack-bumps",
    "provenance/12.2.0/auto/fork",
    "provenance/12.0.0/auto/public",
    "layout/12.2.0/tarball/trusted",
    "layout/12.2.0/directory/untrusted-token",
    "stage/11.15.0/stage-only",
    "dry-run/identity/12.2.0/github/placeholder",
]
"""Of the same kinds; SAFEPUBLISH_WHOLE=1 runs these too, and `make campaign` all."""


@pytest.fixture(scope="module")
def table() -> dict[str, situations.Situation]:
    return {one.id: one for one in situations.situations()}


@pytest.mark.parametrize("name", world.some([*SLICE, *MORE], *SLICE))
def test_the_guard_agrees_with_npm(name: str, table: dict[str, situations.Situation]) -> None:
    result = situations.run(table[name])
    assert result.wrong is None, result


def test_every_situation_has_a_name_of_its_own() -> None:
    names = [one.id for one in situations.situations()]
    assert len(names) == len(set(names))
