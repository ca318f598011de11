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


REPEATED = "version-published:warn"


@pytest.mark.parametrize(
    ("matrix", "publish", "repeated"),
    [
        ("node: [24, 25]", PUBLISH, True),
        ("os: [a, b]", PUBLISH, True),
        ("node: [24]", PUBLISH, False),
        ("package: [a, b]", "      - run: cd ${{ matrix.package }} && npm publish\n", False),
        ("package: [a, b]", "      - run: npm publish ./${{ matrix.package }}\n", False),
        ("package: [a, b]", f"{PUBLISH}        working-directory: ${{{{ matrix.package }}}}\n", False),
        ("registry: [a, b]", "      - run: npm publish --registry https://${{ matrix.registry }}.dev/\n", False),
        ("node: [24, 25]", f"{PUBLISH}        if: matrix.node == 24\n", False),
        ("node: [24, 25]", f"{PUBLISH}        if: matrix.node == vars.NODE\n", False),
        ("node: [24, 25]", "      - run: npm publish || true\n", False),
        ("node: [24, 25]", "      - run: pnpm -r publish\n", False),
        ("node: [24, 25]", "      - run: npx changeset publish\n", False),
        ("node: ${{ fromJSON(vars.M) }}", PUBLISH, False),
    ],
)
def test_a_matrix_that_publishes_a_version_several_times(matrix: str, publish: str, *, repeated: bool) -> None:
    strategy = f"{RUNNER}\n    strategy:\n      matrix:\n        {matrix}\n"
    found = steps.ids((f"{RUNNER}\n", strategy), (NODE, "node-version: 24"), (PUBLISH, publish))
    assert (REPEATED in found) is repeated


def test_the_repeated_publish_counts_all_jobs_of_the_matrix() -> None:
    strategy = f"{RUNNER}\n    strategy:\n      matrix:\n        node: [24, 25]\n        os: [a, b, c]\n"
    (one,) = judged(steps.changed((f"{RUNNER}\n", strategy), (NODE, "node-version: ${{ matrix.node }}")))
    assert [finding.message for finding in one.findings] == [
        "6 jobs of the matrix publish the same version; all but the first fail with E403"
    ]
    assert one.verdict.value == "trusted"
