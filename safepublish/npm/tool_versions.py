"""Versions of tools (npm, Node, pnpm, yarn, lerna …), as `packaging` compares them with the ranges of `npm.floors`."""

from packaging.version import Version

from safepublish.npm import versions

_LONGEST_KEY = 512
"""Bytes of the longest key of a pre-release, since a version has at most 256 characters."""


class ToolVersion(Version):
    """A tool's version. Its pre-release is shown as written and sorts as semver sorts it.

    PEP 440 knows neither ``alpha.0.2.0`` nor ``next.3``: the pre-release becomes a number that sorts likewise.
    """

    __slots__ = ("_written",)

    def __init__(self, version: versions.PackageVersion) -> None:
        """Take over a parsed semver *version*."""
        release = f"{version.major}.{version.minor}.{version.patch}"
        super().__init__(f"{release}a{_number(version.prerelease)}" if version.prerelease else release)
        self._written = str(version)

    def __str__(self) -> str:
        return self._written


def parse(text: str) -> Version | None:
    """The version of a tool that *text* names, written as semver; None where it names none."""
    found = versions.parse(text)
    if found is None:
        return None
    return ToolVersion(found) if found.prerelease else Version(str(found))


def of(major: int, minor: int = 0, micro: int = 0) -> Version:
    """The release with these numbers."""
    return Version(f"{major}.{minor}.{micro}")


def _number(prerelease: tuple[str, ...]) -> int:
    """A number that sorts as *prerelease* does: numeric identifiers before words, a prefix before what it begins."""
    key = b"".join(map(_key, prerelease))
    return int.from_bytes(key.ljust(_LONGEST_KEY, b"\0"), "big")


def _key(identifier: str) -> bytes:
    if not identifier.isdigit():
        return b"\2" + identifier.encode() + b"\0"
    number = int(identifier)
    size = (number.bit_length() + 7) // 8
    return bytes((1, size)) + number.to_bytes(size, "big")
