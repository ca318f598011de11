"""GitHub's expressions: which operator binds first, and what its values compare as (docs: "Evaluate expressions")."""

from typing import Any

import pytest

from safepublish.pipelines.expressions import UNKNOWN, value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("true || true && false", True),
        ("(true || true) && false", False),
        ("false == false && false", False),
        ("true || false == false", True),
        ("1 == 1 != false", True),
        ("true == 2 > 1", True),
        ("false != 2 >= 2", True),
        # The comparisons bind alike, from left to right: true and false are 1 and 0.
        ("3 > 2 >= 1", True),
        ("3 >= 2 > 1", False),
        ("1 < 2 <= 1", True),
        ("0 <= 3 < 1", False),
        ("2 < 3 > 0", True),
        ("!true == false", True),
        ("!(true == false)", True),
        ("0x10 == 16 && 0o10 == 8 && 1e1 == 10 && -1 < .5", True),
        ("'A' == 'a'", True),
        ("'it''s' == 'it''s'", True),
        ("'1' == 1", True),
        ("'' == 0 && null == 0 && false == 0", True),
        ("'x' == 0", False),
        ("nan == nan", False),
        ("'' || 'b'", "b"),
        ("'a' && 'b'", "b"),
        ("0 || null || 'c'", "c"),
        ("inputs.x || 'b'", UNKNOWN),
    ],
)
def test_values(expression: str, expected: Any) -> None:
    assert value(expression, {}) == expected
