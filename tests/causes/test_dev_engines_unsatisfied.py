from pathlib import Path
from typing import Any

import pytest

from safepublish.causes.dev_engines_unsatisfied import DevEnginesUnsatisfied
from safepublish.detect import Command, detect
from safepublish.facts.finding import Answer
from safepublish.facts.run import DevEngines, Options, Run
from tests.support import runs as s
from tests.support import world

OTHER_TOOL = DevEngines("packageManager", "pnpm", file="package.json")
OTHER_NODE = DevEngines("runtime", "node ^26", by_version=True, file="package.json")

EXAMPLE = s.command(dev_engines=OTHER_TOOL)
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(EXAMPLE, Answer.FAIL, id="another-tool"),
        pytest.param(s.predicting(EXAMPLE), Answer.FAIL, id="another-tool-on-a-laptop"),
        pytest.param(s.command(dev_engines=OTHER_NODE), Answer.FAIL, id="another-node"),
        pytest.param(s.predicting(s.command(dev_engines=OTHER_NODE)), Answer.UNKNOWN, id="the-ci-has-its-own-node"),
        pytest.param(s.command(dev_engines=OTHER_NODE._replace(undecided=True)), Answer.UNKNOWN, id="undecided"),
        pytest.param(s.command(dev_engines=DevEngines(shape="it is not an object")), Answer.FAIL, id="shape"),
        pytest.param(s.command(dev_engines=DevEngines()), Answer.PASS, id="satisfied"),
        pytest.param(s.READY, Answer.SKIP, id="none"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert DevEnginesUnsatisfied().in_run(run).answer is answer


PNPM = {"packageManager": {"name": "pnpm"}}
ROOT = {"name": "root", "private": True, "workspaces": ["dist"], "devEngines": PNPM}


@pytest.mark.parametrize(
    ("root", "inside", "words", "cwd", "engine"),
    [
        pytest.param({"devEngines": PNPM}, {}, ("./dist",), ".", "packageManager", id="another-directory-published"),
        pytest.param({}, {"devEngines": PNPM}, ("./dist",), ".", None, id="only-in-what-is-published"),
        pytest.param({"devEngines": PNPM}, {}, (), "dist", None, id="npm-starts-below"),
        pytest.param(ROOT, {}, (), "dist", "packageManager", id="root-of-a-workspace"),
        pytest.param(ROOT, {}, ("--workspaces=false",), "dist", None, id="without-workspaces"),
        pytest.param({"devEngines": PNPM}, {}, ("--global",), ".", None, id="global"),
        pytest.param({"devEngines": PNPM}, {}, ("--prefix", "dist"), ".", None, id="another-prefix"),
    ],
)
def test_the_root_of_the_project_decides(
    loopback: world.Loopback,
    root: dict[str, Any],
    inside: dict[str, Any],
    words: tuple[str, ...],
    cwd: str,
    engine: str | None,
) -> None:
    project = loopback.project(**root)
    loopback.project("project/dist", **inside)
    where = Path(project, cwd).resolve()
    command = Command(("publish", *words), loopback.environment(), str(where))
    found = detect(command, Options(probe=False)).runs[0].command.dev_engines
    assert (found.engine if found else None) == engine
