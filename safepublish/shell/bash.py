"""The syntax of bash and sh: a script's text as a tree (POSIX 2018, Shell Command Language, 2.9 and 2.10).

The cost is linear in the text, and there are no errors: text that no shell accepts is read as far as possible.
"""

import re

from safepublish.shell.bash_words import WordReader
from safepublish.shell.source import Source
from safepublish.shell.syntax_tree import (
    AndOr,
    Assignment,
    Compound,
    Pipeline,
    Redirection,
    Simple,
    Text,
    Word,
    single,
)

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\n]{0,200}\])?(\+?)=")
_PLAIN_WORD = re.compile(r"[ \t]*+((?!\#)(?:[^\s;&|<>()\"'`$\\?*+@!]++|[?*+@!](?!\())+)(?=[ \t\r\n;&|)]|\Z)")
_FUNCTION = re.compile(r"[ \t]*\([ \t]*\)")
_OPENING = frozenset({"if", "while", "until", "for", "select", "case", "function", "{", "[[", "coproc"})
_CLOSING = frozenset({"then", "else", "elif", "fi", "do", "done", "esac", "}"})
_DECLARE = frozenset({"export", "declare", "typeset", "local", "readonly"})


def read(source: Source) -> tuple[AndOr, ...]:
    """The tree of a whole script."""
    return _CommandReader(source).commands(frozenset())


class _CommandReader(WordReader):
    """Reads the commands of a script from left to right."""

    def commands(self, closers: frozenset[str]) -> tuple[AndOr, ...]:
        self.enter()
        found: list[AndOr] = []
        while True:
            self.skip_lines()
            if self.at >= len(self.text) or self._closes(closers):
                break
            before = self.at
            item = self._and_or(closers)
            if item is not None:
                found.append(item)
            if self.at == before:  # a closing word or bracket that nothing opened
                self.at += len(self.token()) or 1
        self.depth -= 1
        return tuple(found)

    def _closes(self, closers: frozenset[str]) -> bool:
        char = self.text[self.at]
        if char == ")":
            return ")" in closers
        if char == ";":
            return ";;" in closers and self.text.startswith((";;", ";&"), self.at)
        return self.token() in closers

    def _and_or(self, closers: frozenset[str]) -> AndOr | None:
        items: list[tuple[str, Pipeline]] = []
        operator = ""
        while True:
            pipeline = self._pipeline(closers)
            if pipeline is None:
                break
            items.append((operator, pipeline))
            self.skip_blanks()
            operator = self.text[self.at : self.at + 2]
            if operator not in {"&&", "||"}:
                break
            self.at += 2
            self.skip_lines()
        self.skip_blanks()
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
            self.skip_lines()
            while self.token() in {"!", "time"}:
                negated ^= self.token() == "!"
                self.at += len(self.token())
                self.skip_blanks()
                if self.token() == "-p":
                    self.at += 2
                    self.skip_blanks()
            command = self._command(closers)
            if command is None:
                break
            commands.append(command)
            self.skip_blanks()
            if self.text.startswith("||", self.at) or not self.text.startswith("|", self.at):
                break
            self.at += 2 if self.text.startswith("|&", self.at) else 1
        return Pipeline(tuple(commands), negated) if commands else None

    def _command(self, closers: frozenset[str]) -> Simple | Compound | None:
        if self.at >= len(self.text) or self._closes(closers):
            return None
        if self.text[self.at] == "(":
            if self.text.startswith("((", self.at):
                self.skip_parentheses()
                return Compound("group", ())
            self.at += 1
            return self._compound("subshell", ")")
        opening = self.token()
        if opening in _OPENING:
            self.at += len(opening)
            return self._opened(opening)
        if opening in _CLOSING:
            return None
        return self._simple()

    # Compound commands

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
        self.skip_blanks()
        if opening == "coproc":
            return self._nested_command()
        name = self.token()
        self.at += len(name)
        return self._function(name)

    def _nested_command(self) -> Simple | Compound | None:
        self.enter()
        command = self._command(frozenset())
        self.depth -= 1
        return command

    def _compound(self, kind: str, closer: str) -> Compound:
        body = self.commands(frozenset({closer}))
        self.accept(closer)
        return Compound(kind, (((), body),), self.redirections())

    def _if(self) -> Compound:
        branches: list[tuple[tuple[AndOr, ...], tuple[AndOr, ...]]] = []
        complete = False
        while True:
            condition = self.commands(frozenset({"then", "fi"}))
            self.accept("then")
            branches.append((condition, self.commands(frozenset({"elif", "else", "fi"}))))
            if not self.accept("elif"):
                break
        if self.accept("else"):
            complete = True
            branches.append(((), self.commands(frozenset({"fi"}))))
        self.accept("fi")
        return Compound("if", tuple(branches), self.redirections(), complete=complete)

    def _loop(self, kind: str, condition: tuple[AndOr, ...], name: str = "", words: tuple[Word, ...] = ()) -> Compound:
        closer = "}" if self.token() == "{" else "done"
        if not self.accept("{"):
            self.accept("do")
        body = self.commands(frozenset({closer}))
        self.accept(closer)
        return Compound(kind, ((condition, body),), self.redirections(), name, words)

    def _for(self) -> Compound:
        self.skip_blanks()
        name = ""
        words: list[Word] = []
        if self.text.startswith("((", self.at):
            self.skip_parentheses()
        else:
            name = self.token()
            self.at += len(name)
            self.skip_lines()
            if self.token() == "in":
                self.at += 2
                self.skip_blanks()
                while word := self.word():
                    words.append(word)
                    self.skip_blanks()
        self.skip_lines()
        return self._loop("for", (), name, tuple(words))

    def _case(self) -> Compound:
        self.skip_blanks()
        subject = self.word()
        self.skip_lines()
        self.accept("in")
        branches: list[tuple[tuple[AndOr, ...], tuple[AndOr, ...]]] = []
        complete = False
        while True:
            self.skip_lines()
            if self.at >= len(self.text) or self.token() == "esac":
                self.accept("esac")
                break
            before = self.at
            self.accept("(")
            complete |= self._pattern().strip() == "*"
            self.accept(")")
            branches.append(((), self.commands(frozenset({";;", "esac"}))))
            if self.text.startswith((";;", ";&"), self.at):
                self.at += 3 if self.text.startswith(";;&", self.at) else 2
            if self.at == before:
                self.at += 1
        words = () if subject is None else (subject,)
        return Compound("case", tuple(branches), self.redirections(), words=words, complete=complete)

    def _pattern(self) -> str:
        """The pattern of a branch of `case`, up to its bracket."""
        start = self.at
        while True:
            self.skip_blanks()
            if self.word() is None and not self.accept("|"):
                return self.text[start : self.at]

    def _test(self) -> Simple:
        """``[[ … ]]``, in which operators are words."""
        words = [Word((Text("[[", quoted=False),), self.at - 2, self.at)]
        while self.at < len(self.text):
            self.skip_blanks()
            if self.token() == "]]":
                self.at += 2
                break
            word = self.word()
            if word is not None:
                words.append(word)
                continue
            self.at += 1
            if self.text.startswith("\n", self.at - 1):
                self.read_documents()
        return Simple((), tuple(words), self.redirections(), self.source)

    def _function(self, name: str) -> Compound:
        match = _FUNCTION.match(self.text, self.at)
        if match:
            self.at = match.end()
        self.skip_lines()
        body = self._nested_command()
        return Compound("function", (((), () if body is None else (single(body),)),), name=name)

    # Simple commands

    def _simple(self) -> Simple | Compound | None:
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        first = ""
        while True:
            plain = _PLAIN_WORD.match(self.text, self.at)
            if plain and (words or "=" not in plain[1]):
                start, self.at = plain.span(1)
                words.append(Word((Text(plain[1], quoted=False),), start, self.at))
                first = first or plain[1]
                continue
            redirections += self.redirections()
            if self._ended():
                break
            if len(words) == 1 and _FUNCTION.match(self.text, self.at):
                return self._function(first)
            if not words or first in _DECLARE:
                assignment = self._assignment(lists_only=bool(words))
                if assignment is not None:
                    assignments.append(assignment)
                    continue
            word = self.word()
            if word is None:
                self.at += 1
                continue
            first = first or self.text[word.start : word.end]
            words.append(word)
        if not (words or assignments or redirections):
            return None
        return Simple(tuple(assignments), tuple(words), tuple(redirections), self.source)

    def _ended(self) -> bool:
        """Whether a simple command ends here; a comment ends it too, and is passed over."""
        char = self.text[self.at : self.at + 1]
        if char == "#":
            self.skip_comment()
        return not char or char in "#\n;&|)"

    def _assignment(self, *, lists_only: bool) -> Assignment | None:
        match = _ASSIGNMENT.match(self.text, self.at)
        if match is None:
            return None
        is_list = self.text.startswith("(", match.end())
        if lists_only and not is_list:
            return None
        self.at = match.end()
        name, index, append = match.groups()
        if not is_list:
            value = self.word() or Word((), self.at, self.at)
            return Assignment(name, bool(append), None if index else value)
        self.at += 1
        words = []
        self.skip_lines()
        while word := self.word():
            words.append(word)
            self.skip_lines()
        self.accept(")")
        return Assignment(name, bool(append), tuple(words))
