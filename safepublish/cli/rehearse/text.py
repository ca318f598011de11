"""Prints what a rehearsal sets up, and what it shows."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from safepublish.cli import terminal
from safepublish.cli.rehearse.registry_contents import RegistryContents
from safepublish.facts.finding import Finding
from safepublish.facts.rehearsal import Rehearsed
from safepublish.facts.run import PLACEHOLDER, Npm
from safepublish.facts.step import Step
from safepublish.rehearsal.job_setup import Node
from safepublish.rehearsal.plan import Plan
from safepublish.rehearsal.working_tree import MOST_NAMES
from safepublish.report import escape
from safepublish.report import rehearsal as pages

if TYPE_CHECKING:
    from safepublish.causes.fix_workflow import FixedFile


def print_setup(
    output: terminal.Output,
    plan: Plan,
    npm: Npm,
    npm_problem: str | None,
    node: Node,
    contents: RegistryContents,
    *,
    secrets_set: bool,
) -> None:
    """Print what *plan* sets up: npm, identity, credentials and registry; *npm_problem* is why npm is another one."""
    npm_text = f"{plan.npm}, from {plan.npm_reason}; it runs on this machine's Node {node.version}"
    if npm_problem is not None:
        npm_text = f"{npm.version}, the npm of this machine, on Node {node.version}: {npm_problem}"
    facts = [("npm", npm_text), ("identity", _identity(plan)), ("credential", _credentials(plan, secrets_set))]
    entries = contents.entries.values()
    facts += [("registry", f"embedded, with {entry.description}") for entry in entries]
    packages = [entry.package for entry in entries if entry.package is not None]
    for publisher in dict.fromkeys(publisher for package in packages for publisher in package.publishers):
        environment = f", environment {publisher.environment}" if publisher.environment else ""
        facts.append(("publisher", f"{publisher.repository}, {publisher.workflow}{environment}"))
    facts += [("assumed", assumption) for assumption in plan.assumptions]
    page = pages.before(
        at=f"{plan.step.place.at.path}:{plan.step.place.at.line}",
        job=plan.step.place.job,
        facts=facts,
        command=" ".join(("npm", *plan.command, *map(shlex.quote, plan.arguments))),
        colour=output.colour,
        unicode=output.unicode,
        width=output.width,
    )
    output.write(page)


def _identity(plan: Plan) -> str:
    job = plan.job
    identity = f"{job.repository}, {job.workflow}@{job.ref}, event {job.event}"
    if job.environment:
        identity += f", environment {job.environment}"
    if not plan.has_id_token:
        identity += "; no ID token, because the job lacks id-token: write"
    return identity


def _credentials(plan: Plan, secrets_set: bool) -> str:
    state = "set" if secrets_set else "empty"
    credentials = [f"{secret.name} as {secret.variable}, assumed to be {state}" for secret in plan.secrets]
    if plan.env.get("NODE_AUTH_TOKEN") == PLACEHOLDER:
        credentials.append("setup-node's placeholder")
    return "; ".join(credentials) or "none"


def print_changed_files(names: Sequence[str]) -> None:
    """Warn of the files of the working tree that a script changed, though npm ran on a copy."""
    if names:
        listed = ", ".join(escape.plain(name, 100) for name in names[:MOST_NAMES])
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        terminal.write_err(f"warning: the working tree changed while npm ran on a copy of it: {listed}{more}\n")


def print_names_not_utf8(names: Sequence[str]) -> None:
    """Warn of the files that npm cannot open, because their names are not UTF-8."""
    if names:
        listed = ", ".join(escape.plain(name, 100) for name in names[:MOST_NAMES])
        terminal.write_err(f"warning: npm cannot open a file whose name is not UTF-8: {listed}\n")


def print_job_ends_before(output: terminal.Output, step: Step, command: str, findings: Sequence[Finding]) -> None:
    """Print that the job of *step* ends before it, at *command*, and the *findings* that say why."""
    page = pages.ended_before(
        f"{step.place.at.path}:{step.place.at.line}",
        step.place.job,
        command,
        findings,
        colour=output.colour,
        unicode=output.unicode,
        width=output.width,
    )
    output.write(page)


def print_result(output: terminal.Output, rehearsed: Rehearsed, *, verbose: bool) -> None:
    """Print how npm ended, what the registry received, and whether the checks had predicted it.

    *verbose*: also what the checks found about npm, the identity and the registry.
    """
    page = pages.after(rehearsed, colour=output.colour, unicode=output.unicode, width=output.width)
    output.write(page)
    if verbose:
        from safepublish.report import checked  # only with --verbose

        output.write(checked.render(rehearsed.predicted, unicode=output.unicode, width=output.width))


def print_legs(
    output: terminal.Output, rehearsed: Sequence[tuple[str, Rehearsed]], others: Sequence[tuple[str, str]]
) -> None:
    """Print how each of several legs ended, and why *others* were not simulated."""
    page = pages.legs(rehearsed, others, colour=output.colour, unicode=output.unicode, width=output.width)
    output.write(page)


def print_fix(output: terminal.Output, fix: "FixedFile") -> None:
    """Print what was fixed in the workflow."""
    page = pages.fixed(fix, colour=output.colour, unicode=output.unicode, width=output.width)
    output.write(page)
