import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.version import Version

from safepublish.causes import judge
from safepublish.causes.node_unusable import NodeUnusable
from safepublish.detect import npm
from safepublish.facts.finding import Answer
from safepublish.facts.report import Verdict
from safepublish.facts.run import Run
from tests.support import runs as s
from tests.support import world

EXAMPLE = s.npm("11.21.2", node_trouble="npm runs on Node, but there is no node on PATH")
"""A run in which the cause is found."""


def on(node: str | None, requires_esm: bool | None, version: str = "12.2.0") -> Run:
    return s.npm(version, node_version=Version(node) if node else None, requires_esm=requires_esm)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(EXAMPLE, Answer.FAIL, id="no-node"),
        pytest.param(s.predicting(EXAMPLE), Answer.SKIP, id="the-ci-has-its-own"),
        pytest.param(on("20.18.3", requires_esm=False), Answer.FAIL, id="npm-12-on-node-20.18"),
        pytest.param(on("20.19.0", requires_esm=True), Answer.PASS, id="npm-12-on-node-20.19"),
        pytest.param(on("22.11.0", requires_esm=False, version="11.21.2"), Answer.PASS, id="npm-11-on-node-22.11"),
        pytest.param(on(None, requires_esm=None), Answer.PASS, id="node-of-unknown-version"),
        pytest.param(s.READY, Answer.PASS, id="ready"),
        pytest.param(s.READY._replace(npm=None), Answer.SKIP, id="no-npm"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert NodeUnusable().in_run(run).answer is answer


NODE = "#!/bin/sh\n"
RUNS = 'exec {node} "$@"\n'


@pytest.mark.parametrize(
    ("node", "options", "trouble"),
    [
        pytest.param("real", "", None, id="real"),
        pytest.param(None, "", "there is no node on PATH", id="none"),
        pytest.param(NODE + RUNS, "", None, id="a-script-that-starts-it"),
        pytest.param(NODE + "exit 3\n", "", "exits with code 3", id="a-script-that-fails"),
        pytest.param("\x7fELF junk", "", "cannot be started", id="junk"),
        pytest.param("#!/nonexistent/sh\n", "", "cannot be started", id="no-interpreter"),
        pytest.param("real", "--max-old-space-size=2048", None, id="harmless-options"),
        pytest.param("real", "--require ./there.cjs", None, id="a-module"),
        pytest.param("real", "--no-such-option", "NODE_OPTIONS", id="an-unknown-option"),
        pytest.param("real", "--version", "NODE_OPTIONS", id="an-option-for-the-command-line"),
        pytest.param("real", "--require ./missing.cjs", "NODE_OPTIONS", id="a-module-that-is-not-there"),
        pytest.param("real", "--import ./missing.mjs", "NODE_OPTIONS", id="an-es-module-that-is-not-there"),
        pytest.param("real", "--require ./throws.cjs", "NODE_OPTIONS", id="a-module-that-throws"),
        pytest.param("real", '--require "', "NODE_OPTIONS", id="a-quote-that-does-not-close"),
    ],
)
def test_whether_node_starts(
    loopback: world.Loopback,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    node: str | None,
    options: str,
    trouble: str | None,
) -> None:
    monkeypatch.chdir(tmp_path)
    found = npm.find(environment(loopback, tmp_path, node, options))
    assert found is not None
    assert (found.node_trouble is None) is (trouble is None)
    assert trouble is None or trouble in str(found.node_trouble)
    assert found.is_wrapper is (node == NODE + RUNS)


def environment(loopback: world.Loopback, tmp_path: Path, node: str | None, options: str) -> Mapping[str, str]:
    """PATH gives the real npm, and *node*."""
    programs = tmp_path / "programs"
    real = world.bin()
    if not programs.exists():
        programs.mkdir()
        (programs / "npm").symlink_to(real / "npm")
        if node == "real":
            (programs / "node").symlink_to(real / "node")
        elif node is not None:
            (programs / "node").write_text(node.replace("{node}", str(real / "node")))
            (programs / "node").chmod(0o755)
        (tmp_path / "there.cjs").write_text("")
        (tmp_path / "throws.cjs").write_text("throw new Error('no')")
    return {**loopback.environment(), "PATH": f"{programs}{os.pathsep}{loopback.tools()}", "NODE_OPTIONS": options}


WRAPPER = s.npm("11.21.2", cli=None, is_wrapper=True)


@pytest.mark.parametrize(
    ("run", "refuses"),
    [
        pytest.param(s.package(WRAPPER, name="a b"), False, id="another-directory-perhaps"),
        pytest.param(WRAPPER._replace(identity=s.JENKINS), False, id="other-variables-perhaps"),
        pytest.param(s.npm("10.9.4", WRAPPER), True, id="the-version-that-it-gives"),
        pytest.param(s.npm("11.21.2", s.package(name="a b")), True, id="no-wrapper"),
    ],
)
def test_what_somebodys_script_may_change_is_unknown(run: Run, refuses: bool) -> None:
    assert (judge.report([run], goes_on=True).verdict is Verdict.REFUSE) is refuses


@pytest.mark.parametrize(
    ("package_manager", "variables", "trouble"),
    [
        pytest.param('"pnpm@9.0.0"', {}, True, id="another-tool"),
        pytest.param('"npm@^11"', {}, True, id="a-range"),
        pytest.param("1", {}, True, id="no-text"),
        pytest.param('"npm@11.5.1"', {}, False, id="npm-that-could-not-be-fetched"),
        pytest.param('"pnpm@9.0.0"', {"COREPACK_ENABLE_STRICT": "0"}, False, id="not-strict"),
        pytest.param(None, {}, False, id="none"),
    ],
)
@pytest.mark.real_process
def test_what_corepack_refuses(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    package_manager: str | None,
    variables: dict[str, str],
    trouble: bool,
) -> None:
    """Its shim exits with code 1, as the real one does (tried with corepack of Node 20.20.2)."""
    shims = tmp_path / "corepack" / "shims"
    shims.mkdir(parents=True)
    (shims / "npm").write_text("#!/bin/sh\nexit 1\n")
    (shims / "npm").chmod(0o755)
    field = "" if package_manager is None else f',"packageManager":{package_manager}'
    (tmp_path / "package.json").write_text(f'{{"name":"left"{field}}}')
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    found = npm.find({"PATH": f"{shims}{os.pathsep}/usr/bin{os.pathsep}/bin", **variables})
    assert found is not None
    assert (found.manager, found.version) == ("corepack", None)
    assert (found.node_trouble is not None) is trouble
