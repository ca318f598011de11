"""Versions as npm orders them (semver 2.0.0), for npm, Node and the packages themselves."""

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


class Version(NamedTuple):
    """A semver version without its build metadata, which npm drops.

    Compare with `older_than`: the order of the tuple itself is not semver's.
    """

    major: int
    minor: int
    patch: int
    prerelease: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        return f"{text}-{'.'.join(self.prerelease)}" if self.prerelease else text

    def older_than(self, other: "Version") -> bool:
        """Whether this version precedes *other* (semver 2.0.0, section 11)."""
        return _order(self) < _order(other)


def _order(version: Version) -> tuple[object, ...]:
    # A release sorts after its pre-releases; numeric identifiers sort before words.
    words = tuple((0, int(word), "") if word.isdigit() else (1, 0, word) for word in version.prerelease)
    return (version.major, version.minor, version.patch, not version.prerelease, words)


def parse(text: str) -> Version | None:
    """The version that *text* names, or None.

    A leading ``v`` or ``=`` and surrounding blanks are allowed, as npm allows them in a manifest
    (@npmcli/package-json 6.0.1, normalize.js, `fixVersionField`).
    """
    match = _VERSION.fullmatch(text.strip().lstrip("=v \t")) if len(text) <= LONGEST else None
    if match is None:
        return None
    major, minor, patch, prerelease = match.groups()
    return Version(int(major), int(minor), int(patch), tuple(prerelease.split(".")) if prerelease else ())
