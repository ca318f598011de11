"""A packument that is minutes old: what it lacks is looked up alone before anything is decided."""

import time
from collections.abc import Callable

import pytest

from safepublish.rehearsal import HANG, Fault, PublishedPackage, PublishedVersion, Registry
from tests.support import world
from tests.test_guard import guard, uploads

Make = Callable[..., world.Loopback]


def just_published(*older: str) -> PublishedPackage:
    """hello-oidc whose 1.0.0 is a moment old."""
    new = PublishedVersion("1.0.0", trusted=True, since=time.time())
    return PublishedPackage((*older, new), publishers=world.HELLO.publishers)


def behind(make_loopback: Make, **packages: PublishedPackage) -> world.Loopback:
    loopback = make_loopback(Registry({name.replace("_", "-"): package for name, package in packages.items()}))
    loopback.registry.packument_seconds = 300
    return loopback


@pytest.mark.parametrize("older", [("0.9.0",), ()])
def test_a_version_that_the_list_lacks_is_refused_as_the_registry_refuses_it(
    make_loopback: Make, older: tuple[str, ...]
) -> None:
    loopback = behind(make_loopback, hello_oidc=just_published(*older))
    alone = loopback.run_npm()
    assert (alone.returncode, alone.received[-1].status) == (1, 403)  # npm believes the list, and uploads
    outcome = guard(loopback)
    assert (outcome.returncode, uploads(outcome)) == (3, [])
    assert outcome.stderr.startswith("error[version-published]: hello-oidc@1.0.0 is already published\n")
    assert "list of versions does not have it yet" in " ".join(outcome.stderr.split())


def test_a_release_is_resumed_though_the_list_is_old(make_loopback: Make) -> None:
    new = PublishedPackage(("0.9.0",), publishers=world.HELLO.publishers)
    loopback = behind(make_loopback, a=just_published("0.9.0"), b=new)
    root = loopback.project("mono", name="root", private=True, workspaces=["packages/*"])
    for name in ("a", "b"):
        loopback.project(f"mono/packages/{name}", name=name)
    outcome = guard(loopback, "--workspaces", cwd=root)
    assert (outcome.returncode, [one.name for one in outcome.published]) == (0, ["b"])
    assert "(1 is already published)" in outcome.stderr


def test_what_is_published_is_skipped_where_that_was_chosen(make_loopback: Make) -> None:
    loopback = behind(make_loopback, hello_oidc=just_published("0.9.0"))
    outcome = guard(loopback, "--already-published", "skip")
    assert (outcome.returncode, uploads(outcome)) == (0, [])


def test_a_new_version_is_published(make_loopback: Make) -> None:
    loopback = behind(make_loopback, hello_oidc=world.HELLO)
    outcome = guard(loopback)
    assert (outcome.returncode, len(outcome.published)) == (0, 1)
    asked = [one.status for one in outcome.received if one.endpoint == "manifest"]
    assert sorted(asked) == [200, 404]  # the last version, and this one


def test_a_registry_without_documents_of_versions_decides_nothing(make_loopback: Make) -> None:
    loopback = make_loopback(faults={"manifest": Fault(status=500)})
    outcome = guard(loopback)
    assert (outcome.returncode, len(outcome.published)) == (0, 1)


def test_a_registry_that_hangs_at_the_documents_of_versions_costs_seconds_and_no_answer(make_loopback: Make) -> None:
    loopback = make_loopback(faults={"manifest": HANG})
    start = time.monotonic()
    outcome = guard(loopback, "--strict")
    assert (outcome.returncode, len(outcome.published)) == (0, 1)
    assert time.monotonic() - start < 30
