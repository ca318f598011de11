"""The pre-commit hook, run by the real pre-commit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support import steps

HOOKS = Path(__file__).parent.parent / ".pre-commit-hooks.yaml"


def run(repository: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PRE_COMMIT_HOME": str(repository / "home"), "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}"}
    env |= {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b.c",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b.c",
    }
    env.pop("GITHUB_ACTIONS", None)
    return subprocess.run(words, cwd=repository, env=env, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.real_process
def test_the_hook_reads_the_workflows_that_are_committed_and_no_other_file(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    # What pre-commit would install lies beside this Python already.
    config = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    broken = steps.changed(('node-version: "24"', 'node-version: "22"'))
    (workflows / "publish.yml").write_text(broken)
    (tmp_path / "notes.yml").write_text(broken)
    assert run(tmp_path, "git", "init", "-q").returncode == 0
    assert run(tmp_path, "git", "add", ".").returncode == 0
    told = run(tmp_path, "pre-commit", "run")
    assert told.returncode == 1, told.stdout + told.stderr
    assert "- hook id: safepublish-workflow\n- exit code: 3\n" in told.stdout
    assert "error[npm-too-old]: " in told.stdout
    assert "1 publish step in 1 workflow file: 1 broken" in told.stdout
    (workflows / "publish.yml").write_text(steps.WORKFLOW)
    run(tmp_path, "git", "add", ".")
    assert run(tmp_path, "pre-commit", "run").returncode == 0
