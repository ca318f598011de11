"""The npm that a Node, an image or an upgrade brings."""

from typing import NamedTuple

from packaging.version import Version


class Npms(NamedTuple):
    """The npm that something brings, as far as that is known: from the oldest to the newest it can be."""

    lowest: Version
    highest: Version | None  # None: without a known bound
    why: str = ""  # what brings it: "Node 22", "the image ubuntu-24.04", "npm@11"
