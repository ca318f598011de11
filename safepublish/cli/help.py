"""The commands `help` and `version`: one help text for each command, made from the table of options."""

import textwrap
from typing import NamedTuple

from safepublish import __version__
from safepublish.cli import exit_codes, terminal
from safepublish.cli.arguments import Invocation
from safepublish.shell import own_options
from safepublish.shell.own_options import COMMANDS, OPTIONS, REPORTING, Option

_WIDTH = 80
_COLUMN = 26
"""Where the text on an option or a command begins."""


class _Command(NamedTuple):
    """What the help of a command says beside its options."""

    summary: str  # for the list of commands
    usage: tuple[str, ...]
    description: str
    exit_codes: str


_NPM_PUBLISH = (
    "All other arguments are passed to npm, unchanged and in order. Options of safepublish may also be written before "
    "the command. After -- every argument is npm's."
)
_EXIT_NPM = (
    "npm's own once npm has run; otherwise 0 nothing left to publish, 1 internal error, 2 invalid usage, 3 refused, "
    "5 published but not installable in time (--wait with --strict), 127 npm not found"
)

_COMMANDS = {
    "publish": _Command(
        "run the checks, then npm publish; `safepublish publish` does the same",
        ("safepublish [OPTIONS] [NPM PUBLISH ARGUMENTS]", "safepublish COMMAND [OPTIONS] ..."),
        "A drop-in replacement for `npm publish`. It checks whether npm trusted publishing (OIDC) will work. If it "
        f"cannot work, safepublish says why and does not run npm. {_NPM_PUBLISH}",
        _EXIT_NPM,
    ),
    "stage": _Command(
        "run the checks, then npm stage publish",
        ("safepublish stage [OPTIONS] [NPM STAGE PUBLISH ARGUMENTS]",),
        f"Run the checks, then `npm stage publish`. {_NPM_PUBLISH}",
        _EXIT_NPM,
    ),
    "check": _Command(
        "run the checks only",
        ("safepublish check [OPTIONS] [NPM PUBLISH ARGUMENTS]",),
        "Run all checks, but not npm. Outside CI it checks whether the publish will work in CI. The report goes to "
        f"stdout. {_NPM_PUBLISH}",
        "0 no errors, 1 internal error, 2 invalid usage, 3 the publish would be refused, 127 npm not found",
    ),
    "workflow": _Command(
        "check the publish steps of workflow files, and fix them",
        ("safepublish workflow [OPTIONS] [PATH ...]",),
        "Check each publish step of workflow files: will it publish with OIDC, with a token, or not at all? Without a "
        "PATH it checks all workflows of this repository. The report goes to stdout; with --diff the patch does, and "
        "the report goes to stderr.",
        "0 no errors, 1 internal error, 2 invalid usage or unreadable file, 3 a step is broken",
    ),
    "explain": _Command(
        "explain why a publish failed; or print the manual page of a cause",
        ("safepublish explain [OPTIONS] [LOG | -]", "safepublish explain CAUSE-ID", "safepublish explain --list"),
        "Find out from its log why a publish failed. LOG is a file, and - is standard input. Without LOG it reads "
        "standard input if that is a pipe, else npm's newest debug log. With the id of a cause it prints the manual "
        "page of that cause.",
        "0 explained, 1 internal error, 2 invalid usage or unreadable log, 4 no cause found",
    ),
    "rehearse": _Command(
        "simulate the publish of a workflow on this machine",
        ("safepublish rehearse [OPTIONS] [stage] [NPM PUBLISH ARGUMENTS]",),
        "Run the publish step of a workflow on this machine, with the npm that CI would use, against an embedded "
        "registry. Nothing is published. All other arguments are passed to npm.",
        "0 npm published with OIDC, 1 internal error, 2 invalid usage, 3 npm did not, 127 npm not found",
    ),
    "trust": _Command(
        "show how the packages were published, and the missing npm trust commands",
        ("safepublish trust [OPTIONS] [PACKAGE ...]",),
        "Show, for each package of this repository, how its last version was published and whether the workflow of "
        "this repository did it, and print the `npm trust` commands that are missing. It needs no login. A PACKAGE is "
        "a name or a directory; without one it takes all that are not private.",
        "0 printed, 1 internal error, 2 invalid usage",
    ),
    "init": _Command(
        "write the recommended publish workflow for this repository",
        ("safepublish init [OPTIONS]",),
        "Write a workflow that publishes this repository with OIDC, for npm, pnpm, yarn or lerna as the repository "
        "uses them. It never changes a file that exists. On a terminal it asks for what no option says.",
        "0 written, 1 internal error, 2 invalid usage, 3 not written: the repository publishes already, or could not",
    ),
    "completion": _Command(
        "print a completion script for bash, zsh or fish",
        ("safepublish completion bash|zsh|fish",),
        'Print a completion script. For bash, add `eval "$(safepublish completion bash)"` to ~/.bashrc; for zsh, add '
        "the same with zsh to ~/.zshrc, after compinit; for fish, run `safepublish completion fish > "
        "~/.config/fish/completions/safepublish.fish`.",
        "0 printed, 2 invalid usage",
    ),
}

_OPTIONS = {
    "--allow-token": "allow a token where OIDC is not available; without this option, that is an error",
    "--no-probe": "do not request an OIDC token from the registry during the checks",
    "--strict": "also refuse when a check is inconclusive",
    "--waive": "ignore this cause; may be repeated; the reason is printed",
    "--format": "text, github, json or sarif; default: github in GitHub Actions, else text",
    "--deadline": "time limit for all checks, in seconds; default: 15, plus 0.1 for each further package",
    "--with": "run this command instead of npm: 'pnpm publish -r', 'lerna publish from-package', 'changeset publish' "
    "or 'yarn npm publish'",
    "--already-published": "what to do with a version that is already published; default: skip where there are several "
    "packages, else refuse",
    "--hold": "of several packages, do not publish this one; may be repeated",
    "--wait": "after the publish, wait until the version can be installed, at most SECONDS (default: 900); with "
    "--strict, exit with 5 if it cannot",
    "--color": "use colors and hyperlinks; default: auto, which is on a terminal and follows NO_COLOR, FORCE_COLOR and "
    "CLICOLOR",
    "--quiet": "print only errors",
    "--verbose": "also print what was checked",
    "--diff": "print the smallest fix of each broken step, as a patch",
    "--fix": "write the fixes to the files",
    "--migrate": "with --diff or --fix: also change steps that publish with a token to OIDC",
    "--list": "list the ids and titles of all causes",
    "--workflow": "the workflow file of the step, if there are several",
    "--job": "the job of the step, if there are several",
    "--fixed": "then fix the workflow in a copy, as `workflow --fix` does, and run the step again",
    "--publisher": "the trusted publisher to assume; default: that of the last published version, else this workflow",
    "--assume-published": "do not query the real registry; assume that VERSION is published (default: 0.0.1)",
    "--script": "print the commands as a script for this shell, with the first publish of new packages",
    "--file": "the name of the workflow file; default: publish.yml",
    "--trigger": "what starts the publish; default: release",
    "--environment": "the environment of the publish job, which npmjs.com can require",
    "--stage": "stage each version, for a maintainer to approve",
    "--no-secrets": "assume that the secrets of the repository are empty",
}
_OPTIONS_OF_ONE = {
    ("publish", "--format"): "text or github; default: github in GitHub Actions, else text",
    ("stage", "--format"): "text or github; default: github in GitHub Actions, else text",
    ("check", "--workflow"): "outside CI: the workflow file of the step to check, if there are several",
    ("check", "--job"): "outside CI: the job of the step to check, if there are several",
    ("trust", "--workflow"): "the workflow file that publishes, if there are several",
    ("trust", "--job"): "the job that publishes, if there are several",
    ("trust", "--deadline"): "time limit for the answers of the registry, in seconds; default: 15",
    ("rehearse", "--deadline"): "time limit for each query of the real registry and for the checks, in seconds; "
    "default: 8",
}
"""The text on an option where a command has one of its own."""


def text(command: str = "publish") -> str:
    """The help of *command*; that of `publish`, the default, lists the commands."""
    about = _COMMANDS[command]
    lines = [f"{'Usage: ' if not index else '       '}{usage}" for index, usage in enumerate(about.usage)]
    lines += ["", *textwrap.wrap(about.description, _WIDTH, break_on_hyphens=False)]
    if command == "publish":
        lines += ["", "Commands:"]
        for name in COMMANDS[1:]:
            lines += _entry(name, _COMMANDS[name].summary)
        lines += _entry("help [COMMAND]", "print this help, or that of a command")
    lines += ["", "Options:"]
    for option in OPTIONS:
        if command in option.commands:
            lines += _option(command, option)
    lines += _entry("-h, --help", "print this help")
    if command == "publish":
        lines += _entry("--version", "print the version of safepublish")
    if any(option.npm_has_it and command in REPORTING - option.commands for option in OPTIONS):
        lines += ["", "Environment variables (npm has --color, --quiet and --verbose of its own):"]
        for option in OPTIONS:
            if option.npm_has_it:
                lines += _entry(f"{option.variable}={option.value or 1}", _OPTIONS[option.name])
    lines += ["", *textwrap.wrap(f"Exit codes: {about.exit_codes}.", _WIDTH, break_on_hyphens=False)]
    return "\n".join(lines) + "\n"


def summary(command: str) -> str:
    """What *command* does, in a few words."""
    return "print the help" if command == "help" else _COMMANDS[command].summary


def summary_of_option(command: str, option: Option) -> str:
    """What *option* does in *command*."""
    return _OPTIONS_OF_ONE.get((command, option.name), _OPTIONS[option.name])


def _option(command: str, option: Option) -> list[str]:
    value = f" [{option.value}]" if option.optional else f" {option.value}" if option.value is not None else ""
    about = summary_of_option(command, option)
    if option.variable is not None:
        about += f" [env:\u00a0{option.variable}]"
    return _entry(f"{option.name}{value}", about)


def _entry(name: str, about: str) -> list[str]:
    """*name* with the text *about* it, in two columns; a long name has a line of its own."""
    wrapped = [line.replace("\u00a0", " ") for line in textwrap.wrap(about, _WIDTH - _COLUMN, break_on_hyphens=False)]
    first = f"  {name}"
    if len(first) > _COLUMN - 2:
        return [first, *(" " * _COLUMN + line for line in wrapped)]
    return [first.ljust(_COLUMN) + wrapped[0], *(" " * _COLUMN + line for line in wrapped[1:])]


def run(invocation: Invocation) -> int:
    """Print the help text, or the version; returns the exit code."""
    if invocation.command == "version":
        terminal.write_out(f"safepublish {__version__}\n")
        return exit_codes.OK
    topic = next(iter(invocation.arguments), "publish")
    terminal.write_out(text(topic if topic in own_options.COMMANDS else "publish"))
    return exit_codes.OK
