"""Checks an edit before it is made: the edited file is parsed again, and only what was meant to change may differ.

Each change names a node of the file before the edit and the value that is expected afterwards. The two trees are
compared node by node, so an edit that breaks the file, drops a shared anchor or touches another value is found.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from safepublish.pipelines import document

Data: TypeAlias = "str | tuple[tuple[str, Data], ...]"
"""An expected value: the text of a scalar, or the entries of a mapping."""


class NewValue(NamedTuple):
    """The node gets another value."""

    node: Any
    value: Data


class NewText(NamedTuple):
    """In the text of the scalar one occurrence of some words gives way to others."""

    node: Any
    occurrence: int  # counts from 0
    removed: str
    added: str


class Added(NamedTuple):
    """The mapping gets an entry."""

    node: Any
    key: str
    value: Data


class Removed(NamedTuple):
    """The mapping loses an entry, or the sequence an item."""

    node: Any
    position: int


class Inserted(NamedTuple):
    """The sequence gets an item."""

    node: Any
    position: int  # of the item that it is put before
    value: Data


Change: TypeAlias = NewValue | NewText | Added | Removed | Inserted


def problem(root: Any, edited: str, changes: Iterable[Change]) -> str | None:
    """Why the text *edited* is not the file of *root* with *changes* and nothing else; None where it is."""
    try:
        new = document.compose(edited)
        difference = _Comparison(changes).difference(root, new)
    except document.UnreadableError as error:
        return f"the edit would make the file unreadable: {error}"
    except RecursionError:
        return "the file is nested too deep to check the edit"
    return None if difference is None else difference.message


class _Difference(NamedTuple):
    """A difference that no change accounts for."""

    message: str


class _Comparison:
    """Compares the tree before an edit with the one after it."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.changes: dict[int, list[Any]] = {}
        for change in dict.fromkeys(changes):
            self.changes.setdefault(id(change.node), []).append(change)
        self.visited: set[int] = set()
        self.equal: set[tuple[int, int]] = set()  # what aliases name, once it was compared

    def difference(self, old: Any, new: Any) -> _Difference | None:
        """The first difference; the place of an anchor is where changes count, its aliases must keep their value."""
        if old is None or new is None:
            return None if old is new else _Difference("the edit would change whether the file is empty")
        if id(old) in self.visited:
            if self._is_same(old, new):
                return None
            return _Difference(f"line {_line(old)} is also used through an alias, which the edit would change")
        self.visited.add(id(old))
        changes = self.changes.get(id(old), [])
        replaced = next((change for change in changes if isinstance(change, NewValue)), None)
        if replaced is not None:
            return None if len(changes) == 1 and _has_data(new, replaced.value) else _unexpected(old)
        if old.id != new.id or _tag(old) != _tag(new):
            return _unexpected(old)
        if old.id == "scalar":
            expected = _edited(old.value, changes) if changes else old.value
            found = _normalized(new.value) if changes else new.value
            return None if found == expected and _is_plain(old) == _is_plain(new) else _unexpected(old)
        return self._collection(old, new, changes)

    def _collection(self, old: Any, new: Any, changes: Sequence[Any]) -> _Difference | None:
        removed = {change.position for change in changes if isinstance(change, Removed)}
        kept = [item for index, item in enumerate(old.value) if index not in removed]
        added = [change for change in changes if not isinstance(change, Removed)]
        if old.id == "mapping":
            items = _without_added(new.value, added)
            existing = {key.value.lower() for key, _ in kept if key.id == "scalar"}  # GitHub ignores the case of keys
            twice = next((change.key for change in added if change.key.lower() in existing), None)
            if twice is not None:
                return _Difference(f"the block on line {_line(old)} already has the key {twice}")
        else:
            items = _without_inserted(new.value, added, removed)
        if items is None or len(items) != len(kept):
            return _unexpected(old)
        for before, after in zip(kept, items, strict=True):
            pairs = zip(before, after, strict=True) if old.id == "mapping" else ((before, after),)
            for one, other in pairs:
                found = self.difference(one, other)
                if found is not None:
                    return found
        return None

    def _is_same(self, old: Any, new: Any) -> bool:
        if (id(old), id(new)) in self.equal:
            return True
        self.equal.add((id(old), id(new)))
        if old.id != new.id or _tag(old) != _tag(new):
            return False
        if old.id == "scalar":
            return bool(old.value == new.value) and _is_plain(old) == _is_plain(new)
        if len(old.value) != len(new.value):
            return False
        if old.id == "sequence":
            return all(self._is_same(one, other) for one, other in zip(old.value, new.value, strict=True))
        return all(
            self._is_same(key, other_key) and self._is_same(value, other)
            for (key, value), (other_key, other) in zip(old.value, new.value, strict=True)
        )


def _without_added(pairs: Sequence[Any], added: Sequence[Added]) -> list[Any] | None:
    """The entries without the added ones; None where one is missing, has another value, or its key is there twice."""
    expected = {change.key: change.value for change in added}
    if len(expected) != len(added):
        return None
    names = [key.value.lower() for key, _ in pairs if key.id == "scalar"]  # GitHub ignores the case of keys
    if any(names.count(name.lower()) != 1 for name in expected):
        return None
    kept = [(key, value) for key, value in pairs if key.id != "scalar" or key.value not in expected]
    correct = all(
        _has_data(value, expected[key.value]) for key, value in pairs if key.id == "scalar" and key.value in expected
    )
    return kept if correct and len(kept) == len(pairs) - len(added) else None


def _without_inserted(items: Sequence[Any], inserted: Sequence[Inserted], removed: set[int]) -> list[Any] | None:
    """The items without the inserted ones; None where one of them is not where it should be."""
    kept = list(items)
    for change in sorted(inserted, key=lambda one: one.position, reverse=True):
        at = change.position - sum(index < change.position for index in removed)
        before = sum(other.position < change.position for other in inserted)
        at += before
        if at >= len(kept) or not _has_data(kept[at], change.value):
            return None
        del kept[at]
    return kept


def _has_data(node: Any, value: Data) -> bool:
    """Whether *node* has exactly the expected value."""
    if isinstance(value, str):
        return bool(node.id == "scalar" and node.value == value)
    return (
        node.id == "mapping"
        and len(node.value) == len(value)
        and all(
            key.id == "scalar" and key.value == name and _has_data(item, data)
            for (key, item), (name, data) in zip(node.value, value, strict=True)
        )
    )


def occurrence(before: str, words: str) -> int:
    """How often *words* are in the text *before* them: the number of their own occurrence, as `NewText` counts it."""
    return _normalized(before).count(_normalized(words))


def _edited(text: str, changes: Sequence[NewText]) -> str | None:
    """The scalar's text after *changes*, normalized; None where the words are not there."""
    result = _normalized(text)
    pieces: list[tuple[int, int, str]] = []
    for change in changes:
        words = _normalized(change.removed)
        found = [match.span() for match in re.finditer(re.escape(words), result)] if words else []
        if change.occurrence >= len(found):
            return None
        pieces.append((*found[change.occurrence], change.added))
    after = len(result)
    for start, end, added in sorted(pieces, reverse=True):
        if end > after:
            return None
        result, after = result[:start] + added + result[end:], start
    return _normalized(result)


def _normalized(text: str) -> str:
    """A script without what does not change it at the edges of words: blanks, empty lines and continued lines."""
    lines = re.sub(r"[ \t]*\\\r?\n[ \t]*", " ", text).splitlines()
    return "\n".join(line for line in (" ".join(one.split()) for one in lines) if line)


def _tag(node: Any) -> str | None:
    """The file's own tag, such as GitLab's `!reference`; the standard ones do not count here."""
    tag = node.tag
    return tag if isinstance(tag, str) and tag.startswith("!") else None


def _is_plain(node: Any) -> bool:
    return document.is_plain(node)


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _unexpected(node: Any) -> _Difference:
    return _Difference(f"the edit would change more than intended on line {_line(node)}")
