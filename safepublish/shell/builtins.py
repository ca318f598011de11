"""The commands that change the shell itself: `cd`, `export`, `set`, `unset`, `read`, `exit` and their relatives."""

import re
from collections.abc import Callable

from safepublish.shell.expansion import Field, is_kept
from safepublish.shell.state import DIRECTORY, ERREXIT, PIPEFAIL, Context, ShellState

Builtin = Callable[[ShellState, list[Field], Context], None]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CD_OPTION = re.compile(r"-[LPe@]+|--|/d|-(?:Path|LiteralPath)", re.IGNORECASE)


def _cd(state: ShellState, fields: list[Field], _context: Context) -> None:
    targets = [field for field in fields[1:] if not _CD_OPTION.fullmatch(field[0])]
    if fields[0][0].lower() in {"pushd", "push-location"}:
        state.push_directory()
    if not targets:
        state.set(DIRECTORY, state.values.get(DIRECTORY) if state.windows else "~")
    elif targets[0][1] or targets[0][0] == "-":
        state.set(DIRECTORY, None)
    else:
        state.set(DIRECTORY, state.directory_from_here(targets[0][0]))


def _popd(state: ShellState, _fields: list[Field], _context: Context) -> None:
    state.pop_directory()


def _declare(state: ShellState, fields: list[Field], _context: Context) -> None:
    exports = fields[0][0] == "export" or any(re.fullmatch(r"-\w*x\w*", text) for text, _, _ in fields)
    for text, opaque, _ in fields[1:]:
        name, equals, value = text.partition("=")
        if not _NAME.fullmatch(name):
            continue
        if equals:
            kept = name == "PATH" or ("$(" not in value and is_kept(value, opaque=opaque))
            state.assign(name, value if kept else None)
        if exports:
            state.export(name)


def _unset(state: ShellState, fields: list[Field], _context: Context) -> None:
    for text, opaque, _ in fields[1:]:
        if not opaque and _NAME.fullmatch(text):
            state.set(text, "")
            state.export(text)


def _set(state: ShellState, fields: list[Field], _context: Context) -> None:
    argv = [text for text, _, _ in fields]
    if state.windows:
        name, equals, value = " ".join(argv[1:]).partition("=")
        if equals:
            state.set(name, None if any(opaque for _, opaque, _ in fields) else value)
            state.export(name)
        return
    for index, word in enumerate(argv[1:], 1):
        if word[:1] not in {"-", "+"} or len(word) < 2:
            continue
        on = "on" if word[0] == "-" else ""
        if "e" in word[1:]:
            state.set(ERREXIT, on)
        option = argv[index + 1] if word.endswith("o") and index + 1 < len(argv) else ""
        if option == "pipefail":
            state.set(PIPEFAIL, on)
        if option == "errexit":
            state.set(ERREXIT, on)


def _exit(state: ShellState, _fields: list[Field], context: Context) -> None:
    state.ended = state.ended or context.certain


def _read(state: ShellState, fields: list[Field], _context: Context) -> None:
    """`read NAME`, `mapfile NAME`: from here on the variable is unknown."""
    for text, _, _ in fields[1:]:
        if _NAME.fullmatch(text):
            state.assign(text, None)


DECLARING = frozenset({"export", "declare", "typeset", "local", "readonly"})
BUILTINS: dict[str, Builtin] = {
    **dict.fromkeys(("cd", "chdir", "set-location", "sl", "pushd", "push-location"), _cd),
    **dict.fromkeys(("popd", "pop-location"), _popd),
    **dict.fromkeys(DECLARING, _declare),
    "unset": _unset,
    "set": _set,
    "exit": _exit,
    **dict.fromkeys(("read", "mapfile", "readarray"), _read),
}
