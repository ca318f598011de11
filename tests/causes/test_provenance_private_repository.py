import pytest
from causes import situations as s

from safepublish.causes import provenance_private_repository
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run

ASKED = s.package(provenance=True, provenance_origin=s.CLI_PROVENANCE)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.claims(repository_visibility="private"), Answer.SKIP, id="not-asked-for"),
        pytest.param(ASKED, Answer.PASS, id="public"),
        pytest.param(s.claims(ASKED, repository_visibility="private"), Answer.FAIL, id="private"),
        pytest.param(s.claims(ASKED, repository_visibility="internal"), Answer.FAIL, id="internal"),
        pytest.param(
            s.identity(s.claims(ASKED, repository_visibility=None), repository_visibility="private"),
            Answer.FAIL,
            id="by-the-event-alone",
        ),
        pytest.param(
            s.identity(s.claims(ASKED, repository_visibility=None), repository_visibility=None),
            Answer.PASS,
            id="unknown",
        ),
        pytest.param(
            s.claims(ASKED._replace(identity=s.GITLAB), project_visibility="private"),
            Answer.UNKNOWN,
            id="gitlab-private",
        ),
        pytest.param(ASKED._replace(identity=s.CIRCLECI), Answer.SKIP, id="circleci"),
        pytest.param(
            s.claims(s.package(s.allowed(ASKED), provenance=True), repository_visibility="private"),
            Answer.FAIL,
            id="a-token-does-not-help",
        ),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert provenance_private_repository.in_run(run).answer is answer


def test_the_setting_is_named() -> None:
    message = provenance_private_repository.in_run(s.claims(ASKED, repository_visibility="private")).message
    assert message.startswith("the command line (--provenance) asks for provenance, and the repository is private")
