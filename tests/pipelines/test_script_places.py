"""Where the commands of a script stand in the file."""

import pytest

from safepublish.pipelines.document import Map, compose, source
from safepublish.pipelines.script_places import file_line
from tests.support.steps import step


def mapping(text: str) -> Map:
    file = source(text, "a.yml")
    return Map(compose(text), file)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run: |\n  a\n  b\n", 3),  # a literal block has a line for each
        ("run: >\n  a\n  b\n", 2),  # a folded one does not
        ('run: "a"\n', 1),
    ],
)
def test_the_files_line_of_a_scripts_line(text: str, expected: int) -> None:
    node = mapping(text).node_of("run")
    assert node is not None
    assert file_line(node, 1) == expected


@pytest.mark.parametrize(
    ("written", "columns"),
    [
        ("npm publish --provenance", (26, 38)),
        ("'npm publish --provenance'", (27, 39)),
        ("|\n          npm publish --provenance", (23, 35)),
        (">\n          npm publish --provenance", None),  # folding hides it
        ("npm publish", None),
    ],
)
def test_the_place_of_a_flag_in_the_file(written: str, columns: tuple[int, int] | None) -> None:
    flag = step(("run: npm publish", f"run: {written}")).invocation.provenance_flag
    place = flag.span if flag is not None else None
    assert (place and (place.column, place.end_column)) == columns
