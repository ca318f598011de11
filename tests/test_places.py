"""A cache or a directory of logs that npm cannot make: npm stops or never ends, and the guard says so before."""

import os
import sys
from pathlib import Path

import pytest

from safepublish.detect import config_places as config
from tests.support import world

GUARD = [sys.executable, "-m", "safepublish"]
posix = pytest.mark.skipif(sys.platform != "linux", reason="/proc")

PLACES = {
    "a cache in /proc": ("--cache=/proc/x", True),
    "logs in /proc": ("--logs-dir=/proc/self/x", True),
    "a cache that is a file": ("--cache={file}", True),
    "a cache below a file": ("--cache={file}/x/y", True),
    "a cache that is no file either": ("--cache=/dev/null", True),
    "logs in a file": ("--logs-dir={file}", False),
    "logs below a file of /proc": ("--logs-dir=/proc/cpuinfo/x", False),
    "logs nowhere": ("--logs-dir=/dev/null", False),
    "a cache that is not there yet": ("--cache={file}.d/x/y", False),
}


@posix
@pytest.mark.parametrize("version", ["10.9.4", world.NEWEST])
@pytest.mark.parametrize("name", PLACES)
def test_what_npm_cannot_make_is_refused_and_nothing_else(
    loopback: world.Loopback, name: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = loopback.directory / "file"
    file.touch()
    word, refused = PLACES[name][0].format(file=file), PLACES[name][1]
    env = loopback.environment(version, {"SAFEPUBLISH_FORMAT": "text"})
    outcome = loopback.run([*GUARD, "check", word], cwd=loopback.project(), env=env)
    assert ("error[arguments-refused]:" in outcome.stdout) is refused, outcome.stdout
    monkeypatch.setattr(world, "_TIMEOUT", 5 if refused else 60)
    try:
        npm = loopback.run_npm(version, ("publish", "--dry-run", word), env=env).returncode
    except world.subprocess.TimeoutExpired:  # type: ignore[attr-defined]  # it never ends
        npm = -1
    assert (npm != 0) is refused


@posix
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    assert config._cannot_be_made(str(tmp_path / "x")) == f"{tmp_path} is not writable"
    assert config._cannot_be_made(str(tmp_path)) is None
