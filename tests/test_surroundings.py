"""What lies around a publish by accident neither stops nor changes it: Python modules, pipes in place of files."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from safepublish.cli import github_files
from tests.support import world

SCRIPT = [str(Path(sys.executable).with_name("safepublish"))]
MODULE = [sys.executable, "-m", "safepublish"]
JUNK = ["json", "socket", "ssl", "http", "urllib", "threading", "subprocess", "tempfile", "typing", "yaml", "plumbum"]
THROUGH_OIDC = "through OIDC (trusted publishing).\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")


def lay_junk(directory: Path) -> Path:
    directory.mkdir(exist_ok=True)
    for name in JUNK:
        (directory / f"{name}.py").write_text("raise SystemExit('junk was imported')\n")
    return directory


def publish(loopback: world.Loopback, command: list[str], cwd: Path, **more: str) -> world.Outcome:
    return loopback.run(command, cwd=cwd, env=loopback.environment(more={"SAFEPUBLISH_FORMAT": "text", **more}))


@pytest.mark.parametrize("command", [SCRIPT, MODULE], ids=["script", "module"])
@pytest.mark.parametrize("where", ["PYTHONPATH", "working directory", "relative PYTHONPATH"])
def test_modules_of_others_are_not_imported(loopback: world.Loopback, command: list[str], where: str) -> None:
    project = loopback.project()
    junk = lay_junk(project if where == "working directory" else project / "junk")
    path = {"PYTHONPATH": str(junk), "relative PYTHONPATH": f"junk{os.pathsep}"}.get(where)
    outcome = publish(loopback, command, project, **({"PYTHONPATH": path} if path else {}))
    assert (outcome.returncode, outcome.stdout) == (0, "+ hello-oidc@1.0.0\n"), outcome.stderr
    assert outcome.stderr.endswith(THROUGH_OIDC)


def test_what_is_installed_in_pythonpath_alone_is_found(loopback: world.Loopback, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "safepublish").symlink_to(Path(__file__).parent.parent / "safepublish")
    project = loopback.project()
    outcome = publish(
        loopback, [sys.executable, "-S", "-m", "safepublish", "--version"], project, PYTHONPATH=str(target)
    )
    assert outcome.returncode == 0, outcome.stderr


@posix
def test_pythonpath_reaches_npms_scripts(loopback: world.Loopback) -> None:
    kept = loopback.directory / "kept"
    project = loopback.project(scripts={"prepublishOnly": f"printf %s \"$PYTHONPATH\" > '{kept}'"})
    assert publish(loopback, MODULE, project, PYTHONPATH="a:b").returncode == 0
    assert kept.read_text() == "a:b"


KINDS = ["pipe", "directory", "unwritable", "missing directory", "full"]


def lay(kind: str, path: Path) -> Path:
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    elif kind == "unwritable":
        return Path("/proc/version")
    elif kind == "full":
        return Path("/dev/full")
    elif kind == "missing directory":
        return path / "outputs"
    return path


@posix
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [0, 1])
def test_a_runners_file_that_takes_nothing_changes_nothing(loopback: world.Loopback, kind: str, status: int) -> None:
    outputs = lay(kind, loopback.directory / "outputs")
    summary = lay(kind, loopback.directory / "summary")
    scripts: dict[str, Any] = {"scripts": {"prepublishOnly": "exit 1"}} if status else {}
    more = {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(summary)}
    outcome = publish(loopback, MODULE, loopback.project(**scripts), **more)
    assert outcome.returncode == status, outcome.stderr
    assert f"safepublish: {outputs} could not be written: " in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert "internal" not in outcome.stderr


@posix
def test_a_pipe_that_somebody_reads_is_written(loopback: world.Loopback) -> None:
    reading, writing = os.pipe()
    env = loopback.environment(more={"GITHUB_OUTPUT": f"/dev/fd/{writing}"})
    process = subprocess.Popen(
        MODULE, cwd=loopback.project(), env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, pass_fds=[writing],
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    assert process.wait(60) == 0
    assert "published=true\nvia=oidc\n" in told


@posix
def test_a_pipe_that_is_full_is_given_up(capsys: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    try:
        assert not github_files.append(f"/dev/fd/{writing}", "x" * 2_000_000)
    finally:
        os.close(reading)
        os.close(writing)
    assert "could not be written: no process reads from it" in capsys.readouterr().err


@posix
def test_a_path_is_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not github_files.append(str(tmp_path / "a\n::error::b" / "c"), "x")
    assert "\n::error" not in capsys.readouterr().err
