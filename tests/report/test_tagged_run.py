"""A run that a tag started uses the workflow at the tag: said after a fix and in `explain`, and nowhere else."""

from pathlib import Path

import pytest

from safepublish import cli
from safepublish.report.tagged_run import FILE_AT_THE_TAG
from tests.support import steps

JOBS = steps.BROKEN.removeprefix("on: push").replace("22", "NODE")
FAILED = """npm notice 📦  hello@1.0.0
npm notice Publishing to https://registry.npmjs.org/ with tag latest and default access
npm error code EUSAGE
npm error Provenance generation in GitHub Actions requires "write" access to the "id-token" permission
"""


def said(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("option", ["--fix", "--diff"])
@pytest.mark.parametrize(
    ("trigger", "node", "shown"),
    [
        ("on: {release: {types: [published]}}", "22", True),
        ("on: {push: {tags: [v*]}}", "22", True),
        ("on: [release, workflow_dispatch]", "22", True),
        ("on: {push: {branches: [main]}}", "22", False),
        ("on: workflow_dispatch", "22", False),
        ("on: release", "24", False),
    ],
)
def test_after_a_fix(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    trigger: str,
    node: str,
    option: str,
    *,
    shown: bool,
) -> None:
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (workflows / "publish.yml").write_text(trigger + JOBS.replace("NODE", node))
    monkeypatch.chdir(tmp_path)
    cli.main(["workflow", option])
    captured = capsys.readouterr()
    assert (FILE_AT_THE_TAG in said(captured.out + captured.err)) is shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("/usr/bin/git checkout --progress --force refs/tags/v1.0.0", True),
        ("  GITHUB_REF: refs/tags/v1.0.0", True),
        ("ref: refs/tags/v1.0.0", True),
        ("/usr/bin/git checkout --progress --force -B main refs/remotes/origin/main", False),
        ("[command]git fetch --prune origin +refs/heads/*:refs/remotes/origin/* +refs/tags/*:refs/tags/*", False),
        ("", False),
    ],
)
def test_in_an_explanation(tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, *, shown: bool) -> None:
    log = tmp_path / "log"
    log.write_text(f"{line}\n{FAILED}")
    cli.main(["explain", str(log)])
    out = capsys.readouterr().out
    assert "missing-id-token-permission" in out
    assert (FILE_AT_THE_TAG in said(out)) is shown


def test_not_where_no_file_is_to_be_fixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    published = "npm error code E403\nnpm error 403 You cannot publish over the previously published versions: 1.0.0.\n"
    log.write_text(f"  GITHUB_REF: refs/tags/v1.0.0\n{published}")
    cli.main(["explain", str(log)])
    out = capsys.readouterr().out
    assert "version-published" in out
    assert FILE_AT_THE_TAG not in said(out)
