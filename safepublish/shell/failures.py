"""What happens after a command of a script has failed."""

from collections.abc import Callable, Iterable

from safepublish.shell.syntax_tree import AndOr, Compound, Pipeline, first_word, literal

_TESTS = frozenset({"[", "[[", "test", "grep", "egrep", "git", "command", "which", "type", "hash", "jq", "diff", "cmp"})
_ENDING = frozenset({"exit", "return", "false", "die", "fail", "abort", "throw"})

_LEAVING = frozenset({"exit", "return", "break", "continue"})

Functions = Callable[[str], Compound | None]
"""The function of that name that the script has defined so far."""


def fails(pipeline: Pipeline, functions: Functions) -> bool:
    """Whether what runs after a failure fails too."""
    for command in pipeline.commands:
        if isinstance(command, Compound):
            if any(
                list_fails(condition, functions) or list_fails(body, functions) for condition, body in command.branches
            ):
                return True
            continue
        words = [literal(word) for word in command.words[:2]]
        if words and words[0] in _ENDING and words[1:] != ["0"]:
            return True
        function = functions(words[0]) if words and words[0] else None
        if function is not None and any(
            first_word(called.commands[0]) in _ENDING for item in function.branches[0][1] for _, called in item.items
        ):
            return True
    return False


def list_fails(tree: tuple[AndOr, ...], functions: Functions) -> bool:
    """Whether one of the commands of *tree* makes it fail."""
    return any(fails(pipeline, functions) for item in tree for _, pipeline in item.items)


def keeps_status(pipelines: Iterable[tuple[str, Pipeline]]) -> bool:
    """Whether commands that run by another's status leave a trace of it: they end something, or set a variable."""
    for _, pipeline in pipelines:
        for command in pipeline.commands:
            if isinstance(command, Compound):
                if any(keeps_status(item.items) for _, body in command.branches for item in body):
                    return True
            elif (command.assignments and not command.words) or first_word(command) in _LEAVING:
                return True
    return False


def is_test(pipeline: Pipeline) -> bool:
    """Whether a pipeline only tests something, so that what stands behind its ``&&`` may not run."""
    return pipeline.negated or first_word(pipeline.commands[0]) in _TESTS or len(pipeline.commands) > 1


def is_negated(condition: tuple[AndOr, ...]) -> bool:
    """Whether a condition ends in one negated command."""
    return len(condition[-1].items) == 1 and condition[-1].items[0][1].negated
