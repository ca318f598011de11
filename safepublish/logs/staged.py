"""Reads which versions were staged, and under which stage ids, from what npm, pnpm or yarn prints on stdout.

npm writes the stage id nowhere else: its debug log does not have it (npm 12.2.0, lib/commands/publish.js).
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from safepublish.logs.ci_formats import ESCAPE_SEQUENCE
from safepublish.logs.wording import SPEC

STAGE_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""A stage id: npm takes nothing but a UUID (npm 12.2.0, lib/utils/validate-uuid.js)."""

_PRINTED = re.compile(rf"^\+ {SPEC} \(staged with id ({STAGE_ID.pattern})\)\r?$", re.MULTILINE)
_YARN = re.compile(rf"\byarn npm stage approve ({STAGE_ID.pattern})\b")
_JSON = re.compile(rf'^ *"id": "{SPEC}",?\r?$|^ *"stageId": "({STAGE_ID.pattern})",?\r?$', re.MULTILINE)


class Staged(NamedTuple):
    """One version that waits for approval."""

    id: str
    name: str | None = None  # None where the tool does not say which package it is
    version: str | None = None


def read(printed: bytes) -> tuple[Staged, ...]:
    """The staged versions in what was *printed*, in order; of two ids for one version the last, which is npm's own."""
    text = ESCAPE_SEQUENCE.sub("", printed.decode(errors="replace"))
    found: dict[tuple[str | None, ...], Staged] = {}
    for staged in (*_in_lines(text), *_in_json(text)):
        key = (staged.name, staged.version) if staged.name is not None else (staged.id,)
        found[key] = staged
    return tuple(found.values())


def read_list(items: object, name: str, version: str) -> Staged | None:
    """The stage id of *version* of *name* among the *items* of `npm stage list --json`; None where it has none."""
    for item in items if isinstance(items, list) else ():
        if _is_item(item, name, version):
            return Staged(item["id"], name, version)
    return None


def _is_item(item: Any, name: str, version: str) -> bool:
    if not isinstance(item, dict) or (item.get("packageName"), item.get("version")) != (name, version):
        return False
    return isinstance(item.get("id"), str) and STAGE_ID.fullmatch(item["id"]) is not None


def _in_lines(text: str) -> Iterator[Staged]:
    """What npm and pnpm print for each package, and yarn without its name."""
    for match in _PRINTED.finditer(text):
        yield Staged(match[3], match[1], match[2])
    for match in _YARN.finditer(text):
        yield Staged(match[1])


def _in_json(text: str) -> Iterator[Staged]:
    """What npm prints with --json: of each package an object, whose `stageId` follows its `id`."""
    name: str | None = None
    version: str | None = None
    for match in _JSON.finditer(text):
        if match[3] is None:
            name, version = match[1], match[2]
        elif name is not None:
            yield Staged(match[3], name, version)
            name = None
