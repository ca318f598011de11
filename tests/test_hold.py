"""`--hold`: one of several packages is left back, and the real npm publishes the others."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from safepublish.rehearsal import PublishedPackage, Registry
from tests.support import act, world
from tests.test_action import CHECKED_OUT, step
from tests.test_guard import guard, uploads
from tests.test_with import OPEN, UNTRUSTED, play
from tests.test_with import monorepo as tools_monorepo

Make = Callable[..., world.Loopback]


def monorepo(
    make_loopback: Make, held: Mapping[str, PublishedPackage], at: str = "mono"
) -> tuple[world.Loopback, Path]:
    loopback = make_loopback(Registry(held))
    root = loopback.project(at, name="root", private=True, workspaces=["packages/*"])
    for name in held:
        loopback.project(f"{at}/packages/{name}", name=name)
    return loopback, root


def said(outcome: world.Outcome) -> str:
    return " ".join(outcome.stderr.split())


def published(outcome: world.Outcome) -> list[str | None]:
    return sorted((one.name for one in outcome.published), key=str)


def test_a_package_without_a_publisher_does_not_stop_the_others(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": UNTRUSTED, "c": OPEN})
    refused = guard(loopback, "--workspaces", cwd=root)
    assert (refused.returncode, published(refused)) == (3, [])
    summary, outputs = loopback.directory / "summary.md", loopback.directory / "outputs"
    more = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs)}
    outcome = guard(loopback, "--workspaces", "--hold", "b", "--strict", cwd=root, more=more)
    assert (outcome.returncode, published(outcome)) == (0, ["a", "c"])
    assert "note: held back, and not published: b@1.0.0" in said(outcome)
    assert "Held back, and not published: `b@1.0.0`\n" in summary.read_text()
    assert "held=b@1.0.0\n" in outputs.read_text()
    assert not [one for one in outcome.received if one.name == "b"]


def test_several_are_held_by_a_variable(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": UNTRUSTED, "c": UNTRUSTED})
    outcome = guard(loopback, "--workspaces", cwd=root, more={"SAFEPUBLISH_HOLD": "b,\n c"})
    assert (outcome.returncode, published(outcome)) == (0, ["a"])
    outcome = guard(loopback, "check", "--workspaces", "--hold=b", "--hold=c", cwd=root)
    assert outcome.returncode == 0


def test_what_is_published_is_skipped_beside_it(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": UNTRUSTED, "c": PublishedPackage(("1.0.0",))})
    outcome = guard(loopback, "--workspaces", "--hold", "b", cwd=root)
    assert (outcome.returncode, published(outcome)) == (0, ["a"])
    assert "(1 is already published)" in said(outcome)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--workspaces", "--hold", "x"], "--hold names 'x', which is not among the packages to publish: a, b"),
        (["--workspaces", "--hold", "a", "--hold", "b"], "--hold names every package"),
        (["-w", "a", "--hold", "b"], "--hold names 'b', which is not among the packages to publish: a"),
        (["--hold"], "--hold needs a value: --hold=NAME"),
    ],
)
def test_what_cannot_be_held(make_loopback: Make, words: list[str], problem: str) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": UNTRUSTED})
    outcome = guard(loopback, *words, cwd=root)
    assert (outcome.returncode, uploads(outcome)) == (2, [])
    assert problem in said(outcome)


def test_a_tool_chooses_by_its_own_options(make_loopback: Make) -> None:
    loopback, root = tools_monorepo(make_loopback, {"a": OPEN, "b": UNTRUSTED}, "pnpm 12")
    outcome = play(loopback, root, "pnpm 12", "--hold", "b")
    assert (outcome.returncode, published(outcome)) == (2, [])
    assert "pnpm chooses its packages by its own options" in said(outcome)


def test_the_input_of_the_action(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": UNTRUSTED}, at="repository/mono")
    repository = act.lay(loopback.directory / "action-and-more")
    root.rename(repository / "mono")
    ended = act.run(loopback, repository, CHECKED_OUT + step(args="--workspaces", hold="b", working_directory="mono"))
    assert ended.returncode == 0, ended.said
    assert ended.outputs("guard")["held"] == "b@1.0.0"
    assert [one.name for one in ended.received if one.endpoint == "publish"] == ["a"]
