"""The npm that a workflow's node-version brings."""

import pytest

from safepublish.facts.nodes import bundled_npm


@pytest.mark.parametrize(
    ("asked", "npm"),
    [
        ("22", "10.9.9"),
        ("22.x", "10.9.9"),
        ("v22", "10.9.9"),
        ("^22.9.0", "10.9.9"),
        ("22.20", "10.9.3"),
        ("22.20.0", "10.9.3"),
        ("~22.22.1", "10.9.8"),
        ("22.22.1", "10.9.4"),
        ("22.22.2", "10.9.7"),
        ("lts/jod", "10.9.9"),
        ("lts/Iron", "10.8.2"),
        ("20", "10.8.2"),
        ("18.18.2", "9.8.1"),
        ("24.4.1", "11.4.2"),
        ("24.5.0", "11.5.1"),
        ("24.0.0", "11.3.0"),
        ("25.9.0", "11.12.1"),
        ("lts/*", None),
        ("latest", None),
        (">=20", None),
        ("99", None),
        ("", None),
        ("${{ matrix.node }}", None),
    ],
)
def test_what_setup_node_brings(asked: str, npm: str | None) -> None:
    version = bundled_npm(asked)
    assert (str(version) if version else None) == npm
