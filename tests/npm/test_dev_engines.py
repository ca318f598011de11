"""`devEngines`, held against npm-install-checks of the real npm."""

import json
import subprocess
from typing import Any

import pytest

from safepublish.facts.run import DevEngines
from safepublish.npm.dev_engines import Current, check
from tests.support import world

NPM, NODE = "11.5.1", "24.21.0"
CURRENT = {
    "packageManager": Current("npm", NPM),
    "runtime": Current("node", NODE),
    "cpu": Current("x64"),
    "libc": Current("glibc"),
    "os": Current("linux"),
}
RANGES = (
    "*",
    "",
    " ",
    "x",
    "11",
    "11.5",
    "11.5.1",
    "=11.5.1",
    "v11.5.1",
    "11.5.2",
    ">=11.5.1",
    ">11.5.1",
    "<=11.5",
    "<11.5.1",
    "^11",
    "^12",
    "^0.1",
    "~11.5.0",
    "~11.4",
    "10 - 12",
    "10 - 11.5",
    "10 || 11",
    "10||12",
    ">=10 <11",
    ">= 10",
    "11.x",
    "11.*.*",
    "latest",
    "next",
    "11.5.1 foo",
    "a || b",
    "10 || foo",
    "^11.5.2 || ^10",
)
SHAPES: tuple[Any, ...] = (
    None,
    [],
    "npm",
    1,
    True,
    {},
    {"browser": {"name": "x"}},
    {"runtime": []},
    {"runtime": None},
    {"runtime": "node"},
    {"runtime": [[]]},
    {"runtime": {}},
    {"runtime": {"name": "node"}},
    {"runtime": {"name": 1}},
    {"runtime": {"name": ""}},
    {"runtime": {"name": "node", "url": ""}},
    {"runtime": {"name": "node", "version": 24}},
    {"runtime": {"name": "deno", "version": 24}},
    {"runtime": {"name": "node", "version": None}},
    {"runtime": {"name": "node", "onFail": "maybe"}},
    {"runtime": {"name": "node", "onFail": ""}},
    {"runtime": {"name": "node", "onFail": None}},
    {"runtime": {"name": "deno", "onFail": "warn"}},
    {"runtime": {"name": "deno", "onFail": "ignore"}},
    {"runtime": {"name": "deno", "onFail": "download"}},
    {"runtime": [{"name": "deno"}, {"name": "node"}]},
    {"runtime": [{"name": "deno", "onFail": "warn"}, {"name": "bun"}]},
    {"runtime": [{"name": "deno"}, {"name": "bun", "onFail": "warn"}]},
    {"runtime": [{"name": "node"}, {"x": 1}]},
    {"os": {"name": "linux"}},
    {"os": {"name": "win32"}},
    {"cpu": {"name": "arm64"}},
    {"libc": {"name": "musl"}},
    {"os": {"name": "win32", "onFail": "warn"}, "cpu": {"name": "arm64"}},
    {"packageManager": {"name": "pnpm"}},
    {"packageManager": {"name": "npm"}, "engines": {}},
)
WANTED = (*SHAPES, *({"packageManager": {"name": "npm", "version": text}} for text in RANGES))

_SCRIPT = """
const { checkDevEngines } = require(process.argv[1])
const { wanted, current } = JSON.parse(process.argv[2])
const answers = wanted.map(one => {
  try {
    return checkDevEngines(one, current).find(each => each.isError)?.engine ?? null
  } catch (error) {
    return 'throws'
  }
})
console.log(JSON.stringify(answers))
"""


def answer(found: DevEngines) -> str | None:
    assert not found.undecided
    return "throws" if found.shape else found.engine


@pytest.mark.real_process
@pytest.mark.parametrize("version", world.some(("10.9.7", "11.5.1", "12.2.0"), world.NEWEST))
def test_npm_stops_at_the_same(version: str) -> None:
    module = world.npm(version) / "node_modules" / "npm-install-checks"
    current = {engine: {"name": one.name, "version": one.version} for engine, one in CURRENT.items()}
    given = json.dumps({"wanted": WANTED, "current": current})
    command = [str(world.node()), "-e", _SCRIPT, str(module), given]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    ours = [answer(check(wanted, CURRENT, force=False)) for wanted in WANTED]
    differ = [(one, npm, own) for one, npm, own in zip(WANTED, json.loads(printed), ours, strict=True) if npm != own]
    assert differ == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param({"packageManager": {"name": "pnpm"}}, DevEngines(), id="another-tool"),
        pytest.param({"browser": {}}, DevEngines(shape="it has the key 'browser'"), id="a-shape-all-the-same"),
    ],
)
def test_force_turns_all_but_shapes_into_warnings(wanted: object, found: DevEngines) -> None:
    assert check(wanted, CURRENT, force=True) == found


@pytest.mark.parametrize(
    ("wanted", "undecided"),
    [
        pytest.param({"name": "node", "version": "^24"}, True, id="a-range"),
        pytest.param({"name": "node", "version": "*"}, False, id="any"),
        pytest.param({"name": "node"}, False, id="none-wanted"),
        pytest.param({"name": "deno", "version": "^2"}, False, id="another-name"),
    ],
)
def test_an_unknown_version_decides_nothing(wanted: object, undecided: bool) -> None:
    assert check({"runtime": wanted}, {"runtime": Current("node")}, force=False).undecided is undecided


@pytest.mark.parametrize("text", [">=24.0.0-rc.1", "24.0.0-rc.1 || 23"])
def test_pre_releases_are_left_open(text: str) -> None:
    found = check({"runtime": {"name": "node", "version": text}}, {"runtime": Current("node", NODE)}, force=False)
    assert found.undecided
