"""Fixes of a workflow file as edits of its text: every other byte stays as it was.

A builder, called by a cause's `fix`, takes the file and the facts of one publish step, and returns the edits of one
fix, or why it is not made here: what cannot be fixed safely is said, not guessed.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from safepublish.facts.kinds import Ci, Kind
from safepublish.facts.step import Entry, Span, Step, Token, Upgrade
from safepublish.npm import bundled, url
from safepublish.npm.exchange import NPMJS
from safepublish.npm.versions import Version
from safepublish.pipelines import document
from safepublish.pipelines.fix import line_diff
from safepublish.pipelines.fix.edit_check import (
    Added,
    Change,
    Data,
    Inserted,
    NewText,
    NewValue,
    Removed,
    occurrence,
    problem,
)

NODE = "24"
"""The line of Node that a mend asks for: the oldest one whose npm can exchange."""
NPM = "npm@11"
"""The npm that an upgrade is to ask for: npm 12 does not run on every Node that npm 11 runs on."""
_NPM_11 = Version(11, 21, 2)


class Edit(NamedTuple):
    """Characters of the text, from *start* up to *end*, and what stands there afterwards."""

    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """One fix: its edits, what it does in a few words, or why it is not made."""

    edits: tuple[Edit, ...] = ()
    what: str = ""
    not_made: str | None = None
    changes: tuple[Change, ...] = ()  # what differs in the parsed file afterwards, and nothing else may
    say: str = ""  # the instruction, where it is another than the cause's own
    for_the_job: bool = False  # it serves all steps of the job behind it, and is made once


class Sheet:
    """A file's text by lines and columns, with its YAML nodes where a mend has to know them."""

    def __init__(self, text: str) -> None:
        """*text* is that of the file as it stands, its byte order mark included."""
        self.text = text
        start = 1 if text.startswith("\ufeff") else 0
        self.starts = [start, *(match.end() for match in re.finditer("\r\n|[\n\r\x85\u2028\u2029]", text))]
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self._tree: _Tree | None = None

    def at(self, line: int, column: int) -> int:
        """The offset of a place that counts from 1."""
        if line > len(self.starts):
            return len(self.text)
        return min(self.starts[line - 1] + column - 1, len(self.text))

    def range(self, span: Span) -> tuple[int, int]:
        """The offsets of *span*."""
        return self.at(span.line, span.column), self.at(span.end_line, span.end_column)

    def line(self, number: int) -> str:
        """The line *number*, with its end."""
        return self.text[self.at(number, 1) : self.at(number + 1, 1)]

    @property
    def tree(self) -> "_Tree":
        """The nodes of the file. Raises `UnreadableError`."""
        if self._tree is None:
            self._tree = _Tree(document.compose(self.text))
        return self._tree

    def held(self, key: Span) -> tuple[Any, int, Any] | None:
        """The mapping node whose key stands at *key*, the entry's place in it, and the node that holds the mapping."""
        return self.tree.keys.get((key.line - 1, key.column - 1))

    def mapping(self, key: Span) -> Any:
        """The mapping node whose key stands at *key*."""
        held = self.held(key)
        return held[0] if held is not None else None

    def value(self, key: Span) -> Any:
        """The value of the entry whose key stands at *key*."""
        held = self.held(key)
        return held[0].value[held[1]][1] if held is not None else None

    def scalar(self, place: Span) -> Any:
        """The scalar that begins at *place*."""
        return next((one for one in self.tree.scalars if _starts_at(one, place.line, place.column)), None)

    def scalar_in(self, start: int, end: int) -> Any:
        """The last scalar of which something stands from the offset *start* up to *end*."""
        found = None
        for one in self.tree.scalars:
            begin = self.at(one.start_mark.line + 1, one.start_mark.column + 1)
            if begin < end and self.at(one.end_mark.line + 1, one.end_mark.column + 1) > start:
                found = one
        return found

    def is_in_block_scalar(self, number: int) -> bool:
        """Whether the line *number* belongs to the text of a block scalar."""
        return any(
            one.style in {"|", ">"}
            and one.start_mark.line + 1 < number <= one.end_mark.line + (one.end_mark.column > 0)
            for one in self.tree.scalars
        )


class _Tree:
    """The nodes of a file, by their places; of what an anchor names, only the place of the anchor."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.keys: dict[tuple[int, int], tuple[Any, int, Any]] = {}
        self.scalars: list[Any] = []
        self.parents: dict[int, tuple[Any, int]] = {}  # by the id of a node: what holds it, and its place there
        waiting: list[tuple[Any, Any]] = [(root, None)]
        visited: set[int] = set()
        while waiting:
            node, parent = waiting.pop()
            if node is None or id(node) in visited:
                continue
            visited.add(id(node))
            if parent is not None:
                self.parents[id(node)] = parent
            if node.id == "scalar":
                self.scalars.append(node)
                continue
            inside = []
            for index, item in enumerate(node.value):
                if node.id == "mapping":
                    mark = item[0].start_mark
                    self.keys.setdefault((mark.line, mark.column), (node, index, parent))
                    inside += [(item[0], (node, index)), (item[1], (node, index))]
                else:
                    inside.append((item, (node, index)))
            waiting += inside[::-1]


def _starts_at(node: Any, line: int, column: int) -> bool:
    return bool(node.start_mark.line == line - 1 and node.start_mark.column == column - 1)


def checked(sheet: Sheet, fix: Fix) -> Fix:
    """*fix*, or why it is not made where its edits change anything but what they are meant to."""
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
    """The lines that *edits* take away and put in place, each with its sign, as a remedy shows them."""
    before, after = text.splitlines(), applied(text, edits).splitlines()
    lines = []
    for hunk in line_diff.hunks(before, after):
        lines += [f"-{line}" for line in before[hunk.start : hunk.end]]
        lines += [f"+{line}" for line in after[hunk.new_start : hunk.new_end]]
    return "\n".join(lines)


_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")


def _written(sheet: Sheet, place: Span) -> tuple[int, int]:
    """The offsets of a scalar without the anchor and the tag before it."""
    start, end = sheet.range(place)
    properties = _PROPERTIES.match(sheet.text, start, end)
    return properties.end() if properties is not None else start, end


def _new_scalar(sheet: Sheet, place: Span, text: str) -> tuple[Change, ...]:
    node = sheet.scalar(place)
    return (NewValue(node, text),) if node is not None else ()


def _new_words(sheet: Sheet, start: int, removed: str, added: str) -> tuple[Change, ...]:
    """The change of a scalar in which *removed*, at the offset *start*, gives way to *added*."""
    node = sheet.scalar_in(start, start + 1)
    if node is None:
        return ()
    begin = sheet.at(node.start_mark.line + 1, node.start_mark.column + 1)
    if node.style in {"|", ">"}:
        begin = sheet.at(node.start_mark.line + 2, 1)
    return (NewText(node, occurrence(sheet.text[begin:start], removed), removed, added),)


def _added(mapping: Any, entries: Iterable[tuple[str, Data]]) -> tuple[Change, ...]:
    return tuple(Added(mapping, key, value) for key, value in entries) if mapping is not None else ()


# node-version


def node(sheet: Sheet, step: Step) -> Fix:
    """Ask for a Node whose npm can exchange; where another file chooses it, put npm 11 beside it."""
    at = step.toolchain.node
    if at.source == "container":
        return _container(sheet, step)
    if at.file is not None:
        return _upgrade_before(sheet, step, f"{at.file} chooses Node {at.version}, for more than this job")
    if at.source not in {"setup-node", "orb", "unknown"} or step.place.composite:
        return Fix(not_made=f"{at.source} chooses the Node")
    if at.setup_entry is None:
        return _node_version_added(sheet, step)
    place = _where_it_is_chosen(sheet, step, at.setup_entry, at.entry)
    if isinstance(place, str):
        return Fix(not_made=place)
    start, end = _written(sheet, place.value)
    written = sheet.text[start:end]
    quote = written[:1] if written[:1] in {"'", '"'} else ""
    if place.style not in {"plain", "single", "double"} or "\n" in written:
        return Fix(not_made=f"line {place.value.line} is no plain value")
    asked = place.text or ""
    return Fix(
        (Edit(start, end, f"{quote}{_like(asked)}{quote}"),),
        f"Node {asked or 'unnamed'} becomes {_like(asked)}",
        changes=_new_scalar(sheet, place.value, _like(asked)),
    )


def node_line(step: Step) -> str | None:
    """The edit of a plain node-version as a diff of its line, where the file's text is not at hand."""
    entry = step.toolchain.node.entry
    if entry is None or entry.text is None or entry.line.count(entry.text) != 1 or step.toolchain.node.file is not None:
        return None
    new = _IMAGE.sub(rf"\g<1>{NODE}", entry.text) if step.toolchain.node.source == "container" else _like(entry.text)
    return None if new == entry.text else f"-{entry.line}\n+{entry.line.replace(entry.text, new)}"


_IMAGE = re.compile(r"(\bnode:)(\d+(?:\.\d+)*)")


def _like(asked: str) -> str:
    """Node 24 in the form in which another one was asked for."""
    match = re.fullmatch(r"(v?)\d+(\.[xX*])?(\.[xX*])?", asked)
    return f"{match.group(1)}{NODE}{match.group(2) or ''}{match.group(3) or ''}" if match else NODE


_LOOKED_UP = re.compile(r"\$\{\{\s*(matrix|env|inputs|vars)\.([\w-]+)\s*\}\}")


def _where_it_is_chosen(sheet: Sheet, step: Step, setup: Entry, named: Entry | None) -> Entry | str:
    """The entry to change: the one at setup-node, or the one that it looks up where nothing else does."""
    looked_up = _LOOKED_UP.fullmatch((setup.text or "").strip())
    if "${{" not in (setup.text or ""):
        return setup
    if looked_up is None or named is None or named.style == "alias":
        return f"line {setup.value.line} computes the node-version"
    context, name = looked_up.groups()
    if context == "matrix":
        return named if step.context.legs == 1 else f"the matrix gives each of its {step.context.legs} legs its Node"
    uses = len(re.findall(rf"\b(?:env|inputs|vars)\.{re.escape(name)}\b|\$\{{?{re.escape(name)}\b", sheet.text))
    return named if uses == 1 and context != "vars" else setup


def _node_version_added(sheet: Sheet, step: Step) -> Fix:
    setup = step.toolchain.setup
    if setup is None or setup.span is None:
        return Fix(not_made="no step of the job sets up Node")
    what = f"Node {NODE} is asked for"
    if setup.with_ is None:
        indent = " " * (setup.span.column - 1)
        lines = (f"{indent}with:", f"{indent}  node-version: {NODE}")
        changes = _added(sheet.mapping(setup.span), [("with", (("node-version", NODE),))])
        return Fix((_inserted(sheet, _last_line(sheet, setup.span) + 1, lines),), what, changes=changes)
    inputs = sheet.value(setup.with_.key)
    if inputs is None or inputs.id != "mapping" or not inputs.value or setup.with_.style == "alias":
        return Fix(not_made=f"the inputs on line {setup.with_.key.line} are not written as a block of their own")
    changes = _added(inputs, [("node-version", NODE)])
    first = inputs.value[0][0].start_mark
    if setup.with_.style == "flow":
        start = sheet.at(first.line + 1, first.column + 1)
        return Fix((Edit(start, start, f"node-version: {NODE}, "),), what, changes=changes)
    line = f"{' ' * first.column}node-version: {NODE}"
    return Fix((_inserted(sheet, first.line + 1, (line,)),), what, changes=changes)


def _container(sheet: Sheet, step: Step) -> Fix:
    entry = step.toolchain.node.entry
    if entry is None or entry.style == "alias":
        return Fix(not_made="the container chooses the Node")
    start, end = sheet.range(entry.value)
    match = _IMAGE.search(sheet.text[start:end])
    if match is None or "@sha256" in sheet.text[start:end]:
        return Fix(not_made=f"the image {entry.text or ''} chooses the Node".replace("  ", " "))
    edit = Edit(start + match.start(2), start + match.end(2), NODE)
    changes = _new_words(sheet, start + match.start(), match.group(), f"{match.group(1)}{NODE}")
    return Fix((edit,), f"the image's Node {match.group(2)} becomes {NODE}", changes=changes)


# The upgrade of npm


def upgrade(sheet: Sheet, step: Step) -> Fix:
    """Let an upgrade that fails ask for an npm that runs on the Node there; where none does, change the Node."""
    failing = next((one for one in step.toolchain.upgrades if one.works is False and not one.swallowed), None)
    if failing is None:
        return Fix(not_made="no upgrade is seen to fail")
    asked = step.toolchain.node.version
    helps = bundled.upgraded("11", asked, bundled.brings(asked), forced=False).works if asked else None
    edit = _spec(sheet, failing) if helps else None
    if edit is None:
        made = node(sheet, step)
        return made._replace(say=made.say or f"Use Node {NODE}, which brings npm 11.")
    what = f"{failing.command} asks for {NPM}, which runs on Node {asked}"
    changes = _new_words(sheet, edit.start, sheet.text[edit.start : edit.end], NPM)
    return Fix((edit,), what, changes=changes, say=f"Ask for {NPM}, which runs on Node {asked}.")


def _spec(sheet: Sheet, failing: Upgrade) -> Edit | None:
    """The edit of the word that names npm in the command of an upgrade."""
    start, end = sheet.range(failing.span)
    found = list(
        re.finditer(r"(?<![\w@/.-])npm@[^\s'\";&|\\]+|(?<=\s)npm(?=\s*(?:$|[\s'\";&|]))", sheet.text[start:end])
    )
    words = [match for match in found if match.group() != "npm"] or found[-1:]
    if len(words) != 1:
        return None
    return Edit(start + words[0].start(), start + words[0].end(), NPM)


def _upgrade_before(sheet: Sheet, step: Step, why: str) -> Fix:
    """A step that upgrades npm, before the one that publishes."""
    asked = step.toolchain.node.version
    outcome = bundled.upgraded("11", asked, bundled.brings(asked)) if asked else None
    if outcome is None or not outcome.works or step.place.composite or step.toolchain.upgrades:
        return Fix(not_made=f"{why}: let it say {NODE}")
    dash = _dash(sheet, step.place.span)
    if dash is None:
        return Fix(not_made=f"{why}: let it say {NODE}")
    line = step.place.span.line
    while line > 1 and sheet.line(line - 1).startswith(f"{dash}#"):
        line -= 1
    lines = [f"{dash}- run: npm install --global {NPM}"]
    if line > 1 and not sheet.line(line - 1).strip():
        lines.append("")
    what = f"npm 11 is put beside Node {asked}: {why}"
    say = f"Put npm 11 beside Node {asked}: {why}."
    changes = _step_inserted(sheet, step, (("run", f"npm install --global {NPM}"),))
    return Fix((_inserted(sheet, line, lines),), what, changes=changes, say=say, for_the_job=True)


def _step_inserted(sheet: Sheet, step: Step, value: Data) -> tuple[Change, ...]:
    """The change of a job that gets a step before *step*."""
    place = sheet.tree.parents.get(id(sheet.mapping(step.place.span)))
    return (Inserted(*place, value),) if place is not None else ()


def _dash(sheet: Sheet, span: Span) -> str | None:
    """The blanks before the dash of a step; None where it stands in flow style or behind something else."""
    before = sheet.line(span.line)[: span.column - 1]
    match = re.fullmatch(r"( *)- +", before)
    return match.group(1) if match else None


# Permissions


_WRITES = re.compile(
    r"github\.token|GITHUB_TOKEN|GH_TOKEN|git push|\bgh (?:release|pr|issue|api|workflow)\b|changesets/action"
    r"|semantic-release|release-please|action-gh-release|create-release|release-it|git-auto-commit|ncipollo/"
)
_ID_TOKEN = ("id-token", "write")
_READ = (("contents", "read"), _ID_TOKEN)


def permission(sheet: Sheet, step: Step) -> Fix:
    """Grant `id-token: write`: where a block is in force in it, else in a new one that still lets checkout work."""
    have = step.context.permission
    if step.place.composite or step.place.reusable is not None or have.caller is not None:
        return Fix(not_made="the calling job has to grant it, in its own file")
    for_all_jobs = have.scope == "workflow" and len(_jobs(sheet)) != 1  # a change there would grant it to every job
    if have.id_token is not None and not for_all_jobs:
        return _granted(sheet, have.id_token)
    block = have.block
    if block is None or have.scope == "none":
        return _new_block(sheet, step, _READ, "the job gets a permissions block with id-token: write")
    if block.style == "alias":
        return Fix(not_made=f"the permissions on line {block.key.line} are an alias")
    if block.text is not None:  # read-all, or an expression
        return _for_a_word(sheet, step, block)
    entries = _entries(sheet, block)
    if entries is None:
        return Fix(not_made=f"the permissions on line {block.key.line} are not written as names and levels")
    if for_all_jobs:
        kept = tuple((name, level) for name, level in entries if name.lower() != "id-token")
        entries_of_job = (*kept, _ID_TOKEN) if entries else _READ
        return _new_block(sheet, step, entries_of_job, "the job gets its own permissions, with id-token: write")
    return _entry_added(sheet, block)


def _granted(sheet: Sheet, entry: Entry) -> Fix:
    start, end = _written(sheet, entry.value)
    if entry.style not in {"plain", "single", "double"} or "${{" in (entry.text or ""):
        return Fix(not_made=f"line {entry.value.line} computes the permission")
    changes = _new_scalar(sheet, entry.value, "write")
    text = "write" if end > start or sheet.text[start - 1 : start] == " " else " write"
    return Fix((Edit(start, end, text),), f"id-token: {entry.text} becomes write", changes=changes)


def _for_a_word(sheet: Sheet, step: Step, block: Entry) -> Fix:
    if block.text != "read-all" and block.text:
        return Fix(not_made=f"the permissions on line {block.key.line} are {block.text}")
    if _needs_more(sheet, step):
        return Fix(not_made="which other permissions the job needs cannot be told")
    if step.context.permission.scope == "workflow":
        return _new_block(sheet, step, _READ, "the job gets its own permissions, with id-token: write")
    begin, end = _written(sheet, block.value)
    start = len(sheet.text[:begin].rstrip())  # behind the colon, an anchor or a comment
    indent = " " * (block.key.column + 1)
    text = "".join(f"{sheet.newline}{indent}{name}: {level}" for name, level in _READ)
    if _is_flow(sheet, block.key):
        text = f" {_flow(_READ)}"
    node = sheet.value(block.key)
    changes = (NewValue(node, _READ),) if node is not None else ()
    what = f"permissions: {block.text} becomes what the job needs"
    return Fix((Edit(start, max(start, end), text),), what, changes=changes)


def _needs_more(sheet: Sheet, step: Step) -> bool:
    """Whether something in the job may use the repository's token for more than a checkout."""
    if step.place.job_span is None:
        return True
    start, end = sheet.range(step.place.job_span)
    return _WRITES.search(sheet.text[start:end]) is not None


def _new_block(sheet: Sheet, step: Step, entries: Sequence[tuple[str, str]], what: str) -> Fix:
    if step.place.steps_key is None:
        return Fix(not_made=f"the job {step.place.job} has no steps to put a permissions block before")
    if step.context.permission.block is None and _needs_more(sheet, step):
        return Fix(
            not_made="a permissions block takes away what it does not name, and the job uses the repository's token:"
            " which permissions it needs beside id-token: write cannot be told"
        )
    key = step.place.steps_key
    changes = _added(sheet.mapping(key), [("permissions", tuple(entries))])
    if _is_flow(sheet, key):
        start = sheet.at(key.line, key.column)
        return Fix((Edit(start, start, f"permissions: {_flow(entries)}, "),), what, changes=changes)
    indent = " " * (key.column - 1)
    if sheet.line(key.line)[: key.column - 1].strip():
        return Fix(not_made=f"the key on line {key.line} is not at the beginning of its line")
    block = (f"{indent}permissions:", *(f"{indent}  {name}: {level}" for name, level in entries))
    return Fix((_inserted(sheet, key.line, block),), what, changes=changes)


def _is_flow(sheet: Sheet, key: Span) -> bool:
    """Whether the entry with *key* is in a mapping of flow style."""
    mapping = sheet.mapping(key)
    return mapping is not None and bool(mapping.flow_style)


def _flow(entries: Sequence[tuple[str, str]]) -> str:
    return f"{{{', '.join(f'{name}: {level}' for name, level in entries)}}}"


def _entries(sheet: Sheet, block: Entry) -> list[tuple[str, str]] | None:
    """The entries of a permissions block; None where they are not names and levels."""
    value = sheet.value(block.key)
    if value is None or value.id != "mapping":
        return None
    if any(key.id != "scalar" or level.id != "scalar" for key, level in value.value):
        return None
    return [(key.value, level.value) for key, level in value.value]


def _entry_added(sheet: Sheet, block: Entry) -> Fix:
    """Add `id-token: write` behind the last entry of a permissions block."""
    mapping = sheet.value(block.key)
    what, changes = "id-token: write is added to the permissions", _added(mapping, [_ID_TOKEN])
    if not mapping.value:
        end = sheet.range(block.value)[1] - 1
        start = len(sheet.text[:end].rstrip())
        if "\n" in sheet.text[start:end]:  # a comment may be there
            return Fix((Edit(end, end, "id-token: write "),), what, changes=changes)
        return Fix((Edit(start, end, " id-token: write "),), what, changes=changes)
    if mapping.flow_style:
        last = max(mapping.value[-1], key=lambda node: (node.end_mark.line, node.end_mark.column)).end_mark
        at = sheet.at(last.line + 1, last.column + 1)
        return Fix((Edit(at, at, ", id-token: write"),), what, changes=changes)
    line = f"{' ' * mapping.value[0][0].start_mark.column}id-token: write"
    edit = _inserted(sheet, _last_line(sheet, block.value) + 1, (line,))
    return Fix((edit,), what, changes=changes)


def _jobs(sheet: Sheet) -> list[str]:
    root = sheet.tree.root
    jobs = next((value for key, value in root.value if key.value == "jobs"), None) if root is not None else None
    return [key.value for key, _ in jobs.value] if jobs is not None and jobs.id == "mapping" else []


# Tokens

_INSTALLS = re.compile(
    r"\b(?:npm (?:ci|i|install|add)|(?:pnpm|pn|bun) (?:i|install|add)|yarn(?: install| --\S+)?\s*$)", re.MULTILINE
)


def tokens(sheet: Sheet, step: Step) -> Fix:
    """Take away the tokens that reach the publish, where nothing else uses them; else hide them from this step."""
    if step.context.ci is not Ci.GITHUB:
        return Fix(not_made=f"a token of {step.context.ci.value} is a variable of the project: take it away there")
    registry = url.parse(step.credentials.registry.url or "")
    if registry is None or registry.hostname != NPMJS:
        return Fix(not_made=f"it publishes to {step.credentials.registry.url or 'a registry that cannot be told'}")
    edits: list[Edit] = []
    changes: list[Change] = []
    said: list[str] = []
    hidden: list[str] = []
    commands: list[Span] = []
    for token in step.credentials.tokens:
        if token.kind is not Kind.SET:
            continue
        name = token.variable or token.source
        if token.span is not None and token.entry is None and token.span.path == step.place.path:
            commands.append(token.span)
            continue
        made = _token(sheet, step, token, name)
        if made is None:
            hidden.append(name)
        elif made.not_made is not None:
            return made
        else:
            edits += made.edits
            changes += made.changes
            said.append(made.what)
    for made in (_hidden(sheet, step, hidden), _without_commands(sheet, commands)):
        if made.not_made is not None:
            return made
        edits += made.edits
        changes += made.changes
        said += [made.what] if made.what else []
    return Fix(tuple(edits), "; ".join(dict.fromkeys(said)), changes=tuple(changes))


def _token(sheet: Sheet, step: Step, token: Token, name: str) -> Fix | None:
    """The mend that takes an entry away; None where it has to stay and be hidden from the step."""
    if token.entry is not None and token.source in {"step env", "with"}:
        return _without_entry(sheet, token.entry, f"{name} is no longer given to the step")
    if token.entry is not None and token.source in {"setup-node env", "job env", "workflow env"}:
        if token.source == "workflow env" or _installs(sheet, step) or _also_named(sheet, token):
            return None
        return _without_entry(sheet, token.entry, f"{name} is no longer given to the job")
    return Fix(not_made=f"the token {name} comes from {token.source}")


def _installs(sheet: Sheet, step: Step) -> bool:
    """Whether the job installs packages, which may need the token."""
    if step.place.job_span is None:
        return True
    start, end = sheet.range(step.place.job_span)
    return _INSTALLS.search(sheet.text[start:end]) is not None


def _also_named(sheet: Sheet, token: Token) -> bool:
    if token.source == "setup-node env" or token.variable is None:
        return False
    return len(re.findall(rf"\b{re.escape(token.variable)}\b", sheet.text)) > 1


def _hidden(sheet: Sheet, step: Step, names: Sequence[str]) -> Fix:
    """Empty values for the publish step alone."""
    place = step.place
    if not names:
        return Fix()
    names = list(dict.fromkeys(names))
    what = f"{', '.join(names)} is empty for this step: others in the job may need it"
    no = Fix(not_made=f"{', '.join(names)} may be needed elsewhere, and the step is not written in block style")
    held = sheet.held(place.span)
    if held is None or held[0].flow_style:
        return no
    env = next((value for key, value in held[0].value if key.value == "env"), None)
    if env is not None and (env.id != "mapping" or env.flow_style or env.start_mark.line < place.span.line - 1):
        return no
    if env is not None and env.value:
        first = env.value[0][0].start_mark
        lines = tuple(f'{" " * first.column}{name}: ""' for name in names)
        changes = _added(env, [(name, "") for name in names])
        return Fix((_inserted(sheet, first.line + 1, lines),), what, changes=changes)
    if env is not None:
        return no
    indent = " " * (place.span.column - 1)
    lines = (f"{indent}env:", *(f'{indent}  {name}: ""' for name in names))
    changes = _added(held[0], [("env", tuple((name, "") for name in names))])
    return Fix((_inserted(sheet, _last_line(sheet, place.span) + 1, lines),), what, changes=changes)


def _without_entry(sheet: Sheet, entry: Entry, what: str) -> Fix:
    """Take an entry out of its mapping; with the last one the mapping's own entry goes too."""
    held = sheet.held(entry.key)
    if held is None or entry.key.path != entry.value.path:
        return Fix(not_made=f"line {entry.key.line} is shared through an alias")
    mapping, index, parent = held
    if getattr(mapping, "anchor", None) or _anchored(sheet, mapping):
        return Fix(not_made=f"line {entry.key.line} is shared through an alias")
    while len(mapping.value) == 1 and parent is not None and parent[0].id == "mapping":
        above = sheet.held(_key_span(parent[0].value[parent[1]][0], entry))
        mapping, index = parent
        parent = above[2] if above else None
    edit = _cut(sheet, mapping, index)
    changes = (Removed(mapping, index),)
    return (
        Fix((edit,), what, changes=changes)
        if edit is not None
        else Fix(not_made=f"line {entry.key.line} cannot be cut out")
    )


def _anchored(sheet: Sheet, mapping: Any) -> bool:
    """Whether an anchor stands before *mapping*: then its entries count elsewhere too."""
    line = sheet.line(mapping.start_mark.line + 1)[: mapping.start_mark.column]
    above = sheet.line(mapping.start_mark.line) if mapping.start_mark.line else ""
    return bool(re.search(r"(?:^|\s)&\S+\s*$", line) or re.search(r":\s*&\S+\s*(?:#.*)?$", above))


def _key_span(key: Any, entry: Entry) -> Span:
    mark = key.start_mark
    return Span(entry.key.path, mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 1)


def _cut(sheet: Sheet, mapping: Any, index: int) -> Edit | None:
    key, value = mapping.value[index]
    last = index == len(mapping.value) - 1
    start = sheet.at(key.start_mark.line + 1, key.start_mark.column + 1)
    if mapping.flow_style:
        if not last:
            following = mapping.value[index + 1][0].start_mark
            return Edit(start, sheet.at(following.line + 1, following.column + 1), "")
        before = mapping.value[index - 1][1].end_mark if index else None
        begin = start if before is None else sheet.at(before.line + 1, before.column + 1)
        return Edit(begin, sheet.at(value.end_mark.line + 1, value.end_mark.column + 1), "")
    span = document.span(value, "")
    end_line = _last_line(sheet, span)
    row = key.start_mark.line + 1
    if not sheet.line(row)[: key.start_mark.column].strip():
        return Edit(sheet.at(row, 1), sheet.at(end_line + 1, 1), "")
    if last:
        return None
    following = mapping.value[index + 1][0].start_mark
    return Edit(
        start, sheet.at(following.line + 1, following.column + 1), ""
    )  # `- env: …`: the next key takes the dash


_RUN_BLOCK = re.compile(r" *(?:- )?run:\s*[|>][-+0-9]*\s*(?:#.*)?")


def _without_commands(sheet: Sheet, spans: Sequence[Span]) -> Fix:
    """Take the lines of commands out of their scripts; a step that does nothing else goes with them."""
    gone = {line for span in spans for line in range(span.line, _last_line(sheet, span) + 1)}
    edits = []
    changes: list[Change] = []
    for span in dict.fromkeys(spans):
        own = sheet.line(span.line)
        if re.match(r" *(?:- )?run:", own):
            edits.append(_without_step(sheet, span.line))
            changes += _step_removed(sheet, span)
            continue
        if sheet.text[slice(*sheet.range(span))].strip() != "".join(map(sheet.line, _lines(sheet, span))).strip():
            return Fix(not_made=f"line {span.line} does more than write the token")
        top = span.line
        while top > 1 and not _RUN_BLOCK.fullmatch(sheet.line(top).rstrip()):
            top -= 1
        indent = len(own) - len(own.lstrip(" "))
        bottom = top + 1
        while bottom <= len(sheet.starts) and _inside(sheet.line(bottom), indent):
            bottom += 1
        others = [n for n in range(top + 1, bottom) if n not in gone and sheet.line(n).strip()]
        if others:
            edit = Edit(sheet.at(span.line, 1), sheet.at(_last_line(sheet, span) + 1, 1), "")
            edits.append(edit)
            changes += _new_words(sheet, edit.start, sheet.text[edit.start : edit.end], "")
        else:
            edits.append(_without_step(sheet, top))
            changes += _step_removed(sheet, span)
    if None in edits:
        return Fix(not_made="the step that writes the token is not written in block style")
    what = "what writes the token is gone" if edits else ""
    return Fix(tuple(edit for edit in edits if edit), what, changes=tuple(dict.fromkeys(changes)))


def _step_removed(sheet: Sheet, command: Span) -> tuple[Change, ...]:
    """The change of a job that loses the step of *command*."""
    script = sheet.scalar_in(*sheet.range(command))
    mapping, _ = sheet.tree.parents.get(id(script), (None, 0))
    place = sheet.tree.parents.get(id(mapping))
    return (Removed(*place),) if place is not None and place[0].id == "sequence" else ()


def keys(sheet: Sheet, step: Step) -> Fix:
    """Take out the commands that write a credential at which npm stops."""
    stopping = [one for one in step.credentials.keys if one.stops]
    elsewhere = next((one for one in stopping if one.span is None or one.span.path != step.place.path), None)
    if elsewhere is not None:
        return Fix(not_made=f"`{elsewhere.name}` stands in {elsewhere.at.path}, line {elsewhere.at.line}")
    return _without_commands(sheet, [one.span for one in stopping if one.span is not None])


def _lines(sheet: Sheet, span: Span) -> range:
    return range(span.line, _last_line(sheet, span) + 1)


def _inside(line: str, indent: int) -> bool:
    return not line.strip() or len(line) - len(line.lstrip(" ")) >= indent


def _without_step(sheet: Sheet, line: int) -> Edit | None:
    """The edit that takes out the whole step to which *line* belongs."""
    top = line
    while top >= 1 and not re.match(r" *- ", sheet.line(top)):
        top -= 1
    if top < 1:
        return None
    dash = len(sheet.line(top)) - len(sheet.line(top).lstrip(" "))
    bottom = top + 1
    while bottom <= len(sheet.starts) and _inside(sheet.line(bottom), dash + 1):
        bottom += 1
    while bottom - 1 > line and sheet.line(bottom - 1).lstrip(" ").startswith("#"):
        bottom -= 1  # a comment above the next step
    return Edit(sheet.at(top, 1), sheet.at(bottom, 1), "")


# The tool

_YARN = re.compile(r"\byarn publish(?P<rest>[^\n;&|]*)$")
_AS_NPM = {
    "--access": True,
    "--tag": True,
    "--registry": True,
    "--non-interactive": False,
    "--no-git-tag-version": False,
}
"""The options of `yarn publish` that npm has too or can do without, and whether a word follows."""


def tool(sheet: Sheet, step: Step) -> Fix:
    """Let npm publish what yarn 1 does, where the words of the command mean the same to both."""
    line = sheet.line(step.place.at.line or 1).rstrip()
    match = _YARN.search(line)
    if step.invocation.tool != "yarn" or match is None or step.place.composite:
        return Fix(
            not_made=f"{step.invocation.tool} is not npm, and what it is told is not known to mean the same to npm"
        )
    kept, version, at = [], None, 0
    words = match.group("rest").split()
    while at < len(words):
        word, takes = words[at], _AS_NPM.get(words[at])
        following = words[at + 1] if at + 1 < len(words) else ""
        if word == "--new-version" and "--no-git-tag-version" in words:
            version, at = following, at + 2
        elif takes is None:
            return Fix(not_made=f"what yarn publish does with {word} is not known to be what npm does")
        else:
            kept += [word, following] if takes else []
            at += 2 if takes else 1
    before = f"npm version {version} --no-git-tag-version --allow-same-version && " if version else ""
    start = sheet.at(step.place.at.line or 1, match.start() + 1)
    edit = Edit(start, start + len(match.group()), " ".join([f"{before}npm publish", *kept]))
    changes = _new_words(sheet, start, match.group(), edit.text)
    return Fix((edit,), "npm publishes instead of yarn 1, which cannot log in through OIDC", changes=changes)


# --provenance


def provenance(sheet: Sheet, step: Step) -> Fix:
    """Drop the word `--provenance`: trusted publishing attaches it by itself."""
    flag = step.invocation.provenance_flag
    if flag is None or flag.span is None:
        return Fix(not_made="--provenance does not stand in the command")
    start, end = sheet.range(flag.span)
    if sheet.text[start:end] != flag.word or flag.word not in {"--provenance", "--provenance=true"}:
        return Fix(not_made="--provenance does not stand in the command as such")
    what = "--provenance is dropped: it is automatic"
    changes = _new_words(sheet, start, flag.word, "")
    alone = re.fullmatch(r"[ \t]*(\\)?[ \t]*\r?\n?", sheet.line(flag.span.line)[flag.span.end_column - 1 :])
    if not sheet.line(flag.span.line)[: flag.span.column - 1].strip() and alone:
        if alone.group(1):
            return Fix((Edit(sheet.at(flag.span.line, 1), sheet.at(flag.span.line + 1, 1), ""),), what, changes=changes)
        above = sheet.line(flag.span.line - 1)
        ending = re.search(r"[ \t]*\\[ \t]*\r?\n$", above)
        if ending is None:
            return Fix(not_made="--provenance stands on a line of its own")
        return Fix((Edit(sheet.at(flag.span.line - 1, ending.start() + 1), end, ""),), what, changes=changes)
    begin = start - 1 if sheet.text[start - 1 : start] in {" ", "\t"} else start
    return Fix((Edit(begin, end, ""),), what, changes=changes)


# GitLab's id tokens

_AUDIENCE = "npm:registry.npmjs.org"


def id_token(sheet: Sheet, step: Step) -> Fix:
    """Give a job of GitLab CI an id token for npm."""
    place = step.place
    if step.context.ci is not Ci.GITLAB or place.steps_key is None:
        return Fix(not_made="the id token is asked for by a command, whose place in the script is yours to choose")
    token = ("NPM_ID_TOKEN:", f'  aud: "{_AUDIENCE}"')
    entry: tuple[str, Data] = ("NPM_ID_TOKEN", (("aud", _AUDIENCE),))
    what = "the job gets NPM_ID_TOKEN"
    block = step.credentials.id_tokens_entry
    if block is not None:
        if block.style != "block":
            return Fix(not_made=f"the id_tokens on line {block.key.line} are not written in block style")
        mapping = sheet.value(block.key)
        if mapping is None or mapping.id != "mapping" or not mapping.value:
            return Fix(not_made=f"the id_tokens on line {block.key.line} are not written in block style")
        indent = " " * mapping.value[0][0].start_mark.column
        edit = _inserted(sheet, _last_line(sheet, block.value) + 1, [f"{indent}{line}" for line in token])
        return Fix((edit,), what, changes=_added(mapping, [entry]))
    indent = " " * (place.steps_key.column - 1)
    lines = (f"{indent}id_tokens:", *(f"{indent}  {line}" for line in token))
    if sheet.line(place.steps_key.line)[: place.steps_key.column - 1].strip():
        return Fix(not_made="the job is written in flow style")
    changes = _added(sheet.mapping(place.steps_key), [("id_tokens", (entry,))])
    return Fix((_inserted(sheet, place.steps_key.line, lines),), what, changes=changes)


def audience(sheet: Sheet, step: Step) -> Fix:
    """Correct the audience of GitLab's NPM_ID_TOKEN."""
    held = (step.credentials.id_tokens or {}).get("NPM_ID_TOKEN", ())
    block = step.credentials.id_tokens_entry
    if step.context.ci is Ci.CIRCLECI:
        return Fix(not_made=f"the id token is asked for by a command: let it ask for the audience {_AUDIENCE}")
    if block is None or len(held) != 1:
        return Fix(not_made="the audience does not stand in the job itself")
    start, end = sheet.range(block.value)
    match = re.search(rf"NPM_ID_TOKEN:\s*aud:\s*([\"']?){re.escape(held[0])}\1", sheet.text[start:end])
    if match is None:
        return Fix(not_made="the audience does not stand in the job itself")
    at = start + match.end() - len(held[0]) - len(match.group(1))
    new = _AUDIENCE if match.group(1) else f'"{_AUDIENCE}"'
    node = sheet.scalar_in(at, at + 1)
    changes = (NewValue(node, _AUDIENCE),) if node is not None else ()
    edit = Edit(at, at + len(held[0]), new)
    return Fix((edit,), f"the audience {held[0]} becomes {_AUDIENCE}", changes=changes)


# The runner

_DROP_IN = re.compile(
    r"(?:blacksmith|depot|namespace-profile|nscloud|ubicloud|warp|buildjet|runs-on)\S*?-(?P<os>ubuntu|windows|macos)-?"
    r"(?P<version>latest|\d{2}\.?\d{2}|\d{2}|\d{4})?(?P<arm>-arm(?:64)?)?\S*",
    re.IGNORECASE,
)


def runner(sheet: Sheet, step: Step) -> Fix:
    """Ask for the runner of GitHub's that a drop-in replacement stands for."""
    entry = step.context.runner.entry
    if (
        entry is None
        or entry.text is None
        or entry.style == "alias"
        or step.context.runner.provider in {None, "self-hosted"}
    ):
        return Fix(not_made="which runner of GitHub's could take its place cannot be told")
    match = _DROP_IN.fullmatch(entry.text)
    if match is None:
        return Fix(not_made=f"which runner of GitHub's could take the place of {entry.text} cannot be told")
    start, end = _written(sheet, entry.value)
    written = sheet.text[start:end]
    quote = written[:1] if written[:1] in {"'", '"'} else ""
    system, version = match.group("os").lower(), match.group("version") or "latest"
    if system == "ubuntu" and version.isdigit() and len(version) == 4:
        version = f"{version[:2]}.{version[2:]}"
    label = f"{system}-{version}{'-arm' if match.group('arm') and system == 'ubuntu' else ''}"
    return Fix(
        (Edit(start, end, f"{quote}{label}{quote}"),),
        f"the job runs on GitHub's {label} instead of {entry.text}",
        changes=_new_scalar(sheet, entry.value, label),
    )


def _inserted(sheet: Sheet, line: int, lines: Sequence[str]) -> Edit:
    """*lines* before line number *line*; behind a last line without an end, on lines of their own."""
    at = sheet.at(line, 1)
    text = "".join(f"{one}{sheet.newline}" for one in lines)
    if at == len(sheet.text) and not sheet.text.endswith(("\n", "\r")):
        text = sheet.newline + text.removesuffix(sheet.newline)
    return Edit(at, at, text)


def _last_line(sheet: Sheet, span: Span) -> int:
    """The last line of *span* that holds something of it."""
    last = span.end_line - 1 if span.end_column == 1 and span.end_line > span.line else span.end_line
    while last > span.line and _is_blank(sheet, last):
        last -= 1
    return last


def _is_blank(sheet: Sheet, number: int) -> bool:
    """Whether a line is empty or a comment of the file; a comment in a script belongs to the script."""
    text = sheet.line(number).strip()
    return not text or (text.startswith("#") and not sheet.is_in_block_scalar(number))
