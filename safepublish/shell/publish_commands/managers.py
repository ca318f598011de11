"""What pnpm, yarn and bun have in common."""

from collections.abc import Collection

from safepublish.shell.options import leading
from safepublish.shell.publish_commands.effects import Call, Effect, RunsFile, RunsScript, with_hooks
from safepublish.shell.publish_commands.files import language

_DIRECTORY = ("-C", "--dir", "--cwd", "--prefix")
_PACKAGES = ("--filter", "-F", "--filter-prod", "--scope")
_ALL = frozenset({"-r", "--recursive", "-ws", "--workspaces", "-W", "--workspaces-all", "-A", "--all"})


def placed(call: Call, values: dict[str, list[str]]) -> Call:
    """*call* with the directory and the packages that a package manager's options choose."""
    directory = next((values[key][-1] for key in _DIRECTORY if key in values), None)
    named = tuple(package for key in _PACKAGES for package in values.get(key, []))
    workspaces = named or (("*",) if _ALL & values.keys() else call.workspaces)
    return call._replace(directory=directory or call.directory, workspaces=workspaces)


def script_of(
    tool: str, call: Call, rest: tuple[str, ...], own: frozenset[str], valued: Collection[str]
) -> Effect | None:
    """A script of package.json: `pnpm run release`, and `pnpm release` where *own* has no such command."""
    if rest[0] in {"run", "run-script"}:
        values, rest = leading(rest[1:], valued)
        call = placed(call, values)
        own = frozenset()
    if not rest or rest[0] in own or rest[0] in call.unknown:
        return None
    if language(rest[0]) and tool == "bun":
        return RunsFile(rest[0], language(rest[0]), rest[1:])
    name = "test" if rest[0] == "t" and tool != "bun" else rest[0]
    return RunsScript(tool, with_hooks(name), rest[1:], call.directory, call.workspaces, binary=True)


def bumps_version(tool: str, call: Call) -> RunsScript:
    """`pnpm version patch`, which runs the scripts around it."""
    return RunsScript(tool, with_hooks("version"), (), call.directory, call.workspaces)
