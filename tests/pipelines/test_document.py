"""YAML as GitHub reads it."""

import pytest

from tests.support import steps
from tests.support.steps import PUBLISH, RUNNER, SETUP, read, verdict

PERMISSIONS = "    permissions:\n      contents: read\n      id-token: write\n"


YAML = [
    (steps.WORKFLOW.replace("\n", "\r\n"), "trusted"),
    ("\ufeff" + steps.WORKFLOW, "trusted"),
    (steps.changed((PERMISSIONS, "    permissions: &p {id-token: write}\n")), "trusted"),
    (steps.changed((RUNNER, "runs-on: [${{ matrix.os }}]\n    strategy: {matrix: {os: [ubuntu-latest]}}")), "trusted"),
    (steps.WORKFLOW.replace("on: push", "'on': push"), "trusted"),
]


@pytest.mark.parametrize(("text", "expected"), YAML)
def test_yaml_as_github_reads_it(text: str, expected: str) -> None:
    assert verdict(text=text) == expected


def test_an_alias_stands_for_what_it_names() -> None:
    text = steps.changed(
        (PERMISSIONS, "    permissions: &p\n      id-token: write\n"),
        (PUBLISH, f"{PUBLISH}  again:\n    {RUNNER}\n    permissions: *p\n    steps:\n{SETUP}{PUBLISH}"),
    )
    assert verdict(text=text) == "trusted trusted"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (steps.changed((PUBLISH, f"{PUBLISH}\t- x\n")), 14, "tab"),
        (steps.changed((RUNNER, f"{RUNNER}\n    {RUNNER}")), 5, "already defined"),
        (steps.changed((RUNNER, "runs-on: [a")), None, ""),
        ("on: push\njobs: {a: *nowhere}\n", 2, "undefined alias"),
    ],
)
def test_text_that_github_cannot_read_is_told_with_its_line(text: str, line: int | None, said: str) -> None:
    file = read(text)
    assert file.trouble is not None
    assert said in file.trouble
    assert file.line == line or line is None
    assert file.steps == ()
