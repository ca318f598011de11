import pytest

from safepublish.causes.fix_workflow import fix_workflow
from safepublish.causes.provenance_private_repository import ProvenancePrivateRepository
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s
from tests.support import steps

EXAMPLE = s.claims(s.package(provenance=True, provenance_origin=s.CLI_PROVENANCE), repository_visibility="private")
"""A run in which the cause is found."""

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
    assert ProvenancePrivateRepository().in_run(run).answer is answer


def test_the_setting_is_named() -> None:
    message = ProvenancePrivateRepository().in_run(s.claims(ASKED, repository_visibility="private")).message
    assert message.startswith("the command line (--provenance) requests provenance, but the repository is private")


ONLY_PRIVATE = "github.event.repository.private"


@pytest.mark.parametrize(
    ("condition", "command", "answer"),
    [
        pytest.param(ONLY_PRIVATE, "npm publish --provenance", "fail", id="private-only"),
        pytest.param(
            "github.event.repository.visibility == 'internal'", "npm publish --provenance", "fail", id="internal"
        ),
        pytest.param(f"success() && {ONLY_PRIVATE}", "npm publish --provenance", "fail", id="and-more"),
        pytest.param(ONLY_PRIVATE, "npm publish", "", id="not-asked-for"),
        pytest.param(ONLY_PRIVATE, "npm publish --no-provenance", "", id="switched-off"),
        pytest.param(f"!{ONLY_PRIVATE}", "npm publish --provenance", "", id="public-only"),
        pytest.param("github.event.repository.visibility == 'public'", "npm publish --provenance", "", id="visibility"),
        pytest.param(f"{ONLY_PRIVATE} || inputs.force", "npm publish --provenance", "", id="perhaps-public-too"),
        pytest.param("github.ref == 'refs/heads/main'", "npm publish --provenance", "", id="says-nothing-of-it"),
        pytest.param("github.event.repository.private && false", "npm publish --provenance", "", id="never"),
    ],
)
@pytest.mark.parametrize("place", ["step", "job"])
def test_what_a_condition_tells(condition: str, command: str, answer: str, place: str) -> None:
    written = f"if: ${{{{ {condition} }}}}"
    at = {
        "step": ("      - run: npm publish", f"      - {written}\n        run: {command}"),
        "job": ("    runs-on:", f"    {written}\n    runs-on:"),
    }
    text = steps.changed(at[place], ("npm publish", command)) if place == "job" else steps.changed(at[place])
    told = {one.id: one.answer.value for judged in steps.judged(text) for one in judged.findings}
    assert told.get(ProvenancePrivateRepository.id, "") == answer


def test_its_mend_drops_the_word() -> None:
    text = steps.changed(
        ("      - run: npm publish", f"      - if: {ONLY_PRIVATE}\n        run: npm publish --provenance --tag next")
    )
    mended = fix_workflow(text, steps.PATH, lambda _: None)
    assert mended.text == text.replace(" --provenance", "")
    assert [one.verdict.value for one in mended.steps] == ["trusted"]
