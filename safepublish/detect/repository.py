"""Reads the git repository around a directory, and its workflow files."""

import os
import re
from collections.abc import Mapping

from safepublish.detect.files import UnreadableError, read_text
from safepublish.facts.run import Repository, Workflow
from safepublish.npm.git_hosts import github_repository

_LIMIT = 2**20
_WORKFLOWS = os.path.join(".github", "workflows")
_MOST_WORKFLOWS = 200
_WORKFLOW_REF = re.compile(r"([^/@]+/[^/@]+)/\.github/workflows/([^/\\@]+\.ya?ml)@.*")
_SECTION = re.compile(r'\s*\[\s*remote\s+"origin"\s*\]', re.IGNORECASE)
_URL = re.compile(r"\s*url\s*=\s*(.*)", re.IGNORECASE)


def read(env: Mapping[str, str], cwd: str) -> Repository:
    """The repository around *cwd*: its root, its origin on GitHub, and the workflow that runs this job.

    The workflow's file counts only when GITHUB_WORKFLOW_REF names this very repository: another one's workflow of the
    same name says nothing about this job.
    """
    root = _root(cwd)
    return Repository(root=root, remote=_origin(root) if root else None, workflow=_running(env, root))


def publishing_workflows(root: str) -> tuple[Workflow, ...]:
    """The publishing steps of the workflows below *root*, in the order of the files' names."""
    directory = os.path.join(root, _WORKFLOWS)
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith((".yml", ".yaml")))
    except OSError:
        return ()
    from safepublish.detect import workflows
    from safepublish.pipelines import github  # only for a check outside CI

    checkout = workflows.Checkout(root)
    found: list[Workflow] = []
    for name in names[:_MOST_WORKFLOWS]:
        text = checkout.text(f".github/workflows/{name}")
        if text is not None:
            found += github.read_publishing_steps(text, f".github/workflows/{name}", checkout.text)
    return tuple(found)


def _running(env: Mapping[str, str], root: str | None) -> Workflow | None:
    match = _WORKFLOW_REF.fullmatch(env.get("GITHUB_WORKFLOW_REF", ""))
    if match is None or match.group(1).lower() != env.get("GITHUB_REPOSITORY", "").lower():
        return None
    for checkout in (env.get("GITHUB_WORKSPACE"), root):
        if checkout and os.path.isfile(os.path.join(checkout, _WORKFLOWS, match.group(2))):
            return _workflow(checkout, match.group(2), env.get("GITHUB_JOB", ""))
    return None


def _workflow(root: str, name: str, job: str) -> Workflow | None:
    from safepublish.detect import workflows
    from safepublish.pipelines import github  # only when one is read

    checkout = workflows.Checkout(root)
    text = checkout.text(f".github/workflows/{name}")
    return None if text is None else github.read_job(text, f".github/workflows/{name}", checkout.text, job)


def _root(cwd: str) -> str | None:
    directory = os.path.abspath(cwd)
    while not os.path.lexists(os.path.join(directory, ".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent
    return directory


def _origin(root: str) -> str | None:
    """The ``owner/name`` on GitHub of the remote called origin; its URL, which may hold a token, is dropped."""
    try:
        lines = read_text(os.path.join(_git_directory(root), "config"), _LIMIT).splitlines()
    except (OSError, UnreadableError, ValueError):
        return None
    inside = False
    for line in lines:
        if line.lstrip().startswith("["):
            inside = _SECTION.match(line) is not None
        url = _URL.fullmatch(line) if inside else None
        if url is not None:
            return github_repository(url.group(1).strip().strip('"'))
    return None


def head(root: str) -> str | None:
    """The ref that is checked out, as git writes it: refs/heads/main; None where it is none or cannot be told."""
    git = os.path.join(root, ".git")
    try:
        if not os.path.isdir(git):
            git = os.path.join(root, read_text(git, _LIMIT).partition("gitdir:")[2].strip())
        text = read_text(os.path.join(git, "HEAD"), _LIMIT).strip()
    except (OSError, UnreadableError, ValueError):
        return None
    return text.removeprefix("ref:").strip() if text.startswith("ref:") else None


def _git_directory(root: str) -> str:
    """The directory that holds git's config: .git itself, or of a worktree or submodule what the file .git names."""
    git = os.path.join(root, ".git")
    if os.path.isdir(git):
        return git
    directory = os.path.join(root, read_text(git, _LIMIT).partition("gitdir:")[2].strip())
    common = os.path.join(directory, "commondir")
    return os.path.join(directory, read_text(common, _LIMIT).strip()) if os.path.isfile(common) else directory
