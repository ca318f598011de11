"""The git repository around a directory, and the workflow file that runs the job."""

import os
from pathlib import Path

import pytest

from safepublish.detect.repository import head, publishing_workflows, read
from safepublish.facts.finding import Location
from safepublish.facts.run import Repository

WORKFLOW = "jobs:\n  publish:\n    steps:\n      - run: npm publish\n"
JOB = {
    "GITHUB_REPOSITORY": "Octo-Org/hello",
    "GITHUB_WORKFLOW_REF": "octo-org/hello/.github/workflows/publish.yml@refs/heads/main",
    "GITHUB_JOB": "publish",
}


def lay(root: Path, origin: str = "", workflows: dict[str, str] | None = None) -> Path:
    (root / ".git").mkdir(parents=True)
    (root / ".git" / "config").write_text(f'[core]\n\tbare = false\n[remote "origin"]\n\t{origin}\n')
    for name, text in (workflows or {}).items():
        path = root / ".github" / "workflows" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_no_repository_around() -> None:
    assert read({}, "/") == Repository()


def test_the_root_is_the_nearest_above(tmp_path: Path) -> None:
    lay(tmp_path, "url = git@github.com:octo-org/hello.git")
    below = tmp_path / "packages" / "a"
    below.mkdir(parents=True)
    assert read({}, str(below)) == Repository(root=str(tmp_path), remote="octo-org/hello")


@pytest.mark.parametrize(
    ("origin", "remote"),
    [
        ("url = https://github.com/octo-org/hello", "octo-org/hello"),
        ("URL=https://github.com/octo-org/hello.git", "octo-org/hello"),
        ('url = "ssh://git@github.com/Octo-Org/Hello.git"', "Octo-Org/Hello"),
        ("url = https://x-access-token:canary@github.com/octo-org/hello", "octo-org/hello"),
        ("url = https://example.com/octo-org/hello", None),
        ("url = ../hello", None),
        ("url =", None),
        ("pushurl = https://github.com/octo-org/hello", None),
        ("fetch = x", None),
        ('[remote "other"]\n\turl = https://github.com/octo-org/hello', None),
        ('[remote "origin"] # again\n\turl = https://github.com/octo-org/hello', "octo-org/hello"),
    ],
)
def test_origin_is_told_without_its_credentials(tmp_path: Path, origin: str, remote: str | None) -> None:
    assert read({}, str(lay(tmp_path, origin))) == Repository(root=str(tmp_path), remote=remote)


@pytest.mark.parametrize("config", [None, b"", b"\0" * 100, b"[" * 100_000, b"\xff\xfe[remote"])
def test_an_odd_config_names_no_origin(tmp_path: Path, config: bytes | None) -> None:
    lay(tmp_path)
    (tmp_path / ".git" / "config").unlink()
    if config is not None:
        (tmp_path / ".git" / "config").write_bytes(config)
    assert read({}, str(tmp_path)) == Repository(root=str(tmp_path))


def test_a_pipe_for_a_config_is_not_waited_for(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / ".git" / "config").unlink()
    os.mkfifo(tmp_path / ".git" / "config")
    assert read({}, str(tmp_path)).remote is None


def test_a_worktree_has_the_origin_of_its_repository(tmp_path: Path) -> None:
    main = lay(tmp_path / "main", "url = https://github.com/octo-org/hello")
    private = main / ".git" / "worktrees" / "other"
    private.mkdir(parents=True)
    (private / "commondir").write_text("../..\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".git").write_text(f"gitdir: {private}\n")
    assert read({}, str(tmp_path / "other")) == Repository(root=str(tmp_path / "other"), remote="octo-org/hello")


def test_a_submodule_has_an_origin_of_its_own(tmp_path: Path) -> None:
    lay(tmp_path, "url = https://github.com/octo-org/hello")
    module = lay(tmp_path / ".git" / "modules" / "sub", "url = https://github.com/octo-org/sub") / ".git" / "config"
    module.rename(tmp_path / ".git" / "modules" / "sub" / "config")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".git").write_text("gitdir: ../.git/modules/sub\n")
    assert read({}, str(tmp_path / "sub")).remote == "octo-org/sub"


@pytest.mark.parametrize("git", ["", "gitdir:", "gitdir: /nonexistent", "gitdir: \0", "x" * 2**21])
def test_a_git_file_that_names_nothing(tmp_path: Path, git: str) -> None:
    (tmp_path / ".git").write_text(git)
    assert read({}, str(tmp_path)) == Repository(root=str(tmp_path))


def test_the_running_workflow_is_read(tmp_path: Path) -> None:
    found = read(JOB, str(lay(tmp_path, workflows={"publish.yml": WORKFLOW}))).workflow
    assert found is not None
    assert (found.path, found.publish_at) == (
        ".github/workflows/publish.yml",
        Location(".github/workflows/publish.yml", 4),
    )


def test_the_checkout_goes_before_the_repository_around(tmp_path: Path) -> None:
    checkout = lay(tmp_path / "checkout", workflows={"publish.yml": f"# moved\n{WORKFLOW}"})
    around = lay(tmp_path / "around", workflows={"publish.yml": WORKFLOW})
    found = read({**JOB, "GITHUB_WORKSPACE": str(checkout)}, str(around)).workflow
    assert found is not None
    assert found.publish_at == Location(".github/workflows/publish.yml", 5)
    assert read({**JOB, "GITHUB_WORKSPACE": "/nonexistent"}, str(around)).workflow is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"GITHUB_REPOSITORY": "octo-org/other"},
        {"GITHUB_REPOSITORY": ""},
        {"GITHUB_WORKFLOW_REF": ""},
        {"GITHUB_WORKFLOW_REF": "octo-org/hello/.github/workflows/other.yml@refs/heads/main"},
        {"GITHUB_WORKFLOW_REF": "octo-org/hello/.github/workflows/../workflows/publish.yml@main"},
        {"GITHUB_WORKFLOW_REF": "octo-org/hello/.github/workflows/publish.yml"},
        {"GITHUB_WORKFLOW_REF": "octo-org/hello/.github/workflows/publish.txt@main"},
        {"GITHUB_JOB": "other"},
    ],
)
def test_what_names_no_workflow_and_job_of_this_repository(tmp_path: Path, changed: dict[str, str]) -> None:
    lay(tmp_path, workflows={"publish.yml": WORKFLOW})
    assert read({**JOB, **changed}, str(tmp_path)).workflow is None


@pytest.mark.parametrize(("size", "read_"), [(2**20, True), (2**20 + 1, False)])
def test_a_workflow_above_a_mebibyte_is_not_read(tmp_path: Path, size: int, read_: bool) -> None:
    lay(tmp_path, workflows={"publish.yml": WORKFLOW + "#" * (size - len(WORKFLOW))})
    assert (read(JOB, str(tmp_path)).workflow is not None) is read_


def test_the_publishing_workflows_in_the_order_of_their_names(tmp_path: Path) -> None:
    workflows = {"b.yml": WORKFLOW, "a.yaml": WORKFLOW, "c.yml": "jobs: {}", "d.txt": WORKFLOW, "e.yml": "jobs: ["}
    lay(tmp_path, workflows=workflows)
    assert [one.path for one in publishing_workflows(str(tmp_path))] == [
        ".github/workflows/a.yaml",
        ".github/workflows/b.yml",
    ]


def test_no_workflows_at_all(tmp_path: Path) -> None:
    assert publishing_workflows(str(tmp_path)) == ()


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("ref: refs/heads/main\n", "refs/heads/main"),
        ("ref: refs/heads/feature/x", "refs/heads/feature/x"),
        ("0123456789012345678901234567890123456789\n", None),
        ("", None),
    ],
)
def test_the_ref_that_is_checked_out(tmp_path: Path, text: str, ref: str | None) -> None:
    (lay(tmp_path) / ".git" / "HEAD").write_text(text)
    assert head(str(tmp_path)) == ref


def test_the_ref_of_a_worktree_is_its_own(tmp_path: Path) -> None:
    directory = lay(tmp_path / "main") / ".git" / "worktrees" / "other"
    directory.mkdir(parents=True)
    (directory / "HEAD").write_text("ref: refs/heads/other\n")
    worktree = tmp_path / "other"
    worktree.mkdir()
    (worktree / ".git").write_text(f"gitdir: {directory}\n")
    assert head(str(worktree)) == "refs/heads/other"
    assert head(str(tmp_path)) is None
