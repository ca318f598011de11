"""Edits of a YAML file, with the change that each makes to what is parsed."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from safepublish.facts.step import Span
from safepublish.pipelines.fix.edit_check import Added, Change, Data, NewText, NewValue, occurrence
from safepublish.pipelines.fix.edits import Edit
from safepublish.pipelines.fix.sheet import Sheet

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")


def scalar_range(sheet: Sheet, place: Span) -> tuple[int, int]:
    """The offsets of a scalar without the anchor and the tag before it."""
    start, end = sheet.range(place)
    properties = _PROPERTIES.match(sheet.text, start, end)
    return properties.end() if properties is not None else start, end


def new_value(sheet: Sheet, place: Span, text: str) -> tuple[Change, ...]:
    """The change of the scalar at *place* whose value becomes *text*."""
    node = sheet.scalar(place)
    return (NewValue(node, text),) if node is not None else ()


def new_text(sheet: Sheet, start: int, removed: str, added: str) -> tuple[Change, ...]:
    """The change of a scalar in which *removed*, at the offset *start*, is replaced by *added*."""
    node = sheet.scalar_in(start, start + 1)
    if node is None:
        return ()
    begin = sheet.at(node.start_mark.line + 1, node.start_mark.column + 1)
    if node.style in {"|", ">"}:
        begin = sheet.at(node.start_mark.line + 2, 1)
    return (NewText(node, occurrence(sheet.text[begin:start], removed), removed, added),)


def replace_scalar(sheet: Sheet, place: Span, text: str) -> tuple[Edit, tuple[Change, ...]]:
    """The edit that makes *text* the value of the scalar at *place*, in the quotes it has, and its change."""
    start, end = scalar_range(sheet, place)
    quote = sheet.text[start : min(start + 1, end)]
    quote = quote if quote in {"'", '"'} else ""
    return Edit(start, end, f"{quote}{text}{quote}"), new_value(sheet, place, text)


def added_entries(mapping: Any, entries: Iterable[tuple[str, Data]]) -> tuple[Change, ...]:
    """The change of a *mapping* that gets *entries*."""
    return tuple(Added(mapping, key, value) for key, value in entries) if mapping is not None else ()


def is_flow(sheet: Sheet, key: Span) -> bool:
    """Whether the entry with *key* is in a mapping of flow style."""
    mapping = sheet.mapping(key)
    return mapping is not None and bool(mapping.flow_style)


def insert_lines(sheet: Sheet, line: int, lines: Sequence[str]) -> Edit:
    """The edit that inserts *lines* before line number *line*, also behind a last line without a newline."""
    at = sheet.at(line, 1)
    text = "".join(f"{text}{sheet.newline}" for text in lines)
    if at == len(sheet.text) and not sheet.text.endswith(("\n", "\r")):
        text = sheet.newline + text.removesuffix(sheet.newline)
    return Edit(at, at, text)


def last_line(sheet: Sheet, span: Span) -> int:
    """The last line of *span* that is not blank."""
    last = span.end_line - 1 if span.end_column == 1 and span.end_line > span.line else span.end_line
    while last > span.line and _is_blank(sheet, last):
        last -= 1
    return last


def _is_blank(sheet: Sheet, number: int) -> bool:
    """Whether a line is empty or a comment of the file; a comment in a script belongs to the script."""
    text = sheet.line(number).strip()
    return not text or (text.startswith("#") and not sheet.is_in_block_scalar(number))
