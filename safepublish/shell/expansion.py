"""The expansion of words: what variables, lists and substitutions become, as far as the script tells."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence

from safepublish.shell.command import Redirect
from safepublish.shell.state import MOST_ITEMS, Context, Item, ShellState, Value, items
from safepublish.shell.syntax_tree import (
    AndOr,
    Assignment,
    Part,
    Redirection,
    Substitution,
    Text,
    Unknown,
    Variable,
    Word,
)

Field = tuple[str, bool, tuple[int, int] | None]
"""A word after its expansion: its text, whether it is opaque, where it was written."""

_COMMAND = re.compile(r"(?:[\w@.-]*/)*[a-z][\w@.-]*\s+\S")
"""How the value of a variable begins that is a command line: a program and an argument."""

_BLANKS = re.compile(r"\s+(?![^{}]*\}\})")
"""The blanks between words, none of those within `${{ … }}`."""

_MOST_CHARACTERS = 1_000
_MOST_REDIRECTIONS = 100


def is_kept(text: str, *, opaque: bool) -> bool:
    """Whether a variable keeps *text* as its value: an opaque one only where the opaque part is an expression."""
    return len(text) <= _MOST_CHARACTERS and (not opaque or ("${{" in text and "$(" not in text))


class Expander(ShellState, ABC):
    """Expands the words of a script with the state of its shell."""

    @abstractmethod
    def commands(self, tree: Sequence[AndOr], context: Context) -> None:
        """Interpret the commands of a substitution."""

    def expand(self, word: Word, context: Context) -> list[Field]:
        """The fields of *word*: none for an unquoted empty variable, several for one that holds blanks."""
        span = (word.start, word.end)
        if len(word.parts) == 1 and isinstance(part := word.parts[0], Text):
            return [(part.text, False, span)] if part.text or part.quoted else []
        fields: list[Field] = []
        texts: list[str] = []
        opaque, is_field = False, False
        for part in word.parts:
            pieces = self._pieces(part, context)
            for index, (piece, unknown) in enumerate(pieces):
                if index:
                    if is_field:
                        fields.append(("".join(texts), opaque, span))
                    texts, opaque, is_field = [], False, False
                texts.append(piece)
                opaque = opaque or unknown
                is_field = is_field or bool(piece) or unknown or (len(pieces) == 1 and part.quoted)
        if is_field:
            fields.append(("".join(texts), opaque, span))
        return fields

    def _pieces(self, part: Part, context: Context) -> Sequence[Item]:
        """What *part* becomes: the first piece continues the current field, each further one begins another."""
        listed = self._list(part)
        if listed is not None:
            return listed
        piece, unknown = self._piece(part, context)
        if unknown and isinstance(part, Variable) and not part.quoted and _COMMAND.match(piece):
            return self._words_of_value(piece)
        if isinstance(part, Text) or part.quoted or unknown:
            return ((piece, unknown),)
        return tuple((field, False) for field in re.split(r"\s+", piece))

    def _words_of_value(self, piece: str) -> Sequence[Item]:
        """The words of a variable's value that holds `${{ … }}`, which is unknown."""
        return tuple((field, "${{" in field) for field in _BLANKS.split(piece))

    def _list(self, part: Part) -> tuple[Item, ...] | None:
        """The items of a list: ``"$@"``, ``"${NAMES[@]}"``; None for every other part."""
        if not isinstance(part, Variable) or not (part.operator == "[@]" or (part.name in "@*" and not part.operator)):
            return None
        value = self.values.get(part.name)
        if not isinstance(value, tuple) or self.exhausted:
            return None
        listed = items(value)
        self.spend(sum(len(text) + 1 for text, _ in listed))
        return listed

    def _piece(self, part: Part, context: Context) -> Item:
        """The text of *part*; where it is unknown, the text as written."""
        if isinstance(part, Text):
            return part.text, False
        if isinstance(part, Unknown):
            return part.raw, True
        if isinstance(part, Substitution):
            self.begin_branch()
            swallowed = context.swallowed or (None if context.gives_status else "$( )")
            self.commands(
                part.body,
                context._replace(
                    certain=False,
                    tail=True,
                    redirects=(),
                    piped_from=None,
                    swallowed=swallowed,
                    captured=True,
                    gives_status=False,
                    assigned=(),
                ),
            )
            self.end_branch()
            return part.raw, True
        value = self._value(part, context)
        if value is None and (item := self._one_of_several(part)) is not None:
            return item
        if value is None or self.exhausted:
            return part.raw, True
        if part.name == "PATH":
            return value, True  # it holds what the machine had
        self.spend(len(value))
        return value, "${{" in value

    def _one_of_several(self, part: Variable) -> Item | None:
        """The first of the values that the variable of a loop has, one after another."""
        value = self.values.get(part.name)
        if not isinstance(value, tuple) or part.operator or self.exhausted:
            return None
        listed = items(value)
        return listed[0] if len(listed) == 1 and listed[0][1] and "$" not in listed[0][0] else None

    def _value(self, part: Variable, context: Context) -> str | None:
        """The value of a variable's expansion; None where it is unknown."""
        value = self.values.get(part.name)
        if isinstance(value, tuple):
            listed = items(value)
            value = listed[0][0] if listed and not listed[0][1] else None
        if value is not None and not isinstance(value, str):
            return None
        argument, opaque = self.text(part.argument, context)
        if part.operator in {"", "?", ":?"}:
            return value
        if value is None or part.operator not in {"-", ":-", "+", ":+", "=", ":="}:
            return None
        is_empty = not value if ":" in part.operator else False
        uses_argument = is_empty if part.operator[-1] in "-=" else not is_empty
        if uses_argument and opaque:
            return None
        if part.operator[-1] == "+":
            return argument if uses_argument else ""
        return argument if uses_argument else value

    def text(self, parts: Sequence[Part], context: Context) -> Item:
        """*parts* as one text, as in quotes."""
        if len(parts) == 1 and isinstance(part := parts[0], Text):
            return part.text, False
        pieces, opaque = [], False
        for part in parts:
            listed = self._list(part)
            if listed is not None:
                pieces.append(" ".join(item for item, _ in listed))
                opaque = opaque or any(unknown for _, unknown in listed)
                continue
            piece, unknown = self._piece(part, context)
            pieces.append(piece)
            opaque = opaque or unknown
        return "".join(pieces), opaque

    def assigned_value(self, assignment: Assignment, context: Context) -> Value:
        """The value that an assignment gives its variable."""
        old = self.values.get(assignment.name)
        if assignment.value is None:
            return None
        if isinstance(assignment.value, Word):
            text, opaque = self.text(assignment.value.parts, context)
            self.spend(len(text))
            if assignment.append:
                if opaque or not isinstance(old, str):
                    return None
                text = old + text
            if assignment.name == "PATH" or is_kept(text, opaque=opaque):
                return text
            return self._command_in_variable(assignment.value.parts, context)
        fields = [field for word in assignment.value for field in self.expand(word, context)]
        value = tuple((text, opaque) for text, opaque, _ in fields)
        if assignment.append:
            if not isinstance(old, tuple):
                return None
            value = (*items(old), *value)
        return value if len(value) <= MOST_ITEMS else None

    def _command_in_variable(self, parts: Sequence[Part], context: Context) -> str | None:
        """The command line that *parts* are, with `${{ … }}` for what is unknown; None where they are none."""
        texts: list[str] = []
        for part in parts:
            if isinstance(part, Substitution):  # its commands have been interpreted
                texts.append("${{ … }}")
                continue
            text, opaque = self._piece(part, context)
            name = f"${part.name}" if isinstance(part, Variable) else "…"
            texts.append(f"${{{{ {name} }}}}" if opaque and "${{" not in text else text)
        text = "".join(texts)
        return text if len(text) <= _MOST_CHARACTERS and _COMMAND.match(text) else None

    def redirects(self, redirections: Sequence[Redirection], context: Context) -> tuple[Redirect, ...]:
        """The redirections of a command, followed by nothing of what surrounds it."""
        found = []
        for redirection in redirections[:_MOST_REDIRECTIONS]:
            if redirection.operator in {"<<", "<<-"}:
                text, opaque = self.text(redirection.body, context)
            elif redirection.target is None:
                continue
            else:
                text, opaque = self.text(redirection.target.parts, context)
            self.spend(len(text))
            found.append(Redirect(redirection.operator, text, opaque, redirection.descriptor))
        return tuple(found)


def nearest(outer: tuple[Redirect, ...], own: tuple[Redirect, ...]) -> tuple[Redirect, ...]:
    """The redirections around a command with its own behind them, without the outermost of very many."""
    return (outer + own)[-_MOST_REDIRECTIONS:]
