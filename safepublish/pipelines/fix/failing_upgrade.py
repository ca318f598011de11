"""The fix of an upgrade of npm that fails."""

import re

from safepublish.facts.step import Step, Upgrade
from safepublish.npm import bundled, upgrades
from safepublish.pipelines.fix.edits import Edit, Fix
from safepublish.pipelines.fix.node import change_node
from safepublish.pipelines.fix.sheet import Sheet
from safepublish.pipelines.fix.target_versions import NODE, NPM
from safepublish.pipelines.fix.yaml_edits import new_text


def change_upgrade(sheet: Sheet, step: Step) -> Fix:
    """Request an npm that runs on the installed Node; where npm 11 does not, change the Node."""
    failing = next(
        (upgrade for upgrade in step.toolchain.upgrades if upgrade.works is False and not upgrade.swallowed), None
    )
    if failing is None:
        return Fix(not_made="no upgrade is known to fail")
    version = step.toolchain.node.version
    helps = upgrades.upgraded("11", version, bundled.brings(version), forced=False).works if version else None
    edit = _npm_spec(sheet, failing) if helps else None
    if edit is None:
        fix = change_node(sheet, step)
        return fix._replace(instruction=fix.instruction or f"Use Node {NODE}, which ships npm 11.")
    summary = f"{failing.command} installs {NPM}, which runs on Node {version}"
    changes = new_text(sheet, edit.start, sheet.text[edit.start : edit.end], NPM)
    return Fix((edit,), summary, changes=changes, instruction=f"Install {NPM}, which runs on Node {version}.")


def _npm_spec(sheet: Sheet, failing: Upgrade) -> Edit | None:
    """The edit of the argument that names npm in the command of an upgrade; None where it is not clear which."""
    start, end = sheet.range(failing.span)
    found = list(
        re.finditer(r"(?<![\w@/.-])npm@[^\s'\";&|\\]+|(?<=\s)npm(?=\s*(?:$|[\s'\";&|]))", sheet.text[start:end])
    )
    words = [match for match in found if match.group() != "npm"] or found[-1:]
    if len(words) != 1:
        return None
    return Edit(start + words[0].start(), start + words[0].end(), NPM)
