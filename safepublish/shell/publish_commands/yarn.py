"""The commands of yarn, both 1 (classic) and later (berry)."""

from safepublish.shell.options import leading, names
from safepublish.shell.publish_commands.effects import Call, Effect
from safepublish.shell.publish_commands.files import node
from safepublish.shell.publish_commands.managers import bumps_version, placed, script_of
from safepublish.shell.publish_commands.programs import KNOWN, downloaded, newest
from safepublish.shell.publish_commands.publish import npm_upgrade, other_publish

_VALUED = names("--cwd -p --package --from --include --exclude -j --jobs --mutex --use-yarnrc --registry")
_OWN = names(
    "install add remove upgrade up upgrade-interactive init link unlink cache config why audit check "
    "create dedupe explain info licenses list login logout outdated owner pack patch patch-commit plugin "
    "policies rebuild search set stage tag team unplug version versions global autoclean bin help import "
    "generate-lock-entry workspaces constraints npm"
)


def yarn_runner(call: Call) -> Call | None:
    """`yarn workspace a …`, `yarn workspaces foreach …`, `yarn dlx pkg`, `yarn exec program`, `yarn program`."""
    values, rest = leading(call.argv[1:], _VALUED)
    call = placed(call, values)
    if rest[:1] == ("workspace",) and len(rest) > 2:
        return call._replace(argv=("yarn", *rest[2:]), workspaces=(rest[1],))
    if rest[:1] == ("workspaces",) and rest[2:3] == ("foreach",):  # of a plugin: `workspaces changed foreach`
        rest = (rest[0], *rest[2:])
    if rest[:1] == ("workspaces",) and len(rest) > 2 and rest[1] in {"foreach", "run"}:
        inner, behind = leading(rest[2:], _VALUED)
        chosen = tuple(package for package in inner.get("--include", []) if package)
        argv = ("yarn", "run", *behind) if rest[1] == "run" else ("yarn", *behind)
        return call._replace(argv=argv, workspaces=chosen or ("*",)) if behind else None
    if rest[:1] == ("dlx",):
        inner, behind = leading(rest[1:], _VALUED)
        return newest(downloaded(call, behind, [*inner.get("-p", []), *inner.get("--package", [])]))
    if rest[:1] == ("exec",):
        behind = leading(rest[1:]).rest
        return call._replace(argv=behind, npm_directory=call.directory or ".") if behind else None
    if rest[:1] == ("run",):
        rest = leading(rest[1:]).rest
    if not rest or rest[0] not in KNOWN or rest[0] == "n":
        return None
    return call._replace(argv=rest, npm_directory=call.directory or ".")


def yarn(call: Call) -> Effect | None:
    """What a command of yarn does."""
    values, rest = leading(call.argv[1:], _VALUED)
    if not rest:
        return None
    if rest[:2] == ("npm", "publish"):
        return other_publish(call, "yarn-berry", ("npm", "publish"), rest[2:], "n")
    if rest[0] == "publish":
        return other_publish(call, "yarn", ("publish",), rest[1:])
    if rest[0] == "global":
        return npm_upgrade(call, "yarn", rest[2:], everywhere=True)
    if rest[0] == "add":
        return npm_upgrade(call, "yarn", rest[1:], everywhere=False)
    if rest[0] == "node":
        return node(call._replace(argv=rest))
    if rest[0] == "version" and "--new-version" in rest:
        return bumps_version("yarn", call)
    return script_of("yarn", placed(call, values), rest, _OWN, {"--cwd"})
