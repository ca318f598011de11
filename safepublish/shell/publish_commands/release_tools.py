"""Tools that release many packages or run many tasks: lerna, nx, turbo, changesets, semantic-release and others."""

from collections.abc import Callable

from safepublish.shell.options import anywhere, leading, names
from safepublish.shell.publish_commands.effects import Call, Effect, RunsScript, with_hooks
from safepublish.shell.publish_commands.publish import PUBLISH_VALUED, other_publish
from safepublish.shell.wrappers import program

_LERNA_VALUED = frozenset({"--scope", "--ignore", "--concurrency", "--loglevel"})
_NX_VALUED = names("-t --target --targets -p --projects --groups -g --tag --registry --otp --specifier")
_TURBO_VALUED = frozenset({"--filter", "-F", "--concurrency", "--cwd", "--token", "--team"})


def lerna_runner(call: Call) -> Call | None:
    """`lerna exec -- program`, for each package."""
    rest = leading(call.argv[1:], _LERNA_VALUED).rest
    if rest[:1] != ("exec",):
        return None
    argv = leading(rest[1:], _LERNA_VALUED).rest
    return call._replace(argv=argv, workspaces=("*",)) if argv else None


def _lerna(call: Call) -> Effect | None:
    rest = leading(call.argv[1:], _LERNA_VALUED).rest
    if rest[:1] == ("publish",):
        tool = "lerna-lite" if program(call.argv[0]) == "lerna-lite" else "lerna"
        return None if "--skip-npm" in rest else other_publish(call, tool, ("publish",), rest[1:])
    if rest[:1] == ("run",) and len(rest) > 1:
        return RunsScript("lerna", with_hooks(rest[1]), rest[2:], call.directory, ("*",))
    return None


def _nx(call: Call) -> Effect | None:
    argv = leading(call.argv[1:]).rest
    values, positionals = anywhere(argv, _NX_VALUED)
    verb = (*positionals[:1], "")[0]
    if verb == "release":
        subcommand = (*positionals[1:2], "")[0]
        if subcommand == "publish":
            return other_publish(call, "nx", ("release", "publish"), _without(argv, "release", "publish"), "d")
        if subcommand in {"version", "changelog", "plan", "plan:check"} or values.get("skip-publish") is True:
            return None
        return other_publish(call, "nx", ("release",), _without(argv, "release"), "d")
    if verb in {"run-many", "affected"}:
        targets = values.get("target") or values.get("targets") or values.get("t") or ""
        names = tuple(name for name in str(targets).split(",") if name)
        return RunsScript("nx", names, (), None, ("*",)) if names else None
    if verb == "run" and len(positionals) > 1 and ":" in positionals[1]:
        project, _, target = positionals[1].partition(":")
        return RunsScript("nx", (target.partition(":")[0],), positionals[2:], None, (project,))
    if len(positionals) == 2:  # nx publish my-package
        return RunsScript("nx", (verb,), (), None, (positionals[1],))
    return None


def _without(argv: tuple[str, ...], *dropped: str) -> tuple[str, ...]:
    left = list(argv)
    for word in dropped:
        if word in left:
            left.remove(word)
    return tuple(left)


def _turbo(call: Call) -> Effect | None:
    positionals = anywhere(call.argv[1:], _TURBO_VALUED).positionals
    names = positionals[1:] if positionals[:1] == ("run",) else positionals
    return RunsScript("turbo", names, (), None, ("*",)) if names else None


def _several_scripts(call: Call) -> Effect | None:
    """`run-s build release`, `npm-run-all a b`, `concurrently "npm:a" "npm:b"`."""
    names = tuple(word.removeprefix("npm:") for word in call.argv[1:] if not word.startswith("-"))
    return RunsScript("npm", names, (), call.directory, call.workspaces) if names else None


def _with_verb(tool: str, *verbs: str, trial: tuple[str, ...] = ()) -> Callable[[Call], Effect | None]:
    """A tool that publishes by one of *verbs*, its first positional argument."""

    def effect(call: Call) -> Effect | None:
        positionals = anywhere(call.argv[1:], PUBLISH_VALUED).positionals
        if positionals and positionals[0] in verbs:
            return other_publish(call, tool, positionals[:1], _without(call.argv[1:], positionals[0]), *trial)
        return None

    return effect


def _always(tool: str, *trial: str) -> Callable[[Call], Effect | None]:
    """A tool that publishes when it is started, unless *trial* or --dry-run says otherwise."""

    def effect(call: Call) -> Effect | None:
        if {"--version", "-v", "--help", "-h"} & set(call.argv[1:]):
            return None
        return other_publish(call, tool, (), call.argv[1:], *trial)

    return effect


_always_release_it = _always("release-it", "d", "release-version", "changelog")
_always_np = _always("np", "preview")


def _release_it(call: Call) -> Effect | None:
    values = anywhere(call.argv[1:]).values
    return None if values.get("npm") is False or values.get("npm.publish") is False else _always_release_it(call)


def _np(call: Call) -> Effect | None:
    return None if anywhere(call.argv[1:]).values.get("publish") is False else _always_np(call)


def _rush(call: Call) -> Effect | None:
    if call.argv[1:2] != ("publish",) or not {"-p", "--publish"} & set(call.argv):
        return None
    return other_publish(call, "rush", ("publish",), call.argv[2:])


TOOLS: dict[str, Callable[[Call], Effect | None]] = {
    **dict.fromkeys(("lerna", "lerna-lite"), _lerna),
    "nx": _nx,
    "turbo": _turbo,
    **dict.fromkeys(("run-s", "run-p", "npm-run-all", "npm-run-all2", "concurrently"), _several_scripts),
    **dict.fromkeys(("changeset", "changesets"), _with_verb("changesets", "publish")),
    **dict.fromkeys(("semantic-release", "multi-semantic-release"), _always("semantic-release", "d", "dry")),
    "release-it": _release_it,
    "np": _np,
    "auto": _with_verb("auto", "shipit", "canary", "latest", "next", "publish", trial=("d",)),
    **dict.fromkeys(("publib", "publib-npm", "jsii-release", "jsii-release-npm"), _always("publib")),
    "npm-publish": _always("npm-publish"),
    "clean-publish": _always("clean-publish", "without-publish"),
    "release-plan": _with_verb("release-plan", "publish"),
    **{tool: _with_verb(tool, "publish") for tool in ("beachball", "vlt", "wasm-pack")},
    "rush": _rush,
}
