"""The table of costs has every benchmark there is; its numbers are of one run, and nobody asserts them."""

from pathlib import Path

import pytest

from bench import __main__ as bench

ROOT = Path(__file__).parents[1]

LINES = {
    "around it: 0.5 s, 1.20 times": ["| x | 1.20 | around it: 0.5 s, 1.20 times |"],
    "200 files: 9 ms, zizmor 18 ms: 0.50 of it": ["| x | 0.50 | 200 files: 9 ms, zizmor 18 ms: 0.50 of it |"],
    "explain takes 4.0 times what grep | head takes": [
        "| x | 4.0 | explain takes 4.0 times what grep &#124; head takes |"
    ],
    "its peak memory: 26 MB": [],
    "it was done 3 timesheets ago": [],
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_with_a_ratio_is_a_row(line: str) -> None:
    assert bench.rows("x", f"{line}\n") == LINES[line]


def test_the_page_has_a_row_for_every_benchmark() -> None:
    _, _, rest = bench.PAGE.read_text(encoding="utf-8").partition(bench.MARKS[0])
    table = rest.partition(bench.MARKS[1])[0].splitlines()
    assert table[:2] == bench.HEAD
    assert {row.split(" | ")[0].removeprefix("| ") for row in table[2:]} == {one.stem for one in bench.benchmarks()}


def test_what_is_written_replaces_what_stood_there() -> None:
    begin, end = bench.MARKS
    assert bench.written(f"a\n{begin}old\n{end}b\n", ["1", "2"]) == f"a\n{begin}1\n2\n{end}b\n"
    with pytest.raises(SystemExit):
        bench.written("no marks\n", [])
