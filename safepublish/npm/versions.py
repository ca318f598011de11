"""Versions of packages, in semver's order, as npm compares them.

The versions of packages are semver's alone: `packaging` follows PEP 440, which refuses many of npm's pre-releases, such
as ``1.0.0-next.3``. The versions of tools (npm, Node, pnpm …) are in `safepublish.npm.tool_versions`.
"""

import re
from typing import NamedTuple

_VERSION = re.compile(
    r"(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})"
    r"(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?",
    re.ASCII,
)


LONGEST = 256
"""Characters of the longest version npm reads (semver 7, internal/constants.js, MAX_LENGTH)."""


class PackageVersion(NamedTuple):
    """A semver version without its build metadata, which npm drops.

    Compare by `order`: the order of the tuple itself is not semver's.
    """

    major: int
    minor: int
    patch: int
    prerelease: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        return f"{text}-{'.'.join(self.prerelease)}" if self.prerelease else text

    @property
    def order(self) -> tuple[object, ...]:
        """The key by which versions sort (semver 2.0.0, section 11)."""
        # A release sorts after its pre-releases; numeric identifiers sort before words.
        identifiers = tuple((0, int(each), "") if each.isdigit() else (1, 0, each) for each in self.prerelease)
        return (self.major, self.minor, self.patch, not self.prerelease, identifiers)

    def older_than(self, other: "PackageVersion") -> bool:
        """Whether this version precedes *other*."""
        return self.order < other.order


def parse(text: str) -> PackageVersion | None:
    """The version that *text* names, or None.

    A leading ``v`` or ``=`` and surrounding blanks are allowed, as npm allows them in a manifest
    (@npmcli/package-json 6.0.1, normalize.js, `fixVersionField`).
    """
    match = _VERSION.fullmatch(text.strip().lstrip("=v \t")) if len(text) <= LONGEST else None
    if match is None:
        return None
    major, minor, patch, prerelease = match.groups()
    return PackageVersion(int(major), int(minor), int(patch), tuple(prerelease.split(".")) if prerelease else ())
