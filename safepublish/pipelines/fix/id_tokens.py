"""Fixes of the ID token that a job of GitLab CI gets."""

import re

from safepublish.facts.kinds import Ci
from safepublish.facts.step import Step
from safepublish.pipelines.fix.edit_check import Data, NewValue
from safepublish.pipelines.fix.edits import Edit, Fix
from safepublish.pipelines.fix.sheet import Sheet
from safepublish.pipelines.fix.yaml_edits import added_entries, insert_lines, last_line

_AUDIENCE = "npm:registry.npmjs.org"


def add_id_token(sheet: Sheet, step: Step) -> Fix:
    """Give a job of GitLab CI an ID token for npm."""
    place = step.place
    if step.context.ci is not Ci.GITLAB or place.steps_key is None:
        return Fix(not_made="a command has to request the ID token; choose its place in the script")
    token = ("NPM_ID_TOKEN:", f'  aud: "{_AUDIENCE}"')
    entry: tuple[str, Data] = ("NPM_ID_TOKEN", (("aud", _AUDIENCE),))
    summary = "the job gets NPM_ID_TOKEN"
    block = step.credentials.id_tokens_entry
    if block is not None:
        if block.style != "block":
            return Fix(not_made=f"the id_tokens on line {block.key.line} are not written in block style")
        mapping = sheet.value(block.key)
        if mapping is None or mapping.id != "mapping" or not mapping.value:
            return Fix(not_made=f"the id_tokens on line {block.key.line} are not written in block style")
        indent = " " * mapping.value[0][0].start_mark.column
        edit = insert_lines(sheet, last_line(sheet, block.value) + 1, [f"{indent}{line}" for line in token])
        return Fix((edit,), summary, changes=added_entries(mapping, [entry]))
    indent = " " * (place.steps_key.column - 1)
    lines = (f"{indent}id_tokens:", *(f"{indent}  {line}" for line in token))
    if sheet.line(place.steps_key.line)[: place.steps_key.column - 1].strip():
        return Fix(not_made="the job is written in flow style")
    changes = added_entries(sheet.mapping(place.steps_key), [("id_tokens", (entry,))])
    return Fix((insert_lines(sheet, place.steps_key.line, lines),), summary, changes=changes)


def correct_audience(sheet: Sheet, step: Step) -> Fix:
    """Correct the audience of GitLab's NPM_ID_TOKEN."""
    audiences = (step.credentials.id_tokens or {}).get("NPM_ID_TOKEN", ())
    block = step.credentials.id_tokens_entry
    if step.context.ci is Ci.CIRCLECI:
        return Fix(not_made=f"a command requests the ID token; make it request the audience {_AUDIENCE}")
    if block is None or len(audiences) != 1:
        return Fix(not_made="the audience is not set in the job itself")
    start, end = sheet.range(block.value)
    match = re.search(rf"NPM_ID_TOKEN:\s*aud:\s*([\"']?){re.escape(audiences[0])}\1", sheet.text[start:end])
    if match is None:
        return Fix(not_made="the audience is not set in the job itself")
    at = start + match.end() - len(audiences[0]) - len(match.group(1))
    new = _AUDIENCE if match.group(1) else f'"{_AUDIENCE}"'
    node = sheet.scalar_in(at, at + 1)
    changes = (NewValue(node, _AUDIENCE),) if node is not None else ()
    edit = Edit(at, at + len(audiences[0]), new)
    return Fix((edit,), f"the audience {audiences[0]} becomes {_AUDIENCE}", changes=changes)
