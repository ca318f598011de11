"""Reads the words of bash and sh: quotes, expansions, substitutions and here-documents (POSIX 2018, 2.2 to 2.7)."""

import re
from abc import ABC, abstractmethod

from safepublish.shell.source import Source, expressions
from safepublish.shell.syntax_tree import AndOr, Part, Redirection, Substitution, Text, Unknown, Variable, Word

_DEEPEST = 40
"""The deepest nesting that is read; what people write stays far below."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = re.compile(r"[@*#?$!0-9-]")
_OPERATOR = re.compile(r":?[-+=?]")
_TOKEN = re.compile(r"[^\s;&|<>()\"'`$\\]+")
_BLANKS = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_COMMENT = re.compile(r"#[^\n]*")
# No possessive quantifier stands on a group: Python before 3.11.5 matches that wrongly (python/cpython#106052).
_BETWEEN_COMMANDS = re.compile(r"(?:[ \t\r\n]++|\\\r?\n|#[^\n]*+|;(?![;&]))*")
_PLAIN = re.compile(r"(?:[^\s;&|<>()\"'`$\\?*+@!]++|[?*+@!](?!\())+")
_WORD_END = frozenset(" \t\r\n;&|)")
_IN_DOUBLE_QUOTES = re.compile(r"[^\"$`\\]+")
_PLAIN_IN_DOUBLE_QUOTES = re.compile(r"\"([^\"$`\\]*+)\"")
_IN_BRACES = re.compile(r"[^}\"'$`\\]+")
_IN_BACKTICKS = re.compile(r"(?:[^`\\]|\\.)*", re.DOTALL)
_IN_BACKTICKS_ESCAPED = re.compile(r"\\([`\\$])")
_ANSI_QUOTED = re.compile(r"(?:[^'\\]|\\.)*", re.DOTALL)
_ANSI_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
_PARENTHESES = re.compile(r"[()]")
_REDIRECTION_START = frozenset("0123456789<>&")
_REDIRECTION = re.compile(r"(\d*)(<<<|<<-|<<|<>|<&|<(?!\()|>>|>&|>\||>(?!\()|&>>|&>)")


class WordReader(ABC):
    """Reads the words of a script from left to right; *at* is the next character."""

    def __init__(self, source: Source, depth: int = 0) -> None:
        """Begin at the start of *source*, *depth* levels inside other texts."""
        self.source = source
        self.text = source.text
        self.at = 0
        self.depth = depth
        self._documents: list[tuple[Redirection, str, bool, bool]] = []
        self._token = (-1, "")

    @abstractmethod
    def commands(self, closers: frozenset[str]) -> tuple[AndOr, ...]:
        """Commands until one of *closers* stands where a command could, which stays unread."""

    def enter(self) -> None:
        """Go one level deeper; below the deepest, pass over the rest of the text."""
        self.depth += 1
        if self.depth > _DEEPEST:
            self.at = len(self.text)

    # Between words

    def token(self) -> str:
        """The characters up to the next blank, operator or quote, which stay unread."""
        if self._token[0] != self.at:
            match = _TOKEN.match(self.text, self.at)
            self._token = (self.at, match.group() if match else "")
        return self._token[1]

    def accept(self, word: str) -> bool:
        """Read *word* if it stands here."""
        if self.text.startswith(word, self.at):
            self.at += len(word)
            return True
        return False

    def skip_blanks(self) -> None:
        """Pass over blanks and continued lines."""
        match = _BLANKS.match(self.text, self.at)
        if match:
            self.at = match.end()

    def skip_comment(self) -> None:
        """Pass over a comment."""
        match = _COMMENT.match(self.text, self.at)
        if match:
            self.at = match.end()

    def skip_lines(self) -> None:
        """Pass over blanks, comments, line ends and lone semicolons; read the here-documents that begin there."""
        while self._documents:
            self.skip_blanks()
            char = self.text[self.at : self.at + 1]
            if char == "\n":
                self.at += 1
                self.read_documents()
            elif char == "#":
                self.skip_comment()
            elif char == ";" and not self.text.startswith((";;", ";&"), self.at):
                self.at += 1
            else:
                return
        match = _BETWEEN_COMMANDS.match(self.text, self.at)
        if match:
            self.at = match.end()

    def skip_parentheses(self) -> None:
        """Pass over ``( … )``, with those inside it."""
        depth = 0
        for match in _PARENTHESES.finditer(self.text, self.at):
            depth += 1 if match.group() == "(" else -1
            if depth == 0:
                self.at = match.end()
                return
        self.at = len(self.text)

    # Redirections

    def redirections(self) -> tuple[Redirection, ...]:
        """The redirections that stand here."""
        found: list[Redirection] = []
        while True:
            self.skip_blanks()
            if self.text[self.at : self.at + 1] not in _REDIRECTION_START:
                return tuple(found)
            redirection = self._redirection()
            if redirection is None:
                return tuple(found)
            found.append(redirection)

    def _redirection(self) -> Redirection | None:
        match = _REDIRECTION.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        descriptor = int(match.group(1)) if match.group(1) and len(match.group(1)) < 4 else None
        operator = match.group(2)
        self.skip_blanks()
        start = self.at
        target = self.word()
        redirection = Redirection(operator, target, [], descriptor)
        if operator in {"<<", "<<-"} and target is not None:
            written = self.text[start : self.at]
            expands = not any(char in written for char in "\"'\\")
            self._documents.append((redirection, re.sub(r"[\"'\\]", "", written), expands, operator == "<<-"))
        return redirection

    def read_documents(self) -> None:
        """Read the bodies of the here-documents that the previous line announces."""
        documents, self._documents = self._documents, []
        for redirection, delimiter, expands, tabs in documents:
            start = end = self.at
            while end < len(self.text):
                stop = self.text.find("\n", end)
                stop = len(self.text) if stop < 0 else stop
                line = self.text[end:stop].rstrip("\r")
                if (line.lstrip("\t") if tabs else line) == delimiter:
                    self.at = min(stop + 1, len(self.text))
                    break
                end = stop + 1
            else:
                end = self.at = len(self.text)
            self._document(redirection.body, start, min(end, len(self.text)), expands=expands, tabs=tabs)

    def _document(self, body: list[Part], start: int, end: int, *, expands: bool, tabs: bool) -> None:
        text = self.text[start:end]
        if tabs:
            text = re.sub(r"(?m)^\t+", "", text)
        if expands:
            source = Source(text, None, first_line=self.source.line(start), own=False)
            type(self)(source, self.depth).double_quoted(body, closing=False)
        else:
            body += _with_expressions(text)

    # Words

    def word(self) -> Word | None:
        """The word that begins here; None where none does."""
        start = self.at
        match = _PLAIN.match(self.text, start)
        parts: list[Part] = []
        if match:
            parts.append(Text(match.group(), quoted=False))
            self.at = match.end()
            if self.at == len(self.text) or self.text[self.at] in _WORD_END:
                return Word((parts[0],), start, self.at)
        while self.at < len(self.text) and self._part(parts):
            pass
        return Word(tuple(parts), start, self.at) if self.at > start else None

    def _part(self, parts: list[Part]) -> bool:
        """Read the next part of a word; False where the word ends."""
        match = _PLAIN.match(self.text, self.at)
        if match:
            parts.append(Text(match.group(), quoted=False))
            self.at = match.end()
            return True
        char = self.text[self.at]
        if char == "$":
            self._dollar(parts, quoted=False)
        elif char == '"':
            plain = _PLAIN_IN_DOUBLE_QUOTES.match(self.text, self.at)
            if plain:
                parts.append(Text(plain[1], quoted=True))
                self.at = plain.end()
            else:
                self.at += 1
                parts.append(Text("", quoted=True))
                self.double_quoted(parts)
        elif char == "'":
            self._single_quoted(parts)
        elif char == "\\":
            self._escape(parts)
        elif char in "?*+@!":  # a pattern such as @(a|b)
            start = self.at
            self.at += 1
            self.skip_parentheses()
            parts.append(Text(self.text[start : self.at], quoted=False))
        elif char == "`":
            self._backticks(parts, quoted=False)
        elif char in "<>" and self.text.startswith("(", self.at + 1):
            self._substitution(parts, quoted=False)
        else:
            return False
        return True

    def _escape(self, parts: list[Part]) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "\r" and self.text.startswith("\n", self.at + 2):
            following = "\r\n"
        self.at += 1 + len(following)
        if following not in {"\n", "\r\n"}:
            parts.append(Text(following, quoted=True))

    def _single_quoted(self, parts: list[Part]) -> None:
        """``'…'``; an expression in it is replaced before the shell runs, quotes and all."""
        self.at += 1
        start = self.at
        while True:
            end = self.text.find("'", self.at)
            end = len(self.text) if end < 0 else end
            expression = self.text.find("${{", self.at, end)
            if expression < 0 or expression not in self.source.ends:
                break
            self.at = self.source.ends[expression]
        parts += self._verbatim(start, end)
        self.at = min(end + 1, len(self.text))

    def _verbatim(self, start: int, end: int) -> list[Part]:
        """Characters that stand for themselves, except for expressions."""
        parts: list[Part] = []
        at = start
        while True:
            found = self.text.find("${{", at, end)
            if found < 0 or found not in self.source.ends:
                parts.append(Text(self.text[at:end], quoted=True))
                return parts
            stop = self.source.ends[found]
            parts += [Text(self.text[at:found], quoted=True), Unknown(self.text[found:stop], quoted=True)]
            at = stop

    def double_quoted(self, parts: list[Part], *, closing: bool = True) -> None:
        """What stands in double quotes, up to the closing one; without *closing*, up to the end of the text."""
        while self.at < len(self.text):
            match = _IN_DOUBLE_QUOTES.match(self.text, self.at)
            if match:
                parts.append(Text(match.group(), quoted=True))
                self.at = match.end()
                continue
            char = self.text[self.at]
            if char == '"':
                self.at += 1
                if closing:
                    return
                parts.append(Text(char, quoted=True))
            elif char == "\\":
                following = self.text[self.at + 1 : self.at + 2]
                self.at = min(self.at + 2, len(self.text))
                if following != "\n":
                    kept = following if following and following in '$`"\\' else "\\" + following
                    parts.append(Text(kept, quoted=True))
            elif char == "$":
                self._dollar(parts, quoted=True)
            else:
                self._backticks(parts, quoted=True)

    # Expansions

    def _dollar(self, parts: list[Part], *, quoted: bool) -> None:
        start = self.at
        following = self.text[start + 1 : start + 2]
        end = self.source.ends.get(start)
        if end is not None:
            self.at = end
            parts.append(Unknown(self.text[start:end], quoted))
        elif self.text.startswith("((", start + 1):
            self.at += 1
            self.skip_parentheses()
            parts.append(Unknown(self.text[start : self.at], quoted))
        elif following == "(":
            self._substitution(parts, quoted=quoted)
        elif following == "{":
            self.at += 2
            self._braces(parts, start, quoted=quoted)
        elif following == "'" and not quoted:
            match = _ANSI_QUOTED.match(self.text, start + 2)
            self.at = min((match.end() if match else start + 2) + 1, len(self.text))
            text = re.sub(
                r"\\(.)", lambda found: _ANSI_ESCAPES.get(found[1], found[0]), self.text[start + 2 : self.at - 1]
            )
            parts.append(Text(text, quoted=True))
        elif following == '"' and not quoted:
            self.at += 1
        else:
            match = _NAME.match(self.text, start + 1) or _SPECIAL.match(self.text, start + 1)
            self.at = match.end() if match else start + 1
            if match is None:
                parts.append(Text("$", quoted))
            else:
                parts.append(Variable(match.group(), "", (), quoted, self.text[start : self.at]))

    def _substitution(self, parts: list[Part], *, quoted: bool) -> None:
        start = self.at
        self.at += 2
        body = self.commands(frozenset({")"}))
        self.accept(")")
        parts.append(Substitution(body, quoted, self.text[start : self.at]))

    def _braces(self, parts: list[Part], start: int, *, quoted: bool) -> None:
        """``${…}``, from behind its opening brace."""
        match = _NAME.match(self.text, self.at) or _SPECIAL.match(self.text, self.at)
        name, operator = "", "x"
        if match:
            name, self.at = match.group(), match.end()
            if self.text.startswith(("[@]", "[*]"), self.at):
                operator = "[@]"
                self.at += 3
            following = _OPERATOR.match(self.text, self.at)
            if self.text.startswith("}", self.at):
                operator = operator if operator == "[@]" else ""
            elif following and operator == "x":
                operator, self.at = following.group(), following.end()
            else:
                operator = "x"
        argument: list[Part] = []
        self.enter()
        while self.at < len(self.text) and self.text[self.at] != "}":
            self._in_braces(argument, quoted=quoted)
        self.depth -= 1
        self.at = min(self.at + 1, len(self.text))
        parts.append(Variable(name, operator, tuple(argument), quoted, self.text[start : self.at]))

    def _in_braces(self, argument: list[Part], *, quoted: bool) -> None:
        match = _IN_BRACES.match(self.text, self.at)
        if match:
            argument.append(Text(match.group(), quoted))
            self.at = match.end()
        elif self.text[self.at] == "$":
            self._dollar(argument, quoted=quoted)
        elif self.text[self.at] == '"':
            self.at += 1
            self.double_quoted(argument)
        elif self.text[self.at] == "`":
            self._backticks(argument, quoted=quoted)
        elif self.text[self.at] == "'" and not quoted:
            self._single_quoted(argument)
        elif self.text[self.at] == "\\":
            self._escape(argument)
        else:
            argument.append(Text(self.text[self.at], quoted))
            self.at += 1

    def _backticks(self, parts: list[Part], *, quoted: bool) -> None:
        start = self.at
        match = _IN_BACKTICKS.match(self.text, start + 1)
        end = match.end() if match else start + 1
        self.at = min(end + 1, len(self.text))
        body = _IN_BACKTICKS_ESCAPED.sub(r"\1", self.text[start + 1 : end])
        source = Source(body, None, first_line=self.source.line(start), own=False)
        inner = type(self)(source, self.depth + 1)
        parts.append(Substitution(inner.commands(frozenset()), quoted, self.text[start : self.at]))


def _with_expressions(text: str) -> list[Part]:
    """Text in which only expressions are special."""
    parts: list[Part] = []
    at = 0
    for start, end in expressions(text):
        parts += [Text(text[at:start], quoted=True), Unknown(text[start:end], quoted=True)]
        at = end
    return [*parts, Text(text[at:], quoted=True)]
