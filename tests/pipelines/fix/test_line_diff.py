"""The lines that differ between two texts."""

import difflib
import time

from hypothesis import given
from hypothesis import strategies as st

from safepublish.pipelines.fix.line_diff import hunks, unified

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=12)


def longest_common(before: list[str], after: list[str]) -> int:
    row = [0] * (len(after) + 1)
    for one in before:
        previous = row
        row = [0]
        for at, other in enumerate(after):
            row.append(previous[at] + 1 if one == other else max(previous[at + 1], row[at]))
    return row[-1]


@given(LINES, LINES)
def test_the_hunks_make_one_text_of_the_other_and_are_the_fewest_lines(before: list[str], after: list[str]) -> None:
    made: list[str] = []
    at = changed = 0
    for hunk in hunks(before, after):
        assert hunk.start > at or at == 0
        made += before[at : hunk.start]
        assert len(made) == hunk.new_start
        made += after[hunk.new_start : hunk.new_end]
        at = hunk.end
        changed += hunk.end - hunk.start + hunk.new_end - hunk.new_start
    assert made + before[at:] == after
    assert changed == len(before) + len(after) - 2 * longest_common(before, after)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 4))
def test_a_unified_diff_is_that_of_difflib_where_there_is_one_way_to_make_it(
    one: int, other: int, context: int
) -> None:
    before = [f"{number}\n" for number in range(30)]
    after = before.copy()
    after.insert(one, "new\n")
    after[other] = "changed\n"
    expected = list(difflib.unified_diff(before, after, n=context))[2:]
    assert list(unified(before, after, context)) == expected


def test_many_equal_lines_are_not_shown_as_changed_and_cost_no_time() -> None:
    before = ["\n"] * 50_000
    start = time.monotonic()
    assert list(unified(before, ["first\n", *before, "last\n"], 0)) == [
        "@@ -0,0 +1 @@\n",
        "+first\n",
        "@@ -50000,0 +50002 @@\n",
        "+last\n",
    ]
    assert time.monotonic() - start < 2


def test_texts_that_have_nothing_in_common_end_in_time() -> None:
    before, after = [f"a{n}\n" for n in range(20_000)], [f"b{n}\n" for n in range(20_000)]
    start = time.monotonic()
    assert [tuple(one) for one in hunks(before, after)] == [(0, 20_000, 0, 20_000)]
    assert time.monotonic() - start < 60
