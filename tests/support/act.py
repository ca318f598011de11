"""Whole workflows, run by act with the runner's own semantics, in the loopback world.

`act` runs the steps on this machine, without Docker; where a workflow has actions/checkout it copies the repository.
Other actions cannot be fetched; tests/support/actions holds what stands in for those that the documentation uses.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import safepublish
from safepublish.rehearsal import ReceivedRequest
from tests.support import world

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(safepublish.__file__).parent  # also where only the wheel is
ACT = Path(sys.executable).with_name("act")
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
PINNED = "safepublish/safepublish@0000000000000000000000000000000000000000"
"""The action as another repository's workflow names it; act takes this checkout for it."""

STAND_INS = Path(__file__).parent / "actions"
"""What takes the place of GitHub's own actions, by the repository's name: here they cannot be fetched."""

_STAND_IN = re.compile(r"\buses: (actions/([a-z-]+)@[0-9a-f]{40})\b")
_TIMEOUT = 120.0


class Ended(NamedTuple):
    """How a workflow ended."""

    returncode: int
    said: str  # everything act printed, for a failing test
    log: str  # the lines of all steps
    annotations: tuple[str, ...]  # `::error …` and its like, as the runner read them
    told: Mapping[str, Any]  # the context `steps` that the workflow's last step was given
    summary: str
    received: tuple[ReceivedRequest, ...]
    seconds: Mapping[str, float]  # that each step took, by its id

    def outputs(self, step: str) -> dict[str, str]:
        """The outputs of a step, by its id, as a later step sees them."""
        return dict(self.told[step]["outputs"])

    def outcome(self, step: str) -> str:
        """success, failure or skipped."""
        return str(self.told[step]["outcome"])


TELL = """
      - name: Tell
        if: always()
        env:
          STEPS: ${{ toJSON(steps) }}
        run: printf '%s' "$STEPS" > "$TOLD"
"""
"""A last step, which checks nothing itself: it hands the test what it was given."""


def lay(directory: Path) -> Path:
    """Lay what the action consists of into *directory*: its checkout, as the runner has it."""
    directory.mkdir()
    shutil.copy(ROOT / "action.yml", directory)
    for source in (ROOT / "action", PACKAGE):
        shutil.copytree(source, directory / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    return directory


def run(
    loopback: world.Loopback,
    repository: Path,
    workflow: str,
    *,
    event: str = "push",
    version: str = world.NEWEST,
    more: Mapping[str, str | None] | None = None,
) -> Ended:
    """Run *workflow*, the file publish.yml of *repository*, on *event*; its last job's last step tells the outputs."""
    workflows = repository / ".github" / "workflows"
    workflows.mkdir(parents=True, exist_ok=True)
    (workflows / "publish.yml").write_text(workflow + TELL)
    told = loopback.directory / "told.json"
    environment = loopback.environment(version, more)
    environment["PATH"] = f"{world.bin(version)}:{Path(sys.executable).parent}:/usr/bin:/bin"
    given = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(world.wheels()), **environment, "TOLD": str(told)}
    for own in ("HOME", "PATH", "RUNNER_TEMP"):  # act gives these itself
        del given[own]
    _commit(repository, environment)
    command = [str(ACT), event, "--json", "--no-cache-server", "--platform", "ubuntu-latest=-self-hosted"]
    command += ["--local-repository", f"{PINNED}={lay(loopback.directory / 'action')}"]
    command += [word for name, value in given.items() for word in ("--env", f"{name}={value}")]
    for action, name in dict(_STAND_IN.findall(workflow)).items():
        if (STAND_INS / name).exists():
            command += ["--local-repository", f"{action}={STAND_INS / name}"]
    sent = len(loopback.received)
    ended = subprocess.run(
        command,
        cwd=repository,
        env={"HOME": environment["HOME"], "PATH": environment["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    lines = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    return Ended(
        ended.returncode,
        ended.stdout + ended.stderr,
        "".join(line["msg"] for line in lines if line.get("raw_output")),
        tuple(line["raw"] for line in lines if line.get("command") in {"error", "warning", "notice"}),
        json.loads(told.read_text()) if told.exists() else {},
        "".join(line["content"] for line in lines if line.get("command") == "summary" and len(line["stepID"]) > 1),
        tuple(loopback.received[sent:]),
        {
            line["stepID"][0]: line["executionTime"] / 1e9
            for line in lines
            if line.get("stage") == "Main" and "executionTime" in line and len(line["stepID"]) == 1
        },
    )


def _commit(repository: Path, environment: Mapping[str, str]) -> None:
    """Make *repository* what act takes the workflow's context from: a git repository of octo-org/hello-oidc."""
    env = {"HOME": environment["HOME"], "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=octo", "-c", "user.email=octo@example.com")
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("remote", "add", "origin", "https://github.com/octo-org/hello-oidc.git"),
        ("add", "--all"),
        (*who, "commit", "--quiet", "--message=x"),
    ):
        subprocess.run(["git", *words], cwd=repository, env=env, check=True, capture_output=True)
