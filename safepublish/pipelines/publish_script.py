"""The commands of a script that matter to a publish; a script with no word of such a command is not parsed."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from safepublish.pipelines.expressions import EXPRESSION
from safepublish.pipelines.scope import Scope, script_expressions
from safepublish.shell import config_commands, interpreter, publish_commands

_PUBLISHING = ("publish", "publib", "release", "canary", "nightly", "lerna", "changeset", "jsii")
_NAMES = (
    *_PUBLISHING,
    *("npm@", "--global", "--location", "corepack", "nvm", "volta", "mise", "asdf", "fnm", "npmrc", "_auth", "brew"),
    *(
        "GITHUB_ENV",
        "GITHUB_PATH",
        "npm-path",
        "BASH_ENV",
        "choco",
        "runtime",
        "nodesource",
        "whoami",
        "npm login",
        "npm adduser",
        "dist-tag",
        "deprecate",
    ),
)
_SIGNS_OF_A_PUBLISH = re.compile(
    r"\b(?:publ?\b|np\b|auto\b|ship)|publi(?!c\b)|\.(?:/|(?:sh|ps1|cmd|bat|[cm]?[jt]s)\b)"
    r"|npm\s+(?:dist-tag|deprecate|owner|access)"
)
_SIGNS = re.compile(
    r"\b(?:pub(?!li)|np\b|auto\b|ship|n\s+[\dls]|set\s+(?!-)|apt|(?:owner|access|team|token)\b)|\s-g\b"
    r"|(?<!git )(?<![a-z-])config|\.(?:(?<!require\(['\"]\.)/|(?:sh|ps1|cmd|bat|[cm]?[jt]s)\b)|npm\s+install\s+npm"
)
"""With the names, what a script has that publishes, replaces npm, or gives it a credential."""

_COMMENTS = re.compile(r"^[ \t]*(?:#|(?:echo|gh) (?:[^|&;`(<>\\\n\"']|\"[^\"`(\\\n]*\"|'[^'\n]*')*$).*", re.MULTILINE)
"""Comments, an `echo` whose output is not redirected, and `gh`, which publishes nothing to npm."""


@lru_cache(maxsize=4096)
def may_hold_publish(script: str) -> bool:
    """Whether a script has what every script that publishes has: the name of a tool or of another script."""
    text = script.lower()
    return any(name in text for name in _PUBLISHING) or _SIGNS_OF_A_PUBLISH.search(text) is not None


@lru_cache(maxsize=2048)
def matters_to_publish(script: str) -> bool:
    """Whether a script may publish, upgrade npm, or write a credential."""
    return _has_signs(script) and _has_signs(_COMMENTS.sub("", script))


def _has_signs(script: str) -> bool:
    return any(name in script for name in _NAMES) or _SIGNS.search(script) is not None


class ScriptCommand(NamedTuple):
    """A command of a script, what it does to a publish, and what it writes."""

    command: interpreter.Command
    doing: publish_commands.Effect | None
    written: Sequence[config_commands.ConfigChange]
    needs_token: str | None = None  # the command of npm that needs a token and publishes nothing


def commands(text: str, scope: Scope, variables: tuple[tuple[str, str | None], ...] = ()) -> tuple[ScriptCommand, ...]:
    """The commands of the script *text*, run where *scope* says, with *variables* of its environment."""
    evaluate = script_expressions(scope)
    expressions = tuple((inner, evaluate(inner.strip())) for inner in EXPRESSION.findall(text))
    return _commands(text, scope.language, scope.directory, variables, expressions)


@lru_cache(maxsize=2048)
def _commands(
    text: str,
    language: str | None,
    directory: str | None,
    variables: tuple[tuple[str, str | None], ...],
    expressions: tuple[tuple[str, str | None], ...],
) -> tuple[ScriptCommand, ...]:
    """Parse a script once: most jobs have an `npm ci`, and a script runs on every leg of its matrix."""
    values = {inner.strip(): value for inner, value in expressions}
    parsed = interpreter.parse(
        text, shell=language, variables=dict(variables), expression=values.get, directory=directory
    )
    return tuple(
        ScriptCommand(
            command,
            publish_commands.classify(command),
            config_commands.config_changes(command),
            _needs_token(command),
        )
        for command in parsed
    )


_WITH_TOKEN: Mapping[str, frozenset[str] | None] = {
    "whoami": None,
    "unpublish": None,
    "deprecate": None,
    "dist-tag": frozenset({"add", "rm", "set"}),
    "owner": frozenset({"add", "rm"}),
    "access": frozenset({"set", "grant", "revoke"}),
    "team": frozenset({"create", "destroy", "add", "rm"}),
    "token": frozenset({"create", "revoke"}),
    **dict.fromkeys(("login", "adduser", "add-user"), None),
}
"""npm's commands that log in and never through OIDC, some with only these subcommands (npm 12.2.0, lib/commands: only
publish, stage and dist-tag call lib/utils/oidc.js)."""


_LOGINS = frozenset({"login", "adduser", "add-user"})


def _needs_token(command: interpreter.Command) -> str | None:
    """The npm command that needs a token and publishes nothing, as it is shown."""
    if command.argv[0] != "npm" or command.other_system:
        return None
    positional = [argument for argument in command.argv[1:] if not argument.startswith("-")]
    if not positional or positional[0] not in _WITH_TOKEN:
        return None
    if positional[0] in _LOGINS and (command.piped_from is not None or command.here_document() is not None):
        return None  # it is answered
    subcommands = _WITH_TOKEN[positional[0]]
    if subcommands is None:
        return f"npm {positional[0]}"
    return " ".join(["npm", *positional[:2]]) if set(positional[1:2]) & subcommands else None


def is_single_command(script: str) -> bool:
    """Whether a script is one command."""
    lines = [line for line in script.split("\n") if line.strip() and not line.strip().startswith("#")]
    return len(lines) == 1 and not re.search(r"&&|\|\||;", lines[0])
