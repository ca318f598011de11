"""The .npmrc files, as the package ini reads them."""

import re
from typing import NamedTuple

from safepublish.npm.arguments import BLANKS, Value, text, truthy

_SECTION = re.compile(r"\[([^\]]*)\]\s*")


class Ini(NamedTuple):
    """An .npmrc file: its values, and the line that gave each top-level key its last value."""

    values: dict[str, Value]
    lines: dict[str, int]


def parse_ini(content: str) -> Ini:
    """Read *content* as the package ini does (ini 4.1.1 to 7.0.0, lib/ini.js, `decode`)."""
    out: dict[str, Value] = {}
    lines: dict[str, int] = {}
    target = out
    for at, line in enumerate(content.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        bare = line.strip(BLANKS)
        if not bare or bare[0] in ";#":
            continue
        section = _SECTION.fullmatch(line)
        if section:
            target = _section(out, text(_unsafe(section[1])))
            continue
        name, equals, written = line.partition("=")
        if not name or "\u2028" in written or "\u2029" in written:
            continue
        key = text(_unsafe(name))
        many = len(key) > 2 and key.endswith("[]")
        key = key[:-2] if many else key
        value = _unsafe(written) if equals else True
        if value in ("true", "false", "null"):
            value = {"true": True, "false": False, "null": None}[str(value)]
        _put(target, key, value, many=many)
        if target is out:
            lines[key] = at
    _nest(out)
    return Ini(out, lines)


def _section(out: dict[str, Value], name: str) -> dict[str, Value]:
    target = out.get(name)
    if isinstance(target, dict):
        return target
    fresh: dict[str, Value] = {}
    if name != "__proto__" and not truthy(target):  # a scalar of that name cannot hold keys: JavaScript drops them
        out[name] = fresh
    return fresh


def _put(target: dict[str, Value], key: str, value: Value, *, many: bool) -> None:
    if key == "__proto__":
        return
    if many and key not in target:
        target[key] = []
    elif many and not isinstance(target[key], list):
        target[key] = [target[key]]
    before = target.get(key)
    if isinstance(before, list):
        before.append(value)
    else:
        target[key] = value


def _nest(out: dict[str, Value]) -> None:
    """Sections named `a.b` move into `a`; so does, by an accident of JavaScript, any key whose value is null."""
    moved = []
    for key, value in list(out.items()):
        if value is not None and not isinstance(value, dict):
            continue
        *parts, last = re.split(r"(?<!\\)\.", key)
        name = last.replace("\\.", ".")
        target = out
        for part in parts:
            inner = target.get(part)
            if not isinstance(inner, dict):
                inner = {}
                target[part] = inner
            target = inner
        if target is out and name == last:
            continue
        target[name] = value
        moved.append(key)
    for key in moved:
        del out[key]


def _unsafe(written: str) -> Value:
    """A key or value without quotes, escapes and comment (lib/ini.js, `unsafe`)."""
    written = written.strip(BLANKS)
    if written and written[0] in "\"'" and written[0] == written[-1]:
        import json

        written = written[1:-1] if written[0] == "'" else written
        try:
            found: Value = json.loads(written, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return written
        return found
    if "\\" not in written and ";" not in written and "#" not in written:
        return written
    kept = []
    escaped = False
    for char in written:
        if escaped:
            kept.append(char if char in "\\;#" else f"\\{char}")
            escaped = False
        elif char in ";#":
            break
        elif char == "\\":
            escaped = True
        else:
            kept.append(char)
    return "".join([*kept, "\\" if escaped else ""]).strip(BLANKS)


def _no_constant(name: str) -> None:
    raise ValueError(name)
