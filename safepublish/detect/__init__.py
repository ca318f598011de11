"""The only room that reads the machine, its files and the network.

In comes a `Command` (npm's arguments, the environment, the directory) and our own options. Out comes `Detected`: one
`Run` of facts for each package, and what starting npm needs. What does not answer in time stays unknown, and nothing is
judged. The room may import `pipelines`, `logs`, `shell`, `npm`, `ci` and `facts`. Its modules are imported by the
functions that need them, since `explain` and `workflow` need few.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from safepublish.detect.config import Configuration
    from safepublish.detect.forecast import Steps
    from safepublish.detect.http import Deadline
    from safepublish.detect.tool import FoundTool
    from safepublish.facts.run import Npm, Options, Package, PublishCommand, PublishTool, Run

FOR_EACH_MORE = 0.1
"""Seconds that each package beyond the first adds to a deadline that was not given."""

Progress = Callable[[int, int], None]
"""Called with the number of requests that are answered, and of all."""


def ignore_progress(_done: int, _all: int) -> None:
    """Show nothing."""


def ignore_secret(_secret: str) -> None:
    """Mask nothing."""


class Command(NamedTuple):
    """A command line of npm, and where it would run."""

    arguments: tuple[str, ...]  # without npm itself
    env: Mapping[str, str]
    cwd: str

    def __repr__(self) -> str:
        return f"Command({self.cwd})"  # the arguments and the environment may hold secrets


class Detected(NamedTuple):
    """What was found: one run for each package, and what starting npm needs."""

    command: Command
    runs: "tuple[Run, ...]"
    arguments: tuple[str, ...]  # for npm: as given, or so that it skips what is already published
    npm: "Npm | None"
    tool: "PublishTool | None"
    configuration: "Configuration"
    deadline: "Deadline"
    loglevel: str = "notice"
    logs_dir: str | None = None
    held: "tuple[Package, ...]" = ()  # those that `--hold` names: npm is told to publish the others


def detect(
    command: Command,
    options: "Options",
    *,
    checking: bool = False,
    mask: Callable[[str], None] = ignore_secret,
    progress: Progress = ignore_progress,
    routes: Mapping[str, int] | None = None,
) -> Detected:
    """Return everything that bears on *command*, found within `Options.deadline` seconds.

    *mask* is called with every secret that is minted, before anything else; *progress* is not called where npm is to be
    silent. *routes* are those of a rehearsal (`Transport`).
    """
    from safepublish.detect import budget
    from safepublish.detect.http import Deadline

    deadline = Deadline(options.deadline)
    with budget.within(deadline):
        return _detect(command, options, deadline, checking=checking, mask=mask, progress=progress, routes=routes)


def _detect(
    command: Command,
    options: "Options",
    deadline: "Deadline",
    *,
    checking: bool,
    mask: Callable[[str], None],
    progress: Progress,
    routes: Mapping[str, int] | None,
) -> Detected:
    from safepublish.detect import config, identity, network, npm
    from safepublish.detect.http import Client
    from safepublish.facts.kinds import Ci
    from safepublish.facts.run import Package, Repository, Run

    env, cwd = command.env, command.cwd
    found_npm = npm.find(env)
    found_tool = _find_tool(options, command)
    tool = found_tool.tool if found_tool is not None else None
    configuration = config.read(command.arguments, env=env, cwd=cwd, npm=found_npm, several=checking, routes=routes)
    packages = _read_packages(found_tool, configuration, command, options, checking=checking)
    job = identity.from_environment(env)
    publish_command = _publish_command(command, configuration, found_npm, found_tool)
    is_forecast = job.ci is Ci.NONE and not job.ci_disabled and (checking or publish_command.dry_run)
    steps = _publish_steps(options, command) if is_forecast else None
    if steps is not None and checking and found_tool is None and not configuration.positionals:
        packages = _published_by(packages, steps, configuration, command, found_npm)
    if options.deadline_grows:
        deadline.extend(FOR_EACH_MORE * (len(packages) - 1))
    loglevel = str(configuration.get("loglevel"))
    job, packages = network.ask(
        packages,
        job,
        env,
        Client(configuration.transport, deadline, mask=mask),
        probe=options.probe,
        npm_exchanges=tool is None or tool.npm,
        always_attaches=found_npm is not None and _always_attaches(found_npm),
        progress=ignore_progress if loglevel == "silent" else progress,
    )
    arguments, packages, held = _choose(packages, command, options, configuration, found_npm, found_tool)
    run = Run(
        npm=found_npm,
        identity=job,
        package=Package("."),
        command=publish_command,
        is_forecast=is_forecast,
        repository=Repository(),
        options=options,
        tool=tool,
        now=int(deadline.clock.now()),
    )
    runs = tuple(run._replace(package=package) for package in packages)
    if steps is not None:
        runs = _with_repository(runs, steps)
    return Detected(
        command,
        runs,
        arguments,
        found_npm,
        tool,
        configuration,
        deadline,
        loglevel,
        config.logs_dir(configuration),
        held,
    )


def _publish_steps(options: "Options", command: Command) -> "Steps":
    from safepublish.detect import forecast  # only on a laptop

    return forecast.read(options, command.env, command.cwd)


def _published_by(
    packages: "tuple[Package, ...]",
    steps: "Steps",
    configuration: "Configuration",
    command: Command,
    npm: "Npm | None",
) -> "tuple[Package, ...]":
    from safepublish.detect import forecast

    return forecast.published(packages, steps, configuration, command, npm)


def _with_repository(runs: "tuple[Run, ...]", steps: "Steps") -> "tuple[Run, ...]":
    from safepublish.detect import forecast

    return forecast.with_repository(runs, steps)


def _publish_command(
    command: Command, configuration: "Configuration", npm: "Npm | None", tool: "FoundTool | None"
) -> "PublishCommand":
    from safepublish.detect import dev_engines
    from safepublish.facts.run import PublishCommand
    from safepublish.npm.config.credentials import unread_tokens

    return PublishCommand(
        "stage publish" if (tool is not None and tool.stages) or command.arguments[0] == "stage" else "publish",
        dry_run=configuration.get("dry-run") is True,
        force=configuration.get("force") is True,
        problems=configuration.problems,
        unread_tokens=unread_tokens(configuration),
        fetches=_fetches(configuration),
        dev_engines=dev_engines.read(configuration, npm) if tool is None else None,  # a tool starts npm elsewhere
    )


def _always_attaches(npm: "Npm") -> bool:
    """Whether *npm* attaches provenance by itself also to packages that are not public, at which it then fails."""
    from safepublish.npm.floors import Floor

    return npm.version is not None and npm.version in Floor.EXCHANGE and npm.version not in Floor.PROVENANCE_IF_PUBLIC


def _fetches(configuration: "Configuration") -> frozenset[str]:
    """What npm may fetch of the kinds that npm 12 excludes by default; `root` is not enough for a publish."""
    from safepublish.npm.floors import Floor

    if configuration.version not in Floor.ALLOW_FETCHED:
        return frozenset({"git", "remote"})
    return frozenset(kind for kind in ("git", "remote") if configuration.get(f"allow-{kind}") == "all")


def _find_tool(options: "Options", command: Command) -> "FoundTool | None":
    """Return what publishes instead of npm, where something is to."""
    if options.publish_with is None:
        return None
    from safepublish.detect import tool  # not where npm publishes

    return tool.read(options.publish_with, env=command.env, cwd=command.cwd)


def _read_packages(
    found_tool: "FoundTool | None",
    configuration: "Configuration",
    command: Command,
    options: "Options",
    *,
    checking: bool,
) -> "tuple[Package, ...]":
    from safepublish.detect import package

    if found_tool is not None:
        packages = package.of_tool(found_tool, configuration, env=command.env, cwd=command.cwd)
    else:
        packages = package.read(configuration, cwd=command.cwd, checking=checking)
    if not options.hold:
        return packages
    from safepublish.detect import hold  # seldom needed

    return hold.marked(packages, options.hold, found_tool.tool if found_tool is not None else None)


def _choose(
    packages: "tuple[Package, ...]",
    command: Command,
    options: "Options",
    configuration: "Configuration",
    npm: "Npm | None",
    found_tool: "FoundTool | None",
) -> "tuple[tuple[str, ...], tuple[Package, ...], tuple[Package, ...]]":
    """Return the arguments that publish what is to be published, those packages, and those that are held back."""
    if found_tool is None or found_tool.tool.skips:
        packages = _mark_published(packages, options)
    arguments = command.arguments if found_tool is None else found_tool.arguments
    if found_tool is None:
        arguments, packages = _narrow(packages, command, configuration, npm)
    held = tuple(package for package in packages if options.hold and package.manifest.name in options.hold)
    if not held:
        return arguments, packages, ()
    from safepublish.detect import hold  # seldom needed

    hold.check_narrowed(held)
    return arguments, tuple(package for package in packages if package not in held), held


def _mark_published(packages: "tuple[Package, ...]", options: "Options") -> "tuple[Package, ...]":
    """Return *packages*, with those marked whose version is already published, where they are to be skipped."""
    from safepublish.npm.publish_rules import is_published, skips_published

    if not skips_published(options, packages):
        return packages
    return tuple(package._replace(skip_published=True) if is_published(package) else package for package in packages)


def _narrow(
    packages: "Sequence[Package]", command: Command, configuration: "Configuration", npm: "Npm | None"
) -> "tuple[tuple[str, ...], tuple[Package, ...]]":
    """Return the arguments with which npm skips the packages that are marked, and *packages*.

    Where there are no such arguments npm would publish them all, so that none stays marked.
    """
    kept = [package for package in packages if not package.skip_published]
    if not 0 < len(kept) < len(packages) or not all(package.workspace for package in packages):
        return command.arguments, tuple(packages)
    from safepublish.detect import narrowing  # only where some packages of several are meant

    arguments = narrowing.workspace_arguments(command, kept, configuration, npm)
    if arguments is None:
        return command.arguments, tuple(package._replace(skip_published=False) for package in packages)
    return arguments, tuple(packages)
