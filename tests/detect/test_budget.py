"""Whatever is started, read or expanded before the verdict keeps to the deadline, and what was slow is named."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from safepublish.detect import budget, config, files, npm, tool, workspaces
from safepublish.detect.http import Deadline
from safepublish.npm import globs, manifest
from tests.support import world

GUARD = [sys.executable, "-m", "safepublish"]
SLACK = 1.0
"""Seconds for the machine, which has others to serve."""


def deep(tmp_path: Path) -> Path:
    """A tree that is deep and wide, with long names."""
    place = tmp_path
    for _ in range(40):
        place = place / "aaaaaa"
        place.mkdir()
    for number in range(60):
        (tmp_path / f"{'a' * 200}{number}").mkdir()
    return tmp_path


MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{at}: &a{at} {{<<: [{','.join([f'*a{at - 1}'] * 9)}]}}\n" for at in range(1, 11)
)
GLOBS: dict[str, list[str]] = {
    "ranges": ["{1..999}{1..999}{1..9}/*"],
    "a long range": ["{1..999999999}/*"],
    "a range of great numbers": ["{" + "9" * 3000 + ".." + "9" * 1000 + "}"],
    "30 braces in a row": ["{a,b}" * 30],
    "30 braces in each other": ["{a," * 30 + "b" + "}" * 30],
    "1,000 braces in each other": ["{a," * 1000 + "b" + "}" * 1000],
    "braces that never close": ["{" * 4000],
    "a long glob": ["{a,b}" * 1000],
    "repeated groups in each other": ["+(+(+(+(a|aa)|a)|aa)|a)b"],
    "groups in each other": ["@(" * 25 + "a" + ")" * 25 + "*(a|aa)" * 100 + "b"],
    "1,000 groups in each other": ["@(" * 1000 + "a" + ")" * 1000],
    "negated groups in each other": ["!(!(!(!(!(!(!(a*)))))))" + "*" * 50 + "b"],
    "backtracking stars": ["*a" * 100 + "b"],
    "many globstars": ["**/" * 50 + "x"],
    "globstars and stars": ["**/*/" * 30 + "x"],
    "negated braces": ["!" + "{a,b}" * 12] * 300 + ["*"],
    "many globs": [f"{'*a' * 50}{number}" for number in range(3000)],
    "many negated globs": [*(f"!{'*a' * 50}{number}" for number in range(3000)), "**"],
    "negated globstars": ["!" + "**/a/" * 40 + "b", "**"],
}


@pytest.mark.parametrize("name", GLOBS)
def test_the_search_for_workspaces_takes_no_longer_than_its_share(tmp_path: Path, name: str) -> None:
    root = str(deep(tmp_path))
    began = time.monotonic()
    with budget.within(Deadline(1)), contextlib.suppress(files.UnreadableError):
        workspaces.find_workspaces(root, GLOBS[name])
    assert time.monotonic() - began < 0.5 + SLACK


@pytest.mark.parametrize("name", ["ranges", "30 braces in a row", "1,000 braces in each other", "a long glob"])
def test_what_is_capped_is_unknown(tmp_path: Path, name: str) -> None:
    with pytest.raises(files.UnreadableError, match="glob"):
        workspaces.find_workspaces(str(tmp_path), GLOBS[name])


def test_without_a_deadline_an_expansion_ends_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(budget, "ALONE", 0.2)
    with pytest.raises(files.UnreadableError, match="the search for workspaces took too long"):
        workspaces.find_workspaces(str(deep(tmp_path)), GLOBS["many globs"])


@pytest.mark.parametrize(
    ("glob", "path", "told"),
    [
        ("{1..3}/{a,b}", "2/b", True),
        ("{1..3}", "4", False),
        ("{3..1}", "2", True),
        ("x{a}y", "x{a}y", True),
        ("{a,{b,c}d}e", "cde", True),
        ("{a,b", "{a,b", True),
        ("+(a|b)c", "abac", True),
        ("*(a|b)c", "c", True),
        ("?(a)b", "aab", False),
        ("!(a)", "a", False),
        ("!(a)b", "ab", False),
        ("!(a)c", "bc", True),
        ("@(a", "@(a", True),
        ("[a-c]?", "b1", True),
        ("[!a]", "a", False),
        ("[z-a]*", "[z-a]*", True),
        ("a)b*", "a)bc", True),
        ("**", ".a", False),
        ("a/**", "a", False),
        ("a/**/b", "a/x/y/b", True),
        ("**/b", "b", True),
        ("#a", "#a", False),
    ],
)
def test_globs_are_matched_as_npm_matches_them(glob: str, path: str, told: bool) -> None:
    assert globs.matches(path, glob) is told


READERS: dict[str, tuple[Callable[[str], object], str]] = {
    "YAML, a long list": (files.yaml_document, "packages:\n" + "- a\n" * 250_000),
    "YAML, a long flow": (files.yaml_document, "[" + "[]," * 300_000 + "]"),
    "YAML, merges of merges": (files.yaml_document, MERGES),
    "YAML, aliases of aliases": (files.yaml_document, MERGES.replace("{<<: ", "").replace("]}", "]")),
    "YAML, nested": (files.yaml_document, "[" * 2**20),
    "package.json, nested": (manifest.read, '{"a":' * 400_000),
    "package.json, numbers": (manifest.read, "[" + "1," * 10**6 + "1]"),
    "package.json, a number": (manifest.read, "9" * 2 * 2**20),
}


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_less_than_a_second_for_the_worst_of_its_grammar(name: str) -> None:
    reader, text = READERS[name]
    began = time.monotonic()
    with contextlib.suppress(ValueError):
        reader(text)
    assert time.monotonic() - began < 1 + SLACK


@pytest.mark.parametrize("line", ["a=b\n", "[a]\n", "a[]=b\n", "\r"])
def test_an_npmrc_of_very_many_lines_is_not_read(tmp_path: Path, line: str) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / ".npmrc").write_text(line * (4 * 2**20 // len(line)), newline="")
    began = time.monotonic()
    found = config.read(["publish"], env={"HOME": str(tmp_path / "home")}, cwd=str(tmp_path), npm=None)
    assert time.monotonic() - began < SLACK
    assert any("could not be read: it has more than" in str(one) for one in found.problems)


def hanging(directory: Path, word: str = "--version") -> Path:
    """An npm that never answers to *word*."""
    path = directory / "npm"
    path.write_text(f'#!/bin/sh\ncase "$*" in *{word}*) exec sleep 60;; esac\necho "npm ran: $*"\n')
    path.chmod(0o755)
    return path


@pytest.mark.real_process
def test_a_program_gets_what_is_left_of_the_deadline(tmp_path: Path) -> None:
    hanging(tmp_path)
    began = time.monotonic()
    deadline = Deadline(0.5)
    with budget.within(deadline):
        found = npm.find({"PATH": f"{tmp_path}:/usr/bin:/bin"})
        again = npm.ask_version([str(tmp_path / "npm"), "--version"], {"PATH": "/usr/bin:/bin"})
    assert time.monotonic() - began < 0.5 + SLACK
    assert found is not None
    assert found.trouble is not None
    assert found.trouble.startswith(f"{tmp_path}/npm --version gave no answer within 0.")
    assert again == (None, f"{tmp_path}/npm --version was not started: no time was left")
    assert (
        deadline.missed("the registry")
        == f"the registry was not contacted: {tmp_path}/npm --version used what was left of 0.5 s"
    )


@pytest.mark.real_process
def test_a_tool_that_lists_its_packages_gets_no_more(tmp_path: Path) -> None:
    path = hanging(tmp_path, "")
    began = time.monotonic()
    with budget.within(Deadline(0.5)):
        assert tool._list_json([str(path), "ls"], {"PATH": "/usr/bin:/bin"}, str(tmp_path)) is None
    assert time.monotonic() - began < 0.5 + SLACK


@pytest.mark.parametrize(
    ("took", "told"),
    [
        (0.0, "r did not answer within 10 s"),
        (2.9, "r did not answer within 10 s"),
        (4.0, "r did not answer within 10 s, of which x took 4.0 s"),
        (9.5, "r did not answer within 10 s, of which x took 9.5 s"),
    ],
)
def test_the_one_that_was_slow_is_named(took: float, told: str) -> None:
    deadline = Deadline(10)
    deadline.record("y", 0.1)
    deadline.record("x", took)
    assert deadline.missed("r") == told


def test_a_guard_whose_npm_hangs_on_its_version_ends_in_time_and_names_it(loopback: world.Loopback) -> None:
    tools = loopback.directory / "hanging"
    tools.mkdir()
    hanging(tools)
    env = loopback.environment(more={"PATH": f"{tools}:/usr/bin:/bin", "SAFEPUBLISH_FORMAT": "text"})
    began = time.monotonic()
    outcome = loopback.run([*GUARD, "--deadline", "1"], cwd=loopback.project(), env=env)
    assert time.monotonic() - began < 1 + 2 * SLACK
    assert (outcome.returncode, outcome.stdout) == (0, "npm ran: publish\n"), outcome.stderr
    said = " ".join(outcome.stderr.split())
    assert "--version gave no answer within 0." in said
    assert "--version used what was left of 1 s" in said
    assert "did not answer" not in said


@pytest.mark.parametrize("name", ["ranges", "30 braces in a row", "many globs", "groups in each other"])
@pytest.mark.parametrize("where", ["package.json", "pnpm-workspace.yaml"])
def test_a_check_of_a_hostile_monorepo_ends_in_time_and_refuses_nothing(
    loopback: world.Loopback, where: str, name: str
) -> None:
    patterns = GLOBS[name]
    fields: dict[str, Any] = {"workspaces": patterns} if where == "package.json" else {}
    project = loopback.project(private=True, **fields)
    if where == "pnpm-workspace.yaml":
        (project / where).write_text(f"packages: {json.dumps(patterns)}\n")
    began = time.monotonic()
    words = ["check", "--deadline", "1", *(["--workspaces"] if where == "package.json" else [])]
    ended = subprocess.run(
        [*GUARD, *words], cwd=project, env=loopback.environment(more={"SAFEPUBLISH_FORMAT": "json"}),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert time.monotonic() - began < 1 + 2 * SLACK
    assert ended.returncode in ({0} if "braces" in name or name == "ranges" else {0, 3}), ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_a_cafile_that_is_a_pipe_is_not_waited_for(loopback: world.Loopback) -> None:
    pipe = loopback.directory / "ca"
    os.mkfifo(pipe)
    began = time.monotonic()
    loopback.run(
        [*GUARD, "check", f"--cafile={pipe}", "--registry=https://127.0.0.1:9/", "--deadline=2"],
        cwd=loopback.project(), env=loopback.environment(),
    )  # fmt: skip
    assert time.monotonic() - began < 2 + 2 + 2 * SLACK  # npm hangs at it as well, and is asked for its opinion
