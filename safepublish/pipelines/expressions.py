"""GitHub's expressions, evaluated as far as a workflow file itself resolves them.

Syntax and coercions: docs.github.com, "Evaluate expressions in workflows and actions". What comes from the run
(`github`, `steps`, `secrets`, `vars`, `needs`, …) is unknown, and so is what follows from it.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

LONGEST = 10_000
"""Characters of the longest expression that is evaluated; GitHub takes 21,000."""

Contexts = Mapping[str, Any]
"""By name, `matrix`, `env`, `inputs`, …: mappings whose values are text, numbers, booleans, None or `UNKNOWN`."""


class _Unknown:
    """The value of what the file does not hold."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value is neither true nor false")


UNKNOWN = _Unknown()


class Open(dict[str, Any]):
    """A context of which the file holds only a part: what is not there is unknown."""


class Chosen(dict[str, Any]):
    """A context whose values may be chosen otherwise when the run starts, such as inputs by their defaults."""

    fixed: Mapping[str, Any] = Open()
    """Those that the files fix: they alone decide an `if`."""


class ChosenOpen(Open):
    """The same of a context that is known in part, such as `env`."""

    fixed: Mapping[str, Any] = Open()


_TOKEN = re.compile(
    r"\s*(?:(?P<number>[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))(?![\w.])|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||==|!=|<=|>=|[!<>()\[\].,*]))"
)
_DECIDABLE = re.compile(r"\b(?:matrix|env|inputs|github|true|false|always|failure|success|cancelled)\b", re.IGNORECASE)
"""What an `if` has to mention for a file to decide it."""
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
"""An expression in a text; its group is what stands between the braces."""
_DECIMAL = re.compile(r"[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|Infinity)", re.ASCII)
_INTEGER = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
"""Text that counts as a number, as JavaScript's Number() reads it (@actions/expressions 0.3.61)."""
_BINARY = ({"||": 0, "&&": 1, "==": 2, "!=": 2, "<": 3, "<=": 3, ">": 3, ">=": 3}, 4)
_DEEPEST = 50
_KEYWORDS = frozenset({"true", "false", "null", "nan", "infinity"})
_FUNCTIONS = frozenset({"contains", "startswith", "endswith", "format", "join", "tojson", "fromjson", "case"})
"""Those that every expression may call; `hashFiles` and those of a job's status depend on the place."""


class _UnreadableError(Exception):
    """The text is no expression."""


class _TooDeepError(_UnreadableError):
    """It is nested deeper than it is read here."""


def value(expression: str, contexts: Contexts) -> Any:
    """The value of an *expression* without its ``${{ }}``; `UNKNOWN` where the file does not decide."""
    if len(expression) > LONGEST:
        return UNKNOWN
    try:
        tokens = _tokens(expression)
        parser = _Parser(tokens, contexts)
        found = parser.expression(0, 0)
    except (_UnreadableError, IndexError):
        return UNKNOWN
    return found if parser.at == len(tokens) else UNKNOWN


def resolved(text: str, contexts: Contexts) -> Any:
    """*text* with its ``${{ }}`` replaced, `UNKNOWN` where one is; a text that is one expression keeps its type."""
    if "${{" not in text:
        return text
    whole = EXPRESSION.fullmatch(text.strip())
    if whole is not None and "${{" not in whole.group(1):
        return value(whole.group(1), contexts)
    found, start = [], 0
    for match in EXPRESSION.finditer(text):
        item = value(match.group(1), contexts)
        if item is UNKNOWN:
            return UNKNOWN
        found += [text[start : match.start()], as_text(item)]
        start = match.end()
    return "".join([*found, text[start:]])


def condition(text: str | None, contexts: Contexts) -> bool | None:
    """Whether an `if` lets its step or job run, the run having gone well so far; None where that is not known."""
    if text is None:
        return True
    if not _DECIDABLE.search(text):
        return None
    whole = EXPRESSION.fullmatch(text.strip())
    inner = whole.group(1) if whole else text
    contexts = fixed(contexts)
    found = resolved(inner, contexts) if "${{" in inner else value(inner, contexts)
    return None if found is UNKNOWN else truth(found)


def fault(expression: str, contexts: Collection[str], functions: Collection[str]) -> str | None:
    """Why GitHub does not accept an *expression* that may use these *contexts* and, beside those of all, *functions*.

    None where it does, or where that is not certain: GitHub's parser is stricter than this one.
    """
    if len(expression) > LONGEST or expression.count("'") % 2:
        return None
    try:
        tokens = _tokens(expression)
    except _UnreadableError as error:
        return f"{str(error)!r} is no part of an expression" if str(error) else None
    return _unavailable(tokens, contexts, functions) or _misread(expression, tokens)


def _unavailable(
    tokens: Sequence[tuple[str, str]], contexts: Collection[str], functions: Collection[str]
) -> str | None:
    """The first context or function of an expression that is not one of those."""
    for at, (kind, word) in enumerate(tokens):
        if kind != "name" or (at and tokens[at - 1] == ("sign", ".")):
            continue
        name = word.lower()
        if tokens[at + 1 : at + 2] == (("sign", "("),):
            if name not in _FUNCTIONS and name not in functions:
                return f"the function `{word}` is not available here"
        elif name not in _KEYWORDS and name not in contexts:
            return f"the context `{word}` is not available here"
    return None


def _misread(expression: str, tokens: Sequence[tuple[str, str]]) -> str | None:
    """Why the *tokens* of an expression are none."""
    try:
        parser = _Parser(tokens, {})
        parser.expression(0, 0)
        if parser.at < len(tokens):
            return f"`{tokens[parser.at][1]}` is not expected in the expression `{expression.strip()}`"
    except IndexError:
        return f"the expression `{expression.strip()}` is not complete"
    except _TooDeepError:
        return None
    except _UnreadableError:
        return f"`{expression.strip()}` is not an expression"
    return None


def is_never(condition: str | None) -> bool:
    """Whether an `if` is `false` as written."""
    return (condition or "").strip("${} ").lower() == "false"


def fixed(contexts: Contexts) -> Contexts:
    """The contexts without what a person chooses when the run starts: a default is no answer."""
    return {
        name: context.fixed
        if isinstance(context, Chosen | ChosenOpen)
        else context  # an input is null for other events
        for name, context in contexts.items()
    }


def truth(found: Any) -> bool:
    """Whether a value counts as true: all but false, 0, "" and null do."""
    return bool(found) or isinstance(found, dict | list)


def as_text(found: Any) -> str:
    """A value as an expression puts it into a text."""
    if found is None:
        return ""
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, float) and found.is_integer():
        return str(int(found))
    return "Object" if isinstance(found, dict) else "Array" if isinstance(found, list) else str(found)


def names(text: str) -> Iterator[str]:
    """Every dotted name that the expressions of *text* mention: ``secrets.NPM_TOKEN``, also for an index."""
    for match in EXPRESSION.finditer(text):
        inner = re.sub(
            r"'(?:[^']|'')*'",
            lambda quoted: f".{quoted.group()[1:-1]}" if quoted.string[quoted.start() - 1] == "[" else "",
            match.group(1),
        )
        for name in re.findall(r"[A-Za-z_][\w-]*(?:\s*\[?\.\s*[\w*-]+\]?)+", inner):
            yield re.sub(r"[\[\]\s]", "", name)


@lru_cache(maxsize=1024)
def _tokens(text: str) -> tuple[tuple[str, str], ...]:
    at, found = 0, []
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            if text[at:].strip():
                raise _UnreadableError(text[at:].split(maxsplit=1)[0][:40])
            break
        kind = match.lastgroup or ""
        found.append((kind, match.group(kind)))
        at = match.end()
    return tuple(found)


class _Parser:
    def __init__(self, tokens: Sequence[tuple[str, str]], contexts: Contexts) -> None:
        self.tokens, self.contexts, self.at = tokens, contexts, 0

    def expression(self, rank: int, depth: int) -> Any:
        """One expression whose operators bind at least as strongly as *rank*."""
        if depth > _DEEPEST:
            raise _TooDeepError
        left = self._unary(depth)
        while self.at < len(self.tokens):
            kind, sign = self.tokens[self.at]
            ranks, _ = _BINARY
            if kind != "sign" or ranks.get(sign, -1) < rank:
                break
            self.at += 1
            left = _binary(sign, left, self.expression(ranks[sign] + 1, depth + 1))
        return left

    def _unary(self, depth: int) -> Any:
        kind, word = self.tokens[self.at]
        self.at += 1
        if kind == "sign" and word == "!":
            if depth > _DEEPEST:
                raise _TooDeepError
            found = self._unary(depth + 1)
            return UNKNOWN if found is UNKNOWN else not truth(found)
        if kind == "sign" and word == "(":
            found = self.expression(0, depth + 1)
            self._expect(")")
        elif kind == "number":
            found = float(int(word, 0)) if word.lower().startswith(("0x", "0o")) else float(word)
        elif kind == "text":
            found = word.replace("''", "'")
        elif kind == "name":
            found = self._name(word, depth)
        else:
            raise _UnreadableError
        return self._path(found, depth)

    def _expect(self, sign: str) -> None:
        if self.tokens[self.at] != ("sign", sign):
            raise _UnreadableError
        self.at += 1

    def _name(self, word: str, depth: int) -> Any:
        if self.at < len(self.tokens) and self.tokens[self.at] == ("sign", "("):
            self.at += 1
            arguments = []
            while self.tokens[self.at] != ("sign", ")"):
                arguments.append(self.expression(0, depth + 1))
                if self.tokens[self.at] == ("sign", ","):
                    self.at += 1
            self.at += 1
            return _call(word.lower(), arguments)
        plain = {"true": True, "false": False, "null": None, "nan": float("nan"), "infinity": float("inf")}
        if word.lower() in plain:
            return plain[word.lower()]
        return self.contexts.get(word.lower(), UNKNOWN)

    def _path(self, found: Any, depth: int) -> Any:
        while self.at < len(self.tokens) and self.tokens[self.at] in {("sign", "."), ("sign", "[")}:
            _, sign = self.tokens[self.at]
            self.at += 1
            if sign == ".":
                kind, key = self.tokens[self.at]
                self.at += 1
                if kind not in {"name", "number"} and key != "*":
                    raise _UnreadableError
                found = UNKNOWN if key == "*" else _item(found, key)
            else:
                inner = UNKNOWN if self.tokens[self.at] == ("sign", "*") else self.expression(0, depth + 1)
                self.at += self.tokens[self.at] == ("sign", "*")
                self._expect("]")
                found = UNKNOWN if inner is UNKNOWN else _item(found, inner)
        return found


def _item(found: Any, key: Any) -> Any:
    if found is UNKNOWN:
        return UNKNOWN
    if isinstance(found, dict):
        text = as_text(key)
        if text in found:
            return found[text]
        lower = text.lower()
        missing = UNKNOWN if isinstance(found, Open) else None
        return next((item for name, item in found.items() if name.lower() == lower), missing)
    if isinstance(found, list) and isinstance(key, int | float) and 0 <= key < len(found):
        return found[int(key)]
    return None


def _binary(sign: str, left: Any, right: Any) -> Any:
    if sign in {"&&", "||"}:
        if left is UNKNOWN:
            # The right side alone may decide how the whole counts: `x && false` is never true.
            decided = right is not UNKNOWN and truth(right) is (sign == "||")
            return right if decided and right in (False, True) else UNKNOWN
        return right if truth(left) is (sign == "&&") else left
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if sign in {"==", "!="}:
        return _equal(left, right) is (sign == "==")
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.upper(), right.upper()  # between the cases stands `_`
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]
    low, high = _number(left), _number(right)
    return {"<": low < high, "<=": low <= high, ">": low > high, ">=": low >= high}[sign]


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    if type(left) is type(right):
        return bool(left == right)
    return _number(left) == _number(right)


def _number(found: Any) -> float:
    if found is None:
        return 0.0
    if isinstance(found, bool | int | float):
        return float(found)
    text = found.strip() if isinstance(found, str) else "no number"
    if not text or _DECIMAL.fullmatch(text):
        return float(text or 0)
    return float(int(text, 0)) if _INTEGER.fullmatch(text) else float("nan")


def _call(name: str, arguments: Sequence[Any]) -> Any:
    if name == "case":
        return _case(arguments)
    plain: dict[str, Callable[[], Any]] = {
        "always": lambda: True,
        "success": lambda: True,
        "failure": lambda: False,
        "cancelled": lambda: False,
        "contains": lambda: _contains(*arguments),
        "startswith": lambda: as_text(arguments[0]).lower().startswith(as_text(arguments[1]).lower()),
        "endswith": lambda: as_text(arguments[0]).lower().endswith(as_text(arguments[1]).lower()),
        "format": lambda: _format(*arguments),
        "join": lambda: as_text(arguments[1] if len(arguments) > 1 else ",").join(map(as_text, arguments[0])),
        "fromjson": lambda: _from_json(as_text(arguments[0])),
        "tojson": lambda: _to_json(arguments[0]),
    }
    if name not in plain or any(argument is UNKNOWN for argument in arguments):
        return UNKNOWN
    try:
        return plain[name]()
    except (ValueError, TypeError, IndexError, RecursionError):
        return UNKNOWN


def _case(arguments: Sequence[Any]) -> Any:
    """The value behind the first predicate that is true, else the last argument (@actions/expressions 0.3.61, case.js).

    Only a boolean is a predicate: with anything else the workflow fails.
    """
    if len(arguments) < 3 or len(arguments) % 2 == 0:
        return UNKNOWN
    for predicate, result in zip(arguments[:-1:2], arguments[1::2], strict=True):
        if not isinstance(predicate, bool):  # UNKNOWN is none
            return UNKNOWN
        if predicate:
            return result
    return arguments[-1]


def _from_json(text: str) -> Any:
    import json  # seldom

    return json.loads(text)


def _to_json(found: Any) -> str:
    import json

    return json.dumps(found, indent=2)


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(item is not UNKNOWN and _equal(item, what) for item in where)
    return as_text(what).lower() in as_text(where).lower()


def _format(pattern: Any, *values: Any) -> str:
    def replacement(match: re.Match[str]) -> str:
        return {"{{": "{", "}}": "}"}.get(match.group()) or as_text(values[int(match.group(1))])

    return re.sub(r"\{\{|\}\}|\{(\d+)\}", replacement, as_text(pattern))
