"""The syntax of cmd's batch scripts, as far as their commands go: a script's text as a tree (`cmd /?`).

The cost is linear in the text, and there are no errors, as in `safepublish.shell.bash`.
"""

import re

from safepublish.shell.source import Source
from safepublish.shell.syntax_tree import AndOr, Compound, Part, Pipeline, Simple, Text, Unknown, Variable, Word, single

_DEEPEST = 40
_VARIABLE = re.compile(r"%([A-Za-z_][\w.-]*)%|!([A-Za-z_][\w.-]*)!|%%?~?\w|%\*")
_SEPARATOR = re.compile(r"&&|\|\||[&|()]")
_IF = re.compile(
    r"if\s+(?:/i\s+)?(?:not\s+)?(?:exist\s+(?:\"[^\"]*\"|\S+)|defined\s+\S+|errorlevel\s+\d+"
    r"|(?:\"[^\"]*\"|[^\s\"]+?)\s*(?:==|\s(?:EQU|NEQ|LSS|LEQ|GTR|GEQ)\s)\s*(?:\"[^\"]*\"|\S+))\s*",
    re.IGNORECASE,
)
_FOR = re.compile(r"for\s[^\n(]{0,200}?\sin\s*\([^)\n]{0,1000}\)\s*do\s*", re.IGNORECASE)
_PREFIX = re.compile(r"@|call\s+|else\b\s*", re.IGNORECASE)
_REMARK = re.compile(r"rem\b|::|:", re.IGNORECASE)


def read(source: Source) -> tuple[AndOr, ...]:
    """The tree of a whole script."""
    return _Reader(source).script()


class _Reader:
    """Reads line by line, as cmd does; what stands in brackets or behind `if` may not run."""

    def __init__(self, source: Source) -> None:
        self.source, self.text = source, source.text
        self.found: list[AndOr] = []
        self.nested: list[str] = []  # for each open bracket, what it belongs to: if, for, or nothing

    def script(self) -> tuple[AndOr, ...]:
        at = 0
        while at < len(self.text):
            end = at
            while True:
                end = self.text.find("\n", end)
                end = len(self.text) if end < 0 else end
                if end >= len(self.text) or not self._continues(at, end):
                    break
                end += 1
            self._line(at, end)
            at = end + 1
        return tuple(self.found)

    def _continues(self, at: int, end: int) -> bool:
        """Whether the line from *at* to *end* goes on behind its end."""
        while end > at and self.text[end - 1] == "\r":
            end -= 1
        return self.text.endswith("^", at, end)

    def _line(self, at: int, end: int) -> None:
        kinds: list[str] = []
        items: list[tuple[str, Simple | Compound]] = []
        operator = ""
        while at < end:
            at = self._skip_blanks(at, end)
            condition = _IF.match(self.text, at, end) or _FOR.match(self.text, at, end)
            prefix = _PREFIX.match(self.text, at, end)
            if condition:
                kinds += ["if" if condition.group()[:2].lower() == "if" else "while"][: _DEEPEST - len(kinds)]
                at = condition.end()
                continue
            if prefix:
                kinds += ["if"][: _DEEPEST - len(kinds)] if prefix.group().lower().startswith("else") else []
                at = prefix.end()
                continue
            if _REMARK.match(self.text, at, end):
                break
            words, at = self._words(at, end)
            if words:
                items.append((operator, self._wrapped(Simple((), tuple(words), (), self.source), kinds)))
            separator = _SEPARATOR.match(self.text, at, end)
            if separator is None:
                at += 1
                continue
            at = separator.end()
            operator = separator.group() if separator.group() in {"&&", "||"} else ""
            if separator.group() == "(":
                self.nested.append(kinds[-1] if kinds else "")
                kinds = kinds[:-1]
            elif separator.group() == ")":
                del self.nested[-1:]
            if not operator:
                self._flush(items)
                items = []
        self._flush(items)

    def _flush(self, items: list[tuple[str, Simple | Compound]]) -> None:
        if items:
            joined = tuple((operator, Pipeline((command,), negated=False)) for operator, command in items)
            self.found.append(AndOr((("", joined[0][1]), *joined[1:]), background=False))

    def _wrapped(self, command: Simple | Compound, kinds: list[str]) -> Simple | Compound:
        for kind in ("if", "while"):
            if kind in {*kinds, *self.nested[-_DEEPEST:]}:
                command = Compound(kind, (((), (single(command),)),))
        return command

    def _skip_blanks(self, at: int, end: int) -> int:
        while at < end and (self.text[at] in " \t\r,;=\n" or self.text.startswith(("^\n", "^\r\n"), at)):
            at += 1
        return at

    def _words(self, at: int, end: int) -> tuple[list[Word], int]:
        words: list[Word] = []
        while True:
            at = self._skip_blanks(at, end)
            start = at
            parts, at = self._word(at, end, first=not words)
            if at == start:
                return words, at
            words.append(Word(tuple(parts), start, at))

    def _word(self, at: int, end: int, *, first: bool) -> tuple[list[Part], int]:
        parts: list[Part] = []
        quoted = False
        while at < end:
            char = self.text[at]
            stop = self.source.ends.get(at)
            variable = _VARIABLE.match(self.text, at, end)
            if stop is not None:
                parts.append(Unknown(self.text[at:stop], quoted=True))
                at = stop
            elif char == '"':
                quoted = not quoted
                parts.append(Text("", quoted=True))
                at += 1
            elif variable:
                name = variable.group(1) or variable.group(2) or " "
                parts.append(Variable(name, "", (), quoted=quoted, raw=variable.group()))
                at = variable.end()
            elif char == "^" and not quoted:
                parts.append(Text(self.text[at + 1 : at + 2], quoted=True))
                at = min(at + 2, end)
            elif not quoted and (char in " \t\r\n&|" or (char in "()" and (first or char == ")"))):
                break
            else:
                parts.append(Text(char, quoted=True))
                at += 1
        return parts, at
