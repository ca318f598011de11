"""Tags that npm stops at before it asks anybody; `arguments/…/--tag a b` of situations.py asks the real npm."""

import pytest

from safepublish.npm.config.tags import is_no_tag


@pytest.mark.parametrize(
    ("tag", "refused"),
    [
        ("next", False),
        (" next ", False),  # npm trims it
        ("next!", False),
        ("next-7.x_(a)*~'", False),
        ("a b", True),
        ("n\u00e4chste", True),
        ("a&b", True),
        ("beta%", True),
        ("100%", True),
        ("\u00e4", True),
        # npm takes these for ranges, paths, URLs or repositories, or they begin as such
        ("", False),
        ("1.x || 2.x", False),
        ("v1 - v2", False),
        ("x b", False),
        ("1 2", False),
        ("a/b c", False),
        ("file:a b", False),
        ("a b#c", False),
        ("@scope", True),
    ],
)
def test_what_no_tag_may_hold(tag: str, refused: bool) -> None:
    assert is_no_tag(tag) is refused
