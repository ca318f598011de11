"""Our evaluator of expressions against GitHub's own, over generated expressions of literals."""

import json
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from safepublish.pipelines.expressions import UNKNOWN, Open, value
from tests.support import world

SCRIPT = Path(__file__).parents[1] / "support" / "expressions.mjs"
SIZE = 400

_TEXTS = st.sampled_from(["", "a", "A", "ab", "1", "0", "true", "it's", "0x10", "1e2", " 2 ", "1_0", "inf", "b,c", "ß"])
_LITERALS = st.one_of(
    st.sampled_from(["true", "false", "null", "0", "1", "-1", "2.5", "100", "0xff"]),
    _TEXTS.map(lambda text: "'" + text.replace("'", "''") + "'"),
)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.tuples(inner, st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "&&", "||"]), inner)
    predicate = st.one_of(st.sampled_from(["true", "false"]), binary.map(" ".join), inner)
    return st.one_of(
        binary.map(" ".join),
        inner.map("({})".format),
        inner.map("!{}".format),
        st.tuples(st.sampled_from(["contains", "startsWith", "endsWith"]), inner, inner).map(
            "{0[0]}({0[1]}, {0[2]})".format
        ),
        st.lists(st.tuples(predicate, inner).map(", ".join), min_size=1, max_size=3).flatmap(
            lambda pairs: inner.map(lambda last: f"case({', '.join(pairs)}, {last})")
        ),
        st.tuples(inner, inner, inner).map("case({0[0]}, {0[1]}, {0[2]})".format),
    )


EXPRESSIONS = st.recursive(_LITERALS, _compound, max_leaves=8)


def github(expressions: list[str]) -> list[Any]:
    command = [world.node(), SCRIPT, world.expressions()]
    ended = subprocess.run(command, input=json.dumps(expressions), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return list(json.loads(ended.stdout))


def differs(ours: Any, theirs: Any) -> bool:
    """Whether the two are different values; what we leave unknown is no difference."""
    if ours is UNKNOWN:
        return False
    if theirs == {"error": True}:  # of an argument that ours does not need; the workflow fails then
        return False
    if isinstance(theirs, dict):
        number = theirs.get("number")
        return not (number is not None and isinstance(ours, float) and (math.isnan(ours) or math.isinf(ours)))
    if isinstance(ours, bool) or isinstance(theirs, bool) or isinstance(ours, str) or isinstance(theirs, str):
        return type(ours) is not type(theirs) or ours != theirs
    return bool(ours != theirs)


@pytest.mark.real_process
@pytest.mark.parametrize(
    "text",
    [
        "0x10", "0X1f", "-0x10", "0o17", "0b11", "1_0", "Infinity", "-Infinity", "inf", "nan", " 2 ", "1e2", "1.", "+1",
        ".5", "1e400", "0x", "٣", "1 2", "", " ",
    ],
)  # fmt: skip
def test_text_is_a_number_as_github_reads_it(text: str) -> None:
    expressions = [
        f"'{text}' {sign} {number}" for sign in ("==", "<", ">=") for number in ("0", "1", "15", "16", "2", "1000")
    ]
    assert [value(one, {}) for one in expressions] == github(expressions)


@pytest.mark.real_process
def test_generated_expressions_have_the_same_value() -> None:
    drawn: list[str] = []

    @settings(max_examples=SIZE, database=None, derandomize=True)
    @given(EXPRESSIONS)
    def draw(expression: str) -> None:
        drawn.append(expression)

    draw()
    pairs = zip(drawn, github(drawn), strict=True)
    found = [(text, value(text, {}), theirs) for text, theirs in pairs]
    assert [row for row in found if differs(row[1], row[2])] == []
    known = [row for row in found if row[1] is not UNKNOWN]
    assert len(known) > SIZE // 2
    assert sum("case(" in text for text, _, _ in known) > SIZE // 20
    assert find(EXPRESSIONS, lambda text: "case(" in text)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("case(true, 'a', 'b')", "a"),
        ("case(false, 'a', 'b')", "b"),
        ("case(false, 'a', 1 == 1, 'b', 'c')", "b"),
        ("CASE(false, 'a', false, 'b', 24)", 24),
        ("case(matrix.os == 'linux', '24', '22')", "24"),
        ("case(github.ref == 'x', '24', '22')", UNKNOWN),
        ("case(true, '24', github.ref == 'x', '22', '20')", "24"),
        ("case(false, github.ref, '20')", "20"),
        ("case('true', 'a', 'b')", UNKNOWN),  # an error
        ("case(1, 'a', 'b')", UNKNOWN),
        ("case(true, 'a')", UNKNOWN),
        ("case(true, 'a', false, 'b')", UNKNOWN),
        ("case()", UNKNOWN),
    ],
)
def test_case(expression: str, expected: object) -> None:
    contexts = {"matrix": {"os": "linux"}, "github": Open()}
    assert value(expression, contexts) == expected
