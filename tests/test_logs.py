"""A slice of the campaign of campaigns/logs.py: the real npm fails, and its log is explained in every dressing."""

import pytest

from campaigns import logs
from tests.support import ci_log_formats

SLICE = (
    "login/10.9.4/no-publisher-asked/none/notice",
    "login/12.2.0/no-publisher/placeholder/verbose",
    "login/12.2.0/no-permission/none/silly",
    "upload/12.2.0/stage-only/notice",
    "start/none/npm-missing/notice",
)


@pytest.mark.real_process
@pytest.mark.parametrize("case", [case for case in logs.cases() if case.id in SLICE], ids=lambda case: case.id)
def test_the_first_answer_is_the_true_cause(case: logs.Case) -> None:
    made = logs.make(case)
    assert made is not None
    told = logs.explain(made)
    assert len(told) >= 9
    assert {(one.dressing, one.first) for one in told} == {(one.dressing, case.truth) for one in told}
    assert not any(one.leaked for one in told)


def test_the_slice_is_part_of_the_table() -> None:
    assert {case.id for case in logs.cases()}.issuperset(SLICE)


def test_no_two_cases_have_one_name() -> None:
    names = [case.id for case in logs.cases()]
    assert len(names) == len(set(names))


def test_dressers_change_the_text() -> None:
    raw = ci_log_formats.Raw("npm error code E404\n")
    dressed = [dress(raw) for dress in ci_log_formats.DRESSERS]
    assert len({one if isinstance(one, bytes) else one.encode() for one in dressed}) >= len(dressed) - 3
