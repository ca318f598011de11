"""The command `init`: writes the recommended publish workflow for this repository, never over a file."""

import os
import re
import sys
from collections.abc import Mapping

from safepublish import __version__
from safepublish.causes.judge import judge_steps
from safepublish.cli import exit_codes, terminal
from safepublish.cli.arguments import Invocation
from safepublish.detect import init, publish_steps, repository
from safepublish.detect.workflows import Checkout
from safepublish.facts.step import File, Judged, Verdict
from safepublish.pipelines import reader
from safepublish.pipelines.new_workflow import Plan, render
from safepublish.report import escape
from safepublish.shell import own_options
from safepublish.shell.own_options import UsageError

TRIGGERS = ("release", "tag")
_DIRECTORY = ".github/workflows"
_FILE = re.compile(r"[\w.-]{1,100}\.ya?ml", re.ASCII)
_ENVIRONMENT = re.compile(r"[^\s'\"${}][^'\"${}\r\n]{0,200}")


def run(invocation: Invocation) -> int:
    """Write the workflow; returns the exit code."""
    if invocation.arguments:
        raise UsageError(f"init takes no arguments, but got {own_options.shown(invocation.arguments[0])}")
    own = invocation.own_options
    root = repository.read({}, terminal.working_directory()).root
    if root is None:
        raise UsageError("this directory is not in a git repository; init writes a workflow of the repository")
    name = own.get("--file") or "publish.yml"
    if not _FILE.fullmatch(name):
        raise UsageError(f"--file is {own_options.shown(name)}; it takes the name of a file that ends with .yml")
    path = os.path.join(root, *_DIRECTORY.split("/"), name)
    if os.path.lexists(path):
        raise UsageError(f"{_DIRECTORY}/{name} exists, and is not changed; name another with --file")
    if "--file" not in own and (existing := _publishing(root)):
        return _offer_migration(existing)
    try:
        plan = _chosen(init.read(root), own)
    except init.CannotInitError as error:
        raise UsageError(str(error)) from error
    return _write(root, path, plan)


def _publishing(root: str) -> list[tuple[File, Judged]]:
    """The publish steps that the repository's workflows have already."""
    try:
        files = {file.path: file for file, _ in publish_steps.read(root, None, None)}
    except OSError:
        return []
    return [(file, judged) for file in files.values() for judged in judge_steps(file)]


def _offer_migration(existing: list[tuple[File, Judged]]) -> int:
    """Say what publishes already, and how it is moved to OIDC; returns the exit code."""
    terminal.write_message(
        "this repository publishes already, so nothing was written:",
        [f"{file.path}:{judged.step.place.at.line} {judged.verdict.value}" for file, judged in existing],
    )
    if any(judged.verdict is not Verdict.TRUSTED for _, judged in existing):
        terminal.write_message("to publish with OIDC from there, run `safepublish workflow --fix --migrate`")
    terminal.write_message("to write a new workflow all the same, name it with --file")
    return exit_codes.REFUSED


def _chosen(plan: Plan, own: Mapping[str, str | None]) -> Plan:
    """*plan* as the options say, and on a terminal the answers: at most three questions."""
    asks = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    trigger = own.get("--trigger") or (
        _ask("What starts the publish: a release or a tag?", "release") if asks else None
    )
    if trigger not in {None, *TRIGGERS}:
        raise UsageError(f"--trigger is {own_options.shown(trigger or '')}; it takes release or tag")
    environment = own.get("--environment")
    if environment is None and asks:
        environment = _ask("The job's environment on GitHub, which can ask for a review (empty: none)?", "")
    if environment and not _ENVIRONMENT.fullmatch(environment):
        raise UsageError(f"--environment is {own_options.shown(environment)}, which is not the name of an environment")
    stage = "--stage" in own
    if not stage and asks and not plan.monorepo:
        stage = _ask("Stage each version, for a maintainer to approve: yes or no?", "no").lower() in {"y", "yes"}
    if stage and plan.monorepo:
        raise UsageError("--stage works for a single package; stage the packages of a monorepo with its own tool")
    return plan._replace(trigger=trigger or "release", environment=environment or None, stage=stage)


def _ask(question: str, default: str) -> str:
    terminal.write_err(f"{question} [{default}] " if default else f"{question} ")
    return sys.stdin.readline().strip() or default


def _write(root: str, path: str, plan: Plan) -> int:
    shown = os.path.relpath(path, root).replace(os.sep, "/")
    text, judged = _checked(root, shown, plan)
    if plan.node_version_file is not None and not _is_trusted(judged):
        text, judged = _checked(root, shown, plan._replace(node_version_file=None))
        if _is_trusted(judged):
            terminal.write_message(
                f"{plan.node_version_file} names a Node whose npm does not support trusted publishing; "
                "the workflow uses Node 24"
            )
    if not _is_trusted(judged):
        reasons = [finding.message for step in judged for finding in step.findings]
        terminal.write_message("nothing was written: the workflow would not publish with OIDC:", reasons)
        return exit_codes.REFUSED
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{shown} could not be written: {error.strerror}") from error
    terminal.write_out(
        f"{escape.plain(shown)} was written.\n"
        "Next: commit it, run `safepublish trust` for the trusted publisher that npmjs.com needs, and start the\n"
        "workflow by hand once: it checks everything and publishes nothing. Publish within two days of adding the\n"
        "publisher: one that is not used is reported to expire.\n"
    )
    return exit_codes.OK


def _checked(root: str, shown: str, plan: Plan) -> tuple[str, tuple[Judged, ...]]:
    """The text of the workflow, and what the causes find in it."""
    text = render(plan, __version__)
    checkout = Checkout(root)
    return text, judge_steps(reader.read(text, shown, checkout.text, checkout.callers))


def _is_trusted(judged: tuple[Judged, ...]) -> bool:
    return bool(judged) and all(step.verdict is Verdict.TRUSTED for step in judged)
