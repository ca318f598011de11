"""`safepublish check` on a laptop: what the publish in CI will be, from the workflow's own step."""

import json
import sys
from typing import Any

import pytest

from tests.cli.test_rehearse import STORY, Repository
from tests.support import world

pytestmark = pytest.mark.real_process


def check(repository: Repository, *words: str) -> str:
    command = [sys.executable, "-m", "safepublish", "check", *words]
    outcome = repository.loopback.run(command, cwd=repository.root, env=repository.environment())
    return " ".join((outcome.stdout + outcome.stderr).split())


def with_packages(loopback: world.Loopback, workflow: str, **manifest: Any) -> Repository:
    repository = Repository(loopback, workflow, **manifest)
    for name, private in (("a", False), ("b", True)):
        directory = repository.root / "packages" / name
        directory.mkdir(parents=True)
        document = {"name": f"@octo/{name}", "version": "1.0.0", "private": private}
        (directory / "package.json").write_text(json.dumps(document))
    return repository


@pytest.mark.parametrize(
    ("workflow", "manifest"),
    [
        pytest.param(STORY.replace("publish --prov", "publish --workspaces --prov"), {}, id="its-workspaces"),
        pytest.param(
            STORY.replace("--access", "./packages/a --access"), {"private": True, "workspaces": []}, id="its-spec"
        ),
    ],
)
def test_what_ci_publishes_is_checked_and_private_packages_are_skipped(
    workflow: str, manifest: dict[str, Any], loopback: world.Loopback
) -> None:
    fields = {"workspaces": ["packages/*"], **manifest}
    text = check(with_packages(loopback, workflow, **fields))
    assert "@octo/a needs this trusted publisher on npmjs.com" in text
    assert "@octo/b" not in text
    assert "package-private" not in text


def test_a_private_root_stands_for_its_packages_which_no_step_publishes(loopback: world.Loopback) -> None:
    text = check(with_packages(loopback, STORY, private=True, workspaces=["packages/*"]))
    assert "unknown[no-publishing-workflow]" in text
    assert "@octo/a" in text
    assert "@octo/b" not in text
    assert "package-private" not in text


def test_the_environment_is_that_of_the_step(loopback: world.Loopback) -> None:
    text = check(Repository(loopback, STORY.replace("    runs-on", "    environment: npm\n    runs-on")))
    assert "Environment name npm" in text
    assert "--file publish.yml --env npm" in text


def test_a_canary_is_not_the_publish(loopback: world.Loopback) -> None:
    repository = Repository(loopback, STORY.replace("22.21.0", "24.5.0"))
    repository.workflow(STORY.replace("--access", "--tag canary --access"), "a-canary.yml")
    text = check(repository)
    assert "Workflow filename publish.yml" in text
    assert "npm-too-old" not in text


def test_a_tool_that_is_not_installed_is_said_once(loopback: world.Loopback) -> None:
    text = check(Repository(loopback), "--with", "no-such-tool publish")
    assert text.count("neither on PATH nor in a node_modules/.bin") == 1
    assert "manifest-unreadable" not in text
