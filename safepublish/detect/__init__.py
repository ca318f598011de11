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
    from safepublish.detect.http import Deadline
    from safepublish.detect.tool import FoundTool
    from safepublish.facts.run import Npm, Options, Package, PublishCommand, PublishTool, Repository, Run, Workflow

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
    packages = _read_packages(found_tool, configuration, command, checking=checking)
    job = identity.from_environment(env)
    publish_command = _publish_command(command, configuration)
    is_forecast = job.ci is Ci.NONE and not job.ci_disabled and (checking or publish_command.dry_run)
    around, steps = _publishing_steps(command) if is_forecast else (Repository(), ())
    if is_forecast and checking and found_tool is None and not configuration.positionals:
        packages = _of_steps(packages, steps, around, configuration, command, found_npm)
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
        progress=ignore_progress if loglevel == "silent" else progress,
    )
    arguments = command.arguments if found_tool is None else found_tool.arguments
    if tool is None or tool.skips:
        packages = _mark_published(packages, options)
    if tool is None:
        arguments, packages = _narrow(packages, command, configuration, found_npm)
    run = Run(
        npm=found_npm,
        identity=job,
        package=Package("."),
        command=publish_command,
        is_forecast=is_forecast,
        options=options,
        tool=tool,
        now=int(deadline.clock.now()),
    )
    return Detected(
        command,
        tuple(run._replace(package=package, repository=_with_step(around, steps, package)) for package in packages),
        arguments,
        found_npm,
        tool,
        configuration,
        deadline,
        loglevel,
        config.logs_dir(configuration),
    )


def _publish_command(command: Command, configuration: "Configuration") -> "PublishCommand":
    from safepublish.facts.run import PublishCommand
    from safepublish.npm.config.credentials import unread_tokens

    return PublishCommand(
        "stage publish" if command.arguments[0] == "stage" else "publish",
        dry_run=configuration.get("dry-run") is True,
        force=configuration.get("force") is True,
        problems=configuration.problems,
        unread_tokens=unread_tokens(configuration),
    )


def _find_tool(options: "Options", command: Command) -> "FoundTool | None":
    """Return what publishes instead of npm, where something is to."""
    if options.publish_with is None:
        return None
    from safepublish.detect import tool  # not where npm publishes

    return tool.read(options.publish_with, env=command.env, cwd=command.cwd)


def _read_packages(
    found_tool: "FoundTool | None", configuration: "Configuration", command: Command, *, checking: bool
) -> "tuple[Package, ...]":
    from safepublish.detect import package

    if found_tool is not None:
        return package.of_tool(found_tool, configuration, env=command.env, cwd=command.cwd)
    return package.read(configuration, cwd=command.cwd, checking=checking)


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


def _publishing_steps(command: Command) -> "tuple[Repository, tuple[Workflow, ...]]":
    """Return the repository of the working directory without a workflow, and its steps that publish."""
    from safepublish.detect import repository

    found = repository.read(command.env, command.cwd)
    return found._replace(workflow=None), repository.publishing_workflows(found.root) if found.root else ()


def _with_step(around: "Repository", steps: "Sequence[Workflow]", package: "Package") -> "Repository":
    """Return the repository *around*, with the step that most probably publishes *package* in CI."""
    if not steps:
        return around
    from safepublish.detect import publishing_step  # only for a check outside CI

    return around._replace(workflow=publishing_step.choose(steps, package, around.root or ""))


def _of_steps(
    packages: "tuple[Package, ...]",
    steps: "Sequence[Workflow]",
    around: "Repository",
    configuration: "Configuration",
    command: Command,
    found_npm: "Npm | None",
) -> "tuple[Package, ...]":
    """Return the packages that the workflow publishes: workspaces, or those of other directories.

    The latter only where the package of the working directory is private.
    """
    from safepublish.detect import config, package, publishing_step  # only for a check outside CI

    chosen = publishing_step.choose(steps, packages[0], around.root or "") if len(packages) == 1 else None
    if chosen is not None and chosen.step is not None and not configuration.workspace_dirs():
        added = publishing_step.workspace_arguments(chosen.step, around.root or "", command.cwd)
        if added:
            arguments = (*command.arguments, *added)
            changed = config.read(arguments, env=command.env, cwd=command.cwd, npm=found_npm, several=True)
            return package.read(changed, cwd=command.cwd, checking=True)
    if not all(package.manifest.private or package.manifest.trouble is not None for package in packages):
        return packages
    directories = publishing_step.directories(steps, around.root or "")
    found = package.of_directories(directories, configuration, cwd=command.cwd)
    return tuple(one for one in found if not one.manifest.private) or packages
