"""Builds the publish that a tool's command line describes."""

import re
from typing import Any

from packaging.version import Version

from safepublish.npm import arguments
from safepublish.shell.config_commands import credential
from safepublish.shell.options import anywhere, names
from safepublish.shell.publish_commands.effects import Call, Publish, Upgrade
from safepublish.shell.publish_commands.staging import stages

_READS_AS = Version("11.21.2")
"""The npm by which a command line is parsed; versions differ in abbreviations alone (npm 12 refuses those)."""
_NOWHERE = arguments.Places("/", "~")

PUBLISH_VALUED = names(
    "--tag --access --otp --registry --publish-branch --new-version --dist-tag --filter -F -C --dir --cwd --loglevel "
    "--auth-type --tolerate-republish-timeout -m --message --contents --preid --ref-type -s --scope"
)
"""The options of publishing tools that take a value."""

_MAY_DECIDE = re.compile(r"dry[-_]?run|\bdry\b|preview", re.IGNORECASE)
_NPM_PACKAGE = re.compile(r"npm(?:@(?:npm:npm@)?(.*))?|.*/npm-(\d[^/]*)\.tgz", re.DOTALL)


def parsed_as_npm(argv: tuple[str, ...]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The options and the positional arguments of a command line, without the program, as npm parses them."""
    parsed = arguments.parse(argv, _READS_AS, _NOWHERE)
    return dict(parsed.values), tuple(parsed.remain)


def npm_command(positionals: tuple[str, ...]) -> tuple[str, ...]:
    """The command of npm that publishes, such as ("stage", "publish"); () for every other one."""
    return tuple(arguments.command(positionals, _READS_AS) or ())


def placed_by_npm(call: Call, values: dict[str, Any]) -> Call:
    """*call* with the directory and the workspaces that npm's options choose."""
    workspaces = values.get("workspace")
    if isinstance(workspaces, list) and workspaces:
        chosen = tuple(str(workspace) for workspace in workspaces)
    else:
        chosen = ("*",) if values.get("workspaces") is True else call.workspaces
    return call._replace(directory=_text(values.get("prefix"), "/") or call.directory, workspaces=chosen)


def publish(call: Call, tool: str, command: tuple[str, ...], values: dict[str, Any], spec: tuple[str, ...]) -> Publish:
    """The publish of *call*, whose options are *values* and whose positional arguments are *spec*."""
    given = call.argv[1:]
    at = next((at for at, word in enumerate(given) if word in command[:1] or (word and "publish".startswith(word))), 0)
    provenance = values.get("provenance")
    return Publish(
        tool=tool,
        command=command,
        arguments=given[:at] + given[at + len(command) :],
        opaque=bool(call.unknown & set(given)),
        dry_run=_dry_run(call, known=values.get("dry-run") is True),
        npm=call.npm,
        npm_directory=call.npm_directory,
        version=call.version,
        packages=call.packages,
        manager=call.manager,
        node=call.node,
        spec=spec,
        directory=call.directory,
        workspaces=call.workspaces,
        staged=stages(tool, command, values),
        provenance=provenance if isinstance(provenance, bool) else (True if values.get("provenance-file") else None),
        registry=_registry(call, values),
        tag=_text(values.get("tag")),
        access=_text(values.get("access")),
        credential=next(
            (found for key, value in values.items() if (found := credential(key, str(value), opaque=True))), None
        ),
    )


def other_publish(call: Call, tool: str, command: tuple[str, ...], argv: tuple[str, ...], *trial: str) -> Publish:
    """The publish of a tool that is not npm; *trial* are its options for a dry run besides --dry-run."""
    flags = anywhere(decided(argv, call), PUBLISH_VALUED)
    dry_run = flags.values.get("dry-run")
    is_trial = any(flags.values.get(key) is True for key in ("dry-run", "dryRun", *trial))
    if isinstance(dry_run, str) and not is_trial:
        call = call._replace(unknown=call.unknown | {f"--dry-run={dry_run}"})
    values: dict[str, Any] = {**flags.values, "dry-run": is_trial}
    found = publish(call, tool, command, values, flags.positionals)
    tag = found.tag or _text(values.get("dist-tag"))
    return found._replace(arguments=argv, tag=tag, opaque=bool(call.unknown & set(argv)))


def npm_upgrade(
    call: Call, tool: str, specs: tuple[str, ...], *, everywhere: bool, forced: bool = False
) -> Upgrade | None:
    """The upgrade that installing *specs* is; None unless npm is among them."""
    for spec in specs:
        match = _NPM_PACKAGE.fullmatch(spec)
        if match is not None:
            version = (match.group(1) or match.group(2) or "latest").strip()
            opaque = spec in call.unknown
            return Upgrade(
                tool,
                None if opaque else version,
                everywhere=everywhere,
                directory=call.directory,
                forced=forced,
                opaque=opaque,
            )
    return None


def written(call: Call, option: str) -> str | None:
    """The value of an *option* as the command has it: npm's own reading has paths resolved."""
    for before, word in zip(("", *call.argv), call.argv, strict=False):
        if before == option:
            return word
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


def _text(value: object, drop: str = "") -> str | None:
    """A path that npm has resolved, as it was written."""
    return value.removeprefix(drop) if isinstance(value, str) and value else None


def decided(argv: tuple[str, ...], call: Call) -> tuple[str, ...]:
    """*argv* without the unknown words that may be, or may turn off, an option such as --dry-run."""
    return tuple(word for word in argv if not _decides_later(word, call)) if call.unknown else argv


def _decides_later(word: str, call: Call) -> bool:
    """Whether an unknown *word* may be, or may turn off, an option such as --dry-run."""
    return word in call.unknown and (
        word.startswith("--dry-run") or (not word.startswith("-") and bool(_MAY_DECIDE.search(word)))
    )


def _dry_run(call: Call, *, known: bool) -> bool | None:
    if known:
        return True
    return None if any(_decides_later(word, call) for word in call.argv) else False


def _registry(call: Call, values: dict[str, Any]) -> str | None:
    """The --registry; one that holds something unknown stays as written."""
    for before, word in zip(call.argv, call.argv[1:], strict=False):
        written = word if before == "--registry" else word.removeprefix("--registry=")
        if word in call.unknown and (before == "--registry" or written != word):
            return written
    return _text(values.get("registry"))
