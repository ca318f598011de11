"""The fix that upgrades npm in a step before the publish."""

import re

from safepublish.facts.step import Span, Step
from safepublish.npm import bundled, upgrades
from safepublish.pipelines.fix.edit_check import Change, Data, Inserted
from safepublish.pipelines.fix.edits import Fix
from safepublish.pipelines.fix.sheet import Sheet
from safepublish.pipelines.fix.target_versions import NODE, NPM
from safepublish.pipelines.fix.yaml_edits import insert_lines


def add_upgrade(sheet: Sheet, step: Step, why: str) -> Fix:
    """Add a step that upgrades npm before the one that publishes; *why* says why the Node is not changed instead."""
    version = step.toolchain.node.version
    outcome = upgrades.upgraded("11", version, bundled.brings(version)) if version else None
    if outcome is None or not outcome.works or step.place.composite or step.toolchain.upgrades:
        return Fix(not_made=f"{why}; set it to {NODE}")
    dash = _indent_of_dash(sheet, step.place.span)
    if dash is None:
        return Fix(not_made=f"{why}; set it to {NODE}")
    line = step.place.span.line
    while line > 1 and sheet.line(line - 1).startswith(f"{dash}#"):
        line -= 1
    lines = [f"{dash}- run: npm install --global {NPM}"]
    if line > 1 and not sheet.line(line - 1).strip():
        lines.append("")
    summary = f"npm 11 is installed with Node {version}: {why}"
    instruction = f"Install npm 11 with Node {version}: {why}."
    changes = _inserted_step(sheet, step, (("run", f"npm install --global {NPM}"),))
    return Fix((insert_lines(sheet, line, lines),), summary, changes=changes, instruction=instruction, for_job=True)


def _inserted_step(sheet: Sheet, step: Step, value: Data) -> tuple[Change, ...]:
    """The change of a job that gets a step before *step*: its parsed *value*."""
    place = sheet.tree.parents.get(id(sheet.mapping(step.place.span)))
    return (Inserted(*place, value),) if place is not None else ()


def _indent_of_dash(sheet: Sheet, span: Span) -> str | None:
    """The blanks before the dash of a step; None where it stands in flow style or behind something else."""
    before = sheet.line(span.line)[: span.column - 1]
    match = re.fullmatch(r"( *)- +", before)
    return match.group(1) if match else None
