"""The command `completion`: a script that completes commands, options and ids of causes in bash, zsh or fish."""

from collections.abc import Sequence

from safepublish.causes import BY_ID, CAUSES
from safepublish.cli import exit_codes, terminal
from safepublish.cli.arguments import FORMATS, Invocation
from safepublish.cli.help import summary, summary_of_option
from safepublish.shell.own_options import COMMANDS, OPTIONS, Option, UsageError

SHELLS = ("bash", "zsh", "fish")

_NAMED = (*COMMANDS[1:], "help")
"""The commands that are completed; `publish` is the default."""


def run(invocation: Invocation) -> int:
    """Print the completion script of the shell that *invocation* names; returns the exit code."""
    if len(invocation.arguments) != 1 or invocation.arguments[0] not in SHELLS:
        raise UsageError(f"completion takes one shell: {', '.join(SHELLS)}")
    scripts = {"bash": bash, "zsh": zsh, "fish": fish}
    terminal.write_out(scripts[invocation.arguments[0]]())
    return exit_codes.OK


def _values(option: Option) -> Sequence[str]:
    """The values that an option takes, where they are known."""
    if option.name == "--waive":
        return tuple(BY_ID)
    if option.name == "--format":
        return FORMATS
    return option.value.split("|") if option.value is not None and "|" in option.value else ()


def _arguments(command: str) -> Sequence[str]:
    """The arguments of *command* that are neither options nor files."""
    return {"explain": tuple(BY_ID), "completion": SHELLS, "help": COMMANDS, "rehearse": ("stage",)}.get(command, ())


def _options(command: str) -> list[str]:
    return [*(option.name for option in OPTIONS if command in option.commands), "--help"]


def _cases(indent: str, values: str) -> str:
    """The branches of a `case` on the option before the cursor, each with *values*, a format of its words."""
    lines = []
    for option in OPTIONS:
        words = _values(option)
        if words:
            lines.append(f"{indent}{option.name}) {values.format(' '.join(words))} ;;")
        elif option.value is not None and not option.optional:
            lines.append(f"{indent}{option.name}) {values.format('')} ;;")
    return "\n".join(lines)


def _words_by_command(indent: str, variable: str) -> str:
    """The branches of a `case` on the command: its options, and its arguments."""
    lines = []
    for command in (*COMMANDS, "help"):
        words = " ".join([*_options(command), *_arguments(command)])
        extra = " ".join(("--version", *_NAMED))
        lines.append(f'{indent}{command}) {variable}="{words}{f" {extra}" if command == "publish" else ""}" ;;')
    return "\n".join(lines)


def bash() -> str:
    """The script for bash."""
    return f"""\
# bash completion for safepublish
_safepublish() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" command=publish word words
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = && $COMP_CWORD -gt 1 ]]; then
        previous="${{COMP_WORDS[COMP_CWORD-2]}}"
    fi
    case $previous in
{_cases("        ", 'COMPREPLY=($(compgen -W "{}" -- "$current")); return')}
    esac
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $word in
            {"|".join((*COMMANDS, "help"))}) command=$word; break ;;
        esac
    done
    case $command in
{_words_by_command("        ", "words")}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o bashdefault -o default -F _safepublish safepublish
"""


def zsh() -> str:
    """The script for zsh."""
    return f"""\
#compdef safepublish
_safepublish() {{
    local command=publish word words_
    case $words[CURRENT-1] in
{_cases("        ", "compadd -- {}; return")}
    esac
    for word in "${{(@)words[2,CURRENT-1]}}"; do
        case $word in
            {"|".join((*COMMANDS, "help"))}) command=$word; break ;;
        esac
    done
    case $command in
{_words_by_command("        ", "words_")}
    esac
    compadd -- ${{=words_}}
    _files
}}
compdef _safepublish safepublish
"""


def fish() -> str:
    """The script for fish."""
    lines = ["# fish completion for safepublish"]
    none = f"not __fish_seen_subcommand_from {' '.join((*COMMANDS, 'help'))}"
    lines += [f"complete -c safepublish -n '{none}' -a {name} -d {_quoted(summary(name))}" for name in _NAMED]
    lines.append(f"complete -c safepublish -n '{none}' -l version -d 'print the version of safepublish'")
    lines.append("complete -c safepublish -s h -l help -d 'print the help'")
    for command in COMMANDS:
        condition = f"__fish_seen_subcommand_from {command}"
        if command == "publish":
            condition += f"; or {none}"
        lines += [_fish_option(command, option, condition) for option in OPTIONS if command in option.commands]
    ids = "__fish_seen_subcommand_from explain"
    lines += [f"complete -c safepublish -n '{ids}' -a {cause.id} -d {_quoted(cause.title)}" for cause in CAUSES]
    for command in ("completion", "help", "rehearse"):
        words = _quoted(" ".join(_arguments(command)))
        files = "" if command == "rehearse" else "-f "
        lines.append(f"complete -c safepublish -n '__fish_seen_subcommand_from {command}' {files}-a {words}")
    return "\n".join(lines) + "\n"


def _fish_option(command: str, option: Option, condition: str) -> str:
    line = f"complete -c safepublish -n '{condition}' -l {option.name.removeprefix('--')}"
    line += f" -d {_quoted(summary_of_option(command, option))}"
    if option.value is None or option.optional:
        return line
    words = _values(option)
    return f"{line} -x -a {_quoted(' '.join(words))}" if words else f"{line} -r"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
