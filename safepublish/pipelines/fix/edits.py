"""Edits of a file's text, and the fixes that they make: every other byte stays as it was."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from safepublish.pipelines.fix import line_diff
from safepublish.pipelines.fix.edit_check import Change, problem
from safepublish.pipelines.fix.sheet import Sheet


class Edit(NamedTuple):
    """Characters of the text, from *start* up to *end*, and the text that replaces them."""

    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """One fix: its edits, what it does in a few words, or why it is not made."""

    edits: tuple[Edit, ...] = ()
    summary: str = ""
    not_made: str | None = None
    changes: tuple[Change, ...] = ()  # what differs in the parsed file afterwards, and nothing else may
    instruction: str = ""  # to the user, where it differs from the cause's own
    for_job: bool = False  # it serves all later steps of the job, and is made once


def checked(sheet: Sheet, fix: Fix) -> Fix:
    """*fix*, if its edits change only what they are meant to; else one that says why it is not made."""
    why = conflict(sheet, [fix]) if fix.edits else None
    return fix if why is None else Fix(not_made=why)


def conflict(sheet: Sheet, fixes: Sequence[Fix]) -> str | None:
    """Why *fixes* cannot be made together, None where they can."""
    edited = applied(sheet.text, [edit for fix in fixes for edit in fix.edits])
    return problem(sheet.tree.root, edited, [change for fix in fixes for change in fix.changes])


def applied(text: str, edits: Iterable[Edit]) -> str:
    """*text* after *edits*; of two that overlap the first counts, and equal ones are made once."""
    pieces, at = [], 0
    for edit in sorted(set(edits)):
        if edit.start < at:
            continue
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])


def diff(text: str, edits: Sequence[Edit]) -> str:
    """The lines that *edits* remove and add, each with its sign, as a remedy shows them."""
    before, after = text.splitlines(), applied(text, edits).splitlines()
    lines = []
    for hunk in line_diff.hunks(before, after):
        lines += [f"-{line}" for line in before[hunk.start : hunk.end]]
        lines += [f"+{line}" for line in after[hunk.new_start : hunk.new_end]]
    return "\n".join(lines)
