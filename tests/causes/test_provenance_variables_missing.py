import pytest

from safepublish.causes.provenance_variables_missing import ProvenanceVariablesMissing
from safepublish.facts.finding import Answer
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run, Visibility
from tests.support import runs as s

EXAMPLE = s.identity(server_url=None)
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(EXAMPLE, Answer.FAIL, id="no-server"),
        pytest.param(s.identity(repository=None), Answer.FAIL, id="no-repository"),
        pytest.param(s.identity(repository="other/left"), Answer.FAIL, id="another-repository-than-the-token-s"),
        pytest.param(s.identity(server_url="https://git.example"), Answer.FAIL, id="another-server"),
        pytest.param(
            s.claims(s.identity(server_url="https://git.example"), iss="https://git.example"),
            Answer.PASS,
            id="another-server-and-its-own-token",
        ),
        pytest.param(s.READY, Answer.PASS, id="ready"),
        pytest.param(s.package(EXAMPLE, provenance=False), Answer.SKIP, id="no-provenance"),
        pytest.param(s.package(EXAMPLE, visibility=Visibility.UNKNOWN), Answer.UNKNOWN, id="perhaps-provenance"),
        pytest.param(s.package(EXAMPLE, visibility=Visibility.NOT_PUBLIC), Answer.SKIP, id="not-called-public"),
        pytest.param(s.claims(EXAMPLE, repository_visibility="private"), Answer.SKIP, id="a-private-repository"),
        pytest.param(s.identity(EXAMPLE, also=frozenset({Ci.GITLAB})), Answer.SKIP, id="gitlab-writes-it"),
        pytest.param(s.READY._replace(identity=s.GITLAB), Answer.SKIP, id="gitlab"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert ProvenanceVariablesMissing().in_run(run).answer is answer


def test_each_variable_is_named() -> None:
    message = ProvenanceVariablesMissing().in_run(s.identity(server_url=None, repository=None)).message
    assert message == (
        "npm builds the provenance statement from GITHUB_SERVER_URL, which is not set and GITHUB_REPOSITORY, which is"
        " not set; npmjs.com refuses that statement (E422)"
    )
