"""The syntax of PowerShell, as far as its commands go: a script's text as a tree (about_Parsing).

The cost is linear in the text, and there are no errors, as in `safepublish.shell.bash`.
"""

import re
from collections.abc import Callable

from safepublish.shell.source import Source
from safepublish.shell.syntax_tree import (
    AndOr,
    Assignment,
    Compound,
    Part,
    Pipeline,
    Redirection,
    Simple,
    Substitution,
    Text,
    Unknown,
    Variable,
    Word,
    single,
)

_DEEPEST = 40
_SPACE = re.compile(r"(?:[ \t\r]|`\r?\n)+")
_COMMENT = re.compile(r"#[^\n]*|<#.*?(?:#>|\Z)", re.DOTALL)
_KEYWORD = re.compile(
    r"(if|elseif|else|foreach|for|while|do|until|switch|try|catch|finally|function|filter)\b", re.IGNORECASE
)
_ASSIGNED = re.compile(r"\$(env:)?(\w+)\s*(\+?)=\s*", re.IGNORECASE)
_TYPE = re.compile(r"\[[\w.]+\]\s*(?=\$)")
_VARIABLE = re.compile(r"\$(?:\{([^}\n]{0,200})\}|(\w+:)?(\w+|[?^$_]))")
_BARE = re.compile(r"[^\s;|&<>(){}\"'`$@#,]+|[@#,]")
_REDIRECTED = re.compile(r"(\d|\*)?(>>|>)(&\d)?")
_HERE = re.compile(r"@(['\"])[ \t]*\r?\n")
_IN_DOUBLE_QUOTES = re.compile(r"[^\"`$]+")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def read(source: Source) -> tuple[AndOr, ...]:
    """The tree of a whole script."""
    return _Reader(source).block("")


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source, self.text = source, source.text
        self.at = self.depth = 0

    def block(self, closer: str) -> tuple[AndOr, ...]:
        """Statements up to *closer*, which is read too."""
        self._enter()
        found: list[AndOr] = []
        while True:
            self._skip(lines=True)
            if self.at >= len(self.text):
                break
            if closer and self.text.startswith(closer, self.at):
                self.at += 1
                break
            before = self.at
            found += self._statement()
            if self.at == before:
                self.at += 1
        self.depth -= 1
        return tuple(found)

    def _enter(self) -> None:
        """Go one level deeper; below the deepest, pass over the rest of the text."""
        self.depth += 1
        if self.depth > _DEEPEST:
            self.at = len(self.text)

    def _skip(self, *, lines: bool) -> None:
        """Pass over blanks and comments, and over line ends and semicolons where *lines* says so."""
        while True:
            match = _SPACE.match(self.text, self.at) or _COMMENT.match(self.text, self.at)
            if match:
                self.at = match.end()
            elif lines and self.text[self.at : self.at + 1] in {"\n", ";"}:
                self.at += 1
            else:
                return

    def _statement(self) -> list[AndOr]:
        keyword = _KEYWORD.match(self.text, self.at)
        if keyword:
            self.at = keyword.end()
            return self._compound(keyword.group(1).lower())
        typed = _TYPE.match(self.text, self.at)
        if typed:
            self.at = typed.end()
        assigned = _ASSIGNED.match(self.text, self.at)
        if assigned and not self.text.startswith("=", assigned.end()):
            return self._assignment(assigned)
        items: list[tuple[str, Pipeline]] = []
        operator = ""
        while True:
            pipeline = self._pipeline()
            if pipeline is None:
                break
            items.append((operator, pipeline))
            operator = self.text[self.at : self.at + 2]
            if operator not in {"&&", "||"}:
                break
            self.at += 2
            self._skip(lines=True)
        return [AndOr(tuple(items), background=False)] if items else []

    def _compound(self, keyword: str) -> list[AndOr]:
        condition: tuple[AndOr, ...] = ()
        body: tuple[AndOr, ...] = ()
        name = ""
        self._skip(lines=False)
        if keyword in {"function", "filter"}:
            match = _BARE.match(self.text, self.at)
            name = match.group() if match else ""
            self.at = match.end() if match else self.at
            self._skip(lines=True)
        if self.text.startswith("(", self.at):
            self.at += 1
            condition = self.block(")")
            self._skip(lines=True)
        if self.text.startswith("{", self.at):
            self.at += 1
            body = self.block("}")
        if name:
            return [single(Compound("function", (((), body),), name=name))]
        if keyword in {"try", "finally", "do"}:
            return [single(Compound("group", (((), body),)))]
        if keyword in {"foreach", "for", "while", "until"}:
            return [*condition, single(Compound("while", (((), body),)))]
        return [*condition, single(Compound("if", (((), body),)))]

    def _assignment(self, match: re.Match[str]) -> list[AndOr]:
        """``$name = value`` and ``$env:NAME = value``; the output of a command is unknown."""
        start = self.at
        self.at = match.end()
        name = match.group(2) if match.group(1) else _local(match.group(2))
        char = self.text[self.at : self.at + 1]
        behind: list[AndOr] = []
        if char in {'"', "'", "$"} or char.isdigit() or _HERE.match(self.text, self.at):
            value = self._word() or Word((), self.at, self.at)
            self._skip(lines=False)
            if self.text[self.at : self.at + 1] not in {"", "\n", ";", "}", "#"}:  # "a" + $b, $a | …
                value = Word((Unknown("$( )", quoted=True),), start, self.at)
                self._rest_of_line()
        else:
            self._enter()
            behind = self._statement()
            self.depth -= 1
            value = Word((Unknown("$( )", quoted=True),), start, self.at)
        if match.group(3):
            value = Word((Unknown("$( )", quoted=True),), start, self.at)
        if match.group(1):
            command = Word((Text("set", quoted=True),), start, start)
            setting = Word((Text(f"{name}=", quoted=True), *value.parts), start, start)
            return [*behind, single(Simple((), (command, setting), (), self.source))]
        return [*behind, single(Simple((Assignment(name, append=False, value=value),), (), (), self.source))]

    def _rest_of_line(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _pipeline(self) -> Pipeline | None:
        commands: list[Simple | Compound] = []
        while True:
            self._skip(lines=False)
            commands += self._command()
            if self.text.startswith("||", self.at) or not self.text.startswith("|", self.at):
                break
            self.at += 1
            self._skip(lines=True)
        return Pipeline(tuple(commands), negated=False) if commands else None

    def _command(self) -> list[Simple | Compound]:
        words: list[Word] = []
        redirections: list[Redirection] = []
        blocks: list[Simple | Compound] = []
        if self.text.startswith("&", self.at) and not self.text.startswith("&&", self.at):
            self.at += 1  # the call operator
        while True:
            self._skip(lines=False)
            char = self.text[self.at : self.at + 1]
            if not char or char in "\n;|)}&":
                break
            redirected = _REDIRECTED.match(self.text, self.at)
            if redirected:
                self.at = redirected.end()
                self._skip(lines=False)
                target = None if redirected.group(3) else self._word()
                redirections.append(Redirection(redirected.group(2), target, [], None))
                continue
            if char == "{":
                self.at += 1
                blocks.append(Compound("while", (((), self.block("}")),)))
                continue
            word = self._word()
            if word is None:
                self.at += 1
                continue
            words.append(word)
        found: list[Simple | Compound] = []
        if words or redirections:
            found.append(Simple((), tuple(words), tuple(redirections), self.source))
        return found + blocks

    def _word(self) -> Word | None:
        start = self.at
        parts: list[Part] = []
        while self.at < len(self.text):
            here = _HERE.match(self.text, self.at)
            match = None if here else _BARE.match(self.text, self.at)
            char = self.text[self.at]
            if here:
                self._here_string(parts, here)
            elif (match and char != "@") or (
                match and char == "@" and self.text[self.at + 1 : self.at + 2] not in {"(", "{"}
            ):
                parts.append(Text(match.group(), quoted=True))
                self.at = match.end()
            elif char == "'":
                self._single(parts)
            elif char == '"':
                self.at += 1
                self._double(parts)
            elif char == "`":
                following = self.text[self.at + 1 : self.at + 2]
                parts.append(Text(_ESCAPES.get(following, following), quoted=True))
                self.at = min(self.at + 2, len(self.text))
            elif char == "$":
                self._dollar(parts)
            elif char in "(@":
                self._nested(parts, start)
            else:
                break
        return Word(tuple(parts), start, self.at) if self.at > start else None

    def _nested(self, parts: list[Part], start: int) -> None:
        """``( … )``, ``$( … )``, ``@( … )`` and ``@{ … }``, whose values are unknown."""
        self.at += 1 if self.text[self.at] == "(" else 2
        body = self.block("}" if self.text[self.at - 1] == "{" else ")")
        parts.append(Substitution(body, quoted=True, raw=self.text[start : self.at]))

    def _single(self, parts: list[Part]) -> None:
        end = self.at + 1
        while True:
            end = self.text.find("'", end)
            if end < 0 or not self.text.startswith("''", end):
                break
            end += 2
        end = len(self.text) if end < 0 else end
        parts += self._verbatim(self.at + 1, end, lambda text: text.replace("''", "'"))
        self.at = min(end + 1, len(self.text))

    def _verbatim(self, start: int, end: int, clean: Callable[[str], str] = str) -> list[Part]:
        """Characters that stand for themselves, except for expressions."""
        found: list[Part] = []
        at = start
        while True:
            expression = self.text.find("${{", at, end)
            stop = self.source.ends.get(expression, -1)
            piece = self.text[at : expression if stop > 0 else end]
            found.append(Text(clean(piece), quoted=True))
            if stop < 0:
                return found
            found.append(Unknown(self.text[expression:stop], quoted=True))
            at = stop

    def _double(self, parts: list[Part]) -> None:
        parts.append(Text("", quoted=True))
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == '"':
                if not self.text.startswith('""', self.at):
                    self.at += 1
                    return
                parts.append(Text('"', quoted=True))
                self.at += 2
            elif char == "`":
                following = self.text[self.at + 1 : self.at + 2]
                parts.append(Text(_ESCAPES.get(following, following), quoted=True))
                self.at = min(self.at + 2, len(self.text))
            elif char == "$":
                self._dollar(parts)
            else:
                match = _IN_DOUBLE_QUOTES.match(self.text, self.at)
                end = match.end() if match else self.at + 1
                parts.append(Text(self.text[self.at : end], quoted=True))
                self.at = end

    def _here_string(self, parts: list[Part], opening: re.Match[str]) -> None:
        end = self.text.find(f"\n{opening.group(1)}@", opening.end() - 1)
        stop = len(self.text) if end < 0 else end
        if opening.group(1) == "'":
            parts += self._verbatim(opening.end(), stop)
        else:
            inner = _Reader(Source(self.text[opening.end() : stop] + '"', None, own=False))
            inner.depth = self.depth + 1
            inner._double(parts)
        self.at = min(stop + 3, len(self.text))

    def _dollar(self, parts: list[Part]) -> None:
        start = self.at
        end = self.source.ends.get(start)
        match = _VARIABLE.match(self.text, start)
        if end is not None:
            parts.append(Unknown(self.text[start:end], quoted=True))
            self.at = end
        elif self.text.startswith("$(", start):
            self._nested(parts, start)
        elif match is None:
            parts.append(Text("$", quoted=True))
            self.at += 1
        else:
            self.at = match.end()
            braced, drive, name = match.groups()
            if braced is not None:
                drive, _, name = braced.rpartition(":")
            in_environment = (drive or "").rstrip(":").lower() == "env"
            parts.append(Variable(name if in_environment else _local(name), "", (), quoted=True, raw=match.group()))


def _local(name: str) -> str:
    """The name under which PowerShell's own variable is kept apart from those of the environment."""
    return f"${name.lower()}"
