"""The Node that a node-version asks for: what actions/setup-node reads, and the versions that a range holds."""

import re

from safepublish.npm.versions import LONGEST

Triple = tuple[int, int, int]
Interval = tuple[Triple, Triple]
"""The versions from the first, included, to the second, excluded."""
_END: Triple = (9999, 0, 0)
_COMPARATOR = re.compile(
    r"(>=|<=|>|<|\^|~>?|=)?\s*[v=]*(\d{1,4}|[xX*])(?:\.(\d{1,4}|[xX*]))?(?:\.(\d{1,4}|[xX*]))?(?:[-+][\w.+-]*)?"
)
_HYPHEN = re.compile(r"\s+-\s+")
_MOST_ALTERNATIVES = 20
_NUMBER = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?")
_LINE = re.compile(r"^(?:node(?:js)?\s+)?v?(\S+)$", re.MULTILINE)
_USING = re.compile(r"^\s+using:\s*['\"]?node(\d+)['\"]?\s*(?:#.*)?$", re.MULTILINE)


def intervals(text: str) -> tuple[Interval, ...]:
    """The versions that the range *text* holds, as npm's semver reads it; nothing where it is no range.

    A pre-release counts as its release.
    """
    if len(text) > LONGEST:
        return ()
    found = []
    for alternative in text.split("||")[:_MOST_ALTERNATIVES]:
        interval = _interval(alternative.strip())
        if interval is None:
            return ()
        found.append(interval)
    return tuple(found)


def _interval(text: str) -> Interval | None:
    start, end = (0, 0, 0), _END
    if not text:
        return None
    sides = _HYPHEN.split(text)
    if len(sides) == 2:
        first, last = _comparator(">=" + sides[0]), _comparator("<=" + sides[1])
        return (first[0], last[1]) if first and last else None
    at = 0
    while at < len(text):
        match = _COMPARATOR.match(text, at)
        one = _comparator(match.group()) if match else None
        if match is None or one is None:
            return None
        start, end = max(start, one[0]), min(end, one[1])
        at = match.end()
        while text[at : at + 1] in {" ", ","}:
            at += 1
    return start, end


def _comparator(text: str) -> Interval | None:
    match = _COMPARATOR.fullmatch(text.strip())
    if match is None:
        return None
    operator, *written = match.groups()
    parts: list[int] = []
    for part in written:
        if part is None or not part.isdigit():
            break
        parts.append(int(part))
    if not parts:
        return (0, 0, 0), _END
    filled = (*parts, 0, 0, 0)
    low: Triple = (filled[0], filled[1], filled[2])
    behind = _behind(low, len(parts))
    if operator in {"^", "~", "~>"}:
        kept = 1 if operator == "^" else min(len(parts), 2)
        if operator == "^" and low[0] == 0:
            kept = 2 if low[1] or len(parts) < 3 else 3
        return low, _behind(low, kept)
    if operator == ">=":
        return low, _END
    if operator == ">":
        return behind, _END
    if operator == "<":
        return (0, 0, 0), low
    return ((0, 0, 0), behind) if operator == "<=" else (low, behind)


def _behind(low: Triple, kept: int) -> Triple:
    """The first version behind all that share the *kept* first numbers of *low*."""
    if kept == 1:
        return (low[0] + 1, 0, 0)
    return (low[0], low[1] + 1, 0) if kept == 2 else after(low)


def after(triple: Triple) -> Triple:
    """The next patch."""
    return (triple[0], triple[1], triple[2] + 1)


def before(end: Triple) -> Triple:
    """The newest version below *end*, with 999 for the last of many."""
    return (end[0], end[1], end[2] - 1) if end[2] else (end[0], end[1] - 1, 999)


def end_of(interval: Interval) -> Triple:
    """Where *interval* ends."""
    return interval[1]


def last_major(end: Triple) -> int:
    """The major of the newest release below *end*."""
    return end[0] if end[1:] != (0, 0) else end[0] - 1


def as_read(text: str, *, plain: bool) -> str:
    """The node-version that setup-node gets: GitHub reads a *plain* YAML number as one, so 20.10 is 20.1.

    Source: actions/runner, TemplateReader and NumberToken: a number is written back in its shortest form.
    """
    text = text.strip()
    if not plain or len(text) > 20:
        return text
    if re.fullmatch(r"0x[0-9a-fA-F]+|0o[0-7]+", text):
        return str(int(text, 0))
    if not _NUMBER.fullmatch(text):
        return text
    value = float(text)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"


def in_file(text: str) -> str | None:
    """The node-version that setup-node reads from the *text* of a file (src/util.ts, `getNodeVersionFromFile`).

    A package.json gives volta.node, else devEngines.runtime, else engines.node; any other file its first line that is
    one word, with `node` or `nodejs` before it or not. None where setup-node finds none.
    """
    import json

    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        manifest = None
    if isinstance(manifest, dict):
        return _in_manifest(manifest)
    using = _USING.search(text)
    if using is not None:
        return using.group(1)
    found = _LINE.search(text.replace("\r\n", "\n"))
    return found.group(1) if found else text.strip() or None


def _in_manifest(manifest: dict[str, object]) -> str | None:
    volta, dev, engines = (manifest.get(key) for key in ("volta", "devEngines", "engines"))
    if isinstance(volta, dict) and volta.get("node"):
        return str(volta["node"])
    runtimes = dev.get("runtime") if isinstance(dev, dict) else None
    for runtime in runtimes if isinstance(runtimes, list) else [runtimes]:
        if isinstance(runtime, dict) and str(runtime.get("name")).lower() == "node" and runtime.get("version"):
            return str(runtime["version"])
    return str(engines["node"]) if isinstance(engines, dict) and engines.get("node") else None


def of_container(image: str) -> str | None:
    """The Node of an image as Docker names it: node:24-alpine, node:lts, node (hub.docker.com/_/node)."""
    match = re.search(r"(?:^|/)node(?::v?([\w.]+))?(?:[-@].*)?$", image)
    if match is None:
        return None
    tag = match.group(1) or "latest"
    if tag[0].isdigit():
        return tag
    return {"latest": "latest", "current": "latest", "lts": "lts/*"}.get(tag, f"lts/{tag}")
