"""npm's command line as nopt reads it (nopt 7.2.0 to 10.0.1, lib/nopt-lib.js; the same rules in npm 9 to 12).

Which words are options, which of them take the next word, and which are left over is npm's own logic and nobody
else's: `--acc public` is `-a -c -c public`, and `--provenance=0` leaves a positional `0`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from packaging.version import Version

from safepublish.npm import options, secrets, url
from safepublish.npm.floors import Floor

Value = object
"""A value of npm's configuration: str, bool, int, float, None, or a list or dict of these."""


BLANKS = "\t\n\v\f\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
"""What JavaScript's `trim` and `\\s` take for blank."""
_NUMBER = re.compile(
    r"[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+"
)


class Places(NamedTuple):
    """What paths in npm's configuration are relative to."""

    cwd: str
    home: str
    windows: bool = False


class Arguments(NamedTuple):
    """A parsed command line."""

    values: dict[str, Value]  # by option, as nopt cleans them
    remain: tuple[str, ...]  # the positionals, the command first
    abbreviations: tuple[tuple[str, str], ...] = ()  # as typed, and what it stands for
    single_hyphen: tuple[str, ...] = ()  # words such as -ws, which want two hyphens
    misplaced: Mapping[str, str] = {}  # positionals that were meant as the value of an unknown option, and that option
    ignored: tuple[tuple[str, Value], ...] = ()  # options whose value npm warns about and drops


def parse(words: Sequence[str], version: Version, places: Places) -> Arguments:
    """What npm *version* reads from *words*, which follow `npm` (@npmcli/config, lib/index.js, `loadCLI`)."""
    types = options.options(version)
    reading = _Reading(list(words), types)
    reading.run()
    values: dict[str, Value] = {}
    ignored: list[tuple[str, Value]] = []
    for key, value in reading.data.items():
        kept, cleaned = clean(value, types.get(key), version, places)
        if kept:
            values[key] = cleaned
        if not kept or (isinstance(value, list) and isinstance(cleaned, list) and len(cleaned) < len(value)):
            ignored.append((key, value))
    single = tuple(f"-{word}" for word in options.SHORTHANDS if len(word) > 1 and f"-{word}" in words)
    return Arguments(
        values, tuple(reading.remain), tuple(reading.abbreviations), single, reading.misplaced, tuple(ignored)
    )


POSITIONALS = ""
"""Stands for the positionals among the keys that `without` takes away."""


def without(words: Sequence[str], keys: frozenset[str], version: Version) -> tuple[str, ...] | None:
    """*words* less those that give one of *keys* a value; None where the others would then say something else.

    `-fw` is one word for two options, and in `--tag --ws next` the tag would get a name.
    """
    types = options.options(version)
    reading = _Reading(list(words), types)
    reading.run()
    taken = {at for key in keys for at in reading.taken.get(key, ())}
    others = {at for key, places in reading.taken.items() if key not in keys for at in places}
    if taken & others:
        return None
    rest = [word for at, word in enumerate(words) if at not in taken]
    again = _Reading(list(rest), types)
    again.run()
    kept = {key: value for key, value in reading.data.items() if key not in keys}
    if again.data != kept or again.remain != ([] if POSITIONALS in keys else reading.remain):
        return None
    return tuple(rest)


def command(words: Sequence[str], version: Version) -> tuple[str, ...]:
    """The command that positionals begin with: ``("publish",)``, ``("stage", "publish")``, or ``()`` for another one.

    `pu` to `publis` and `stag` are unambiguous, `Publish` is none (npm 9 to 12, lib/utils/cmd-list.js, `deref`).
    `stage` is taken for what it is in an npm without it too, which is then judged as too old.
    """
    first, second = (*words, "", "")[:2]
    if len(first) >= 2 and "publish".startswith(first):
        return ("publish",)
    staging = first == "stage" or (first == "stag" and version in Floor.STAGE)
    return ("stage", "publish") if staging and second == "publish" else ()


class _Reading:
    """nopt's `parse`, word for word: it rewrites the list of words while it walks it."""

    def __init__(self, words: list[str], types: Mapping[str, str]) -> None:
        self.words = words
        self.types = types
        self.data: dict[str, Value] = {}
        self.remain: list[str] = []
        self.abbreviations: list[tuple[str, str]] = []
        self.taken: dict[str, set[int]] = {}  # by option, the places of its words in the list as it was given
        self.misplaced: dict[str, str] = {}
        self._given = list(range(len(words)))  # for each word of the list as it is, its place in that
        self._at = 0

    def run(self) -> None:
        while self._at < len(self.words):
            word = self.words[self._at]
            if _only_hyphens(word):
                self.remain += self.words[self._at + 1 :]
                self.taken.setdefault(POSITIONALS, set()).update(self._given[self._at + 1 :])
                return
            if word.startswith("-") and len(word) > 1:
                self._option(word)
            else:
                self.remain.append(word)
                self.taken.setdefault(POSITIONALS, set()).add(self._given[self._at])
            self._at += 1

    def _option(self, word: str) -> None:
        first = self._at
        word, equals, value = word.partition("=")
        if equals:
            self._replace([word, value])
        short = self._shorthand(word)
        if short is not None:
            self._replace(short)
            if not short or word != short[0]:
                self._at -= 1
                return
        key, no = self._key(word)
        known = self.types.get(key)
        kinds = () if known is None else tuple(known.split())
        many = "A" in kinds
        if known is None and key in self.data:
            if not isinstance(self.data[key], list):
                self.data[key] = [self.data[key]]
            many = True
        following = self.words[self._at + 1] if self._at + 1 < len(self.words) else None
        if no is not None or "B" in kinds or (known is None and not equals) or (following == "false" and "~" in kinds):
            taken = self._boolean(kinds, following, no=bool(no))
        else:
            taken = self._valued(kinds, following)
        if known is None and not equals and taken is True and following and secrets.names_secret(key):
            self.misplaced[following] = key
        if many:
            held = self.data.setdefault(key, [])
            if isinstance(held, list):
                held.append(taken)
        else:
            self.data[key] = taken
        self.taken.setdefault(key, set()).update(self._given[first : self._at + 1])

    def _replace(self, words: list[str]) -> None:
        self.words[self._at : self._at + 1] = words
        self._given[self._at : self._at + 1] = [self._given[self._at]] * len(words)

    def _boolean(self, kinds: tuple[str, ...], following: str | None, *, no: bool) -> Value:
        if following in {"true", "false"}:
            self._at += 1
            return (following == "true") is not no
        if following and len(kinds) > 1:
            if following in kinds and following not in {*"ABDMNPSUV~", "''"}:
                self._at += 1
                return following
            if following == "null" and "~" in kinds:
                self._at += 1
                return None
            if not re.match(r"-{2,}[^-]", following) and "N" in kinds and number(following) is not None:
                self._at += 1
                return number(following)
            if not re.match(r"-[^-]", following) and "S" in kinds:
                self._at += 1
                return following
        return not no

    def _valued(self, kinds: tuple[str, ...], following: str | None) -> Value:
        step = 1
        if kinds == ("S",) and (following is None or re.match(r"-{1,2}[^-]+", following)):
            step = 1 if following is None else 0
            following = ""
        if following and _only_hyphens(following):
            following, step = None, 0
        self._at += step
        return True if following is None else following

    def _key(self, word: str) -> tuple[str, bool | None]:
        key = word.lstrip("-")
        no = None
        while key[:3].lower() == "no-":
            no = not no
            key = key[3:]
        long = _unabbreviated(key, self.types)
        if long is not None and long != key:
            self.abbreviations.append((key, long))
            key = long
        return key, no

    def _shorthand(self, word: str) -> list[str] | None:
        """What *word* is short for, or None (nopt-lib.js, `resolveShort`)."""
        word = word.lstrip("-")
        if word in self.types:
            return None
        if word in options.SHORTHANDS:
            return list(options.SHORTHANDS[word])
        if all(char in options.SHORTHANDS for char in word):
            return [part for char in word for part in options.SHORTHANDS[char]]
        if _unabbreviated(word, self.types) is not None:
            return None
        long = _unabbreviated(word, options.SHORTHANDS)
        if long is None:
            return None
        self.abbreviations.append((word, long))
        return list(options.SHORTHANDS[long])


def clean(value: Value, words: str | None, version: Version, places: Places) -> tuple[bool, Value]:
    """Whether nopt keeps *value* for an option of type *words* (None: not an option), and what it makes of it.

    nopt-lib.js, `clean`: used for the command line at once, and for the environment and the .npmrc files later.
    """
    kinds = ["true", "false", "~", "S", "A"] if words is None else words.split()
    elements = value if isinstance(value, list) else [value]
    kept = []
    for element in elements:
        coerced = _coerced(element, kinds)
        if words is None:
            kept.append(coerced)
            continue
        if coerced is False and "~" in kinds and "false" not in kinds and "B" not in kinds:
            coerced = None
        valid, coerced = _valid(coerced, kinds, version, places)
        if valid:
            kept.append(coerced)
    if not kept and "A" not in kinds:
        return False, None
    if isinstance(value, list):
        return True, kept
    return True, kept[0] if kept else None


def _coerced(value: Value, kinds: Sequence[str]) -> Value:
    if not isinstance(value, str):
        return value
    value = value.strip(BLANKS)
    if value == "null" and "~" in kinds:
        return None
    if value in {"true", "false"} and (value in kinds or "B" in kinds):
        return value == "true"
    if "N" in kinds and number(value) is not None:
        return number(value)
    return value


def _valid(value: Value, kinds: Sequence[str], version: Version, places: Places) -> tuple[bool, Value]:
    """The first type of *kinds* that takes *value*, and what it makes of it (nopt-lib.js, `validate`)."""
    for kind in kinds:
        if kind == "A":
            continue
        if kind == "~":
            if value is None:
                return True, None
        elif kind in {"B", "S", "N", "D", "P", "U", "M", "V"}:
            valid, made = _typed(value, kind, version, places)
            if valid:
                return True, made
        elif value is (kind == "true") if kind in {"true", "false"} else value == ("" if kind == "''" else kind):
            return True, value
    return False, None


def _typed(value: Value, kind: str, version: Version, places: Places) -> tuple[bool, Value]:
    if kind == "B":
        return True, _boolean(value)
    if kind == "S":
        return True, text(value)
    if kind == "N":
        amount = number(value) if isinstance(value, str) else value or 0
        return isinstance(amount, (int, float)), amount
    if kind == "D":
        return isinstance(value, str) and any(char.isdecimal() for char in value), value  # as good as a date here
    if kind == "P":
        return (True, resolve(value, places)) if isinstance(value, str) else (False, None)
    if kind == "U":
        href = _href(text(value), version)
        return href is not None, href
    if kind == "M":
        return _umask(value)
    return isinstance(value, str), value


def _boolean(value: Value) -> bool:
    if isinstance(value, str):
        amount = number(value)
        return bool(amount) if amount is not None else value not in {"null", "false"}
    return truthy(value)


def _href(value: str, version: Version) -> str | None:
    if version not in Floor.NO_LEGACY_URL:
        return url.legacy(value)
    parsed = url.parse(value)
    return parsed and parsed.href


def _umask(value: Value) -> tuple[bool, Value]:
    if isinstance(value, bool) or value is None:
        return False, None
    if isinstance(value, (int, float)):
        return 0 <= value <= 511, int(value)
    if not isinstance(value, str):
        return False, None
    if re.fullmatch(r"0o?[0-7]+", value):
        return True, int(value.replace("o", ""), 8)
    return (True, int(value)) if re.fullmatch(r"[1-9][0-9]*", value) else (False, None)


def number(value: str) -> int | float | None:
    """The number that JavaScript's `Number(value)` is, or None for NaN."""
    value = value.strip(BLANKS)
    if not value:
        return 0
    if not _NUMBER.fullmatch(value):
        return None
    if value[:2].lower() in {"0x", "0o", "0b"}:
        return int(value, 0)
    amount = float(value.replace("Infinity", "inf"))
    return int(amount) if amount.is_integer() else amount


def truthy(value: Value) -> bool:
    """Whether JavaScript takes *value* for true: lists and objects always, `""`, 0 and null never."""
    return isinstance(value, (list, dict)) or bool(value)


def text(value: Value) -> str:
    """*value* as JavaScript's `String(value)` writes it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, list):
        return ",".join("" if element is None else text(element) for element in value)
    return "[object Object]" if isinstance(value, dict) else str(value)


def resolve(path: str, places: Places) -> str:
    """*path* as npm resolves a path option: `~/` is the home directory (lib/parse-field.js, Node's `path.resolve`)."""
    base = places.cwd
    if path.startswith("~/") or (places.windows and path.startswith("~\\")):
        base, path = places.home, path[2:]
    if places.windows:
        import ntpath

        return ntpath.normpath(ntpath.join(places.cwd, base, path))
    parts: list[str] = []
    for part in (path if path.startswith("/") else f"{base}/{path}").split("/"):
        if part == "..":
            del parts[-1:]
        elif part and part != ".":
            parts.append(part)
    return "/" + "/".join(parts)


def _only_hyphens(word: str) -> bool:
    return len(word) >= 2 and not word.strip("-")


def _unabbreviated(word: str, names: Mapping[str, object]) -> str | None:
    """The one of *names* that *word* is or begins, or None when there is none or several (abbrev, lib/index.js)."""
    if word in names or not word:
        return word or None
    found = [name for name in names if name.startswith(word)]
    return found[0] if len(found) == 1 else None
