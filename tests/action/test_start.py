"""start.py: inputs become the guard's words and variables, and what it imports is installed, or it says why not."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from tests.support import act, world

CANARY = "npm_cAnArYcAnArYcAnArY"
NOT_STARTED = "::error title=safepublish%3A not started::"
START = Path(__file__).resolve().parents[2] / "action" / "start.py"


@pytest.fixture(scope="module")
def start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start", START)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def inputs(start: ModuleType, **given: str) -> dict[str, str]:
    return dict.fromkeys(start.INPUTS, "") | given


def test_the_inputs_are_those_of_action_yml(start: ModuleType) -> None:
    action = yaml.safe_load((START.parents[1] / "action.yml").read_text(encoding="utf-8"))
    (step,) = action["runs"]["steps"]
    assert step["env"] == {
        f"INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}" for name in action["inputs"]
    }
    assert {f"INPUT_{name}" for name in start.INPUTS} == set(step["env"])
    assert "${{" not in step["run"]
    assert list(action["outputs"]) == [
        "verdict", "causes", "packages", "name", "version", "published", "via", "held", "available", "stage-id",
        "approve-command", "report",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "args", "words"),
    [
        ("", "", ["publish"]),
        ("publish", "--tag next ./dist", ["publish", "--tag", "next", "./dist"]),
        ("", "check", ["publish", "check"]),
        ("", "-- --with x", ["publish", "--", "--with", "x"]),
        ("check", "", ["check"]),
        ("stage", "x.tgz", ["stage", "x.tgz"]),
        ("workflow", ".github/workflows", ["workflow", ".github/workflows"]),
        ("", "'a b' \"c d\" e\\ f", ["publish", "a b", "c d", "e f"]),
        (
            "",
            "$(id) `id` $HOME ~ * ; & | # > x",
            ["publish", "$(id)", "`id`", "$HOME", "~", "*", ";", "&", "|", "#", ">", "x"],
        ),
        ("", "-w a\n  -w b\n", ["publish", "-w", "a", "-w", "b"]),
        ("", "'' --", ["publish", "", "--"]),
    ],
)
def test_words(command: str, args: str, words: list[str], start: ModuleType) -> None:
    assert start.command_line(inputs(start, COMMAND=command, ARGS=args)) == words


@pytest.mark.parametrize(
    ("given", "variables"),
    [
        ({}, {}),
        ({"ALLOW_TOKEN": "true"}, {"SAFEPUBLISH_ALLOW_TOKEN": "1"}),
        ({"STRICT": "False"}, {"SAFEPUBLISH_STRICT": "0"}),
        ({"PROBE": "false"}, {"SAFEPUBLISH_NO_PROBE": "1"}),
        ({"PROBE": "true"}, {"SAFEPUBLISH_NO_PROBE": "0"}),
        ({"WAIVE": "a=b\nc", "FORMAT": "text"}, {"SAFEPUBLISH_WAIVE": "a=b\nc", "SAFEPUBLISH_FORMAT": "text"}),
        (
            {"DEADLINE": "5", "ALREADY_PUBLISHED": "skip"},
            {"SAFEPUBLISH_DEADLINE": "5", "SAFEPUBLISH_ALREADY_PUBLISHED": "skip"},
        ),
    ],
)
def test_options(given: dict[str, str], variables: dict[str, str], start: ModuleType) -> None:
    assert start.options(inputs(start, **given)) == variables


def test_a_tool_is_an_input_of_its_own(start: ModuleType) -> None:
    given = inputs(start, COMMAND="check", PUBLISH_WITH="pnpm publish -r", ARGS="--strict")
    assert start.command_line(given) == ["check", "--with=pnpm publish -r", "--strict"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The action's own checkout."""
    return act.lay(tmp_path_factory.mktemp("action") / "checkout")


def run(checkout: Path, directory: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run start.py as run.sh does, with the packages that are laid for the tests in reach, and no index."""
    variables = {
        "HOME": str(directory),
        "RUNNER_TEMP": str(directory),
        "PATH": "/usr/bin:/bin",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(world.wheels()),
        **env,
    }
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(checkout / "action" / "start.py")]
    return subprocess.run(command, env=variables, cwd=directory, capture_output=True, text=True, check=False)


@pytest.mark.real_process
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"INPUT_COMMAND": "pack"},
            "The input command is 'pack'; it takes publish, stage, check, workflow.",
        ),
        (
            {"INPUT_ARGS": f"--tag 'next\n{CANARY}"},
            "The input args has a quote that is not closed, or ends with a backslash.",
        ),
        (
            {"INPUT_ARGS": f"--tag next --with 'touch {CANARY}'"},
            "The input args takes no --with, as it is never evaluated; use the input publish-with.",
        ),
        (
            {"INPUT_ARGS": f"'--with=touch {CANARY}'"},
            "The input args takes no --with, as it is never evaluated; use the input publish-with.",
        ),
        (
            {"INPUT_ARGS": "--tag next --help"},
            "The input args takes no --help: nothing would be published.",
        ),
        (
            {"INPUT_ALLOW_TOKEN": "maybe"},
            "The input allow-token is 'maybe'; it takes true or false.",
        ),
    ],
)
def test_an_input_that_cannot_be_followed(checkout: Path, given: Mapping[str, str], said: str, tmp_path: Path) -> None:
    ended = run(checkout, tmp_path, **given)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, f"{NOT_STARTED}{said}\n", "")
    assert CANARY not in ended.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.real_process
def test_what_is_installed_and_what_is_left_alone(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the caller's own')\n")
    env = {
        "PIP_TARGET": str(tmp_path / "elsewhere"),
        "PIP_USER": "1",
        "PYTHONPATH": str(tmp_path),
        "INPUT_ARGS": "check",
    }
    ended = run(checkout, tmp_path, **env)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "safepublish: 'check' is a command; write it first: safepublish check\n"
    (laid,) = tmp_path.glob("safepublish-*")
    assert {"plumbum", "yaml"} < {one.name for one in laid.iterdir()}
    assert {one.name for one in tmp_path.iterdir()} == {"json.py", laid.name}
    again = run(checkout, tmp_path, INPUT_WORKING_DIRECTORY="gone", PIP_FIND_LINKS="/nonexistent")
    assert again.returncode == 2
    assert again.stdout == f"{NOT_STARTED}The input working-directory is 'gone': No such file or directory.\n"


@pytest.mark.real_process
def test_another_wheel_of_the_same_name_is_not_taken(checkout: Path, tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    shutil.copytree(world.wheels(), wheels)
    (plumbum,) = wheels.glob("plumbum-*.whl")
    plumbum.write_bytes(plumbum.read_bytes() + b"\0")
    ended = run(checkout, tmp_path, PIP_FIND_LINKS=str(wheels))
    assert ended.returncode == 2
    said = f"{NOT_STARTED}pip could not install action/requirements.txt with {sys.executable}:%0A"
    assert ended.stdout.startswith(said)
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in ended.stdout
    assert {one.name for one in tmp_path.iterdir()} == {"wheels"}


def test_pip_gets_neither_the_identity_nor_a_token(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "NODE_AUTH_TOKEN", "NPM_TOKEN", "NPM_ID_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "canary")
    monkeypatch.setenv("PIP_INDEX_URL", "here")
    monkeypatch.setenv("PIP_PREFIX", "there")
    given = start.without_identity()
    assert "canary" not in given.values()
    assert (given.get("PIP_INDEX_URL"), given.get("PIP_PREFIX")) == ("here", None)
    assert given["PATH"] == os.environ["PATH"]
