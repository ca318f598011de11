import pytest

from safepublish.causes.manifest_unreadable import ManifestUnreadable
from safepublish.facts.finding import Answer, Location
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(trouble="it is no JSON", name=None, version=None)
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="read"),
        pytest.param(s.package(trouble="line 3 column 1: a comma is missing"), Answer.FAIL, id="npm-cannot"),
        pytest.param(s.package(unread="it is larger than 8 MiB"), Answer.UNKNOWN, id="we-cannot"),
        pytest.param(
            s.package(trouble="it is not a JSON object", scripts_may_change_manifest=True),
            Answer.FAIL,
            id="scripts-run-too-late",
        ),
        pytest.param(
            s.package(spec="dist", source="other", unread="npm takes 'dist' for a package of the registry"),
            Answer.UNKNOWN,
            id="a-package-of-the-registry",
        ),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert ManifestUnreadable().in_run(run).answer is answer


def test_the_file_has_its_place() -> None:
    judgement = ManifestUnreadable().in_run(s.package(file="packages/a/package.json", trouble="it is no JSON"))
    assert judgement.location == Location("packages/a/package.json")
    assert judgement.message == "npm cannot use packages/a/package.json: it is no JSON"


def test_a_tarball_has_none() -> None:
    judgement = ManifestUnreadable().in_run(
        s.package(source="tarball", file=None, spec="a.tgz", trouble="it is no gzip")
    )
    assert judgement.location is None
    assert "a.tgz" in judgement.message
