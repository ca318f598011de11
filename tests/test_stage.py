"""Staged publishing, end to end: the stage id of the real npm, pnpm and yarn, and the command that approves it."""

import json
import os
import pty
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from safepublish.rehearsal import Grant, PublishedPackage, Registry
from tests.support import act, world
from tests.test_action import CHECKED_OUT, lay, step
from tests.test_guard import GUARD, guard
from tests.test_with import OPEN, TOOLS, monorepo, play

Make = Callable[..., world.Loopback]

TOKEN = "npm_stagestagestagestagestagestagestage12"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def outputs(loopback: world.Loopback) -> tuple[dict[str, str | None], Path, Path]:
    summary, file = loopback.directory / "summary.md", loopback.directory / "outputs"
    return {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(file)}, summary, file


def read(file: Path) -> dict[str, str]:
    """The outputs; of two with one name the last counts."""
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def stage_id(loopback: world.Loopback, name: str = "hello-oidc") -> str:
    return loopback.registry.staged[name, "1.0.0"].id


def test_the_stage_id_and_the_command_that_approves_it(make_loopback: Make) -> None:
    loopback = make_loopback(Registry({"hello-oidc": world.HELLO}, tokens={TOKEN: Grant.PUBLISH}))
    more, summary, file = outputs(loopback)
    outcome = guard(loopback, "stage", more=more)
    waiting = stage_id(loopback)
    command = f"npm stage approve {waiting} --registry={loopback.url}"
    assert (outcome.returncode, outcome.stdout) == (0, f"+ hello-oidc@1.0.0 (staged with id {waiting})\n")
    assert outcome.stderr.endswith(
        "safepublish: staged hello-oidc@1.0.0 through OIDC (trusted publishing); it waits for approval.\n"
        "   = help: to publish it, approve it on https://www.npmjs.com/ (Staged\n"
        "           Packages), or run:\n"
        f"           {command}\n"
    )
    assert summary.read_text().endswith(f"\n```sh\n{command}\n```\n")
    found = read(file)
    assert (found["stage-id"], found["approve-command"]) == (waiting, command)
    assert (found["published"], found["via"]) == ("false", "oidc")
    assert json.loads(found["packages"])[0]["stage_id"] == waiting

    (loopback.home / ".npmrc").write_text(f"//{loopback.host}/:_authToken={TOKEN}\n")
    approved = loopback.run_npm(words=[*shlex.split(command)[1:], "--otp=123456"], env=loopback.environment(ci=False))
    assert approved.returncode == 0, approved.stderr
    assert loopback.registry.packages["hello-oidc"].records()["1.0.0"].staged
    assert loopback.registry.staged == {}


def test_npms_stdout_stays_as_it_is(loopback: world.Loopback) -> None:
    """Scripts print there too, and not always text."""
    noise = 'node -e "process.stdout.write(Buffer.from([0,255,13,10,27,91,51,49,109].concat(Array(300000).fill(120))))"'
    project = loopback.project(scripts={"prepack": noise, "postpublish": "echo after"})
    more = {"npm_config_foreground_scripts": "true"}
    env = loopback.environment(more=more)
    alone = subprocess.run(["npm", "stage", "publish"], cwd=project, env=env, capture_output=True, check=True)
    loopback.registry.staged.clear()
    behind = subprocess.run([*GUARD, "stage"], cwd=project, env=env, capture_output=True, check=True)
    assert len(alone.stdout) > 300_000
    mask = re.compile(UUID.pattern.encode())
    assert mask.sub(b"", behind.stdout) == mask.sub(b"", alone.stdout)
    assert stage_id(loopback).encode() in behind.stdout


def test_a_script_that_prints_another_stage_id_is_not_believed(loopback: world.Loopback) -> None:
    fake = "+ hello-oidc@1.0.0 (staged with id 11111111-1111-4111-8111-111111111111)"
    other = "+ other@1.0.0 (staged with id 22222222-2222-4222-8222-222222222222)"
    project = loopback.project(scripts={"prepack": f"echo '{fake}' && echo '{other}'"})
    more, _, file = outputs(loopback)
    outcome = guard(loopback, "stage", cwd=project, more={**more, "npm_config_foreground_scripts": "true"})
    assert fake in outcome.stdout
    assert read(file)["stage-id"] == stage_id(loopback)
    assert "22222222" not in file.read_text()


def test_with_json(loopback: world.Loopback) -> None:
    more, _, file = outputs(loopback)
    outcome = guard(loopback, "stage", "--json", more=more)
    assert json.loads(outcome.stdout)["hello-oidc"]["stageId"] == read(file)["stage-id"] == stage_id(loopback)


def test_a_stage_id_that_never_comes(loopback: world.Loopback) -> None:
    """With npm's loglevel silent nothing is printed at all, and the outputs have no id."""
    more, _, file = outputs(loopback)
    outcome = guard(loopback, "stage", "--silent", more=more)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")
    assert "stage-id" not in read(file)
    assert read(file)["via"] == "oidc"


@pytest.mark.parametrize("json_too", [False, True])
def test_workspaces_are_approved_one_by_one(make_loopback: Make, *, json_too: bool) -> None:
    loopback = make_loopback(Registry({"a": OPEN, "@o/b": OPEN}))
    root = loopback.project("mono", name="root", private=True, workspaces=["packages/*"])
    loopback.project("mono/packages/a", name="a")
    loopback.project("mono/packages/b", name="@o/b")
    more, _, file = outputs(loopback)
    outcome = guard(loopback, "stage", "--workspaces", *(["--json"] if json_too else []), cwd=root, more=more)
    assert outcome.returncode == 0
    found = read(file)
    assert found["stage-id"] == ""
    ids = {name: stage_id(loopback, name) for name in ("a", "@o/b")}
    assert {package["name"]: package["stage_id"] for package in json.loads(found["packages"])} == ids
    assert set(UUID.findall(found["approve-command"])) == set(ids.values())
    assert found["approve-command"].count(" && npm stage approve ") == 1


def test_what_was_staged_before_a_failure_is_said(make_loopback: Make) -> None:
    loopback = make_loopback(Registry({"a": OPEN, "b": OPEN}))
    root = loopback.project("mono", name="root", private=True, workspaces=["packages/*"])
    loopback.project("mono/packages/a", name="a")
    loopback.project("mono/packages/b", name="b", scripts={"prepublishOnly": "exit 7"})
    more, summary, file = outputs(loopback)
    outcome = guard(loopback, "stage", "--workspaces", cwd=root, more=more)
    assert outcome.returncode == 7
    assert read(file)["stage-id"] == stage_id(loopback, "a")
    assert f"npm stage approve {stage_id(loopback, 'a')}" in outcome.stderr
    assert f"npm stage approve {stage_id(loopback, 'a')}" in summary.read_text()


def test_a_process_that_npm_leaves_behind_does_not_keep_us(loopback: world.Loopback) -> None:
    project = loopback.project(scripts={"postpublish": "sleep 60 2>/dev/null &"})
    start = time.monotonic()
    outcome = guard(loopback, "stage", cwd=project, more={"npm_config_foreground_scripts": "true"})
    assert (outcome.returncode, time.monotonic() - start < 50) == (0, True)
    assert stage_id(loopback) in outcome.stderr


def test_a_reader_that_goes_away_ends_npm_as_it_does_without_us(loopback: world.Loopback) -> None:
    noise = "node -e \"for (let i = 0; i < 1000; i++) console.log('x'.repeat(1000))\""
    project = loopback.project(scripts={"prepublishOnly": noise})
    env = loopback.environment(more={"npm_config_foreground_scripts": "true"})
    for command in ("npm stage publish", f"{shlex.join(GUARD)} stage"):
        loopback.registry.staged.clear()
        script = f'{{ {command}; echo "$?" >&3; }} 3>status 2>/dev/null | head -c 10 >/dev/null'
        subprocess.run(["bash", "-c", script], cwd=project, env=env, check=True, timeout=100)
        (loopback.directory / command.split()[0].rpartition("/")[2]).write_text((project / "status").read_text())
    alone, behind = (loopback.directory / name for name in ("npm", Path(sys.executable).name))
    assert behind.read_text() == alone.read_text()


@pytest.mark.parametrize("logged_in", [True, False])
def test_on_a_terminal_npm_keeps_it_and_its_own_list_is_asked(make_loopback: Make, *, logged_in: bool) -> None:
    loopback = make_loopback(Registry({"hello-oidc": world.HELLO}, tokens={TOKEN: Grant.PUBLISH}))
    project = loopback.project(scripts={"prepack": "node -e \"console.error('a terminal:', process.stdout.isTTY)\""})
    if logged_in:
        npmrc = loopback.home / ".npmrc"
        npmrc.write_text(f"{npmrc.read_text()}//{loopback.host}/:_authToken={TOKEN}\n")
    env = loopback.environment(more={"npm_config_foreground_scripts": "true", "SAFEPUBLISH_FORMAT": "text"})
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*GUARD, "stage", "--allow-token"], cwd=project, env=env, stdout=theirs, stderr=subprocess.PIPE, text=True
    )
    os.close(theirs)
    printed = b""
    try:
        while chunk := os.read(ours, 4096):
            printed += chunk
    except OSError:  # the terminal is closed
        pass
    _, err = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0, err
    assert "a terminal: true" in err
    assert f"staged with id {stage_id(loopback)}" in printed.decode()
    shown = f"npm stage approve {stage_id(loopback)} --registry={loopback.url}"
    assert (shown in err) is logged_in
    assert ("the stage id is unknown; to find it" in " ".join(err.split())) is not logged_in
    assert ("npm stage list hello-oidc\n" in err) is not logged_in


STAGING = {
    "pnpm 12": "pnpm stage publish -r --access public --no-git-checks",
    "pnpm 11": "pnpm stage publish -r --access public --no-git-checks",
    "yarn 4": "yarn workspaces foreach -A --no-private npm publish --staged --access public",
}


@pytest.mark.parametrize("tool", world.some(STAGING, "pnpm 12", "yarn 4"))
def test_other_tools_stage(make_loopback: Make, monkeypatch: pytest.MonkeyPatch, tool: str) -> None:
    monkeypatch.setitem(TOOLS, tool, (TOOLS[tool][0], STAGING[tool]))
    loopback, root = monorepo(make_loopback, {"a": OPEN._replace(stage_only=True), "b": OPEN}, tool)
    more, summary, file = outputs(loopback)
    outcome = play(loopback, root, tool, "--strict", more=more)
    assert (outcome.returncode, [one.endpoint for one in outcome.published]) == (0, ["stage", "stage"])
    assert "safepublish: staged 2 versions; they wait for approval.\n" in outcome.stderr
    for name in ("a", "b"):
        assert f"npm stage approve {stage_id(loopback, name)} --registry=" in outcome.stderr
        assert f"npm stage approve {stage_id(loopback, name)} --registry=" in summary.read_text()
    found = read(file)
    assert found["published"] == "false"
    named = {package["name"]: package["stage_id"] for package in json.loads(found["packages"])}
    ids = {"a": stage_id(loopback, "a"), "b": stage_id(loopback, "b")}
    assert named == (ids if tool.startswith("pnpm") else {"a": None, "b": None})


def test_yarn_stages_one_package(make_loopback: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TOOLS, "yarn 4", (TOOLS["yarn 4"][0], "yarn workspace a npm publish --staged --access public"))
    loopback, root = monorepo(make_loopback, {"a": OPEN}, "yarn 4")
    more, _, file = outputs(loopback)
    outcome = play(loopback, root, "yarn 4", "--strict", more=more)
    assert outcome.returncode == 0
    assert "safepublish: staged a@1.0.0; it waits for approval.\n" in outcome.stderr
    assert read(file)["stage-id"] == stage_id(loopback, "a")


def test_a_later_step_of_the_action_has_the_command(make_loopback: Make) -> None:
    """Under act a step has a terminal, unlike on GitHub, so that `npm stage list` is asked."""
    loopback = make_loopback(Registry({"hello-oidc": world.HELLO}, tokens={TOKEN: Grant.PUBLISH}))
    npmrc = loopback.home / ".npmrc"
    npmrc.write_text(f"{npmrc.read_text()}//{loopback.host}/:_authToken={TOKEN}\n")
    staging = step(command="stage", working_directory="package", allow_token="true")
    ended = act.run(loopback, lay(loopback), CHECKED_OUT + staging)
    assert ended.returncode == 0, ended.said
    found = ended.outputs("guard")
    assert found["stage-id"] == stage_id(loopback)
    assert found["approve-command"] == f"npm stage approve {stage_id(loopback)} --registry={loopback.url}"


def test_a_maintainer_alone_lists_and_approves(make_loopback: Make) -> None:
    """The embedded registry: npm's own commands, without a login, without a password, and with both."""
    registry = Registry(
        {"hello-oidc": PublishedPackage(publishers=world.HELLO.publishers)}, tokens={TOKEN: Grant.PUBLISH}
    )
    loopback = make_loopback(registry)
    assert loopback.run_npm(words=["stage", "publish"]).returncode == 0
    waiting = stage_id(loopback)
    assert loopback.run_npm(words=["stage", "list"]).returncode == 1
    (loopback.home / ".npmrc").write_text(f"registry={loopback.url}\n//{loopback.host}/:_authToken={TOKEN}\n")
    listed = loopback.run_npm(words=["stage", "list", "hello-oidc", "--json"])
    assert [item["id"] for item in json.loads(listed.stdout)] == [waiting]
    assert json.loads(loopback.run_npm(words=["stage", "list", "other", "--json"]).stdout) == []
    assert loopback.run_npm(words=["stage", "approve", waiting]).returncode == 1
    assert loopback.run_npm(words=["stage", "approve", waiting, "--otp=123456"]).returncode == 0
    assert loopback.run_npm(words=["stage", "approve", waiting, "--otp=123456"]).returncode == 1
