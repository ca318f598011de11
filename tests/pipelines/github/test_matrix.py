"""The legs of a matrix."""

import pytest

from tests.support import steps
from tests.support.steps import NODE, PUBLISH, RUNNER, judged, verdict

MATRIX = [
    ("node: [22, 24]", "broken"),
    ("node: [24, 25]", "trusted"),
    ("node: [22, 24]\n        exclude:\n          - node: 22", "trusted"),
    ("node: [24]\n        include:\n          - node: 22", "broken"),
    ("node: [24]\n        include:\n          - node: 24\n            extra: 1", "trusted"),
    ("include:\n          - {node: 22, a: 1}\n          - {node: 24, a: 2}", "broken"),
    ("node: ${{ fromJSON(needs.x.outputs.y) }}", "unknown"),
]


@pytest.mark.parametrize(("matrix", "expected"), MATRIX)
def test_every_leg_of_a_matrix_and_the_worst_counts(matrix: str, expected: str) -> None:
    strategy = f"{RUNNER}\n    strategy:\n      matrix:\n        {matrix}\n"
    assert verdict((f"{RUNNER}\n", strategy), (NODE, "node-version: ${{ matrix.node }}")) == expected


def test_a_matrix_that_an_expression_makes_hides_its_values() -> None:
    strategy = f"{RUNNER}\n    strategy:\n      matrix: ${{{{ fromJSON(vars.M) }}}}\n"
    assert verdict((f"{RUNNER}\n", strategy), (NODE, "node-version: ${{ matrix.node }}")) == "unknown"
    assert verdict((f"{RUNNER}\n", strategy)) == "trusted"


def test_a_publish_that_only_one_leg_does() -> None:
    strategy = f"{RUNNER}\n    strategy:\n      matrix:\n        node: [22, 24]\n"
    changes = ((f"{RUNNER}\n", strategy), (NODE, "node-version: ${{ matrix.node }}"))
    assert verdict(*changes, (PUBLISH, f"{PUBLISH}        if: matrix.node == 24\n")) == "trusted"
    assert verdict(*changes, (PUBLISH, f"{PUBLISH}        if: matrix.node == '22'\n")) == "broken"


def test_the_leg_that_fails_is_named() -> None:
    strategy = f"{RUNNER}\n    strategy:\n      matrix:\n        node: [24, 22]\n"
    (one,) = judged(steps.changed((f"{RUNNER}\n", strategy), (NODE, "node-version: ${{ matrix.node }}")))
    assert one.step.context.leg == {"node": "22"}
    assert one.findings[0].evidence[0] == "This is the matrix job with node 22."
    assert one.findings[0].location is not None
    assert one.findings[0].location.line == 7
