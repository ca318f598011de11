"""What becomes of an upgrade of npm in a job, by `npm install --global npm@…`."""

import re
from typing import NamedTuple

from packaging.version import Version

from safepublish.facts.npms import Npms
from safepublish.npm.bundled import majors_of, table, triple_of
from safepublish.npm.floors import engines
from safepublish.npm.node_version import Interval, Triple, before, end_of, intervals, last_major
from safepublish.npm.tool_versions import of, parse

_LAST_PATCH = {(11, 5): 2}
"""The last patch of the minor in which the floor lies."""
_CANNOT_UPGRADE_ITSELF = frozenset({Version("10.9.6"), Version("10.9.7")})
_LAST_REACHED = Version("11.10.0")
"""The newest npm 11 that npm 10.9.7 can still put in its own place (npm/cli#9151)."""


class Upgrade(NamedTuple):
    """What becomes of an upgrade of npm."""

    works: bool | None  # None: it depends on what is not known
    npms: Npms | None  # the npm after it; None where that is unknown
    why: str = ""  # the reason in npm's words, where it does not work


def upgraded(asked: str | None, node: str | None, npm: Npms | None, *, forced: bool = False) -> Upgrade:
    """What `npm install --global npm@asked` does on node-version *node*, started with *npm*.

    npm is strict about its own engines then (npm 8 to 12, lib/commands/install.js): EBADENGINE, unless it is *forced*.
    """
    target = None if asked is None else _target(asked)
    if target is None:
        return Upgrade(None, None)
    if npm is not None and npm.lowest == npm.highest and npm.lowest in _CANNOT_UPGRADE_ITSELF:
        if target.lowest >= _LAST_REACHED and target.lowest != _LAST_REACHED:
            return Upgrade(False, npm, f"npm {npm.lowest} fails with `Cannot find module 'promise-retry'`")
        return Upgrade(None, target)
    if node is None:
        return Upgrade(None, target)
    runs = runs_on(target.lowest, node)
    if runs is False and forced and target.lowest.major > 11:
        return Upgrade(None, target)
    if runs is False:
        return Upgrade(False, npm, f"npm {target.lowest} does not run on Node {node} (EBADENGINE)")
    return Upgrade(runs, target)


def either(npm: Npms | None, upgrade: Upgrade) -> Upgrade:
    """What stands after an *upgrade* that may have gone to another npm than the one in place, which is *npm*."""
    after = upgrade.npms
    if npm is None or after is None or npm.lowest == after.lowest:
        return upgrade
    older, newer = (npm, after) if npm.lowest < after.lowest else (after, npm)
    return Upgrade(
        upgrade.works,
        Npms(older.lowest, newer.highest, older.why),
        upgrade.why or "sudo has a PATH of its own, so it may upgrade the npm of the image instead",
    )


def runs_on(npm: Version, node: str) -> bool | None:
    """Whether *npm* runs on every Node that node-version *node* may bring; None where that is unknown."""
    candidates = _candidates(node)
    if not candidates:
        return None
    floor = engines(npm.major)
    answers = {floor is None or of(*each) in floor for each in candidates}
    return answers.pop() if len(answers) == 1 else None


def _candidates(asked: str) -> tuple[Triple, ...]:
    """The releases of Node that setup-node may take for *asked*, as far as their place among the engines matters."""
    majors = majors_of(asked.strip().lower())
    if majors is not None:
        ranges: tuple[Interval, ...] = tuple(((major, 0, 0), (major + 1, 0, 0)) for major in majors)
    else:
        ranges = tuple(one for one in intervals(asked.strip()) if one[0] < one[1])
        ranges = (max(ranges, key=end_of),) if ranges else ()
    found = []
    for start, end in ranges:
        # The newest below the end: of a whole major the last there is, of a minor its last patch.
        newest = (last_major(end), 999, 0) if end[1:] == (0, 0) else before(end)
        found += [
            max(start, newest),
            *([max(cached)] if (cached := [each for each in table().tool_cache if start <= each < end]) else []),
        ]
    return tuple(found)


def _target(asked: str) -> Npms | None:
    """The npm that the registry gives for ``npm@asked``: a range holds the tag `latest` where it can."""
    newest_npm = table().newest_npm
    text = asked.strip().lower().removeprefix("npm@")
    why = f"npm@{asked.strip()}" if asked.strip() else "npm"
    tagged = re.fullmatch(r"(?:latest|next)-(\d{1,2})", text)
    tag = max(newest_npm) if text in {"", "latest", "next"} else int(tagged[1]) if tagged else 0
    if tag in newest_npm:
        newest = newest_npm[tag]
        return Npms(newest, None if tag > 10 else newest, why)
    found = [each for each in intervals(text) if each[0] < each[1]]
    if not found:
        return None
    exact = parse(text)
    if exact is not None:
        return Npms(exact, exact, why)
    for major in sorted(newest_npm, reverse=True):
        newest = newest_npm[major]
        if any(start <= triple_of(newest) < end for start, end in found):
            return Npms(newest, None if major > 10 else newest, why)
    start, end = max(found, key=end_of)
    if end[1:] == (0, 0):  # a whole major of which nothing is known here
        return Npms(of(*start), of(end[0] - 1, 999, 999) if 0 < end[0] <= max(newest_npm) else None, why)
    last = before(end)
    if last[2] == 999:
        return Npms(of(last[0], last[1], _LAST_PATCH.get(last[:2], 0)), of(*last), why)
    return Npms(of(*last), of(*last), why)
