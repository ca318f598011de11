import pytest
from causes import situations as s

from safepublish.causes import auth_config_invalid
from safepublish.facts.finding import Answer, Location
from safepublish.facts.run import Problem, Run

STOPS = Problem(
    "invalid-auth",
    "`_auth` belongs to no registry; npm 11 stops at it (ERR_INVALID_AUTH)",
    s.USER_NPMRC,
    stops_npm=True,
)
MISSPELT = Problem(
    "misspelt-key", "npm does not look for a credential under `//registry.npmjs.org:_authToken`", s.MORE_SPECIFIC
)


def with_problems(*problems: Problem) -> Run:
    return s.READY._replace(problems=problems)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="none"),
        pytest.param(with_problems(STOPS), Answer.FAIL, id="npm-stops"),
        pytest.param(with_problems(MISSPELT), Answer.WARN, id="npm-never-looks-it-up"),
        pytest.param(s.package(problems=(MISSPELT,)), Answer.WARN, id="of-the-package-s-registry"),
        pytest.param(with_problems(MISSPELT, STOPS), Answer.FAIL, id="both"),
        pytest.param(with_problems(STOPS._replace(kind="usage")), Answer.PASS, id="another-problem"),
        pytest.param(s.allowed(with_problems(STOPS)), Answer.FAIL, id="a-token-does-not-help"),
        pytest.param(s.predicting(with_problems(STOPS)), Answer.PASS, id="the-npmrc-of-a-laptop-s-user"),
        pytest.param(
            s.predicting(with_problems(STOPS._replace(origin=s.MORE_SPECIFIC))),
            Answer.FAIL,
            id="the-npmrc-of-the-project",
        ),
        pytest.param(s.predicting(with_problems(STOPS._replace(origin=None))), Answer.PASS, id="of-unknown-place"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert auth_config_invalid.in_run(run).answer is answer


def test_the_one_that_stops_npm_is_told_first() -> None:
    judgement = auth_config_invalid.in_run(with_problems(MISSPELT, STOPS))
    assert judgement.message == (
        "`_auth` belongs to no registry; npm 11 stops at it (ERR_INVALID_AUTH); it stands in"
        " /home/runner/work/_temp/.npmrc, line 1"
    )
    assert judgement.evidence == (f"also: {MISSPELT.text}, in .npmrc, line 3",)
    assert judgement.remedy is not None
    assert judgement.remedy.command == "npm config fix"


def test_a_misspelt_key_has_its_place() -> None:
    assert auth_config_invalid.in_run(with_problems(MISSPELT)).location == Location(".npmrc", 3)
