"""Edits that remove an entry, a command or a step of a YAML file."""

import re
from collections.abc import Sequence
from typing import Any

from safepublish.facts.step import Entry, Span
from safepublish.pipelines import document
from safepublish.pipelines.fix.edit_check import Change, Removed
from safepublish.pipelines.fix.edits import Edit, Fix
from safepublish.pipelines.fix.sheet import Sheet
from safepublish.pipelines.fix.yaml_edits import last_line, new_text

_RUN_BLOCK = re.compile(r" *(?:- )?run:\s*[|>][-+0-9]*\s*(?:#.*)?")
"""The line of a step's `run` whose script is a block scalar."""


def remove_entry(sheet: Sheet, entry: Entry, summary: str) -> Fix:
    """Remove an entry from its mapping; with the last one the mapping's own entry goes too."""
    found = sheet.entry(entry.key)
    if found is None or entry.key.path != entry.value.path:
        return Fix(not_made=f"line {entry.key.line} is shared through an alias")
    mapping, index, parent = found
    if getattr(mapping, "anchor", None) or _is_anchored(sheet, mapping):
        return Fix(not_made=f"line {entry.key.line} is shared through an alias")
    while len(mapping.value) == 1 and parent is not None and parent[0].id == "mapping":
        above = sheet.entry(_key_span(parent[0].value[parent[1]][0], entry))
        mapping, index = parent
        parent = above[2] if above else None
    edit = _cut(sheet, mapping, index)
    changes = (Removed(mapping, index),)
    return (
        Fix((edit,), summary, changes=changes)
        if edit is not None
        else Fix(not_made=f"line {entry.key.line} cannot be removed")
    )


def _is_anchored(sheet: Sheet, mapping: Any) -> bool:
    """Whether an anchor stands before *mapping*: then other places share its entries."""
    line = sheet.line(mapping.start_mark.line + 1)[: mapping.start_mark.column]
    above = sheet.line(mapping.start_mark.line) if mapping.start_mark.line else ""
    return bool(re.search(r"(?:^|\s)&\S+\s*$", line) or re.search(r":\s*&\S+\s*(?:#.*)?$", above))


def _key_span(key: Any, entry: Entry) -> Span:
    mark = key.start_mark
    return Span(entry.key.path, mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 1)


def _cut(sheet: Sheet, mapping: Any, index: int) -> Edit | None:
    """The edit that removes the entry at *index*; None where it cannot be removed."""
    key, value = mapping.value[index]
    is_last = index == len(mapping.value) - 1
    start = sheet.at(key.start_mark.line + 1, key.start_mark.column + 1)
    if mapping.flow_style:
        if not is_last:
            following = mapping.value[index + 1][0].start_mark
            return Edit(start, sheet.at(following.line + 1, following.column + 1), "")
        before = mapping.value[index - 1][1].end_mark if index else None
        begin = start if before is None else sheet.at(before.line + 1, before.column + 1)
        return Edit(begin, sheet.at(value.end_mark.line + 1, value.end_mark.column + 1), "")
    span = document.span(value, "")
    end_line = last_line(sheet, span)
    row = key.start_mark.line + 1
    if not sheet.line(row)[: key.start_mark.column].strip():
        return Edit(sheet.at(row, 1), sheet.at(end_line + 1, 1), "")
    if is_last:
        return None
    following = mapping.value[index + 1][0].start_mark
    # `- env: …`: the next key takes the dash.
    return Edit(start, sheet.at(following.line + 1, following.column + 1), "")


def remove_commands(sheet: Sheet, spans: Sequence[Span]) -> Fix:
    """Remove commands from their scripts, with the steps that do nothing else."""
    removed = {line for span in spans for line in _span_lines(sheet, span)}
    edits: list[Edit | None] = []
    changes: list[Change] = []
    for span in dict.fromkeys(spans):
        lines, script = _span_lines(sheet, span), range(span.line, span.line)
        if not re.match(r" *(?:- )?run:", sheet.line(span.line)):
            if sheet.text[slice(*sheet.range(span))].strip() != "".join(map(sheet.line, lines)).strip():
                return Fix(not_made=f"line {span.line} does more than write the token")
            script = _script(sheet, span.line)
        if all(number in removed or not sheet.line(number).strip() for number in script[1:]):
            edits.append(_cut_step(sheet, script.start))
            changes += _removed_step(sheet, span)
        else:
            edit = Edit(sheet.at(span.line, 1), sheet.at(lines.stop, 1), "")
            edits.append(edit)
            changes += new_text(sheet, edit.start, sheet.text[edit.start : edit.end], "")
    if None in edits:
        return Fix(not_made="the step that writes the token is not written in block style")
    summary = "the command that writes the token is removed" if edits else ""
    return Fix(tuple(edit for edit in edits if edit), summary, changes=tuple(dict.fromkeys(changes)))


def _script(sheet: Sheet, line: int) -> range:
    """The lines of the block scalar to which *line* belongs, that of its `run` first."""
    text = sheet.line(line)
    top = line
    while top > 1 and not _RUN_BLOCK.fullmatch(sheet.line(top).rstrip()):
        top -= 1
    indent = len(text) - len(text.lstrip(" "))
    bottom = top + 1
    while bottom <= len(sheet.starts) and _is_indented(sheet.line(bottom), indent):
        bottom += 1
    return range(top, bottom)


def _removed_step(sheet: Sheet, command: Span) -> tuple[Change, ...]:
    """The change of a job whose step with *command* is removed."""
    script = sheet.scalar_in(*sheet.range(command))
    mapping, _ = sheet.tree.parents.get(id(script), (None, 0))
    place = sheet.tree.parents.get(id(mapping))
    return (Removed(*place),) if place is not None and place[0].id == "sequence" else ()


def _span_lines(sheet: Sheet, span: Span) -> range:
    return range(span.line, last_line(sheet, span) + 1)


def _is_indented(line: str, indent: int) -> bool:
    return not line.strip() or len(line) - len(line.lstrip(" ")) >= indent


def _cut_step(sheet: Sheet, line: int) -> Edit | None:
    """The edit that removes the whole step to which *line* belongs."""
    top = line
    while top >= 1 and not re.match(r" *- ", sheet.line(top)):
        top -= 1
    if top < 1:
        return None
    dash = len(sheet.line(top)) - len(sheet.line(top).lstrip(" "))
    bottom = top + 1
    while bottom <= len(sheet.starts) and _is_indented(sheet.line(bottom), dash + 1):
        bottom += 1
    while bottom - 1 > line and sheet.line(bottom - 1).lstrip(" ").startswith("#"):
        bottom -= 1  # a comment above the next step
    return Edit(sheet.at(top, 1), sheet.at(bottom, 1), "")
