import pytest

from safepublish.causes.spec_not_a_path import SpecNotAPath
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(spec="dist", fetched="registry", lies_here=True)
"""A run in which the cause is found."""

GIT = s.package(spec="dist/lib", fetched="git")
NOTHING_ALLOWED = frozenset[str]()


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(EXAMPLE, Answer.FAIL, id="a-directory-here-is-a-package-there"),
        pytest.param(s.package(GIT, lies_here=True), Answer.FAIL, id="a-directory-here-is-a-repository-there"),
        pytest.param(s.package(fetched="registry"), Answer.PASS, id="nothing-here"),
        pytest.param(GIT, Answer.PASS, id="a-repository"),
        pytest.param(s.command(GIT, fetches=NOTHING_ALLOWED), Answer.FAIL, id="a-repository-that-npm-may-not-fetch"),
        pytest.param(s.command(GIT, fetches=frozenset({"git"})), Answer.PASS, id="a-repository-that-npm-may-fetch"),
        pytest.param(
            s.command(s.package(fetched="remote"), fetches=frozenset({"git"})), Answer.FAIL, id="a-tarball-elsewhere"
        ),
        pytest.param(s.command(s.package(fetched="registry"), fetches=NOTHING_ALLOWED), Answer.PASS, id="a-package"),
        pytest.param(s.READY, Answer.SKIP, id="a-path"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert SpecNotAPath().in_run(run).answer is answer
