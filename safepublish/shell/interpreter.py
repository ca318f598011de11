"""A script of a workflow's step, read as the commands that it runs.

Nothing is executed. Variables, `cd`, functions and branches are followed as far as the text tells them; what depends on
the machine stays unknown: a word that holds such a thing is called opaque and keeps it as written.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from safepublish.shell import bash
from safepublish.shell import wrappers as shell_wrappers
from safepublish.shell.bash import (
    AndOr,
    Assignment,
    Compound,
    Expression,
    Part,
    Pipeline,
    Redirection,
    Simple,
    Source,
    Substitution,
    Text,
    Unknown,
    Variable,
    Word,
)

_NOTHING: Mapping[str, str | None] = MappingProxyType({})


class Redirect(NamedTuple):
    """One redirection of a command: ``>>`` and the word behind it, or ``<<`` and the lines of the here-document."""

    operator: str  # > >> < << <<< &> >& ...
    target: str  # of a here-document its lines, expanded as the shell does
    opaque: bool = False
    descriptor: int | None = None  # the number before the operator


class Command(NamedTuple):
    """One simple command that the script runs, in the order in which it does."""

    words: tuple[str, ...]  # without quotes, expanded where that is known; never empty
    line: int  # of its first word in the script, from 0
    opaque: frozenset[int] = frozenset()  # the words that hold something unknown
    spans: tuple[tuple[int, int] | None, ...] = ()  # of each word as written: its first character and the one after
    assigned: tuple[tuple[str, str | None], ...] = ()  # NAME=value before the command or by `env`; None: unknown
    exported: Mapping[str, str | None] = _NOTHING  # what the script has exported so far; None: unknown
    directory: str | None = "."  # seen from where the script starts; None: unknown
    redirects: tuple[Redirect, ...] = ()  # its own, and those of the groups and loops around it
    feeds: tuple[str, ...] | None = None  # the words of the command whose output is piped into it
    swallowed: str | None = None  # what keeps its failure from ending the script: `|| true`, `set +e`, `if`, `&`, `|`
    conditional: bool = False  # it may not run: in `if`, `case`, behind `||` or a test
    loop: bool = False  # it may run several times
    function: str | None = None  # the function whose body it stands in
    wrappers: tuple[str, ...] = ()  # the programs that start it, outermost first: sudo, env, time, xargs, retry
    elsewhere: str | None = None  # the program that takes it to another machine's npm: docker, ssh, nix


def parse(
    script: str,
    *,
    shell: str | None = None,
    variables: Mapping[str, str | None] | None = None,
    expression: Expression | None = None,
    directory: str | None = ".",
) -> tuple[Command, ...]:
    """The commands of *script*, in the order they run; of a loop's body once, of a function's at each call.

    *shell* is what the step says (``bash``, ``sh``, ``pwsh``, ``powershell``, ``cmd``, ``bash -l {0}``, also a path),
    None where it says nothing: then bash runs with `-e` alone. Of another one's script, such as ``python``, nothing is
    known. *variables* are those of the step's environment: a value of None, and a name that is not there, are unknown;
    a value may hold ``${{ … }}``, which makes the words it goes into opaque. Text that no shell takes is read as far as
    it goes: there is no error.
    """
    called, _, options = (shell or "").strip().partition(" ")
    name = shell_wrappers.program(called).lower()
    source = Source(script, expression)
    if name in {"pwsh", "powershell", "cmd"}:
        from safepublish.shell import powershell  # seldom

        tree = powershell.cmd(source) if name == "cmd" else powershell.powershell(source)
    elif name in {"", "bash", "sh", "zsh", "dash"}:
        tree = bash.read(source)
    else:
        return ()
    walk = _Walk(variables or {}, expression, directory)
    walk.windows = name in {"pwsh", "powershell", "cmd"}
    walk.heeds_status = "$?" in script or "PIPESTATUS" in script
    walk.values[_ERREXIT] = "on" if not options or re.search(r"(?:^|\s)-\w*e", options) else ""
    walk.values[_PIPEFAIL] = "on" if (name == "bash" and not options) or "pipefail" in options else ""
    walk.commands(tree, _Where(tail=True, certain=True))
    return tuple(walk.found)


# What a shell holds besides its variables is kept beside them, under names that no variable has.
_DIRECTORY, _ERREXIT, _PIPEFAIL, _EXPORTS, _STACK = " cd", " -e", " pipefail", " export", " pushd"
_MOST_CHARACTERS = 1_000
_MOST_EXPORTS = 500
_MOST_ITEMS = 200
_LONGEST_STACK = 50
_DEEPEST_CALL = 8
_MOST_COMMANDS = 20_000
_MOST_EXPANDED = 2_000_000

Field = tuple[str, bool, tuple[int, int] | None]
"""A word after its expansions: its text, whether it is opaque, where it was written."""

_Value = str | tuple[tuple[str, bool], ...] | Mapping[str, str | None] | Compound | None

_TESTS = frozenset({"[", "[[", "test", "grep", "egrep", "git", "command", "which", "type", "hash", "jq", "diff", "cmp"})
_ENDING = frozenset({"exit", "return", "false", "die", "fail", "abort", "throw"})


class _Where(NamedTuple):
    """What stands around a command."""

    tail: bool = False  # its status is that of the script
    certain: bool = False  # it runs exactly once, in the script's own shell
    conditional: bool = False
    loop: bool = False
    function: str | None = None
    redirects: tuple[Redirect, ...] = ()
    feeds: tuple[str, ...] | None = None
    swallowed: str | None = None
    calls: int = 0
    wrappers: tuple[str, ...] = ()
    elsewhere: str | None = None
    own: bool = True  # the text is the script's own: places in it can be told
    assigned: tuple[tuple[str, str | None], ...] = ()


class _Walk:
    """Goes through a script's tree as a shell would, and writes down the commands."""

    def __init__(
        self, variables: Mapping[str, str | None], expression: Expression | None, directory: str | None
    ) -> None:
        self.values: dict[str, _Value] = dict(variables)
        self.values[_DIRECTORY] = directory
        self.values[_EXPORTS] = _NOTHING
        self.values[_STACK] = ()
        self.inherited = frozenset(variables)
        self.expression = expression
        self.found: list[Command] = []
        self.windows = False
        self.heeds_status = False
        self._changes: list[dict[str, _Value]] = []
        self._ended = False
        self._commands_left = _MOST_COMMANDS
        self._characters_left = _MOST_EXPANDED

    # Changes are written down in frames, so that a branch costs what it changes and not what there is.

    def _set(self, name: str, value: _Value) -> None:
        if self._changes:
            self._changes[-1].setdefault(name, self.values.get(name))
        self.values[name] = value

    def _apart(self, run: Callable[[], None]) -> dict[str, _Value]:
        """What *run* leaves in the variables, which are then put back."""
        self._changes.append({})
        run()
        before = self._changes.pop()
        left = {name: self.values.get(name) for name in before}
        self.values.update(before)
        return left

    def _join(self, branches: Sequence[dict[str, _Value]], *, complete: bool) -> None:
        """Go on behind *branches*: what they leave differently is unknown from now on."""
        for name in {name for branch in branches for name in branch}:
            now = self.values.get(name)
            outcomes = [branch.get(name, now) for branch in branches] + ([] if complete else [now])
            if name == _EXPORTS:
                self._set(name, _common([one for one in outcomes if isinstance(one, Mapping)]))
            else:
                self._set(name, outcomes[0] if all(one == outcomes[0] for one in outcomes) else _alike(outcomes))

    def commands(self, tree: Sequence[AndOr], where: _Where) -> None:
        before_last = where._replace(tail=False) if where.tail else where
        for index, item in enumerate(tree):
            if self._ended or self._commands_left <= 0:
                return
            self._and_or(item, where if index == len(tree) - 1 else before_last)

    def _and_or(self, item: AndOr, where: _Where) -> None:
        if item.background:
            where = where._replace(swallowed=where.swallowed or "&", certain=False)
        rescue: Pipeline | None = None
        rescues: list[Pipeline | None] = []
        for operator, pipeline in reversed(item.items):
            rescues.append(rescue)
            rescue = pipeline if operator == "||" else rescue
        tested = False
        for index, (operator, pipeline) in enumerate(item.items):
            last = index == len(item.items) - 1
            swallowed = where.swallowed or self._swallowed(rescues[-1 - index], where, last=last)
            tail = where.tail and last
            same = swallowed == where.swallowed and tail == where.tail
            here = where if same else where._replace(swallowed=swallowed, tail=tail)
            if operator == "||" or (operator == "&&" and tested):
                here = here._replace(conditional=True, certain=False)
                left = self._apart(lambda pipeline=pipeline, here=here: self._pipeline(pipeline, here))  # type: ignore[misc]
                self._join([left], complete=False)
            else:
                self._pipeline(pipeline, here)
            tested = tested or _tests(pipeline)

    def _swallowed(self, rescue: Pipeline | None, where: _Where, *, last: bool) -> str | None:
        """What keeps a failure from ending the script; *rescue* is what the next ``||`` runs then."""
        if rescue is not None:
            return None if self._fails(rescue) else "|| " + (_first_word(rescue) or "…")
        if self.windows or self.heeds_status or where.tail:
            return None
        if not last:
            return "&&"
        return "set +e" if self.values.get(_ERREXIT) == "" else None

    def _fails(self, pipeline: Pipeline) -> bool:
        """Whether what follows a failure fails too."""
        for command in pipeline.commands:
            if isinstance(command, Compound):
                for condition, body in command.branches:
                    for item in (*condition, *body):
                        if any(self._fails(one) for _, one in item.items):
                            return True
                continue
            words = [_literal(word) for word in command.words[:2]]
            if words and words[0] in _ENDING and words[1:] != ["0"]:
                return True
            function = self.values.get(_function(words[0])) if words and words[0] else None
            if isinstance(function, Compound) and any(
                _first_word(one) in _ENDING for item in function.branches[0][1] for _, one in _flat(item)
            ):
                return True
        return False

    def _pipeline(self, pipeline: Pipeline, where: _Where) -> None:
        if pipeline.negated:
            where = where._replace(swallowed=where.swallowed or "!")
        if len(pipeline.commands) == 1:
            self._command(pipeline.commands[0], where)
            return
        feeds: tuple[str, ...] | None = None
        for index, command in enumerate(pipeline.commands):
            here = where._replace(feeds=feeds, certain=False)
            last = index == len(pipeline.commands) - 1
            if not (last or self.windows or self.heeds_status) and self.values.get(_PIPEFAIL) == "":
                following = _first_of(pipeline.commands[index + 1])
                here = here._replace(swallowed=here.swallowed or f"| {following or '…'}")
            count = len(self.found)
            self._apart(lambda command=command, here=here: self._command(command, here))  # type: ignore[misc]
            feeds = self.found[-1].words if len(self.found) > count else ()

    def _command(self, command: Simple | Compound, where: _Where) -> None:
        if isinstance(command, Simple):
            self._simple(command, where)
            return
        redirects = where.redirects + self._redirects(command.redirections, where)
        where = where._replace(redirects=redirects)
        if command.kind == "function":
            self._set(_function(command.name), command)
        elif command.kind == "group":
            for _, body in command.branches:
                self.commands(body, where)
        elif command.kind == "subshell":
            self._apart(lambda: self.commands(command.branches[0][1], where._replace(certain=False)))
        elif command.kind in {"if", "case"}:
            self._branches(command, where)
        else:
            self._loop(command, where)

    def _branches(self, command: Compound, where: _Where) -> None:
        for word in command.words:
            self._expand(word, where)
        inside = where._replace(conditional=True, certain=False)
        left = []
        for index, (condition, body) in enumerate(command.branches):
            self._condition(condition, command, index, where if index == 0 else inside)
            left.append(self._apart(lambda body=body: self.commands(body, inside)))  # type: ignore[misc]
        self._join(left, complete=command.complete)

    def _condition(self, condition: Sequence[AndOr], command: Compound, index: int, where: _Where) -> None:
        """Walk a condition; its failure is swallowed unless the branch that is taken then fails."""
        if not condition:
            return
        negated = len(condition[-1].items) == 1 and condition[-1].items[0][1].negated
        if command.kind == "if":
            after = command.branches[index : index + 1] if negated else command.branches[index + 1 :]
            fails = any(self._fails(one) for _, body in after for item in body for _, one in item.items)
            where = where._replace(swallowed=where.swallowed or (None if fails or self.heeds_status else "if"))
        bare = [one._replace(items=tuple((op, p._replace(negated=False)) for op, p in one.items)) for one in condition]
        self.commands(bare, where._replace(tail=True, certain=False))

    def _loop(self, command: Compound, where: _Where) -> None:
        condition, body = command.branches[0]
        inside = where._replace(loop=True, certain=False)
        fields = [field for word in command.words for field in self._expand(word, where)]
        if command.name:
            known = len(fields) == 1 and not fields[0][1] and "*" not in fields[0][0]
            self._set(command.name, fields[0][0] if known else None)
            inside = inside._replace(conditional=where.conditional)

        def run() -> None:
            self._condition(condition, command, 0, inside)
            # Another round may start with what the last one left.
            self.commands(body, inside)

        self._join([self._apart(run)], complete=False)

    def _redirects(self, redirections: Sequence[Redirection], where: _Where) -> tuple[Redirect, ...]:
        found = []
        for one in redirections:
            if one.operator in {"<<", "<<-"}:
                text, opaque = self._text(one.body, where)
            elif one.target is None:
                continue
            else:
                text, opaque = self._text(one.target.parts, where)
            found.append(Redirect(one.operator, text, opaque, one.descriptor))
        return tuple(found)

    def _simple(self, command: Simple, where: _Where) -> None:
        self._commands_left -= 1
        assigned = [(one, self._assigned(one, where)) for one in command.assignments]
        fields = [field for word in command.words for field in self._expand(word, where)]
        own = self._redirects(command.redirections, where)
        if not fields:
            for one, value in assigned:
                self._assign(one.name, value)
            return
        first = command.words[0]
        source = command.source
        line = source.line(first.start)
        before = tuple((one.name, value if isinstance(value, str) else None) for one, value in assigned)
        if own or before or not source.own:
            where = where._replace(
                redirects=where.redirects + own, assigned=where.assigned + before, own=where.own and source.own
            )
        spans = {
            (word.start, word.end): (source.place(word.start), source.place(word.end - 1) + 1) for word in command.words
        }
        fields = [(text, opaque, spans.get(span) if span and where.own else None) for text, opaque, span in fields]
        if fields[0][0] in _BUILTINS and not self.windows:
            for one, value in assigned:
                if fields[0][0] in _DECLARING:
                    self._assign(one.name, value)
        self._run(fields, line, where)

    def _run(self, fields: list[Field], line: int, where: _Where) -> None:
        """Write a command down, and what it starts; and do what it does to the shell."""
        words = tuple(text for text, _, _ in fields)
        name = words[0]
        function = self.values.get(_function(name))
        if isinstance(function, Compound) and where.calls < _DEEPEST_CALL and where.function != name:
            self._call(function, fields, where)
            return
        starts = shell_wrappers.started(words) if not fields[0][1] and where.calls < _DEEPEST_CALL else ()
        for one in starts:
            self._started(one, fields, line, where)
        document = next((one for one in where.redirects if one.operator in {"<<", "<<<", "<<-"}), None)
        if not starts and document is not None and _reads_script(words):
            self._script(document.target, line + 1, where._replace(redirects=(), wrappers=(*where.wrappers, name)))
            return
        if starts:
            return
        self._emit(fields, line, where)
        builtin = _BUILTINS.get(shell_wrappers.program(name).lower() if self.windows else name)
        if builtin is not None:
            builtin(self, fields, where)

    def _emit(self, fields: list[Field], line: int, where: _Where) -> None:
        exported = self.values.get(_EXPORTS)
        directory = self.values.get(_DIRECTORY)
        self.found.append(
            Command(
                words=tuple(text for text, _, _ in fields),
                line=line,
                opaque=frozenset(index for index, (_, opaque, _) in enumerate(fields) if opaque),
                spans=tuple(span for _, _, span in fields),
                assigned=where.assigned,
                exported=exported if isinstance(exported, Mapping) else _NOTHING,
                directory=directory if isinstance(directory, str) else None,
                redirects=where.redirects,
                feeds=where.feeds,
                swallowed=where.swallowed,
                conditional=where.conditional,
                loop=where.loop,
                function=where.function,
                wrappers=where.wrappers,
                elsewhere=where.elsewhere,
            )
        )

    def _call(self, function: Compound, fields: list[Field], where: _Where) -> None:
        def run() -> None:
            for place in range(1, 10):
                given = fields[place] if place < len(fields) else ("", False, None)
                self._set(str(place), None if given[1] else given[0])
            self._set("@", tuple((text, opaque) for text, opaque, _ in fields[1 : _MOST_ITEMS + 1]))
            inside = where._replace(function=fields[0][0], calls=where.calls + 1, certain=False)
            self.commands(function.branches[0][1], inside)

        left = self._apart(run)
        for name in ("@", *"123456789"):
            left.pop(name, None)
        for name, value in left.items():
            self._set(name, value)

    def _started(self, one: shell_wrappers.Started, fields: list[Field], line: int, where: _Where) -> None:
        """Go on with the command, or the script, that the program at hand starts."""
        name = shell_wrappers.program(fields[0][0])
        inside = where._replace(
            wrappers=(*where.wrappers, name),
            elsewhere=where.elsewhere or (name if one.elsewhere else None),
            loop=where.loop or one.loop,
            calls=where.calls + 1,
            assigned=(*where.assigned, *((key, value) for key, value in one.assigned)),
        )
        if one.script is not None:
            text = " ".join(text for text, _, _ in fields[one.script :]) if name == "eval" else fields[one.script][0]
            if name == "eval":
                self._script(text, line, inside)
            else:
                self._apart(lambda: self._script(text, line, inside._replace(certain=False)))
            return
        words = [fields[index] for index in one.words]
        if one.placeholder is not None:
            words = [(text, opaque or one.placeholder in text, span) for text, opaque, span in words]
        if one.input:
            words.append(("{}", True, None))
        if name == "ssh" and len(words) == 1:
            self._apart(lambda: self._script(words[0][0], line, inside))
            return
        if one.directory is None and not one.elsewhere:
            self._run(words, line, inside)
            return

        def run() -> None:
            self._set(_DIRECTORY, self._moved(one.directory) if one.directory and not one.elsewhere else None)
            self._run(words, line, inside)

        self._apart(run)

    def _script(self, text: str, line: int, where: _Where) -> None:
        source = Source(text, self.expression, first_line=line, own=False)
        self.commands(bash.read(source), where._replace(own=False, calls=where.calls + 1))

    # Expansion

    def _expand(self, word: Word, where: _Where) -> list[Field]:
        """The words that *word* becomes: none for an unquoted empty variable, several for one that holds blanks."""
        span = (word.start, word.end)
        if len(word.parts) == 1 and isinstance(part := word.parts[0], Text):
            return [(part.text, False, span)] if part.text or part.quoted else []
        fields: list[Field] = []
        text, opaque, some = "", False, False
        for part in word.parts:
            pieces = self._pieces(part, where)
            for index, (piece, unknown) in enumerate(pieces):
                if index:
                    if some:
                        fields.append((text, opaque, span))
                    text, opaque, some = "", False, False
                text, opaque = text + piece, opaque or unknown
                some = some or bool(piece) or unknown or (len(pieces) == 1 and getattr(part, "quoted", False))
        if some:
            fields.append((text, opaque, span))
        return fields

    def _pieces(self, part: Part, where: _Where) -> Sequence[tuple[str, bool]]:
        """What *part* becomes: the first piece goes on with the word at hand, each further one begins another."""
        listed = self._items(part)
        if listed is not None:
            return listed
        piece, unknown = self._piece(part, where)
        if isinstance(part, Text) or part.quoted or unknown:
            return ((piece, unknown),)
        return tuple((one, False) for one in re.split(r"\s+", piece))

    def _items(self, part: Part) -> tuple[tuple[str, bool], ...] | None:
        """The items of a list that stands as several words: ``"$@"``, ``"${NAMES[@]}"``; None for anything else."""
        if not isinstance(part, Variable) or not (part.operator == "[@]" or (part.name in "@*" and not part.operator)):
            return None
        value = self.values.get(part.name)
        return _items(value) if isinstance(value, tuple) else None

    def _piece(self, part: Part, where: _Where) -> tuple[str, bool]:
        """The text of *part*, and whether it is unknown: then it is the text as written."""
        if isinstance(part, Text):
            return part.text, False
        if isinstance(part, Substitution):
            inside = where._replace(
                certain=False, tail=True, redirects=(), feeds=None, swallowed=where.swallowed or "$( )", assigned=()
            )
            self._apart(lambda: self.commands(part.body, inside))
            return part.raw, True
        if isinstance(part, Unknown):
            return part.raw, True
        value = self._variable(part, where)
        if value is None or "${{" in value or self._characters_left <= 0:
            kept = value if value is not None and "${{" in value else part.raw
            return kept, True
        self._characters_left -= len(value)
        return value, False

    def _variable(self, part: Variable, where: _Where) -> str | None:
        """The value of a variable's expansion; None where it is unknown."""
        value = self.values.get(part.name)
        if isinstance(value, tuple):
            items = _items(value)
            value = items[0][0] if items and not items[0][1] else None
        if value is not None and not isinstance(value, str):
            return None
        argument, opaque = self._text(part.argument, where)
        if part.operator in {"", "?", ":?"}:
            return value
        if value is None or part.operator not in {"-", ":-", "+", ":+", "=", ":="}:
            return None
        empty = not value if ":" in part.operator else False
        use = empty if part.operator[-1] in "-=" else not empty
        if use and opaque:
            return None
        if part.operator[-1] == "+":
            return argument if use else ""
        return argument if use else value

    def _text(self, parts: Sequence[Part], where: _Where) -> tuple[str, bool]:
        """*parts* as one text, as in quotes."""
        pieces, opaque = [], False
        for part in parts:
            items = self._items(part)
            if items is not None:
                pieces.append(" ".join(item for item, _ in items))
                opaque = opaque or any(unknown for _, unknown in items)
                continue
            piece, unknown = self._piece(part, where)
            pieces.append(piece)
            opaque = opaque or unknown
        return "".join(pieces), opaque

    def _assigned(self, one: Assignment, where: _Where) -> _Value:
        """What an assignment gives its variable."""
        old = self.values.get(one.name)
        if one.value is None:
            return None
        if isinstance(one.value, Word):
            inside = where
            text, opaque = self._text(one.value.parts, inside)
            if one.append:
                text = (old if isinstance(old, str) else "") + text
                opaque = opaque or not isinstance(old, str)
            keep = not opaque or ("${{" in text and "$(" not in text and one.append is False)
            return text if keep and len(text) <= _MOST_CHARACTERS else None
        items = [field for word in one.value for field in self._expand(word, where)]
        made = tuple((text, opaque) for text, opaque, _ in items)
        if one.append:
            if not isinstance(old, tuple):
                return None
            made = (*_items(old), *made)
        return made if len(made) <= _MOST_ITEMS else None

    def _assign(self, name: str, value: _Value) -> None:
        self._set(name, value)
        exported = self.values.get(_EXPORTS)
        if name in self.inherited or (isinstance(exported, Mapping) and name in exported):
            self._export(name)

    def _export(self, name: str) -> None:
        exported = self.values.get(_EXPORTS)
        value = self.values.get(name)
        if isinstance(exported, Mapping) and (len(exported) < _MOST_EXPORTS or name in exported):
            self._set(_EXPORTS, MappingProxyType({**exported, name: value if isinstance(value, str) else None}))

    def _moved(self, target: str) -> str | None:
        """The directory that `cd` *target* leads to."""
        here = self.values.get(_DIRECTORY)
        if target.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", target):
            return target.rstrip("/") or "/"
        if not isinstance(here, str):
            return None
        return join(here, target.replace("\\", "/") if self.windows else target)

    # What commands do to the shell itself

    def cd(self, fields: list[Field], where: _Where) -> None:
        del where
        given = [
            field
            for field in fields[1:]
            if not re.fullmatch(r"-[LPe@]+|--|/d|-(?:Path|LiteralPath)", field[0], re.IGNORECASE)
        ]
        if fields[0][0].lower() in {"pushd", "push-location"}:
            now = self.values.get(_DIRECTORY)
            entry = (now, False) if isinstance(now, str) else ("", True)
            self._set(_STACK, (*_items(self.values.get(_STACK)), entry)[-_LONGEST_STACK:])
        if not given:
            self._set(_DIRECTORY, "~" if not self.windows else self.values.get(_DIRECTORY))
        elif given[0][1] or given[0][0] == "-":
            self._set(_DIRECTORY, None)
        else:
            self._set(_DIRECTORY, self._moved(given[0][0]))

    def popd(self, fields: list[Field], where: _Where) -> None:
        del fields, where
        stack = _items(self.values.get(_STACK))
        directory, unknown = stack[-1] if stack else ("", True)
        self._set(_DIRECTORY, None if unknown else directory)
        self._set(_STACK, stack[:-1])

    def declare(self, fields: list[Field], where: _Where) -> None:
        del where
        exports = fields[0][0] == "export" or any(re.fullmatch(r"-\w*x\w*", text) for text, _, _ in fields)
        for text, opaque, _ in fields[1:]:
            name, equals, value = text.partition("=")
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                continue
            if equals:
                kept = (not opaque or "${{" in value) and "$(" not in value and len(value) <= _MOST_CHARACTERS
                self._assign(name, value if kept else None)
            if exports:
                self._export(name)

    def unset(self, fields: list[Field], where: _Where) -> None:
        del where
        for text, opaque, _ in fields[1:]:
            if not opaque and not text.startswith("-"):
                self._assign(text, "")

    def set(self, fields: list[Field], where: _Where) -> None:
        del where
        words = [text for text, _, _ in fields]
        if self.windows:
            name, equals, value = " ".join(words[1:]).partition("=")
            if equals:
                self._set(name, None if any(opaque for _, opaque, _ in fields) else value)
                self._export(name)
            return
        for index, word in enumerate(words[1:], 1):
            if word[:1] not in {"-", "+"} or len(word) < 2:
                continue
            on = "on" if word[0] == "-" else ""
            if "e" in word[1:]:
                self._set(_ERREXIT, on)
            option = words[index + 1] if word.endswith("o") and index + 1 < len(words) else ""
            if option == "pipefail":
                self._set(_PIPEFAIL, on)
            if option == "errexit":
                self._set(_ERREXIT, on)

    def exit(self, fields: list[Field], where: _Where) -> None:
        del fields
        self._ended = self._ended or where.certain

    def read(self, fields: list[Field], where: _Where) -> None:
        """`read NAME`, `mapfile NAME`: from here on it is unknown."""
        del where
        for text, _, _ in fields[1:]:
            if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
                self._assign(text, None)


_DECLARING = frozenset({"export", "declare", "typeset", "local", "readonly"})
_BUILTINS: dict[str, Callable[[_Walk, list[Field], _Where], None]] = {
    "cd": _Walk.cd,
    "chdir": _Walk.cd,
    "set-location": _Walk.cd,
    "sl": _Walk.cd,
    "pushd": _Walk.cd,
    "push-location": _Walk.cd,
    "popd": _Walk.popd,
    "pop-location": _Walk.popd,
    **dict.fromkeys(_DECLARING, _Walk.declare),
    "unset": _Walk.unset,
    "set": _Walk.set,
    "exit": _Walk.exit,
    "read": _Walk.read,
    "mapfile": _Walk.read,
    "readarray": _Walk.read,
}


def join(here: str, target: str) -> str:
    """The directory *target* seen from *here*, both written with slashes."""
    if target.startswith(("/", "~")):
        return target
    parts: list[str] = [] if here == "." else here.split("/")
    for part in target.split("/"):
        if part == ".." and parts and parts[-1] not in {"..", "", "~"}:
            parts.pop()
        elif part == ".." or part not in {"", "."}:
            parts.append(part)
    return "/".join(parts) or "."


def _items(value: _Value) -> tuple[tuple[str, bool], ...]:
    """A list's items, each with whether it is opaque."""
    return tuple(value) if isinstance(value, tuple) and not isinstance(value, Compound) else ()


def _alike(outcomes: Sequence[_Value]) -> _Value:
    """What several branches leave of one list: its common beginning, and the rest of the longest as opaque."""
    lists = [one for one in outcomes if isinstance(one, tuple) and not isinstance(one, Compound)]
    if len(lists) < len(outcomes):
        return None
    same = 0
    for items in zip(*lists, strict=False):
        if any(one != items[0] for one in items):
            break
        same += 1
    longest = max(lists, key=len)
    return (*longest[:same], *((text, True) for text, _ in longest[same:])) if same else None


def _function(name: str) -> str:
    return f" function {name}"


def _common(exports: Sequence[Mapping[str, str | None]]) -> Mapping[str, str | None]:
    """What several branches have exported: a value that differs is unknown."""
    names = {name for one in exports for name in one}
    made = {}
    for name in names:
        values = {one.get(name) for one in exports}
        made[name] = values.pop() if len(values) == 1 else None
    return MappingProxyType(made)


def _literal(word: Word) -> str | None:
    """The text of a word that holds no expansion."""
    if all(isinstance(part, Text) for part in word.parts):
        return "".join(part.text for part in word.parts if isinstance(part, Text))
    return None


def _first_of(command: Simple | Compound) -> str | None:
    if isinstance(command, Compound):
        return command.kind
    return _literal(command.words[0]) if command.words else None


def _first_word(pipeline: Pipeline) -> str | None:
    return _first_of(pipeline.commands[0])


def _flat(item: AndOr) -> tuple[tuple[str, Pipeline], ...]:
    return item.items


def _tests(pipeline: Pipeline) -> bool:
    """Whether a pipeline only asks a question, so that what stands behind its ``&&`` may not run."""
    return pipeline.negated or _first_word(pipeline) in _TESTS or len(pipeline.commands) > 1


def _reads_script(words: tuple[str, ...]) -> bool:
    """Whether the command runs the script that it gets on its input: `bash <<EOF`."""
    return shell_wrappers.program(words[0]) in {"bash", "sh", "zsh", "dash"} and all(
        word.startswith("-") for word in words[1:]
    )
