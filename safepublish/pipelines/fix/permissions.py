"""The fix that grants `id-token: write`."""

import re
from collections.abc import Sequence

from safepublish.facts.step import Entry, Step
from safepublish.pipelines.fix.edit_check import NewValue
from safepublish.pipelines.fix.edits import Edit, Fix
from safepublish.pipelines.fix.sheet import Sheet
from safepublish.pipelines.fix.yaml_edits import (
    added_entries,
    insert_lines,
    is_flow,
    last_line,
    new_value,
    scalar_range,
)

_USES_TOKEN = re.compile(
    r"github\.token|GITHUB_TOKEN|GH_TOKEN|git push|\bgh (?:release|pr|issue|api|workflow)\b|changesets/action"
    r"|semantic-release|release-please|action-gh-release|create-release|release-it|git-auto-commit|ncipollo/"
)

_ID_TOKEN = ("id-token", "write")

_CHECKOUT_AND_ID_TOKEN = (("contents", "read"), _ID_TOKEN)


def grant_id_token(sheet: Sheet, step: Step) -> Fix:
    """Grant `id-token: write`: in the block in force, else in a new one with which checkout still works."""
    current = step.context.permission
    if current.caller is not None and step.place.path == step.place.entry_path:  # read for the job that calls it
        current = current.caller
        step = step._replace(context=step.context._replace(permission=current))
    elif step.place.composite or step.place.reusable is not None or current.caller is not None:
        return Fix(not_made="the calling job has to grant it, in its own file")
    for_all_jobs = current.scope == "workflow" and len(_jobs(sheet)) != 1  # a change there would grant it to every job
    if current.id_token is not None and not for_all_jobs:
        return _change_level(sheet, current.id_token)
    block = current.block
    if block is None or current.scope == "none":
        return _add_block(sheet, step, _CHECKOUT_AND_ID_TOKEN, "the job gets a permissions block with id-token: write")
    if block.style == "alias":
        return Fix(not_made=f"the permissions on line {block.key.line} are an alias")
    if block.text is not None:  # read-all, or an expression
        return _replace_word(sheet, step, block)
    entries = _entries(sheet, block)
    if entries is None:
        return Fix(not_made=f"the permissions on line {block.key.line} are not written as names and levels")
    if for_all_jobs:
        kept = tuple((name, level) for name, level in entries if name.lower() != "id-token")
        entries_of_job = (*kept, _ID_TOKEN) if entries else _CHECKOUT_AND_ID_TOKEN
        return _add_block(sheet, step, entries_of_job, "the job gets its own permissions, with id-token: write")
    return _add_entry(sheet, block)


def _change_level(sheet: Sheet, entry: Entry) -> Fix:
    start, end = scalar_range(sheet, entry.value)
    if entry.style not in {"plain", "single", "double"} or "${{" in (entry.text or ""):
        return Fix(not_made=f"line {entry.value.line} computes the permission")
    changes = new_value(sheet, entry.value, "write")
    text = "write" if end > start or sheet.text[start - 1 : start] == " " else " write"
    return Fix((Edit(start, end, text),), f"id-token: {entry.text} becomes write", changes=changes)


def _replace_word(sheet: Sheet, step: Step, block: Entry) -> Fix:
    if block.text != "read-all" and block.text:
        return Fix(not_made=f"the permissions on line {block.key.line} are {block.text}")
    if _may_need_more(sheet, step):
        return Fix(not_made="the other permissions that the job needs could not be determined")
    if step.context.permission.scope == "workflow":
        return _add_block(sheet, step, _CHECKOUT_AND_ID_TOKEN, "the job gets its own permissions, with id-token: write")
    begin, end = scalar_range(sheet, block.value)
    start = len(sheet.text[:begin].rstrip())  # behind the colon, an anchor or a comment
    indent = " " * (block.key.column + 1)
    text = "".join(f"{sheet.newline}{indent}{name}: {level}" for name, level in _CHECKOUT_AND_ID_TOKEN)
    if is_flow(sheet, block.key):
        text = f" {_flow_mapping(_CHECKOUT_AND_ID_TOKEN)}"
    node = sheet.value(block.key)
    changes = (NewValue(node, _CHECKOUT_AND_ID_TOKEN),) if node is not None else ()
    summary = f"permissions: {block.text} becomes what the job needs"
    return Fix((Edit(start, max(start, end), text),), summary, changes=changes)


def _may_need_more(sheet: Sheet, step: Step) -> bool:
    """Whether something in the job may use the repository's token for more than a checkout."""
    if step.place.job_span is None:
        return True
    start, end = sheet.range(step.place.job_span)
    return _USES_TOKEN.search(sheet.text[start:end]) is not None


def _add_block(sheet: Sheet, step: Step, entries: Sequence[tuple[str, str]], summary: str) -> Fix:
    if step.place.steps_key is None:
        return Fix(not_made=f"the job {step.place.job} has no steps to put a permissions block before")
    if step.context.permission.block is None and _may_need_more(sheet, step):
        return Fix(
            not_made="a permissions block removes every permission that it does not name, and the job uses the"
            " repository's token; the permissions that it needs besides id-token: write could not be determined"
        )
    key = step.place.steps_key
    changes = added_entries(sheet.mapping(key), [("permissions", tuple(entries))])
    if is_flow(sheet, key):
        start = sheet.at(key.line, key.column)
        return Fix((Edit(start, start, f"permissions: {_flow_mapping(entries)}, "),), summary, changes=changes)
    indent = " " * (key.column - 1)
    if sheet.line(key.line)[: key.column - 1].strip():
        return Fix(not_made=f"the key on line {key.line} is not at the beginning of its line")
    block = (f"{indent}permissions:", *(f"{indent}  {name}: {level}" for name, level in entries))
    return Fix((insert_lines(sheet, key.line, block),), summary, changes=changes)


def _flow_mapping(entries: Sequence[tuple[str, str]]) -> str:
    return f"{{{', '.join(f'{name}: {level}' for name, level in entries)}}}"


def _entries(sheet: Sheet, block: Entry) -> list[tuple[str, str]] | None:
    """The entries of a permissions block; None where they are not names and levels."""
    value = sheet.value(block.key)
    if value is None or value.id != "mapping":
        return None
    if any(key.id != "scalar" or level.id != "scalar" for key, level in value.value):
        return None
    return [(key.value, level.value) for key, level in value.value]


def _add_entry(sheet: Sheet, block: Entry) -> Fix:
    """Add `id-token: write` behind the last entry of a permissions block."""
    mapping = sheet.value(block.key)
    summary, changes = "id-token: write is added to the permissions", added_entries(mapping, [_ID_TOKEN])
    if not mapping.value:
        end = sheet.range(block.value)[1] - 1
        start = len(sheet.text[:end].rstrip())
        if "\n" in sheet.text[start:end]:  # a comment may be there
            return Fix((Edit(end, end, "id-token: write "),), summary, changes=changes)
        return Fix((Edit(start, end, " id-token: write "),), summary, changes=changes)
    if mapping.flow_style:
        last = max(mapping.value[-1], key=lambda node: (node.end_mark.line, node.end_mark.column)).end_mark
        at = sheet.at(last.line + 1, last.column + 1)
        return Fix((Edit(at, at, ", id-token: write"),), summary, changes=changes)
    line = f"{' ' * mapping.value[0][0].start_mark.column}id-token: write"
    edit = insert_lines(sheet, last_line(sheet, block.value) + 1, (line,))
    return Fix((edit,), summary, changes=changes)


def _jobs(sheet: Sheet) -> list[str]:
    root = sheet.tree.root
    jobs = next((value for key, value in root.value if key.value == "jobs"), None) if root is not None else None
    return [key.value for key, _ in jobs.value] if jobs is not None and jobs.id == "mapping" else []
