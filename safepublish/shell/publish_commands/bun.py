"""The commands of bun."""

from safepublish.shell.options import leading, names
from safepublish.shell.publish_commands.effects import Call, Effect
from safepublish.shell.publish_commands.managers import placed, script_of
from safepublish.shell.publish_commands.programs import KNOWN, downloaded
from safepublish.shell.publish_commands.publish import npm_upgrade, other_publish
from safepublish.shell.wrappers import program

_VALUED = frozenset({"--cwd", "--filter", "-F", "--env-file"})
_BUNX_VALUED = frozenset({"-p", "--package"})
_OWN = names("install i add a remove rm update link unlink pm build init create c upgrade test repl exec")


def bun_runner(call: Call) -> Call | None:
    """`bunx pkg`, `bun x pkg`, `bun run program`."""
    if program(call.argv[0]) == "bunx":
        values, rest = leading(call.argv[1:], _BUNX_VALUED)
        return downloaded(call, rest, [*values.get("-p", []), *values.get("--package", [])])
    values, rest = leading(call.argv[1:], _VALUED)
    call = placed(call, values)
    if rest[:1] == ("x",):
        return downloaded(call, leading(rest[1:], _BUNX_VALUED).rest, [])
    if rest[:1] == ("run",):
        values, rest = leading(rest[1:], _VALUED)
        call = placed(call, values)
    return call._replace(argv=rest) if rest and rest[0] in KNOWN and rest[0] != "n" else None


def bun(call: Call) -> Effect | None:
    """What a command of bun does."""
    values, rest = leading(call.argv[1:], _VALUED)
    if not rest:
        return None
    if rest[0] == "publish":
        return other_publish(placed(call, values), "bun", ("publish",), rest[1:])
    if rest[0] in {"add", "a", "install", "i"}:
        return npm_upgrade(call, "bun", rest[1:], everywhere=bool({"-g", "--global"} & set(rest)))
    return script_of("bun", placed(call, values), rest, _OWN, _VALUED)
