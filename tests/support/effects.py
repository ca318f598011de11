"""What the commands of a script do to a publish, in short."""

from safepublish.shell import interpreter
from safepublish.shell.publish_commands import Effect, Publish, RunsFile, RunsScript, classify


def effects(script: str) -> list[Effect]:
    """The effects of a script's commands on a publish."""
    return [effect for command in interpreter.parse(script) if (effect := classify(command)) is not None]


def short(effect: Effect | None) -> str:
    """A publish by its tool, command and what differs from the defaults; anything else by its kind."""
    if effect is None:
        return "-"
    if isinstance(effect, Publish):
        fields = ("npm", "version", "manager", "node", "directory", "registry", "tag", "access")
        parts = [f"{name}={value}" for name in fields if (value := getattr(effect, name)) is not None]
        parts += [f"dry={effect.dry_run}"] if effect.dry_run is not False else []
        parts += [f"provenance={effect.provenance}"] if effect.provenance is not None else []
        parts += [f"w={','.join(effect.workspaces)}"] if effect.workspaces else []
        parts += [f"spec={','.join(effect.spec)}"] if effect.spec else []
        return " ".join([effect.tool, *effect.command, *parts])
    if isinstance(effect, RunsScript):
        names = [name for name in effect.names if not name.startswith(("pre", "post"))]
        where = (f" in {effect.directory}" if effect.directory else "") + (
            f" w={','.join(effect.workspaces)}" if effect.workspaces else ""
        )
        return f"script {'/'.join(names)}{where}"
    if isinstance(effect, RunsFile):
        return f"{effect.language or 'file'} {effect.path}"
    parts = [f"{name}={value}" for name in ("npm", "node") if (value := getattr(effect, name)) is not None]
    parts += ["here"] if not effect.everywhere else []
    parts += ["forced"] if effect.forced else []
    return " ".join(["upgrade", *parts, *(["opaque"] if effect.opaque else [])])


def first(script: str) -> str:
    """The first effect of a script, shortened; ``-`` where it has none."""
    return short(next(iter(effects(script)), None))
