"""A script's text with the known expressions replaced, and the map from its characters back to the script."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

Expression = Callable[[str], str | None]
"""What stands between ``${{`` and ``}}``, without blanks around it -> its text, or None where the file does not say."""

_MOST_REPLACED = 300_000
"""Characters that the values of expressions may add to a script; the expressions behind them stay unknown."""

_EXPRESSION_STOP = re.compile(r"'[^']*'|\}\}|'")


class Source:
    """A script's text in which the known expressions are replaced, and the places from which its characters come."""

    def __init__(self, script: str, expression: Expression | None, *, first_line: int = 0, own: bool = True) -> None:
        """*first_line* is the line of a nested text within the script; *own* is false for a nested text."""
        self.own = own  # its characters are the script's, so they have a place there
        self.ends: dict[int, int] = {}  # of the expressions that were not replaced: start -> end
        self._first_line = first_line
        self._lines: list[int] | None = None
        self._script = script
        self._places: list[int] = [0]
        self._origins: list[int] = [0]
        self.text = self._replaced(script, expression) if "${{" in script else script

    def _replaced(self, script: str, expression: Expression | None) -> str:
        pieces: list[str] = []
        made, read, left = 0, 0, _MOST_REPLACED
        for start, end in expressions(script):
            pieces.append(script[read:start])
            made += start - read
            value = expression(script[start + 3 : end - 2].strip()) if expression else None
            if value is None or len(value) > left:
                pieces.append(script[start:end])
                self.ends[made] = made + end - start
            else:
                left -= len(value)
                pieces.append(value)
                self.ends.update((made + first, made + last) for first, last in expressions(value))
                self._places += [made, made + len(value)]
                self._origins += [start, end]
            made += len(pieces[-1])
            read = end
        pieces.append(script[read:])
        return "".join(pieces)

    @property
    def is_replaced(self) -> bool:
        """Whether an expression was replaced, so that places differ from those of the script."""
        return len(self._places) > 1

    def place(self, at: int) -> int:
        """The place in the script from which the character *at* comes."""
        index = bisect_right(self._places, at) - 1
        origin = self._origins[index] + at - self._places[index]
        return min(origin, self._origins[index + 1]) if index + 1 < len(self._origins) else origin

    def line(self, at: int) -> int:
        """The line, from 0, of the character *at*."""
        if self._lines is None:
            self._lines = [match.end() for match in re.finditer("\n", self._script)]
        return self._first_line + bisect_right(self._lines, self.place(at))


def expressions(text: str) -> Iterator[tuple[int, int]]:
    """The start and end of each ``${{ … }}`` of *text*; ``}}`` inside its quotes does not end it."""
    with_quotes = True
    at = text.find("${{")
    while at >= 0:
        end = _expression_end(text, at + 3) if with_quotes else -1
        if end < 0:
            with_quotes = False
            closing = text.find("}}", at + 3)
            if closing < 0:
                return
            end = closing + 2
        yield at, end
        at = text.find("${{", end)


def _expression_end(text: str, at: int) -> int:
    for match in _EXPRESSION_STOP.finditer(text, at):
        if match.group() == "}}":
            return match.end()
        if match.group() == "'":
            return -1
    return -1
