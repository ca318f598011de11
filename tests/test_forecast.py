"""`check` on a laptop takes the step that publishes this package, or the one that --workflow and --job name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from safepublish.rehearsal import PublishedPackage, Registry
from tests.support import world
from tests.test_guard import guard
from tests.test_trust import JOB

Make = Callable[..., world.Loopback]

OLD = JOB.replace('"24"', '"22"')
TWO = (
    f"{OLD}      - run: npm publish\n        working-directory: packages/a\n"
    "  second:\n    runs-on: ubuntu-latest\n    permissions: {id-token: write}\n    environment: npm\n    steps:\n"
    '      - uses: actions/setup-node@v7\n        with: {node-version: "24"}\n'
    "      - run: npm stage publish -w b\n"
)


@pytest.fixture
def mono(make_loopback: Make) -> tuple[world.Loopback, Path]:
    held = {name: PublishedPackage(("0.9.0",)) for name in ("a", "b", "c")}
    loopback = make_loopback(Registry(held))
    root = loopback.project("mono", name="root", private=True, workspaces=["packages/*"])
    for name in held:
        loopback.project(f"mono/packages/{name}", name=name)
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text('[remote "origin"]\n\turl = git@github.com:octo-org/hello-oidc.git\n')
    (root / ".github" / "workflows").mkdir(parents=True)
    (root / ".github" / "workflows" / "publish.yml").write_text(TWO)
    return loopback, root


def said(outcome: world.Outcome) -> str:
    return " ".join((outcome.stdout + outcome.stderr).split())


def check(mono: tuple[world.Loopback, Path], directory: str, *words: str) -> world.Outcome:
    loopback, root = mono
    return guard(loopback, "check", *words, cwd=root / directory, ci=False)


def test_each_package_is_judged_by_its_own_step(mono: tuple[world.Loopback, Path]) -> None:
    first = check(mono, "packages/a")
    assert (first.returncode, "error[npm-too-old]: Node 22" in said(first)) == (3, True)
    assert "npm trust github a --repo octo-org/hello-oidc --file publish.yml --allow-publish" in said(first)
    second = check(mono, "packages/b")
    assert (second.returncode, "npm-too-old" in said(second)) == (0, False)
    assert "npm trust github b --repo octo-org/hello-oidc --file publish.yml --env npm --allow-stage-publish" in said(
        second
    )
    third = check(mono, "packages/c")
    assert "no-publishing-workflow" in said(third)


def test_of_several_packages_each_has_its_own(mono: tuple[world.Loopback, Path]) -> None:
    both = check(mono, ".", "-w", "a", "-w", "b")
    assert both.returncode == 3
    assert "error[npm-too-old]" in said(both)
    assert "--env npm --allow-stage-publish" in said(both)


def test_a_step_can_be_named(mono: tuple[world.Loopback, Path]) -> None:
    named = check(mono, "packages/a", "--job", "second")
    assert (named.returncode, "npm-too-old" in said(named)) == (0, False)
    line = TWO.splitlines().index("      - run: npm publish") + 1
    other = check(mono, "packages/b", "--workflow", f"publish.yml:{line}")
    assert (other.returncode, "npm-too-old" in said(other)) == (3, True)
    none = check(mono, "packages/a", "--job", "third")
    assert none.returncode == 2
    assert "no publish step of this repository's workflows matches --workflow and --job" in said(none)


def test_in_ci_the_running_job_counts(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "check", "--job", "publish")
    assert outcome.returncode == 2
    assert "in CI the running job is checked" in said(outcome)
