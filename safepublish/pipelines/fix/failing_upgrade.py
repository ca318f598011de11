"""The fixes of a command that installs npm: of one that fails, and of one that installs too old an npm."""

import re

from safepublish.facts.step import Span, Step
from safepublish.npm import bundled, upgrades
from safepublish.pipelines.document import span
from safepublish.pipelines.fix.edits import Edit, Fix
from safepublish.pipelines.fix.node import change_node
from safepublish.pipelines.fix.sheet import Sheet
from safepublish.pipelines.fix.target_versions import NODE, NPM
from safepublish.pipelines.fix.yaml_edits import new_text, replace_scalar


def change_upgrade(sheet: Sheet, step: Step) -> Fix:
    """Request an npm that runs on the installed Node; where npm 11 does not, change the Node."""
    failing = next(
        (upgrade for upgrade in step.toolchain.upgrades if upgrade.works is False and not upgrade.swallowed), None
    )
    if failing is None:
        return Fix(not_made="no upgrade is known to fail")
    version = step.toolchain.node.version
    helps = upgrades.upgraded("11", version, bundled.brings(version), forced=False).works if version else None
    edit = _npm_spec(sheet, failing.span) if helps else None
    if edit is None:
        fix = change_node(sheet, step)
        return fix._replace(instruction=fix.instruction or f"Use Node {NODE}, which ships npm 11.")
    summary = f"{failing.command} installs {NPM}, which runs on Node {version}"
    changes = new_text(sheet, edit.start, sheet.text[edit.start : edit.end], NPM)
    return Fix((edit,), summary, changes=changes, instruction=f"Install {NPM}, which runs on Node {version}.")


def change_pin(sheet: Sheet, step: Step) -> Fix:
    """Request npm 11 where a command of the job requests an npm that is too old."""
    npm, node = step.toolchain.npm, step.toolchain.node.version
    pins = [upgrade for upgrade in step.toolchain.upgrades if upgrade.works is not False]
    if npm.source == "npx":
        span, command = step.place.at, step.invocation.command
        place = Span(span.path, span.line or 1, 1, (span.line or 1) + 1, 1)
    elif pins:
        place, command = pins[-1].span, pins[-1].command
    else:
        return Fix(not_made=f"{step.toolchain.node.source} chooses the npm")
    if place.path != step.place.path:
        return Fix(not_made=f"`{command}` in {place.path} chooses the npm")
    edit = _npm_spec(sheet, place)
    if edit is None:
        fix = _in_variable(sheet, place) or Fix(not_made=f"`{command}` chooses the npm, and its line names no version")
    else:
        changes = new_text(sheet, edit.start, sheet.text[edit.start : edit.end], edit.text)
        fix = Fix((edit,), f"`{command}` becomes {NPM}", changes=changes, instruction=f"Install {NPM} instead.")
    if not fix.edits or node is None or upgrades.upgraded("11", node, None).works is not False:
        return fix
    other = change_node(sheet, step)
    if not other.edits:
        return other
    summary = f"{fix.summary}, and {other.summary}"
    return fix._replace(edits=fix.edits + other.edits, summary=summary, changes=fix.changes + other.changes)


def _in_variable(sheet: Sheet, place: Span) -> Fix | None:
    """The edit of the variable that holds npm's version, where the file sets it once and uses it once."""
    found = _VARIABLE.search(sheet.text[slice(*sheet.range(place))])
    name = found and (found[1] or found[2])
    if not name or len(re.findall(rf"\b{re.escape(name)}\b", sheet.text)) != len(("set", "used")):
        return None
    values = [mapping.value[at] for mapping, at, _ in sheet.tree.keys.values() if mapping.value[at][0].value == name]
    if len(values) != 1 or values[0][1].id != "scalar":
        return None
    key, value = values[0]
    edit, changes = replace_scalar(sheet, span(value, place.path), NPM.removeprefix("npm@"))
    return Fix((edit,), f"{key.value} becomes {NPM}", changes=changes, instruction=f"Install {NPM} instead.")


_VARIABLE = re.compile(r"\bnpm@(?:\$\{\{\s*env\.([\w-]+)\s*\}\}|\$\{?(\w+))")


def _npm_spec(sheet: Sheet, place: Span) -> Edit | None:
    """The edit of the argument that names npm in the command at *place*; None where it is not clear which."""
    start, end = sheet.range(place)
    found = list(
        re.finditer(r"(?<![\w@/.-])npm@[^\s'\";&|\\]+|(?<=\s)npm(?=\s*(?:$|[\s'\";&|]))", sheet.text[start:end])
    )
    words = [match for match in found if match.group() != "npm"] or found[-1:]
    if len(words) != 1 or "$" in words[0].group():
        return None
    return Edit(start + words[0].start(), start + words[0].end(), NPM)
