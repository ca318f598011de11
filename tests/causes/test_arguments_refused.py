import pytest

from safepublish.causes.arguments_refused import ArgumentsRefused
from safepublish.facts.finding import Answer, Location
from safepublish.facts.run import Origin, Problem, Run
from tests.support import runs as s

EXAMPLE = s.command(
    problems=(Problem("unknown-flag", "`--foo` is not an option of npm 12.2.0", s.CLI_PROVENANCE, stops_npm=True),)
)
"""A run in which the cause is found."""

STOPS = Problem(
    "unknown-flag",
    "`--foo` is not an option of npm 12.2.0, which exits with an error",
    Origin("cli", "--foo", "foo"),
    stops_npm=True,
)


def with_problems(*problems: Problem) -> Run:
    return s.command(s.READY, problems=problems)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="none"),
        pytest.param(with_problems(STOPS), Answer.FAIL, id="npm-stops"),
        pytest.param(with_problems(STOPS._replace(stops_npm=False)), Answer.PASS, id="npm-only-warns"),
        pytest.param(
            with_problems(STOPS._replace(kind="invalid-auth")), Answer.PASS, id="a-credential-s-key-is-another-cause"
        ),
        pytest.param(
            with_problems(STOPS._replace(kind="registry-without-slash")), Answer.PASS, id="so-is-a-missing-slash"
        ),
        pytest.param(s.package(problems=(STOPS,)), Answer.FAIL, id="of-one-package"),
        pytest.param(s.allowed(with_problems(STOPS)), Answer.FAIL, id="a-token-does-not-help"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert ArgumentsRefused().in_run(run).answer is answer


def test_the_others_are_evidence() -> None:
    judgement = ArgumentsRefused().in_run(with_problems(STOPS, STOPS._replace(text="two packages", origin=None)))
    assert "`--foo`" in judgement.message
    assert judgement.evidence == ("two packages",)


def test_a_setting_in_the_project_has_its_place() -> None:
    problem = STOPS._replace(origin=Origin("project", ".npmrc", "foo", 4))
    judgement = ArgumentsRefused().in_run(with_problems(problem))
    assert judgement.location == Location(".npmrc", 4)
    assert judgement.remedy is not None
    assert ".npmrc, line 4" in judgement.remedy.text


def test_words_without_a_place_are_those_after_safepublish() -> None:
    remedy = ArgumentsRefused().in_run(with_problems(STOPS._replace(kind="usage", origin=None))).remedy
    assert remedy is not None
    assert "after `safepublish`" in remedy.text


def test_a_script_may_make_the_provenance_file() -> None:
    run = s.command(problems=(Problem("provenance-file", "npm cannot use it", stops_npm=True),))
    scripted = s.package(run, runs_scripts=True)
    assert [ArgumentsRefused().in_run(one).answer for one in (run, scripted)] == [Answer.FAIL, Answer.PASS]
