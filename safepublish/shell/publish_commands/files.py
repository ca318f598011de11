"""Commands that run a file of the repository, or a program that they hold themselves."""

import posixpath
from collections.abc import Callable

from safepublish.shell.command import Command
from safepublish.shell.options import anywhere, leading, names
from safepublish.shell.publish_commands.effects import Call, Effect, RunsFile, RunsScript
from safepublish.shell.wrappers import program, shell_options

_ENDINGS = {
    "shell": ("sh", "bash", "zsh"),
    "node": ("js", "mjs", "cjs", "ts", "mts", "cts", "tsx"),
    "pwsh": ("ps1",),
    "cmd": ("cmd", "bat"),
    "python": ("py",),
}
_LANGUAGES = {ending: name for name, endings in _ENDINGS.items() for ending in endings}
_NODE_VALUED = names("-r --require --import --loader --experimental-loader -e --eval -p --print --env-file --run")
_INTERPRETER_VALUED = names("-File -file -f -c -m --project -P --tsconfig -r --require -ExecutionPolicy")
_MAKE_VALUED = frozenset({"-C", "--directory", "-f", "--file", "--makefile", "-o", "-W", "-I"})

BY_NAME = " binary"
"""Stands before a program of which only the name is known; no program has this name."""


def language(path: str) -> str:
    """The language of a script, by the ending of its *path*: shell, node, pwsh, cmd, python; "" where it has none."""
    return _LANGUAGES.get(path.rpartition("/")[2].rpartition(".")[2].lower(), "") if "." in path else ""


def inline_program(command: Command) -> RunsFile | None:
    """The program that node or Python gets from a here-document, or by `-e` or `-c`, if it may publish."""
    name = program(command.argv[0])
    if name not in {"node", "python", "python3", "deno", "bun"}:
        return None
    document = command.here_document()
    text = None
    if document is not None and all(word.startswith("-") for word in command.argv[1:]):
        text = document.target
    else:
        after = (at for at, word in enumerate(command.argv, 1) if word in {"-e", "--eval", "-c"})
        at = next(after, len(command.argv))
        text = next(iter(command.argv[at : at + 1]), None)
    if not text or "publish" not in text:
        return None
    return RunsFile("-", "python" if name.startswith("py") else "node", text=text)


def by_path(call: Call) -> RunsFile | None:
    """The file that is called by its path: ``./scripts/publish``; None for a program of the system."""
    path = call.argv[0]
    is_system = path.startswith(("/usr/", "/bin/", "/opt/", "http:", "https:", "node_modules/", "./node_modules/"))
    is_local = "/" in path and not is_system and program(path) not in {"gradlew", "mvnw"}
    return RunsFile(path, language(path), call.argv[1:]) if is_local or language(path) else None


def _by_name(call: Call) -> Effect:
    return RunsFile(call.argv[1], "program", call.argv[2:])


def _shell(call: Call) -> Effect | None:
    at = shell_options(call.argv)[1]
    return RunsFile(call.argv[at], "shell", call.argv[at + 1 :]) if at < len(call.argv) else None


def node(call: Call) -> Effect | None:
    """`node scripts/release.js`, `node --run release`."""
    values, rest = leading(call.argv[1:], _NODE_VALUED)
    if "--run" in values:
        return RunsScript("node", (values["--run"][0],), rest)
    if not rest or {"-e", "--eval", "-p", "--print", "-pe"} & values.keys():
        return None
    return RunsFile(rest[0], "node", rest[1:])


def _interpreter(name: str) -> Callable[[Call], Effect | None]:
    """An interpreter of the language *name*, which runs the file that it is given."""

    def effect(call: Call) -> Effect | None:
        argv = call.argv
        path = next((word for word in argv[1:] if language(word)), None)
        if path is None and program(argv[0]) != "deno":
            path = next(iter(leading(argv[1:], _INTERPRETER_VALUED).rest), None)
        if path is None or (name == "python" and "-m" in argv) or "-c" in argv[1:2]:
            return None
        return RunsFile(path, name, argv[argv.index(path) + 1 :])

    return effect


def _make(call: Call) -> Effect | None:
    values = leading(call.argv[1:], _MAKE_VALUED).values
    targets = tuple(word for word in anywhere(call.argv[1:], _MAKE_VALUED).positionals if "=" not in word)
    file = next((values[name][0] for name in ("-f", "--file", "--makefile") if name in values), "")
    directory = next((values[name][0] for name in ("-C", "--directory") if name in values), ".")
    return RunsFile(posixpath.join(directory, file), program(call.argv[0]), targets)


TOOLS: dict[str, Callable[[Call], Effect | None]] = {
    BY_NAME: _by_name,
    **dict.fromkeys(("bash", "sh", "zsh", "dash", "source", "."), _shell),
    "node": node,
    **dict.fromkeys(("tsx", "ts-node", "ts-node-esm", "esno", "jiti", "zx", "vite-node", "deno"), _interpreter("node")),
    **dict.fromkeys(("python", "python3"), _interpreter("python")),
    **dict.fromkeys(("pwsh", "powershell"), _interpreter("pwsh")),
    "ruby": _interpreter("ruby"),
    **dict.fromkeys(("make", "gmake", "just", "task"), _make),
}
