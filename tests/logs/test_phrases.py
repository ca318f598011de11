"""The phrases of logs: each is found where its literal part stands, and nothing is missed."""

import re

import pytest

from safepublish.logs import pastes, wording
from safepublish.logs.phrases import Phrases, literal


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("plain words", "plain words"),
        (r"is not in (?:this|the npm) registry", "is not in "),
        (r"one|other", ""),
        (r"a(?:(?:b|c)d)?longer", "longer"),
        (r"Could not read package\.json", "Could not read package.json"),
        (r"[Tt]oken from GitHub", "oken from GitHub"),
        (r"https?://", "http"),
        (r"Required: +\{", "Required:"),
        (r"\d{3} Not Found", " Not Found"),
        (r"a.b", "a"),
    ],
)
def test_the_literal_part(source: str, expected: str) -> None:
    assert literal(source) == expected


def test_every_phrase_is_searched_for_by_words() -> None:
    short = [source for source in pastes._SEAMS.sources if len(literal(source)) < 3]
    assert short == []


def test_the_first_phrase_in_order_is_found() -> None:
    phrases = Phrases((r"b\w", r"ab"))
    match = phrases.search("xabc")
    assert match is not None
    assert match[0] == "bc"
    assert phrases.search("nothing") is None


@pytest.mark.parametrize("source", wording.SENTENCE.sources)
def test_no_sentence_is_missed_for_its_literal_part(source: str) -> None:
    text = _example(source)
    assert re.search(source, text)
    assert wording.SENTENCE.search(f"npm error {text}") is not None


def _example(source: str) -> str:
    """A text that *source* matches: of each group the first alternative, of each class its first character."""
    text = re.sub(r"\((?:\?:)?([^()|]*)(?:\|[^()]*)?\)\??", r"\1", source)
    text = re.sub(r"\[(.)[^\]]*\]", r"\1", text)
    return re.sub(r"\\(.)", r"\1", text.replace("\\b", "")).replace(" +", " ")
