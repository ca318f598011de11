"""Whose machine a runner's label names: GitHub's own, or that of a company, self-hosted to npmjs.com."""

import re

_HOSTED = re.compile(
    r"(?:ubuntu-(?:latest|slim|\d\d\.\d\d)|windows-(?:latest|\d{4}|11|\d{4}-vs\d{4})|macos-(?:latest|\d{2}))"
    r"(?:-(?:arm|arm64|intel|large|xlarge|vs\d{4}))?"
)
"""The labels of GitHub's own images (actions/runner-images, README)."""

_PROVIDERS = {
    "blacksmith": "Blacksmith",
    "depot": "Depot",
    "namespace": "Namespace",
    "nscloud": "Namespace",
    "buildjet": "BuildJet",
    "warp": "WarpBuild",
    "ubicloud": "Ubicloud",
    "runs-on": "RunsOn",
    "cirun": "Cirun",
    "actuated": "actuated",
    "self-hosted": "self-hosted",
    "arc-runner": "self-hosted",
    "latchkey": "Latchkey",
    "cirrus": "Cirrus",
    "ghcr.io/cirruslabs": "Cirrus",
    "sprinters": "Sprinters",
    "tenki": "Tenki",
    "avocado": "Avocado",
}
"""By the beginning of the label: companies whose runners are self-hosted to npmjs.com."""


def is_hosted(label: str) -> bool:
    """Whether *label* names an image that GitHub hosts."""
    return _HOSTED.fullmatch(label.lower()) is not None


def provider_of(label: str) -> str | None:
    """The company whose runner *label* names; None where it is none of those known."""
    lower = label.lower()
    return next((name for start, name in _PROVIDERS.items() if lower.startswith(start)), None)
