"""A YAML file as GitHub reads it: nodes with their places, the key ``on`` as text, no key twice.

PyYAML's composer reads it (libyaml where it is there). GitHub's own reader takes ``${{ … }}`` unquoted inside ``[…]``
and ``{…}``, which YAML does not: there the expressions are covered while libyaml reads, and uncovered afterwards.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import is_
from typing import Any, NamedTuple, Protocol, cast

from safepublish.facts.step import Entry, File, Span, Step

_DEEPEST = 200
"""No workflow is nested deeper; libyaml's composer overflows the stack long after that."""

_DEEPEST_MERGE = 5
"""How many mappings that merge others are followed."""

_COMPACT = re.compile(r"(?:[-?] ){20}")
"""Collections that begin on one line inside each other."""

_COMPACT_PAIRS = ("- - ", "? ? ", "- ? ")
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
_STYLES = {None: "plain", "": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}
_COVER = 0xF0000
"""Where covered characters are moved to: a private use plane that libyaml takes and no workflow holds."""


class Mark(Protocol):
    """A place in the text; everything counts from 0."""

    index: int
    line: int
    column: int


class YamlNode(Protocol):
    """A node of PyYAML's composer: its *value* is text, a list of nodes, or a list of pairs of nodes."""

    id: str  # scalar, sequence, mapping
    value: Any
    start_mark: Mark
    end_mark: Mark
    style: str | None  # of a scalar
    flow_style: bool | None  # of a collection


class UnreadableError(Exception):
    """The text is no YAML that GitHub takes. *line* counts from 1; None where no line is to blame."""

    def __init__(self, text: str, line: int | None = None) -> None:  # noqa: D107 - the class says it
        super().__init__(text)
        self.line = line


class Source(NamedTuple):
    """The file that nodes come from."""

    path: str
    lines: Sequence[str] = ()
    merges: bool = False  # `<<` takes the entries of other mappings over, as GitLab and CircleCI read it, not GitHub


def source(text: str, path: str, *, merges: bool = False) -> Source:
    """The file *path* with its lines: YAML has more line breaks than Python's universal newlines."""
    text = text.removeprefix("\ufeff")
    usual = not any(character in text for character in "\r\x85\u2028\u2029")
    return Source(path, text.split("\n") if usual else _LINE_BREAK.split(text), merges)


class Map:
    """A mapping: its scalar keys with their nodes, in order. Of an alias it is what the anchor names."""

    def __init__(self, node: YamlNode | None, source: Source) -> None:  # noqa: D107 - the class says it
        self.node, self.source = node, source
        self.pairs: dict[str, tuple[YamlNode, YamlNode]] = {}
        self._maps: dict[str, Map] = {}
        if node is None or node.id != "mapping":
            return
        if source.merges:
            self._merge(node, _DEEPEST_MERGE)
            return
        lower = set()
        for key, value in node.value:
            if key.id != "scalar":
                continue
            name = key.value
            if name.lower() in lower:
                raise UnreadableError(f"{name!r} is already defined", key.start_mark.line + 1)
            lower.add(name.lower())
            self.pairs[name] = (key, value)

    def _merge(self, node: YamlNode, depth: int) -> None:
        """Take the entries of *node* over, and then those of the mappings that it merges, unless they are there."""
        own = set()
        for key, value in node.value:
            if key.id == "scalar" and key.value != "<<":
                if key.value in own:
                    raise UnreadableError(f"{key.value!r} is already defined", key.start_mark.line + 1)
                own.add(key.value)
                self.pairs.setdefault(key.value, (key, value))
        merged = [value for key, value in node.value if key.id == "scalar" and key.value == "<<"]
        for value in merged if depth else ():
            for mapping in value.value if value.id == "sequence" else [value]:
                if mapping.id == "mapping":
                    self._merge(mapping, depth - 1)

    def __contains__(self, name: str) -> bool:
        return name in self.pairs

    def __iter__(self) -> Iterator[str]:
        return iter(self.pairs)

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def node_of(self, name: str) -> YamlNode | None:
        """The value's node."""
        pair = self.pairs.get(name)
        return None if pair is None else pair[1]

    def map(self, name: str) -> "Map":
        """The value where it is a mapping, else an empty one."""
        found = self._maps.get(name)
        if found is None:
            found = self._maps[name] = Map(self.node_of(name), self.source)
        return found

    def text(self, name: str) -> str | None:
        """The value where it is a scalar; of ``~`` and nothing an empty text."""
        return scalar(self.node_of(name))

    def items(self, name: str) -> list[YamlNode]:
        """The items of the value: of a sequence its nodes, of a scalar itself."""
        node = self.node_of(name)
        if node is None:
            return []
        return node.value if node.id == "sequence" else [node]

    def maps(self, name: str) -> list["Map"]:
        """The items of the value as mappings."""
        return [Map(node, self.source) for node in self.items(name)]

    def without(self, name: str) -> "Map":
        """The mapping without one of its keys."""
        other = Map(None, self.source)
        other.node, other.pairs = self.node, {key: pair for key, pair in self.pairs.items() if key != name}
        return other

    def entry(self, name: str) -> Entry | None:
        """Where the key and its value stand."""
        pair = self.pairs.get(name)
        return None if pair is None else entry(name, pair, self.source)


def entry(name: str, pair: tuple[YamlNode, YamlNode], source: Source) -> Entry:
    """Where a key and its value stand; of an alias's value the places of what it names."""
    key, value = pair
    style = "flow" if getattr(value, "flow_style", None) else "block"
    if value.id == "scalar":
        style = _STYLES.get(value.style, "plain")
    if value.start_mark.line < key.start_mark.line:
        style = "alias"
    row = value.start_mark.line
    line = source.lines[row] if row < len(source.lines) else ""
    return Entry(name, span(key, source.path), span(value, source.path), scalar(value), style, line)


def scalar(node: YamlNode | None) -> str | None:
    """The text of a scalar."""
    return node.value if node is not None and node.id == "scalar" else None


def is_plain(node: YamlNode) -> bool:
    """Whether a scalar stands without quotes, so that GitHub may read a number or a boolean."""
    return node.style in {None, ""}


def strings(node: YamlNode | None) -> list[str]:
    """The scalars of a sequence, or a scalar by itself."""
    if node is None:
        return []
    if node.id == "scalar":
        return [node.value]
    return [item.value for item in node.value if item.id == "scalar"] if node.id == "sequence" else []


def span(node: YamlNode, path: str) -> Span:
    """Where *node* stands."""
    end = _last(node).end_mark
    return Span(path, node.start_mark.line + 1, node.start_mark.column + 1, end.line + 1, end.column + 1)


def _last(node: YamlNode) -> YamlNode:
    """The node whose end is that of a block collection, whose own mark stands at the next token."""
    for _ in range(_DEEPEST):
        if node.id == "scalar" or node.flow_style or not node.value:
            return node
        item: Any = node.value[-1]
        last: YamlNode = item
        if isinstance(item, tuple):
            key: YamlNode = item[0]
            last = item[1]
            if last.start_mark.line < key.start_mark.line or (
                last.id == "scalar" and last.end_mark.line < key.end_mark.line
            ):
                return key  # an alias: its node stands at the anchor
        if last.start_mark.index < node.start_mark.index:
            return node
        node = last
    return node


def read(
    text: str, path: str, steps: Callable[[Map, Source], Iterable[tuple[Step, ...]]], *, merges: bool = False
) -> File:
    """The file *path* with what *steps* finds in its root; with what is wrong and where, if it cannot be read."""
    try:
        origin = source(text, path, merges=merges)
        return File(path, text, tuple(steps(Map(compose(text), origin), origin)))
    except UnreadableError as error:
        return File(path, text, trouble=str(error), line=error.line)


def compose(text: str) -> YamlNode | None:
    """The root of the document; None for an empty one. Raises `UnreadableError` for what GitHub cannot read."""
    import yaml

    try:
        return _compose(text)
    except UnreadableError:
        raise
    except yaml.YAMLError as error:
        if _EXPRESSION.search(text) is None:
            raise _unreadable(error) from error
    try:
        root = _compose(_EXPRESSION.sub(lambda match: _covered(match.group()), text))
    except yaml.YAMLError as error:
        raise _unreadable(error) from error
    _uncover(root)
    return root


def _compose(text: str) -> YamlNode | None:
    import yaml

    openers = text.count("[") + text.count("{") - 2 * text.count("${{")
    try:
        if openers > _DEEPEST or " " * _DEEPEST in text or _is_compact(text):
            _measure(text)
        node: YamlNode | None = cast("Any", yaml).compose(text, Loader=_loader())
    except (ValueError, RecursionError) as error:  # ValueError: text that has no UTF-8
        raise UnreadableError(str(error)) from error
    return node


def _is_compact(text: str) -> bool:
    return any(pair in text for pair in _COMPACT_PAIRS) and _COMPACT.search(text) is not None


@lru_cache(maxsize=1)
def _loader() -> Any:
    """A composer that skips the tags of scalars, which nothing here needs: it takes a third of the time.

    What replaces PyYAML's resolver is called for every node, so it is a built-in of C, and does nothing.
    """
    import yaml

    if not hasattr(yaml, "CSafeLoader"):
        return yaml.SafeLoader
    parser = cast("Any", yaml).cyaml.CParser
    nothing = {
        "resolve": slice,  # of class, value, implicit: the tag, which then is no text
        "descend_resolver": is_,
        "ascend_resolver": tuple,
    }
    return type("Loader", (parser,), nothing)


def _measure(text: str) -> None:
    """Refuse text nested too deep for a composer."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise UnreadableError(f"nested deeper than {_DEEPEST}")


def _covered(expression: str) -> str:
    return "".join(chr(_COVER + ord(character)) if ord(character) < 0x1000 else character for character in expression)


def _uncover(root: YamlNode | None) -> None:
    waiting, visited = [root], set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in visited:
            continue
        visited.add(id(node))
        if node.id == "scalar":
            node.value = "".join(
                chr(ord(character) - _COVER) if ord(character) >= _COVER else character for character in node.value
            )
        else:
            for child in node.value:
                waiting.extend(child if isinstance(child, tuple) else [child])


def _unreadable(error: Exception) -> UnreadableError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    return UnreadableError(
        ", ".join(part for part in parts if part) or str(error).split("\n", 1)[0], mark.line + 1 if mark else None
    )
