import pytest

from safepublish.causes.repository_url_mismatch import RepositoryUrlMismatch, setting
from safepublish.facts.finding import Answer, Location
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(repository="git+https://github.com/Octo/left.git")
"""A run in which the cause is found."""


def named(url: str) -> Run:
    return s.package(repository=url)


OTHER = named("git+https://github.com/upstream/left.git")


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="same"),
        pytest.param(named("https://github.com/octo/left"), Answer.PASS, id="https"),
        pytest.param(named("git+ssh://git@github.com/octo/left.git"), Answer.PASS, id="ssh"),
        pytest.param(named("github:octo/left"), Answer.PASS, id="shortcut"),
        pytest.param(
            named("https://github.com/octo/left/tree/main/packages/a"), Answer.PASS, id="with-a-directory-s-tree"
        ),
        pytest.param(named("git+https://github.com/Octo/left.git"), Answer.FAIL, id="letter-case"),
        pytest.param(named("git+https://github.com/upstream/left.git"), Answer.FAIL, id="upstream"),
        pytest.param(named("git+https://gitlab.com/octo/left.git"), Answer.FAIL, id="another-host"),
        pytest.param(s.package(repository=None), Answer.SKIP, id="missing-is-another-cause"),
        pytest.param(s.package(OTHER, provenance=False), Answer.SKIP, id="no-provenance"),
        pytest.param(s.package(OTHER, packument=s.UNKNOWN), Answer.UNKNOWN, id="perhaps-provenance"),
        pytest.param(s.package(OTHER, scripts_may_change_manifest=True), Answer.UNKNOWN, id="a-script-may-correct-it"),
        pytest.param(
            s.identity(s.claims(OTHER, repository=None), repository=None), Answer.SKIP, id="the-repository-is-unknown"
        ),
        pytest.param(OTHER._replace(identity=s.GITLAB), Answer.SKIP, id="gitlab"),
        pytest.param(
            s.predicting(s.package(OTHER, provenance=True)), Answer.UNKNOWN, id="asking-about-the-ci-from-a-clone"
        ),
        pytest.param(s.predicting(), Answer.PASS, id="asking-from-the-same"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert RepositoryUrlMismatch().in_run(run).answer is answer


def test_both_are_named_and_the_edit_is_shown() -> None:
    judgement = RepositoryUrlMismatch().in_run(OTHER)
    assert judgement.message == (
        "repository.url in package.json is git+https://github.com/upstream/left.git, but octo/left publishes;"
        " npmjs.com requires them to match where provenance is attached (E422)"
    )
    assert judgement.evidence == ()
    assert judgement.remedy is not None
    assert judgement.remedy.diff == (
        '-     "url": "git+https://github.com/upstream/left.git"\n+     "url": "git+https://github.com/octo/left.git"'
    )
    assert judgement.location == Location("package.json")


def test_letter_case_is_pointed_out() -> None:
    judgement = RepositoryUrlMismatch().in_run(named("git+https://github.com/Octo/left.git"))
    assert judgement.evidence == (
        "They differ only in letter case: Octo/left and octo/left. npmjs.com compares the case.",
    )


def test_a_tarball_has_no_place() -> None:
    assert RepositoryUrlMismatch().in_run(s.package(OTHER, source="tarball")).location is None


ANSWER = 'package.json: "repository.url" is "{}", expected to match "{}" from provenance'


@pytest.mark.parametrize(
    ("named", "expected", "command"),
    [
        (
            "git+https://github.com/a/b.git",
            "https://github.com/Octo/hello",
            "npm pkg set repository.type=git repository.url=git+https://github.com/Octo/hello.git",
        ),
        (
            "",
            "https://github.com/octo/hello",
            "npm pkg set repository.type=git repository.url=git+https://github.com/octo/hello.git",
        ),
        (
            "x",
            "https://gitlab.com/o/r",
            "npm pkg set repository.type=git repository.url=git+https://github.com/OWNER/REPOSITORY.git",
        ),
        ("git+https://github.com/a/b.git", "undefined/undefined", None),
    ],
)
def test_the_fix_in_a_log_is_what_the_registry_expects(named: str, expected: str, command: str | None) -> None:
    assert setting(ANSWER.format(named, expected)).command == command


def test_an_undefined_repository_is_no_fault_of_the_manifest() -> None:
    assert "GITHUB_REPOSITORY" in setting(ANSWER.format("x", "undefined/undefined")).text
