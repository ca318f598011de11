"""What a command publishes in npm's place: told from its words where these say it, and else not told."""

import os
import sys
from pathlib import Path

import pytest

from safepublish.detect import tool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")

LIST = '{"location":".","name":"root"}\n{"location":"packages/a","name":"a"}\n{"location":"packages/b","name":"b"}'


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A PATH with a pnpm that its package.json names, and a yarn that answers two questions."""
    home = tmp_path / "tools"
    home.mkdir()
    (home / "package.json").write_text('{"name": "pnpm", "version": "12.21.0"}')
    (home / "pnpm").write_text("#!/bin/sh\nexit 9\n")
    (tmp_path / "yarn").mkdir()
    (tmp_path / "yarn" / "yarn").write_text(f"#!/bin/sh\n[ $1 = --version ] && echo 4.18.1 || echo '{LIST}'\n")
    for path in (home / "pnpm", tmp_path / "yarn" / "yarn"):
        path.chmod(0o755)
    for name in ("a", "b"):
        (tmp_path / "packages" / name).mkdir(parents=True)
        (tmp_path / "packages" / name / "package.json").write_text("{}")
    (tmp_path / "pnpm-workspace.yaml").write_text("packages: [packages/*]\n")
    return {"PATH": f"{home}{os.pathsep}{tmp_path / 'yarn'}{os.pathsep}/usr/bin:/bin"}


ALL = [".", "packages/a", "packages/b"]

PNPM: dict[str, list[str] | None] = {
    "pnpm publish": ["."],
    "pnpm publish ./packages/a --tag next": ["packages/a"],
    "pnpm publish --tag next": ["."],
    "pnpm publish --no-git-checks packages/a": ["packages/a"],
    "pnpm publish --json packages/a": None,
    "pnpm publish --loglevel=warn packages/a": ["packages/a"],
    "pnpm publish packages/a packages/b": None,
    "pnpm -r publish": ALL,
    "pnpm publish --recursive --access public": ALL,
    "pnpm -C packages/a publish": None,
    "pnpm --dir=packages/a publish": None,
    "pnpm -w publish": None,
    "pnpm -r publish --include-workspace-root": None,
}


@pytest.mark.parametrize("command", PNPM)
def test_pnpm(command: str, env: dict[str, str], tmp_path: Path) -> None:
    assert _places(command, env, tmp_path) == PNPM[command]


YARN: dict[str, list[str] | None] = {
    "yarn npm publish": ["."],
    "yarn workspace a npm publish": ["packages/a"],
    "yarn workspace c npm publish": None,
    "yarn workspaces foreach -A npm publish": ALL,
    "yarn workspaces foreach --all --no-private npm publish --tolerate-republish": ALL,
    "yarn workspaces foreach -Apt npm publish": ALL,
    "yarn workspaces foreach npm publish": None,
    "yarn workspaces foreach -R npm publish": None,
    "yarn workspaces foreach -AR npm publish": None,
    "yarn workspaces foreach --recursive --from a npm publish": None,
    "yarn workspaces foreach -A --exclude a npm publish": None,
    "yarn workspaces foreach -A --since=main npm publish": None,
    "yarn workspaces foreach --worktree npm publish": None,
    "yarn workspaces foreach -A npm publish --tag R": ALL,
    "yarn workspaces foreach -A run release": None,
    "yarn --cwd packages/a npm publish": None,
}


@pytest.mark.real_process
@pytest.mark.parametrize("command", YARN)
def test_yarn(command: str, env: dict[str, str], tmp_path: Path) -> None:
    assert _places(command, env, tmp_path) == YARN[command]


def _places(command: str, env: dict[str, str], root: Path) -> list[str] | None:
    found = tool.read(command, env=env, cwd=str(root))
    assert found.trouble is None
    return None if found.directories is None else [os.path.relpath(place, root) for place in found.directories]
