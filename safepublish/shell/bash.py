"""The syntax of bash and sh: a script's text as a tree (POSIX 2018, Shell Command Language, 2.2 to 2.10).

The cost is linear in the text, and there is no error: what no shell would take is read as far as it goes.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

Expression = Callable[[str], str | None]
"""What stands between ``${{`` and ``}}``, without blanks around it -> its text, or None where the file does not say."""


class Text(NamedTuple):
    """Characters that stand for themselves."""

    text: str
    quoted: bool


class Variable(NamedTuple):
    """``$NAME`` or ``${NAME…}``."""

    name: str
    operator: str  # "", ":-", "-", ":+", "+", ":=", "=", ":?", "?", "[@]", or "x" for every other one
    argument: tuple["Part", ...]
    quoted: bool
    raw: str


class Substitution(NamedTuple):
    """``$( … )``, backticks, ``<( … )``: commands whose output is a part of the word."""

    body: tuple["AndOr", ...]
    quoted: bool
    raw: str


class Unknown(NamedTuple):
    """An expression that the file does not resolve, or arithmetic."""

    raw: str
    quoted: bool


Part = Text | Variable | Substitution | Unknown


class Word(NamedTuple):
    """One word as written, from *start* to *end* in the source."""

    parts: tuple[Part, ...]
    start: int
    end: int


class Redirection(NamedTuple):
    """One redirection; a here-document's *body* is filled when its lines have been read."""

    operator: str
    target: Word | None
    body: list[Part]
    descriptor: int | None


class Assignment(NamedTuple):
    """``NAME=word`` or ``NAME=(words)``."""

    name: str
    append: bool
    value: Word | tuple[Word, ...] | None  # None: into one element of an array


class Simple(NamedTuple):
    """A simple command."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    source: "Source"


class Compound(NamedTuple):
    """A compound command.

    *kind* is ``group``, ``subshell``, ``if``, ``while``, ``until``, ``for``, ``case`` or ``function``. *branches* are
    pairs of a condition and a body; a loop, a group and a function have one.
    """

    kind: str
    branches: tuple[tuple[tuple["AndOr", ...], tuple["AndOr", ...]], ...]
    redirections: tuple[Redirection, ...] = ()
    name: str = ""  # of the function, or of the loop's variable
    words: tuple[Word, ...] = ()  # that the loop's variable goes through, or the one that `case` looks at
    complete: bool = False  # one of the branches is taken for sure: there is an `else` or a `*)`


class Pipeline(NamedTuple):
    """Commands whose output goes into the next."""

    commands: tuple[Simple | Compound, ...]
    negated: bool


class AndOr(NamedTuple):
    """Pipelines with the operator before each: "", ``&&`` or ``||``."""

    items: tuple[tuple[str, Pipeline], ...]
    background: bool


class Source:
    """A script's text in which the known expressions are replaced, and the places from which its characters come."""

    def __init__(self, script: str, expression: Expression | None, *, first_line: int = 0, own: bool = True) -> None:
        """*first_line* is that of a text which stands inside another; *own* is false for it."""
        self.own = own  # its characters are the script's: their places can be told
        self.ends: dict[int, int] = {}  # of the expressions that stayed: where each begins and ends
        self._first_line = first_line
        self._lines = [match.end() for match in re.finditer("\n", script)]
        self._places: list[int] = [0]
        self._origins: list[int] = [0]
        pieces: list[str] = []
        made, read = 0, 0
        for start, end in expressions(script):
            pieces.append(script[read:start])
            made += start - read
            value = expression(script[start + 3 : end - 2].strip()) if expression else None
            if value is None:
                pieces.append(script[start:end])
                self.ends[made] = made + end - start
            else:
                pieces.append(value)
                self.ends.update((made + first, made + last) for first, last in expressions(value))
                self._places += [made, made + len(value)]
                self._origins += [start, end]
            made += len(pieces[-1])
            read = end
        pieces.append(script[read:])
        self.text = "".join(pieces)

    def place(self, at: int) -> int:
        """The place in the script from which the character *at* comes."""
        index = bisect_right(self._places, at) - 1
        origin = self._origins[index] + at - self._places[index]
        return min(origin, self._origins[index + 1]) if index + 1 < len(self._origins) else origin

    def line(self, at: int) -> int:
        """The line, from 0, on which the character *at* stands."""
        return self._first_line + bisect_right(self._lines, self.place(at))


def expressions(text: str) -> Iterator[tuple[int, int]]:
    """Where each ``${{ … }}`` of *text* begins and ends; ``}}`` inside its quotes does not end it."""
    mind_quotes = True
    at = text.find("${{")
    while at >= 0:
        end = _expression_end(text, at + 3) if mind_quotes else -1
        if end < 0:
            mind_quotes = False
            closing = text.find("}}", at + 3)
            if closing < 0:
                return
            end = closing + 2
        yield at, end
        at = text.find("${{", end)


_EXPRESSION_STOP = re.compile(r"'[^']*'|\}\}|'")


def _expression_end(text: str, at: int) -> int:
    for match in _EXPRESSION_STOP.finditer(text, at):
        if match.group() == "}}":
            return match.end()
        if match.group() == "'":
            return -1
    return -1


_DEEPEST = 40
"""Nothing that people write is nested deeper; what is, is not read."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BLANKS = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_COMMENT = re.compile(r"#[^\n]*")
_TOKEN = re.compile(r"[^\s;&|<>()\"'`$\\]+")
_PLAIN = re.compile(r"[^\s;&|<>()\"'`$\\?*+@!]+|[?*+@!](?!\()")
_REDIRECTION = re.compile(r"(\d*)(<<<|<<-|<<|<>|<&|<(?!\()|>>|>&|>\||>(?!\()|&>>|&>)")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\n]*\])?(\+?)=")
_FUNCTION = re.compile(r"[ \t]*\([ \t]*\)")
_SPECIAL = re.compile(r"[@*#?$!0-9-]")
_IN_DOUBLE_QUOTES = re.compile(r"[^\"$`\\]+")
_IN_BRACES = re.compile(r"[^}\"'$`\\]+")
_IN_BACKTICKS = re.compile(r"(?:[^`\\]|\\.)*", re.DOTALL)
_ESCAPED = re.compile(r"\\([`\\$])")
_ANSI = re.compile(r"(?:[^'\\]|\\.)*", re.DOTALL)
_OPERATOR = re.compile(r":?[-+=?]")
_PARENTHESES = re.compile(r"[()]")
_OPENING = frozenset({"if", "while", "until", "for", "select", "case", "function", "{", "[[", "coproc"})
_CLOSING = frozenset({"then", "else", "elif", "fi", "do", "done", "esac", "}"})
_DECLARE = frozenset({"export", "declare", "typeset", "local", "readonly"})
_END = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


def read(source: Source) -> tuple[AndOr, ...]:
    """The tree of a whole script."""
    return _Reader(source).commands(frozenset())


def double_quoted(source: Source) -> tuple[Part, ...]:
    """*source* as the parts of one double-quoted word, as the lines of a here-document are read."""
    reader = _Reader(source)
    parts: list[Part] = []
    reader.quoted(parts, '"', closing=False)
    return tuple(parts)


class _Reader:
    def __init__(self, source: Source, depth: int = 0) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.depth = depth
        self.documents: list[tuple[Redirection, str, bool, bool]] = []

    def commands(self, closers: frozenset[str]) -> tuple[AndOr, ...]:
        """Commands until one of *closers* stands where a command could, which stays unread."""
        self._deeper()
        found: list[AndOr] = []
        while True:
            self._lines()
            if self.at >= len(self.text) or self._closes(closers):
                break
            before = self.at
            item = self._and_or(closers)
            if item is not None:
                found.append(item)
            if self.at == before:  # a closing word or bracket that nothing opened
                self.at += len(self._peek()) or 1
        self.depth -= 1
        return tuple(found)

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.at = len(self.text)

    def _closes(self, closers: frozenset[str]) -> bool:
        char = self.text[self.at]
        if char == ")":
            return ")" in closers
        if char == ";":
            return ";;" in closers and self.text.startswith((";;", ";&"), self.at)
        return self._peek() in closers

    def _peek(self) -> str:
        match = _TOKEN.match(self.text, self.at)
        return match.group() if match else ""

    def _blanks(self) -> None:
        match = _BLANKS.match(self.text, self.at)
        if match:
            self.at = match.end()

    def _lines(self) -> None:
        """Pass over blanks, comments, line ends and lone semicolons."""
        while True:
            self._blanks()
            char = self.text[self.at : self.at + 1]
            if char == "\n":
                self.at += 1
                self._read_documents()
            elif char == "#":
                self._comment()
            elif char == ";" and not self.text.startswith((";;", ";&"), self.at):
                self.at += 1
            else:
                return

    def _comment(self) -> None:
        match = _COMMENT.match(self.text, self.at)
        if match:
            self.at = match.end()

    def _and_or(self, closers: frozenset[str]) -> AndOr | None:
        items: list[tuple[str, Pipeline]] = []
        operator = ""
        while True:
            pipeline = self._pipeline(closers)
            if pipeline is None:
                break
            items.append((operator, pipeline))
            self._blanks()
            operator = self.text[self.at : self.at + 2]
            if operator not in {"&&", "||"}:
                break
            self.at += 2
            self._lines()
        self._blanks()
        background = False
        if self.text.startswith(";", self.at) and not self.text.startswith((";;", ";&"), self.at):
            self.at += 1
        elif self.text.startswith("&", self.at):
            self.at += 1
            background = True
        return AndOr(tuple(items), background) if items else None

    def _pipeline(self, closers: frozenset[str]) -> Pipeline | None:
        commands: list[Simple | Compound] = []
        negated = False
        while True:
            self._lines()
            while self._peek() in {"!", "time"}:
                negated ^= self._peek() == "!"
                self.at += len(self._peek())
                self._blanks()
                if self._peek() == "-p":
                    self.at += 2
                    self._blanks()
            command = self._command(closers)
            if command is None:
                break
            commands.append(command)
            self._blanks()
            if self.text.startswith("||", self.at) or not self.text.startswith("|", self.at):
                break
            self.at += 2 if self.text.startswith("|&", self.at) else 1
        return Pipeline(tuple(commands), negated) if commands else None

    def _command(self, closers: frozenset[str]) -> Simple | Compound | None:
        if self.at >= len(self.text) or self._closes(closers):
            return None
        if self.text.startswith("((", self.at):
            self._arithmetic()
            return Compound("group", ())
        if self.text.startswith("(", self.at):
            self.at += 1
            return self._compound("subshell", ")")
        opening = self._peek()
        if opening in _OPENING:
            self.at += len(opening)
            return self._opened(opening)
        if opening in _CLOSING:
            return None
        return self._simple()

    def _opened(self, opening: str) -> Simple | Compound | None:
        if opening == "{":
            return self._compound("group", "}")
        if opening == "if":
            return self._if()
        if opening in {"while", "until"}:
            condition = self.commands(frozenset({"do"}))
            return self._loop(opening, condition)
        if opening in {"for", "select"}:
            return self._for()
        if opening == "case":
            return self._case()
        if opening == "[[":
            return self._test()
        if opening == "coproc":
            self._blanks()
            return self._command(frozenset())
        self._blanks()
        name = self._peek()
        self.at += len(name)
        return self._function(name)

    def _expect(self, word: str) -> bool:
        if self.text.startswith(word, self.at):
            self.at += len(word)
            return True
        return False

    def _compound(self, kind: str, closer: str) -> Compound:
        body = self.commands(frozenset({closer}))
        self._expect(closer)
        return Compound(kind, (((), body),), self._redirections())

    def _if(self) -> Compound:
        branches: list[tuple[tuple[AndOr, ...], tuple[AndOr, ...]]] = []
        complete = False
        while True:
            condition = self.commands(frozenset({"then", "fi"}))
            self._expect("then")
            branches.append((condition, self.commands(frozenset({"elif", "else", "fi"}))))
            if not self._expect("elif"):
                break
        if self._expect("else"):
            complete = True
            branches.append(((), self.commands(frozenset({"fi"}))))
        self._expect("fi")
        return Compound("if", tuple(branches), self._redirections(), complete=complete)

    def _loop(self, kind: str, condition: tuple[AndOr, ...], name: str = "", words: tuple[Word, ...] = ()) -> Compound:
        closer = "}" if self._peek() == "{" else "done"
        if not self._expect("{"):
            self._expect("do")
        body = self.commands(frozenset({closer}))
        self._expect(closer)
        return Compound(kind, ((condition, body),), self._redirections(), name, words)

    def _for(self) -> Compound:
        self._blanks()
        name, words = "", []
        if self.text.startswith("((", self.at):
            self._arithmetic()
        else:
            name = self._peek()
            self.at += len(name)
            self._lines()
            if self._peek() == "in":
                self.at += 2
                words = self._words()
        self._lines()
        return self._loop("for", (), name, tuple(words))

    def _words(self) -> list[Word]:
        words: list[Word] = []
        while True:
            self._blanks()
            word = self._word()
            if word is None:
                return words
            words.append(word)

    def _case(self) -> Compound:
        self._blanks()
        subject = self._word()
        self._lines()
        self._expect("in")
        branches: list[tuple[tuple[AndOr, ...], tuple[AndOr, ...]]] = []
        complete = False
        while True:
            self._lines()
            if self.at >= len(self.text) or self._peek() == "esac":
                self._expect("esac")
                break
            before = self.at
            self._expect("(")
            end = self._pattern_end()
            complete |= self.text[self.at : end].strip() == "*"
            self.at = end
            self._expect(")")
            branches.append(((), self.commands(frozenset({";;", "esac"}))))
            if self.text.startswith((";;", ";&"), self.at):
                self.at += 3 if self.text.startswith(";;&", self.at) else 2
            if self.at == before:
                self.at += 1
        words = () if subject is None else (subject,)
        return Compound("case", tuple(branches), self._redirections(), words=words, complete=complete)

    def _pattern_end(self) -> int:
        at = self.at
        while True:
            self._blanks()
            word = self._word()
            if word is None:
                if self.text.startswith("|", self.at):
                    self.at += 1
                    continue
                end, self.at = self.at, at
                return end

    def _test(self) -> Simple:
        """``[[ … ]]``, in which operators are words."""
        words = [Word((Text("[[", quoted=False),), self.at - 2, self.at)]
        while self.at < len(self.text):
            self._blanks()
            if self._peek() == "]]":
                self.at += 2
                break
            word = self._word()
            if word is not None:
                words.append(word)
            elif self.text.startswith("\n", self.at):
                self.at += 1
                self._read_documents()
            else:
                self.at += 1
        return Simple((), tuple(words), self._redirections(), self.source)

    def _function(self, name: str) -> Compound:
        match = _FUNCTION.match(self.text, self.at)
        if match:
            self.at = match.end()
        self._lines()
        body = self._command(frozenset())
        item = () if body is None else (AndOr((("", Pipeline((body,), negated=False)),), background=False),)
        return Compound("function", (((), item),), name=name)

    def _arithmetic(self) -> None:
        """Pass over ``(( … ))``."""
        depth = 0
        for match in _PARENTHESES.finditer(self.text, self.at):
            depth += 1 if match.group() == "(" else -1
            if depth == 0:
                self.at = match.end()
                return
        self.at = len(self.text)

    def _redirections(self) -> tuple[Redirection, ...]:
        found: list[Redirection] = []
        while True:
            self._blanks()
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
        self._blanks()
        start = self.at
        target = self._word()
        redirection = Redirection(operator, target, [], descriptor)
        if operator in {"<<", "<<-"} and target is not None:
            written = self.text[start : self.at]
            plain = not any(char in written for char in "\"'\\")
            self.documents.append((redirection, re.sub(r"[\"'\\]", "", written), plain, operator == "<<-"))
        return redirection

    def _read_documents(self) -> None:
        """Read the bodies of the here-documents that the line just ended has announced."""
        documents, self.documents = self.documents, []
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
        if not expands:
            body += _atoms(text)
            return
        reader = _Reader(Source(text, None, first_line=self.source.line(start), own=False), self.depth)
        reader.quoted(body, '"', closing=False)

    def _simple(self) -> Simple | Compound | None:
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        first = ""
        while True:
            redirections += self._redirections()
            if self._ended():
                break
            if len(words) == 1 and _FUNCTION.match(self.text, self.at):
                return self._function(first)
            assignment = self._assignment(lists_only=bool(words)) if not words or first in _DECLARE else None
            if assignment is not None:
                assignments.append(assignment)
                continue
            word = self._word()
            if word is None:
                self.at += 1
                continue
            first = first or self.text[word.start : word.end]
            words.append(word)
        if not (words or assignments or redirections):
            return None
        return Simple(tuple(assignments), tuple(words), tuple(redirections), self.source)

    def _ended(self) -> bool:
        """Whether a simple command ends here; a comment does that too, and is passed over."""
        char = self.text[self.at : self.at + 1]
        if char == "#":
            self._comment()
        return not char or char in "#\n;&|)"

    def _assignment(self, *, lists_only: bool) -> Assignment | None:
        match = _ASSIGNMENT.match(self.text, self.at)
        if match is None:
            return None
        a_list = self.text.startswith("(", match.end())
        if lists_only and not a_list:
            return None
        self.at = match.end()
        name, index, append = match.groups()
        if a_list:
            self.at += 1
            words = []
            while True:
                self._lines()
                word = self._word()
                if word is None:
                    break
                words.append(word)
            self._expect(")")
            return Assignment(name, bool(append), tuple(words))
        value = self._word() or Word((), self.at, self.at)
        return Assignment(name, bool(append), None if index else value)

    def _word(self) -> Word | None:
        """The word that begins here; None where none does."""
        start = self.at
        parts: list[Part] = []
        while self.at < len(self.text):
            match = _PLAIN.match(self.text, self.at)
            if match:
                parts.append(Text(match.group(), quoted=False))
                self.at = match.end()
                continue
            char = self.text[self.at]
            if char in "?*+@!":  # a pattern such as @(a|b)
                self._pattern(parts)
            elif char == "\\":
                self._escape(parts)
            elif char == "'":
                self._single(parts)
            elif char == '"':
                self.at += 1
                parts.append(Text("", quoted=True))
                self.quoted(parts, '"')
            elif char == "$":
                self._dollar(parts, quoted=False)
            elif char == "`":
                self._backticks(parts, quoted=False)
            elif char in "<>" and self.text.startswith("(", self.at + 1):
                self._substitution(parts, quoted=False)
            else:
                break
        return Word(tuple(parts), start, self.at) if self.at > start else None

    def _pattern(self, parts: list[Part]) -> None:
        start = self.at
        self.at += 1
        self._arithmetic()
        parts.append(Text(self.text[start : self.at], quoted=False))

    def _escape(self, parts: list[Part]) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "\r" and self.text.startswith("\n", self.at + 2):
            following = "\r\n"
        self.at += 1 + len(following)
        if following not in {"\n", "\r\n"}:
            parts.append(Text(following, quoted=True))

    def _single(self, parts: list[Part]) -> None:
        """``'…'``; an expression in it is replaced before the shell sees it, quotes and all."""
        self.at += 1
        start = self.at
        while True:
            end = self.text.find("'", self.at)
            end = len(self.text) if end < 0 else end
            expression = self.text.find("${{", self.at, end)
            if expression < 0 or expression not in self.source.ends:
                break
            self.at = self.source.ends[expression]
        parts.append(Text("", quoted=True))
        parts += self._stretch(start, end)
        self.at = min(end + 1, len(self.text))

    def _stretch(self, start: int, end: int) -> list[Part]:
        """Characters that stand for themselves, save for expressions."""
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

    def quoted(self, parts: list[Part], closer: str, *, closing: bool = True) -> None:
        """What stands in double quotes, to the closing one; without *closing*, to the end of the text."""
        while self.at < len(self.text):
            match = _IN_DOUBLE_QUOTES.match(self.text, self.at)
            if match:
                parts.append(Text(match.group(), quoted=True))
                self.at = match.end()
                continue
            char = self.text[self.at]
            if char == closer:
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

    def _dollar(self, parts: list[Part], *, quoted: bool) -> None:
        start = self.at
        following = self.text[start + 1 : start + 2]
        end = self.source.ends.get(start)
        if end is not None:
            self.at = end
            parts.append(Unknown(self.text[start:end], quoted))
        elif self.text.startswith("((", start + 1):
            self.at += 1
            self._arithmetic()
            parts.append(Unknown(self.text[start : self.at], quoted))
        elif following == "(":
            self._substitution(parts, quoted=quoted)
        elif following == "{":
            self.at += 2
            self._braces(parts, start, quoted=quoted)
        elif following == "'" and not quoted:
            match = _ANSI.match(self.text, start + 2)
            self.at = min((match.end() if match else start + 2) + 1, len(self.text))
            text = re.sub(r"\\(.)", lambda one: _END.get(one[1], one[0]), self.text[start + 2 : self.at - 1])
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
        self._expect(")")
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
        self._deeper()
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
            self.quoted(argument, '"')
        elif self.text[self.at] == "`":
            self._backticks(argument, quoted=quoted)
        elif self.text[self.at] == "'" and not quoted:
            self._single(argument)
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
        body = _ESCAPED.sub(r"\1", self.text[start + 1 : end])
        inner = _Reader(Source(body, None, first_line=self.source.line(start), own=False), self.depth + 1)
        parts.append(Substitution(inner.commands(frozenset()), quoted, self.text[start : self.at]))


def _atoms(text: str) -> list[Part]:
    """Text in which only expressions are special."""
    parts: list[Part] = []
    at = 0
    for start, end in expressions(text):
        parts += [Text(text[at:start], quoted=True), Unknown(text[start:end], quoted=True)]
        at = end
    return [*parts, Text(text[at:], quoted=True)]
