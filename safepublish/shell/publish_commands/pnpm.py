"""The commands of pnpm."""

from safepublish.shell.options import anywhere, leading, names
from safepublish.shell.publish_commands.effects import Call, Effect, Upgrade
from safepublish.shell.publish_commands.managers import bumps_version, placed, script_of
from safepublish.shell.publish_commands.programs import KNOWN, downloaded, newest
from safepublish.shell.publish_commands.publish import PUBLISH_VALUED, npm_upgrade, other_publish
from safepublish.shell.wrappers import program

_VALUED = names(
    "--filter -F --filter-prod -C --dir --reporter --loglevel --workspace-concurrency --resume-from "
    "--changed-files-ignore-pattern --test-pattern --config --package --allow-build --store-dir"
)
_OWN = names(
    "install i add update up upgrade remove rm un uninstall link ln unlink import rebuild rb prune fetch "
    "install-test it patch patch-commit patch-remove audit list ls outdated why pack server store root "
    "bin init deploy doctor config c get setup licenses cat-file cat-index find-hash approve-builds "
    "self-update cache create help ci clean dedupe login logout whoami view info search access deprecate "
    "owner ping team token unpublish"
)


def pnpm_runner(call: Call) -> Call | None:
    """`pnpm dlx pkg`, `pnpm exec program`, also for all packages; everything else is pnpm's own."""
    values, rest = leading(call.argv[1:], _VALUED)
    call_there = placed(call, values)
    packages = values.get("--package", [])
    if program(call.argv[0]) == "pnpx":
        return newest(downloaded(call_there, rest, packages))
    if rest[:1] == ("dlx",):
        inner, rest = leading(rest[1:], _VALUED)
        return newest(downloaded(call_there, rest, [*packages, *inner.get("--package", [])]))
    if rest[:1] == ("exec",):
        inner, rest = leading(rest[1:], _VALUED)
        if not rest:
            return None
        call = placed(call_there, inner)
        return call._replace(argv=rest, npm_directory=call.directory or ".")
    if not rest or rest[0] not in KNOWN or rest[0] == "node":
        return None
    return call_there._replace(argv=rest, npm_directory=call_there.directory or ".")


def pnpm(call: Call) -> Effect | None:
    """What a command of pnpm does."""
    values, rest = leading(call.argv[1:], _VALUED)
    if not rest:
        return None
    verb, behind = rest[0], rest[1:]
    if verb == "publish" or rest[:2] == ("stage", "publish"):
        return _publish(call, values, ("publish",) if verb == "publish" else ("stage", "publish"), behind)
    if verb in {"env", "runtime"}:
        node = next((word for word in reversed(behind) if not word.startswith("-")), None)
        changes = behind[:1] in {("use",), ("add",), ("set",)}
        return Upgrade("pnpm", node=node) if changes and node not in {"use", "add", "set", None} else None
    if verb in {"add", "install", "i", "update", "up"}:
        return npm_upgrade(call, "pnpm", behind, everywhere=bool({"-g", "--global"} & {*behind, *values}))
    if verb == "version" and behind:
        return bumps_version("pnpm", call)
    return script_of("pnpm", placed(call, values), rest, _OWN, _VALUED)


def _publish(
    call: Call, values: dict[str, list[str]], command: tuple[str, ...], behind: tuple[str, ...]
) -> Effect | None:
    options = leading(tuple(word for word in behind if word.startswith("-"))).values
    call = placed(placed(call, values), options)
    named = anywhere(behind, PUBLISH_VALUED).values
    package = named.get("filter") or named.get("F")
    if package:
        call = call._replace(workspaces=(str(package),))
    return other_publish(call, "pnpm", command, behind[len(command) - 1 :])
