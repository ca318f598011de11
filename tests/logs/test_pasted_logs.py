"""Logs as people paste them: short, cut, wrapped, of any tool; each file lies in a directory named for its cause."""

from pathlib import Path

import pytest

from safepublish.causes import BY_ID
from safepublish.causes.explain import explain_transcript
from safepublish.facts.finding import Answer
from safepublish.logs import ci_formats, reader

PASTED = Path(__file__).with_name("pasted")
FILES = sorted(path.relative_to(PASTED).as_posix() for path in PASTED.glob("*/*.log"))


def first(name: str) -> tuple[str | None, Answer | None]:
    with (PASTED / name).open("rb") as file:
        explanation = explain_transcript(reader.read([file.read()]), name)
    findings = [finding for one in explanation.failed for finding in one.findings]
    return (findings[0].id, findings[0].answer) if findings else (None, None)


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("none/")])
def test_the_first_answer_is_the_cause(name: str) -> None:
    assert first(name)[0] == name.partition("/")[0]


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("none/")])
def test_what_a_log_does_not_show_is_not_guessed(name: str) -> None:
    assert first(name)[1] in {None, Answer.UNKNOWN}


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("registry-without-oidc/")])
def test_where_only_a_token_publishes_nothing_of_oidc_is_held_possible(name: str) -> None:
    with (PASTED / name).open("rb") as file:
        (one,) = explain_transcript(reader.read([file.read()]), name).failed
    assert {finding.id for finding in one.findings if finding.answer is Answer.UNKNOWN} <= {"token-rejected"}


def test_there_are_logs() -> None:
    assert len(FILES) > 40
    assert {name.partition("/")[0] for name in FILES} <= {"none", *BY_ID}


NOISE = b"".join(b"  asset %d: dist/chunk-%x.js 12.3 kB [emitted]\n" % (number, number * 7919) for number in range(200))


@pytest.mark.parametrize("name", FILES)
def test_of_a_large_log_nothing_that_matters_is_skipped(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with (PASTED / name).open("rb") as file:
        log = file.read()
    alone = explain_transcript(reader.read([log]), name)
    monkeypatch.setattr(ci_formats, "MOST_READ_WHOLE", 0)
    monkeypatch.setattr(ci_formats, "PIECE", 2048)
    among = explain_transcript(reader.read([NOISE + log + b"\n" + NOISE]), name)
    assert [[(one.id, one.answer) for one in failed.findings] for failed in among.failed] == [
        [(one.id, one.answer) for one in failed.findings] for failed in alone.failed
    ]
    assert among.lines == len(NOISE.splitlines()) * 2 + len(log.rstrip(b"\n").split(b"\n")) + log.endswith(b"\n")
