"""The place of a rehearsal: a copy that reads the same, and that is left as it was found."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from safepublish.rehearsal import directory as directories
from safepublish.rehearsal.cleanup import DIRECTORY_VARIABLE
from safepublish.rehearsal.directory import RehearsalDirectory, copy_working_tree


def tree(root: Path) -> dict[str, str]:
    """Each path below *root*, with its content, where its link leads, or "/" for a directory."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}"
        else:
            found[name] = "/" if path.is_dir() else path.read_text()
    return found


def lay(root: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content.startswith("-> "):
            path.symlink_to(content[3:])
        else:
            path.write_text(content)


def test_a_working_tree_is_copied_as_it_stands(tmp_path: Path) -> None:
    root, target = tmp_path / "root", tmp_path / "copy"
    lay(root, {"package.json": "{}", "dist/index.js": "1", "a": "-> dist", "b": f"-> {root}/dist", "c": "-> /nowhere"})
    lay(root, {".git/config": "", ".npmrc": "secret", "cache/CACHEDIR.TAG": "", "venv/pyvenv.cfg": "", "sub/.git": ""})
    os.mkfifo(root / "pipe")
    copy_working_tree(str(root), str(target), ignored=lambda path: path == ".npmrc")
    assert tree(target) == {
        "package.json": "{}",
        "dist": "/",
        "dist/index.js": "1",
        "a": "-> dist",
        "b": f"-> {target}/dist",
        "c": "-> /nowhere",
        "sub": "/",
    }


def test_what_is_written_in_the_copy_reaches_no_dependency_tree(tmp_path: Path) -> None:
    root, target = tmp_path / "root", tmp_path / "copy"
    lay(
        root,
        {
            "node_modules/.package-lock.json": "{}",
            "node_modules/.cache/x": "1",
            "node_modules/.bin/a": "-> ../a/cli.js",
            "node_modules/a/cli.js": "a",
            "node_modules/@s/b/index.js": "b",
            "node_modules/mine": "-> ../packages/mine",
            "packages/mine/index.js": "mine",
        },
    )
    copy_working_tree(str(root), str(target))
    (target / "node_modules" / "new").write_text("new")
    (target / "node_modules" / "@s" / "new").write_text("new")
    (target / "node_modules" / "mine" / "index.js").write_text("changed")
    assert (target / "node_modules" / ".bin" / "a").read_text() == "a"
    assert (target / "node_modules" / "@s" / "b" / "index.js").read_text() == "b"
    assert not (target / "node_modules" / ".cache").exists()
    assert not (root / "node_modules" / "new").exists()
    assert not (root / "node_modules" / "@s" / "new").exists()
    assert (root / "packages" / "mine" / "index.js").read_text() == "mine"


def test_dependencies_that_are_packed_are_copied(tmp_path: Path) -> None:
    root, target = tmp_path / "root", tmp_path / "copy"
    lay(root, {"package.json": '{"bundleDependencies": ["a"]}', "node_modules/a/index.js": "a"})
    copy_working_tree(str(root), str(target))
    assert not (target / "node_modules" / "a").is_symlink()


def test_the_environment_holds_nothing_of_the_machine_but_what_programs_need(tmp_path: Path) -> None:
    place = RehearsalDirectory()
    place.root = str(tmp_path)
    machine = {"PATH": "/bin", "LC_ALL": "C", "HOME": "/home/me", "NPM_TOKEN": "t", "GITHUB_ACTIONS": "true", "CI": "1"}
    found = place.environment(machine)
    assert found["PATH"] == "/bin"
    assert found["HOME"] == os.path.join(place.root, "home")
    assert not {"NPM_TOKEN", "GITHUB_ACTIONS", "CI"} & set(found)


SCRIPT = """
import os, subprocess, sys, time
from safepublish.rehearsal.directory import RehearsalDirectory
with RehearsalDirectory() as place:
    env = place.environment(os.environ)
    place.write("//registry/:_authToken=x", "home", ".npmrc")
    words = ["sh", "-c", "trap '' TERM INT HUP; sleep 61 & setsid sleep 62 & echo started; sleep 63"]
    started = subprocess.Popen(words, env=env, process_group=place.group, stdout=subprocess.PIPE)
    started.stdout.readline()
    print(place.root, flush=True)
    if sys.argv[1] == "wait":
        time.sleep(60)
"""


def left(directory: str) -> list[str]:
    """The processes that carry the mark of *directory*."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if f"{DIRECTORY_VARIABLE}={directory}".encode() in file.read().split(b"\0"):
                    found.append(name)
        except OSError:
            continue
    return found


@pytest.mark.real_process
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what is left")
@pytest.mark.parametrize("ending", ["end", "SIGKILL"])
def test_nothing_is_left_however_it_ends(ending: str, tmp_path: Path) -> None:
    started = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "wait" if ending == "SIGKILL" else "end"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert started.stdout is not None
    directory = started.stdout.readline().strip()
    if ending == "SIGKILL":
        assert len(left(directory)) >= 3
        started.kill()
    started.wait()
    started.stdout.close()
    until = time.monotonic() + 10
    while (os.path.lexists(directory) or left(directory)) and time.monotonic() < until:
        assert ending == "SIGKILL", "the command had ended before all was put away"
        time.sleep(0.02)
    assert not os.path.lexists(directory)
    assert not left(directory)
    assert not list(tmp_path.iterdir())


@pytest.mark.real_process
def test_without_a_temporary_directory_there_is_no_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keeper = tmp_path / "keeper.py"
    keeper.write_text("raise SystemExit\n")
    monkeypatch.setattr(directories, "_CLEANUP", str(keeper))
    with pytest.raises(OSError, match="the system's temporary directory"), RehearsalDirectory():
        pass


@pytest.mark.real_process
def test_a_keeper_that_nobody_hears_leaves_nothing_either(tmp_path: Path) -> None:
    started = subprocess.Popen(
        [sys.executable, "-I", "-S", directories._CLEANUP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,  # whose end is seen once the last of its processes is gone
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    for stream in (started.stdout, started.stdin):
        assert stream is not None
        stream.close()
    assert started.stderr is not None
    started.stderr.read()
    started.stderr.close()
    started.wait()
    assert not list(tmp_path.iterdir())
