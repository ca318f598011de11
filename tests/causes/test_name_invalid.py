import pytest

from safepublish.causes.name_invalid import NameInvalid
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(name="a b")
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="plain"),
        pytest.param(s.package(name="@octo/left"), Answer.PASS, id="scoped"),
        pytest.param(s.package(name="Left"), Answer.PASS, id="capitals-are-the-registry-s-affair"),
        pytest.param(s.package(name=None), Answer.FAIL, id="missing"),
        pytest.param(
            s.package(name=None, scripts_may_change_manifest=True),
            Answer.UNKNOWN,
            id="missing-and-a-script-may-write-it",
        ),
        pytest.param(s.package(name="a b"), Answer.FAIL, id="blank"),
        pytest.param(
            s.package(name="a b", scripts_may_change_manifest=True), Answer.FAIL, id="blank-comes-before-scripts"
        ),
        pytest.param(s.package(name=".left", scripts_may_change_manifest=True), Answer.FAIL, id="leading-dot"),
        pytest.param(s.package(name="_left"), Answer.FAIL, id="leading-underscore"),
        pytest.param(
            s.package(name="_left", scripts_may_change_manifest=True),
            Answer.UNKNOWN,
            id="leading-underscore-comes-after-scripts",
        ),
        pytest.param(
            s.package(name="@octo/.left", scripts_may_change_manifest=True),
            Answer.UNKNOWN,
            id="dot-behind-the-scope-comes-after-scripts",
        ),
        pytest.param(s.package(name=None, trouble="it is no JSON"), Answer.SKIP, id="no-manifest"),
        pytest.param(s.package(name=None, unread="it is too large"), Answer.SKIP, id="not-looked-at"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert NameInvalid().in_run(run).answer is answer
