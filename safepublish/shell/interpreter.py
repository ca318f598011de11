"""The commands that a script runs, in the order in which it runs them.

Nothing is executed. Variables, `cd`, functions and branches are followed as far as the text determines them; what
depends on the machine stays unknown: a word that holds such a thing is called opaque and keeps it as written.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from safepublish.shell import bash, failures
from safepublish.shell import wrappers as shell_wrappers
from safepublish.shell.builtins import BUILTINS, DECLARING
from safepublish.shell.command import Command, Redirect, here_document
from safepublish.shell.expansion import Expander, Field, nearest
from safepublish.shell.source import Expression, Source
from safepublish.shell.state import DIRECTORY, ERREXIT, MOST_ITEMS, PIPEFAIL, Context
from safepublish.shell.syntax_tree import AndOr, Compound, Pipeline, Simple, first_word

__all__ = ["Command", "Redirect", "parse"]

_MOST_ASSIGNMENTS = 200
_DEEPEST_CALL = 8
_DEEPEST = 45
_KEEPS_ENVIRONMENT = re.compile(r"-[a-zA-Z]*E|--preserve-env")


def parse(
    script: str,
    *,
    shell: str | None = None,
    variables: Mapping[str, str | None] | None = None,
    expression: Expression | None = None,
    directory: str | None = ".",
) -> tuple[Command, ...]:
    """The commands of *script*, in the order they run; of a loop's body once, of a function's at each call.

    *shell* is the one that the step names (``bash``, ``sh``, ``pwsh``, ``powershell``, ``cmd``, ``bash -l {0}``, also a
    path); where it names none, bash runs with `-e` alone. A script for another shell, such as ``python``, has no
    commands. *variables* are those of the step's environment: a value of None, and a name that is not there, are
    unknown; a value may hold ``${{ … }}``, which makes the words that use it opaque. Text that no shell accepts is read
    as far as possible: there are no errors.
    """
    path, _, options = (shell or "").strip().partition(" ")
    name = shell_wrappers.program(path).lower()
    source = Source(script, expression)
    windows = name in {"pwsh", "powershell", "cmd"}
    if windows:
        from safepublish.shell import cmd, powershell  # rarely needed

        tree = cmd.read(source) if name == "cmd" else powershell.read(source)
    elif name in {"", "bash", "sh", "zsh", "dash"}:
        tree = bash.read(source)
    else:
        return ()
    interpreter = _Interpreter(variables or {}, directory, windows=windows)
    interpreter.expression = expression
    interpreter.reads_status = "$?" in script or "PIPESTATUS" in script
    interpreter.values[ERREXIT] = "on" if not options or re.search(r"(?:^|\s)-\w*e", options) else ""
    interpreter.values[PIPEFAIL] = "on" if (name == "bash" and not options) or "pipefail" in options else ""
    interpreter.commands(tree, Context(tail=True, certain=True))
    return tuple(interpreter.found)


class _Interpreter(Expander):
    """Follows a script's tree as a shell would, and collects the commands."""

    def __init__(self, variables: Mapping[str, str | None], directory: str | None, *, windows: bool) -> None:
        super().__init__(variables, directory, windows=windows)
        self.expression: Expression | None = None
        self.found: list[Command] = []
        self.reads_status = False
        self._depth = 0
        self._lists: list[list[Any]] = []  # the lists that are being followed, each with the place of its command
        self._last_failing: dict[int, tuple[Sequence[AndOr], int]] = {}  # by the id of a list

    # Lists and pipelines

    def commands(self, tree: Sequence[AndOr], context: Context) -> None:
        if self._depth >= _DEEPEST:
            return
        self._depth += 1
        before_last = context._replace(tail=False) if context.tail else context
        last = len(tree) - 1
        place: list[Any] = [tree, 0]
        self._lists.append(place)
        for index, item in enumerate(tree):
            if self.ended or self.exhausted:
                break
            place[1] = index
            self._and_or(item, context if index == last else before_last)
        self._lists.pop()
        self._depth -= 1

    def _and_or(self, item: AndOr, context: Context) -> None:
        if item.background:
            context = context._replace(swallowed=context.swallowed or "&", certain=False)
        if len(item.items) == 1:
            if not context.swallowed and (swallowed := self._swallowed(None, context, last=True)):
                context = context._replace(swallowed=swallowed)
            self._pipeline(item.items[0][1], context)
            return
        rescue: Pipeline | None = None
        rescues: list[Pipeline | None] = []
        for operator, pipeline in reversed(item.items):
            rescues.append(rescue)
            rescue = pipeline if operator == "||" else rescue
        places = range(len(item.items) - 1, -1, -1)
        last_kept = next((at for at in places if failures.keeps_status((item.items[at],))), -1)
        tested = False
        for index, (operator, pipeline) in enumerate(item.items):
            if self.exhausted:
                return
            last = index == len(item.items) - 1
            swallowed = context.swallowed or self._swallowed(rescues[-1 - index], context, last=last)
            if swallowed == "&&" and not context.swallowed and last_kept > index and self._fails_afterwards():
                swallowed = None
            tail = context.tail and last
            same = swallowed == context.swallowed and tail == context.tail
            here = context if same else context._replace(swallowed=swallowed, tail=tail)
            if operator == "||" or (operator == "&&" and tested):
                self.begin_branch()
                self._pipeline(pipeline, here._replace(conditional=True, certain=False))
                self.join([self.end_branch()], complete=False)
            else:
                self._pipeline(pipeline, here)
            tested = tested or failures.is_test(pipeline)

    def _swallowed(self, rescue: Pipeline | None, context: Context, *, last: bool) -> str | None:
        """What keeps a failure from ending the script; *rescue* is what the next ``||`` runs then."""
        if rescue is not None:
            kept = failures.fails(rescue, self.function) or (
                failures.keeps_status((("||", rescue),)) and self._fails_afterwards()
            )
            return None if kept else "|| " + (first_word(rescue.commands[0]) or "…")
        if self.windows or self.reads_status or context.tail:
            return None
        if not last:
            return "&&"
        return "set +e" if self.values.get(ERREXIT) == "" else None

    def _fails_afterwards(self) -> bool:
        """Whether something that follows in the script, or in its function, may end it with a failure."""
        return any(self._last_failure(tree) > index for tree, index in reversed(self._lists))

    def _last_failure(self, tree: Sequence[AndOr]) -> int:
        """The place of the last item of *tree* that may end it with a failure; -1 where none does."""
        if id(tree) not in self._last_failing:
            backwards = range(len(tree) - 1, -1, -1)
            last = next((at for at in backwards if failures.list_fails((tree[at],), self.function)), -1)
            self._last_failing[id(tree)] = tree, last
        return self._last_failing[id(tree)][1]

    def _pipeline(self, pipeline: Pipeline, context: Context) -> None:
        if pipeline.negated:
            context = context._replace(swallowed=context.swallowed or "!")
        if len(pipeline.commands) == 1:
            self._command(pipeline.commands[0], context)
            return
        piped_from: tuple[str, ...] | None = None
        for index, command in enumerate(pipeline.commands):
            if self.exhausted:
                return
            here = context._replace(piped_from=piped_from, certain=False)
            last = index == len(pipeline.commands) - 1
            if not (last or self.windows or self.reads_status) and self.values.get(PIPEFAIL) == "":
                following = first_word(pipeline.commands[index + 1])
                here = here._replace(swallowed=here.swallowed or f"| {following or '…'}")
            count = len(self.found)
            self.begin_branch()
            self._command(command, here)
            self.end_branch()
            piped_from = self.found[-1].argv if len(self.found) > count else ()

    def _command(self, command: Simple | Compound, context: Context) -> None:
        if isinstance(command, Simple):
            self._simple(command, context)
            return
        self.spend(100 * (1 + len(command.branches)))
        if command.redirections:
            own = self.redirects(command.redirections, context)
            context = context._replace(redirects=nearest(context.redirects, own))
        if command.kind == "function":
            self.define(command)
        elif command.kind == "group":
            for _, body in command.branches:
                self.commands(body, context)
        elif command.kind == "subshell":
            self.begin_branch()
            self.commands(command.branches[0][1], context._replace(certain=False))
            self.end_branch()
        elif command.kind in {"if", "case"}:
            self._branches(command, context)
        else:
            self._loop(command, context)

    # Control flow

    def _branches(self, command: Compound, context: Context) -> None:
        for word in command.words:
            self.expand(word, context)
        inside = context._replace(conditional=True, certain=False)
        failing = [command.kind == "if" and failures.list_fails(body, self.function) for _, body in command.branches]
        last_failing = max((index for index, fails in enumerate(failing) if fails), default=-1)
        bodies = (item for _, body in command.branches for and_or in body for item in and_or.items)
        kept = command.kind == "if" and failures.keeps_status(bodies) and self._fails_afterwards()
        changes = []
        for index, (condition, body) in enumerate(command.branches):
            if condition:
                fails = failing[index] if failures.is_negated(condition) else last_failing > index
                here = context if index == 0 else inside
                if command.kind == "if" and not (fails or self.reads_status or kept):
                    here = here._replace(swallowed=here.swallowed or "if")
                self._condition(condition, here)
            self.begin_branch()
            self.commands(body, inside)
            changes.append(self.end_branch())
        self.join(changes, complete=command.complete)

    def _condition(self, condition: Sequence[AndOr], context: Context) -> None:
        """Interpret a condition, whose failure does not end the script."""
        plain = [
            item._replace(
                items=tuple((operator, pipeline._replace(negated=False)) for operator, pipeline in item.items)
            )
            for item in condition
        ]
        self.commands(plain, context._replace(tail=True, certain=False))

    def _loop(self, command: Compound, context: Context) -> None:
        """Interpret a loop once; a further round may begin with what the previous one left."""
        condition, body = command.branches[0]
        inside = context._replace(loop=True, certain=False)
        fields = [field for word in command.words for field in self.expand(word, context)]
        if command.name:
            first = fields[0][0] if fields and not fields[0][1] else None
            only = first is not None and len(fields) == 1 and "*" not in first
            # One of several stands for all, as what is unknown.
            self.set(command.name, first if only else ((first, True),) if first else None)
        self.begin_branch()
        if condition:
            self._condition(condition, inside)
        self.commands(body, inside)
        self.join([self.end_branch()], complete=False)

    def _call(self, function: Compound, fields: list[Field], context: Context) -> None:
        self.begin_branch()
        outer, self._lists = self._lists, []
        for place in range(1, 10):
            argument = fields[place] if place < len(fields) else ("", False, None)
            self.set(str(place), None if argument[1] else argument[0])
        self.set("@", tuple((text, opaque) for text, opaque, _ in fields[1 : MOST_ITEMS + 1]))
        inside = context._replace(function=fields[0][0], calls=context.calls + 1, certain=False)
        self.commands(function.branches[0][1], inside)
        self._lists = outer
        for name, value in self.end_branch().items():
            if name not in _PARAMETERS:
                self.set(name, value)

    # Simple commands

    def _simple(self, command: Simple, context: Context) -> None:
        self.spend(200 + (3 * (command.words[-1].end - command.words[0].start) if command.words else 0))
        giving = context._replace(gives_status=True) if command.assignments and not command.words else context
        assigned = [(item.name, self.assigned_value(item, giving)) for item in command.assignments]
        fields = [field for word in command.words for field in self.expand(word, context)]
        own = self.redirects(command.redirections, context) if command.redirections else ()
        if not fields:
            for name, value in assigned:
                self.assign(name, value)
            return
        source = command.source
        if own or assigned or not source.own:
            before = tuple((name, value if isinstance(value, str) else None) for name, value in assigned)
            context = context._replace(
                redirects=nearest(context.redirects, own),
                assigned=(context.assigned + before)[-_MOST_ASSIGNMENTS:],
                own=context.own and source.own,
            )
        if not context.own:
            fields = [(text, opaque, None) for text, opaque, _ in fields]
        elif source.is_replaced:
            fields = [
                (text, opaque, (source.place(span[0]), source.place(span[1] - 1) + 1) if span else None)
                for text, opaque, span in fields
            ]
        if assigned and fields[0][0] in DECLARING and not self.windows:
            for name, value in assigned:
                self.assign(name, value)
        self._execute(fields, source.line(command.words[0].start), context)

    def _execute(self, fields: list[Field], line: int, context: Context) -> None:
        """Record a command, or what it starts, and apply what it does to the shell."""
        name = fields[0][0]
        function = self.function(name)
        may_call = context.calls < _DEEPEST_CALL
        if function is not None and may_call and context.function != name:
            self._call(function, fields, context)
            return
        argv = tuple(text for text, _, _ in fields)
        starts = shell_wrappers.started(argv) if not fields[0][1] and may_call else ()
        if starts:
            for started in starts:
                self._start(started, fields, line, context)
            return
        document = here_document(context.redirects)
        if document is not None and shell_wrappers.reads_script(argv):
            inside = context._replace(redirects=(), wrappers=(*context.wrappers, name))
            self._script(document.target, line + 1, inside)
            return
        self._record(argv, fields, line, context)
        builtin = BUILTINS.get(shell_wrappers.program(name).lower() if self.windows else name)
        if builtin is not None:
            builtin(self, fields, context)

    def _record(self, argv: tuple[str, ...], fields: list[Field], line: int, context: Context) -> None:
        self.found.append(
            Command(
                argv=argv,
                line=line,
                opaque=frozenset([index for index, (_, opaque, _) in enumerate(fields) if opaque]),
                spans=tuple([span for _, _, span in fields]),
                assigned=context.assigned,
                exported=self.exports,
                directory=self.directory,
                redirects=context.redirects,
                piped_from=context.piped_from,
                swallowed=context.swallowed,
                captured=context.captured,
                conditional=context.conditional,
                loop=context.loop,
                function=context.function,
                wrappers=context.wrappers,
                other_system=context.other_system,
            )
        )

    # What a command starts

    def _start(self, started: shell_wrappers.Started, fields: list[Field], line: int, context: Context) -> None:
        """Continue with the command, or the script, that a program starts."""
        name = shell_wrappers.program(fields[0][0])
        if name == "sudo" and any(_KEEPS_ENVIRONMENT.match(text) for text, _, _ in fields[1:4]):
            name = "sudo -E"
        inside = context._replace(
            wrappers=(*context.wrappers, name),
            other_system=context.other_system or (name if started.other_system else None),
            loop=context.loop or started.loop,
            calls=context.calls + 1,
            assigned=(context.assigned + started.assigned)[-_MOST_ASSIGNMENTS:],
        )
        if started.script is not None:
            if name == "eval":
                self._script(" ".join(text for text, _, _ in fields[started.script :]), line, inside)
                return
            self.begin_branch()
            self._script(fields[started.script][0], line, inside._replace(certain=False))
            self.end_branch()
            return
        argv = [fields[index] for index in started.argv]
        placeholder = started.placeholder
        if placeholder is not None:
            argv = [(text, opaque or placeholder in text, span) for text, opaque, span in argv]
        if started.input:
            argv.append(("{}", True, None))
        if started.directory is None and not started.other_system:
            self._execute(argv, line, inside)
            return
        self.begin_branch()
        if name == "ssh" and len(argv) == 1:
            self._script(argv[0][0], line, inside)
        else:
            is_known = started.directory and not started.other_system
            self.set(DIRECTORY, self.directory_from_here(started.directory or "") if is_known else None)
            self._execute(argv, line, inside)
        self.end_branch()

    def _script(self, text: str, line: int, context: Context) -> None:
        self.spend(4 * len(text))
        if not self.exhausted:
            source = Source(text, self.expression, first_line=line, own=False)
            self.commands(bash.read(source), context._replace(own=False, calls=context.calls + 1))


_PARAMETERS = frozenset({"@", *"123456789"})
