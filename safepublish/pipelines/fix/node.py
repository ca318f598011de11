"""Fixes of the Node that publishes."""

import re

from safepublish.facts.step import Entry, Step
from safepublish.pipelines.fix.edits import Edit, Fix
from safepublish.pipelines.fix.npm_upgrade import add_upgrade
from safepublish.pipelines.fix.sheet import Sheet
from safepublish.pipelines.fix.target_versions import NODE
from safepublish.pipelines.fix.yaml_edits import (
    added_entries,
    insert_lines,
    last_line,
    new_text,
    replace_scalar,
    scalar_range,
)

_REFERENCE = re.compile(r"\$\{\{\s*(matrix|env|inputs|vars)\.([\w-]+)\s*\}\}")

_IMAGE = re.compile(r"(\bnode:)(\d+(?:\.\d+)*)")


def change_node(sheet: Sheet, step: Step) -> Fix:
    """Request a Node whose npm supports trusted publishing; where another file chooses it, add an upgrade of npm."""
    node = step.toolchain.node
    if node.source == "container":
        return _change_image(sheet, step)
    if node.file is not None:
        return add_upgrade(sheet, step, f"{node.file} chooses Node {node.version}, for more than this job")
    if node.source not in {"setup-node", "orb", "unknown"} or step.place.composite:
        return Fix(not_made=f"{node.source} chooses the Node")
    if node.setup_entry is None:
        return _add_node_version(sheet, step)
    entry = _entry_to_change(sheet, step, node.setup_entry, node.entry)
    if isinstance(entry, str):
        return Fix(not_made=entry)
    if entry.value.path != step.place.path:
        return Fix(not_made=f"the fix belongs in {entry.value.path}")
    if entry.style not in {"plain", "single", "double"} or "\n" in sheet.text[slice(*scalar_range(sheet, entry.value))]:
        return Fix(not_made=f"line {entry.value.line} is not a plain value")
    version = _same_form(entry.text or "")
    edit, changes = replace_scalar(sheet, entry.value, version)
    return Fix((edit,), f"Node {entry.text or 'unnamed'} becomes {version}", changes=changes)


def node_line_diff(step: Step) -> str | None:
    """The edit of a plain node-version as a diff of its line, for where only the facts of the step are known."""
    node, entry = step.toolchain.node, step.toolchain.node.entry
    if entry is None or entry.text is None or entry.line.count(entry.text) != 1 or node.file is not None:
        return None
    new = _IMAGE.sub(rf"\g<1>{NODE}", entry.text) if node.source == "container" else _same_form(entry.text)
    return None if new == entry.text else f"-{entry.line}\n+{entry.line.replace(entry.text, new)}"


def _same_form(version: str) -> str:
    """Node 24 in the form of another *version*: with its `v`, and with its `.x`."""
    match = re.fullmatch(r"(v?)\d+(\.[xX*])?(\.[xX*])?", version)
    return f"{match.group(1)}{NODE}{match.group(2) or ''}{match.group(3) or ''}" if match else NODE


def _entry_to_change(sheet: Sheet, step: Step, setup: Entry, named: Entry | None) -> Entry | str:
    """The entry to change: setup-node's, or the one it refers to where nothing else does; else why there is none."""
    reference = _REFERENCE.fullmatch((setup.text or "").strip())
    if "${{" not in (setup.text or ""):
        return setup
    if reference is None or named is None or named.style == "alias":
        return f"line {setup.value.line} computes the node-version"
    if named.value.path != setup.value.path:  # a caller, or the step that uses an action, gives it
        return named
    context, name = reference.groups()
    if context == "matrix":
        return named if step.context.legs == 1 else f"its Node version comes from a matrix of {step.context.legs}"
    uses = len(re.findall(rf"\b(?:env|inputs|vars)\.{re.escape(name)}\b|\$\{{?{re.escape(name)}\b", sheet.text))
    return named if uses == 1 and context != "vars" else setup


def _add_node_version(sheet: Sheet, step: Step) -> Fix:
    """Add `node-version` to the step that sets up Node."""
    setup = step.toolchain.setup
    if setup is None or setup.span is None:
        return Fix(not_made="no step of the job sets up Node")
    if setup.span.path != step.place.path:
        return Fix(not_made=f"the fix belongs in {setup.span.path}")
    summary = f"Node {NODE} is requested"
    if setup.with_ is None:
        indent = " " * (setup.span.column - 1)
        lines = (f"{indent}with:", f"{indent}  node-version: {NODE}")
        changes = added_entries(sheet.mapping(setup.span), [("with", (("node-version", NODE),))])
        return Fix((insert_lines(sheet, last_line(sheet, setup.span) + 1, lines),), summary, changes=changes)
    inputs = sheet.value(setup.with_.key)
    if inputs is None or inputs.id != "mapping" or not inputs.value or setup.with_.style == "alias":
        return Fix(not_made=f"the inputs on line {setup.with_.key.line} are not written as a block of their own")
    changes = added_entries(inputs, [("node-version", NODE)])
    first = inputs.value[0][0].start_mark
    if setup.with_.style == "flow":
        start = sheet.at(first.line + 1, first.column + 1)
        return Fix((Edit(start, start, f"node-version: {NODE}, "),), summary, changes=changes)
    line = f"{' ' * first.column}node-version: {NODE}"
    return Fix((insert_lines(sheet, first.line + 1, (line,)),), summary, changes=changes)


def _change_image(sheet: Sheet, step: Step) -> Fix:
    """Change the version in the name of the container's image."""
    entry = step.toolchain.node.entry
    if entry is None or entry.style == "alias":
        return Fix(not_made="the container chooses the Node")
    start, end = sheet.range(entry.value)
    match = _IMAGE.search(sheet.text[start:end])
    if match is None or "@sha256" in sheet.text[start:end]:
        return Fix(not_made=f"the image {entry.text or ''} chooses the Node".replace("  ", " "))
    edit = Edit(start + match.start(2), start + match.end(2), NODE)
    changes = new_text(sheet, start + match.start(), match.group(), f"{match.group(1)}{NODE}")
    return Fix((edit,), f"the image's Node {match.group(2)} becomes {NODE}", changes=changes)
