"""What a command of a script does to a publish: it is one, starts one, or changes the npm that a later one uses.

In: a `Command` of the interpreter. Out: a `Publish`, `RunsScript`, `RunsFile` or `Upgrade`, or None. There is one
module per tool or group of tools, with functions from a `Call` to its effect; a runner is a function from a `Call` to
the call that it starts.
"""

import re
from collections.abc import Callable

from safepublish.shell.command import Command
from safepublish.shell.publish_commands import files, release_tools, version_managers
from safepublish.shell.publish_commands.bun import bun, bun_runner
from safepublish.shell.publish_commands.effects import Call, Effect, Publish, RunsFile, RunsScript, Upgrade
from safepublish.shell.publish_commands.files import language
from safepublish.shell.publish_commands.npm import npm, npm_runner, safepublish, safepublish_runner
from safepublish.shell.publish_commands.pnpm import pnpm, pnpm_runner
from safepublish.shell.publish_commands.programs import npx, python_runner, vite_plus
from safepublish.shell.publish_commands.yarn import yarn, yarn_runner
from safepublish.shell.wrappers import program

__all__ = ["Effect", "Publish", "RunsFile", "RunsScript", "Upgrade", "classify", "language"]

_IN_NODE_MODULES = re.compile(
    r"(?P<directory>.*?)/?node_modules/(?:\.bin/(?P<program>[\w.-]+)|npm/bin/(?P<cli>np[mx])-cli(?:\.js)?)"
)
"""The path of a program in node_modules."""

_HERE = re.compile(
    r"\$(?:PWD\b|\{PWD\}|\(pwd\)|\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR)\b\}?|\{\{\s*github\.workspace\s*\}\})|`pwd`"
)
"""How a script names the directory in which it starts."""

_BINARIES = re.compile(r"(?:\$\(|`)\s*(?:npm|pnpm|yarn)\s(?:[^()`]*\s)?bin(?:\s[^()`]*)?(?:\)|`)")
"""How a script asks a package manager where node_modules/.bin is."""

_MOST_WORDS = 300
_MOST_RUNNERS = 6

_OTHER_PUBLISHERS = frozenset({"mcp-publisher"})
"""Programs that publish elsewhere than to npm, whatever their names say: to the MCP registry."""

_PACKAGE_MANAGERS: dict[str, Callable[[Call], Effect | None]] = {
    "npm": npm,
    **dict.fromkeys(("pnpm", "pn"), pnpm),
    **dict.fromkeys(("yarn", "yarnpkg"), yarn),
    "bun": bun,
}
_TOOLS: dict[str, Callable[[Call], Effect | None]] = {
    **_PACKAGE_MANAGERS,
    "safepublish": safepublish,
    **release_tools.TOOLS,
    **files.TOOLS,
    **version_managers.TOOLS,
}
_RUNNERS: dict[str, Callable[[Call], Call | None]] = {
    "npx": npx,
    "safepublish": safepublish_runner,
    "npm": npm_runner,
    **dict.fromkeys(("pnpm", "pn", "pnpx"), pnpm_runner),
    **dict.fromkeys(("yarn", "yarnpkg"), yarn_runner),
    **dict.fromkeys(("bun", "bunx"), bun_runner),
    **dict.fromkeys(("vp", "vpx", "vpr"), vite_plus),
    "lerna": release_tools.lerna_runner,
    "corepack": version_managers.corepack_runner,
    "volta": version_managers.volta_runner,
    **dict.fromkeys(("mise", "rtx"), version_managers.mise_runner),
    **dict.fromkeys(("nvm", "fnm", "n", "asdf", "nodenv"), version_managers.node_runner),
    **dict.fromkeys(("uvx", "pipx", "uv", "poetry", "pdm", "hatch", "python", "python3", "py"), python_runner),
}


def classify(command: Command) -> Effect | None:
    """The effect of *command* on a publish; None for every other command."""
    path = _HERE.sub(".", _BINARIES.sub("./node_modules/.bin", command.argv[0]))
    if 0 in command.opaque and "$" in path:
        return _called_by_variable(command)
    argv = (path, *command.argv[1:_MOST_WORDS])
    unknown = frozenset(argv[place] for place in command.opaque if 0 < place < len(argv))
    return files.inline_program(command) or _effect(Call(argv, unknown))


def _by_path(call: Call) -> Call:
    """*call* of a program in node_modules, by its name; of npm also with the directory that has it."""
    at = 1 if call.argv[0] == "node" and len(call.argv) > 1 else 0
    match = _IN_NODE_MODULES.fullmatch(call.argv[at])
    if match is None or (at and match["cli"] is None):
        return call
    name, directory = match["program"] or match["cli"], match["directory"] or "."
    if name == "npx" or (name not in _TOOLS and name not in _RUNNERS):
        return call
    return call._replace(argv=(name, *call.argv[at + 1 :]), npm_directory=directory if name == "npm" else None)


def _called_by_variable(command: Command) -> Effect | None:
    """`$NPM publish`: the variable, which branches may set, holds some npm; `"$DIR/publish-one"`: a file somewhere."""
    directory, slash, name = command.argv[0].rpartition("/")
    if slash and re.fullmatch(r"[\w.-]+", name):
        unknown = frozenset(command.argv[place] for place in command.opaque if place)
        found = _effect(Call((name, *command.argv[1:_MOST_WORDS]), unknown, manager=directory))
        return found or RunsFile(command.argv[0], language(name), command.argv[1:])
    if re.fullmatch(r"\$\{?NPM(?:_\w+)?\}?", command.argv[0]) is None:
        return None
    unknown = frozenset(command.argv[place] for place in command.opaque if place)
    found = _effect(Call(("npm", *command.argv[1:_MOST_WORDS]), unknown, manager=command.argv[0]))
    return found if isinstance(found, Publish) else None


def _effect(call: Call) -> Effect | None:
    for _ in range(_MOST_RUNNERS):
        if not call.argv:
            return None
        call = _by_path(call)
        name = program(call.argv[0])
        runner = _RUNNERS.get(name)
        started = runner(call) if runner is not None else None
        if started is None:
            return _effect_of_tool(name, call)
        call = started
    return None


def _effect_of_tool(name: str, call: Call) -> Effect | None:
    if name in _OTHER_PUBLISHERS:
        return None
    tool = _TOOLS.get(name)
    if tool is None:
        return files.by_path(call)
    effect = tool(call)
    if effect is None and (name in _PACKAGE_MANAGERS or name == "corepack"):
        return _behind_unknown(tool, call)
    return effect


def _behind_unknown(tool: Callable[[Call], Effect | None], call: Call) -> Publish | None:
    """The publish whose verb stands behind unknown words: `pnpm -r $FILTER publish`."""
    at = call.argv.index("publish") if "publish" in call.argv else 0
    first = at
    while first and call.argv[first - 1] in call.unknown:
        first -= 1
    for places in (range(at - 1, at), range(first, at), range(at)):  # `--filter $A $B publish`: $A is a value
        left = tuple(word for place, word in enumerate(call.argv) if place not in places or word not in call.unknown)
        found = tool(call._replace(argv=left)) if left != call.argv else None
        if isinstance(found, Publish):
            dropped = tuple(word for word in call.argv[:at] if word in call.unknown and word not in left)
            return found._replace(arguments=(*dropped, *found.arguments), opaque=True)
    return None
