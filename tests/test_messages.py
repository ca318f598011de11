"""Every message of every cause, as `python -m docs.messages` writes them: plain English, by the glossary."""

import re
from pathlib import Path

import pytest

from docs import messages
from docs.messages import Situations
from safepublish.causes import CAUSES
from safepublish.causes.cause import Cause
from tests.support import runs

NOT_OURS = re.compile(
    r"\b(mend(s|ed)?|cannot be told|in reach|is out|left out|hand(s|ed)? (over|back)|laid|perhaps|as it seems"
    r"|may not request|at hand|is no (URL|token|CI job|semver)|holds? no|own try|id tokens?|asked for|brings npm)\b",
)
"""Phrases that the glossary replaces. npm itself writes `id_token`, and lines of logs are not ours."""
REWRITTEN = [cause for cause in CAUSES if cause.id < "o"]
READ_ELSEWHERE = re.compile(r"is no URL|among the files at hand|npm (takes|does not look)|it holds no object")
"""Reasons that other packages give a cause to quote."""


@pytest.fixture(scope="module")
def everything() -> Situations:
    return messages.situations()


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_the_file_has_a_message_of_each_cause(cause: Cause, everything: Situations) -> None:
    assert messages.messages(cause, everything)


@pytest.mark.parametrize("cause", REWRITTEN, ids=lambda cause: cause.id)
def test_the_messages_and_the_page_keep_to_the_glossary(cause: Cause, everything: Situations) -> None:
    texts = [READ_ELSEWHERE.sub("", message.text) for message in messages.messages(cause, everything)]
    ours = [line for text in texts for line in text.splitlines() if not re.match(r"line \d+: ", line)]
    for text in (cause.title, cause.page, *ours):
        assert not NOT_OURS.search(text), text


def test_the_command_writes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["messages", str(tmp_path / "all.txt")])
    monkeypatch.setattr(messages, "situations", lambda: Situations((runs.npm("10.9.4"),), (), ()))
    assert messages.main() == 0
    written = (tmp_path / "all.txt").read_text(encoding="utf-8")
    assert "error[npm-too-old] (running job): npm 10.9.4 does not support trusted publishing;" in written
