"""Finds one of many phrases in a text, fast: a phrase is tried only where its longest literal part stands."""

import re
from collections.abc import Iterable, Iterator

_TOKEN = re.compile(
    r"(?P<group>\((?:[^()\\]|\\.)*\)|\[[^\]]*\]|\\[A-Za-z]|[.^$]|\x00)(?:[?*+]|\{[^}]*\})*"  # not literal
    r"|(?P<repeated>(?:\\.|[^\\])(?:[?*+]|\{[^}]*\}))"
    r"|\\(?P<escaped>.)|(?P<plain>[^\\])"
)


def literal(source: str) -> str:
    """The longest text that every match of the regular expression *source* holds; "" where it has alternatives."""
    text = source
    while (
        smaller := re.sub(r"\((?:[^()\\]|\\.)*\)(?:[?*+]|\{[^}]*\})*", "\0", text)
    ) != text:  # the inner groups first
        text = smaller
    if "|" in text:
        return ""
    kept = (match["escaped"] or match["plain"] or "\0" for match in _TOKEN.finditer(text))
    return max("".join(kept).split("\0"), key=len)


class Phrases:
    """Regular expressions, each with its literal part."""

    def __init__(self, sources: Iterable[str]) -> None:
        """The phrases that are written *sources*."""
        self.sources = tuple(sources)
        self._phrases = [(literal(source), re.compile(source)) for source in self.sources]

    def search(self, text: str) -> "re.Match[str] | None":
        """The first match of the first phrase that *text* holds."""
        return next(self.matches(text), None)

    def matches(self, text: str) -> Iterator["re.Match[str]"]:
        """The matches of all phrases in *text*."""
        for part, phrase in self._phrases:
            if part in text:
                yield from phrase.finditer(text)
