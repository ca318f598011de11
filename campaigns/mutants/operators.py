"""The mutants of one module: each is the module's text with one small error put into it."""

import ast
import copy
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

Enums = Sequence[tuple[str, tuple[str, ...]]]
"""The enumerations: the name of each, and its members."""

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_PROSE = frozenset({"title"})
"""Attributes that only people read."""
_GROUP = re.compile(r"\?(?:P<\w+>|<?[=!]|[aiLmsux-]*:|>)")
_EXPRESSION = re.compile(r"\\[bdsw]|\(\?|\[\^|\.\*")
"""Text that looks like a regular expression, whichever function it is for."""
_ANCHORS = ("^", "$", r"\b")


class Mutant(NamedTuple):
    """One error in one module."""

    kind: str  # table, pattern or logic
    lines: range  # of the statement
    start: int  # in bytes
    end: int
    replacement: str
    change: str

    def applied(self, text: str) -> str:
        """The module's *text* with the error in it."""
        source = text.encode()
        return (source[: self.start] + self.replacement.encode() + source[self.end :]).decode()


def enums(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """The enumerations that a module defines."""
    return [
        (
            node.name,
            tuple(
                target.id
                for statement in node.body
                if isinstance(statement, ast.Assign)
                for target in statement.targets
                if isinstance(target, ast.Name)
            ),
        )
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases)
    ]


def mutants(text: str, known: Enums) -> Iterator[Mutant]:
    """Every mutant of the module whose source is *text*."""
    tree = ast.parse(text)
    starts = [0, *(found.end() for found in re.finditer(rb"\n", text.encode()))]
    for node, statement, data in _places(tree):
        before = ast.unparse(node)
        for kind, changed in _changes(node, known, data=data):
            after = ast.unparse(changed)
            if after == before:
                continue
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
            replacement = f"({after})" if isinstance(changed, ast.BoolOp | ast.Compare | ast.UnaryOp) else after
            yield Mutant(kind, _lines(statement), start, end, replacement, _difference(before, after))


def _places(
    node: ast.AST, statement: ast.stmt | None = None, *, data: bool = True
) -> Iterator[tuple[ast.expr, ast.stmt, bool]]:
    """The expressions that may be mutated, their statements, and whether they are data of a module or a class."""
    if _is_left_alone(node):
        return
    if isinstance(node, ast.stmt):
        statement = node
    if isinstance(node, ast.expr) and statement is not None:
        yield node, statement, data
    if isinstance(node, ast.JoinedStr):
        return  # what is inside has no places of its own before Python 3.12
    data = data and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for name, value in ast.iter_fields(node):
        if name not in {"annotation", "returns", "decorator_list", "bases"}:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _places(child, statement, data=data)


def _is_left_alone(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):
            return True  # a docstring
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name in _PROSE
        case _:
            return False


def _lines(statement: ast.stmt) -> range:
    """The lines of *statement*, without those of the statements in it."""
    body: list[ast.stmt] = getattr(statement, "body", [])
    end = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    return range(statement.lineno, max(end, statement.lineno) + 1)


def _changes(node: ast.expr, known: Enums, *, data: bool) -> Iterator[tuple[str, ast.expr]]:  # noqa: C901, PLR0912 - one case for each kind of node
    kind = "table" if data else "logic"
    match node:
        case ast.Compare():
            for at, operator in enumerate(node.ops):
                changed = copy.deepcopy(node)
                changed.ops[at] = _COMPARISONS[type(operator)]()
                yield kind, changed
        case ast.BoolOp(op=operator):
            yield kind, ast.BoolOp(ast.And() if isinstance(operator, ast.Or) else ast.Or(), node.values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield kind, operand
        case ast.IfExp():
            yield kind, ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        case ast.Attribute(value=ast.Name(id=name), attr=member):
            for members in (members for enum, members in known if enum == name and member in members):
                other = members[(members.index(member) + 1) % len(members)]
                yield kind, ast.Attribute(node.value, other, node.ctx)
        case ast.Constant(value=value):
            yield from ((kind, ast.Constant(changed)) for changed in _values(value, data=data))
            if data and isinstance(value, str) and _EXPRESSION.search(value):
                yield from (("pattern", changed) for changed in _patterns(node))
        case ast.JoinedStr() if data:
            yield from (("pattern", changed) for changed in _patterns(node))
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict():
            yield from ((kind, changed) for changed in _without_an_entry(node, data=data))
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re")), args=[pattern, *rest]):
            for changed_pattern in _patterns(pattern):
                yield "pattern", ast.Call(node.func, [changed_pattern, *rest], node.keywords)


def _values(value: object, *, data: bool) -> Iterator[str | int]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, str) and value and (data or " " not in value):  # in code, text with spaces is a message's
        yield f"{value}~"


def _without_an_entry(node: ast.Tuple | ast.List | ast.Set | ast.Dict, *, data: bool) -> Iterator[ast.expr]:
    entries = node.values if isinstance(node, ast.Dict) else node.elts
    alike = len({type(entry) for entry in entries}) == 1 and not isinstance(getattr(node, "ctx", None), ast.Store)
    if len(entries) < 2 or not alike or not (data or all(isinstance(entry, ast.Constant) for entry in entries)):
        return
    for at in range(len(entries)):
        changed = copy.deepcopy(node)
        if isinstance(changed, ast.Dict):
            del changed.keys[at], changed.values[at]
        else:
            del changed.elts[at]
        yield changed


def _patterns(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from (ast.Constant(pattern) for pattern in weaker_patterns(node.value))
    if isinstance(node, ast.JoinedStr):
        for at, part in enumerate(node.values):
            if isinstance(part, ast.Constant):
                for pattern in weaker_patterns(str(part.value)):
                    yield ast.JoinedStr([*node.values[:at], ast.Constant(pattern), *node.values[at + 1 :]])


def weaker_patterns(pattern: str) -> Iterator[str]:
    """*pattern* without one alternative, without one anchor, or with one set of characters not negated."""
    groups, start = [[0]], 0  # where the alternatives of each open group begin
    spans: list[list[tuple[int, int]]] = [[]]
    in_set = False
    at = 0
    while at < len(pattern):
        size = 2 if pattern[at] == "\\" else 1
        token = pattern[at : at + size]
        if not in_set and token in _ANCHORS:
            yield pattern[:at] + pattern[at + size :]
        if token == "[" and not in_set:
            in_set = True
            if pattern[at + 1 : at + 2] == "^":
                yield pattern[: at + 1] + pattern[at + 2 :]
                size += 1
            size += pattern[at + size : at + size + 1] == "]"
        elif token == "]":
            in_set = False
        elif not in_set and token == "(":
            prefix = _GROUP.match(pattern, at + 1)
            start = prefix.end() if prefix else at + 1
            size = start - at
            groups.append([start])
            spans.append([])
        elif not in_set and token in {"|", ")"}:
            spans[-1].append((groups[-1][-1], at))
            groups[-1].append(at + 1)
            if token == ")" and len(groups) > 1:
                groups.pop()
                yield from _without_an_alternative(pattern, spans.pop())
        at += size
    yield from _without_an_alternative(pattern, [*spans[0], (groups[0][-1], len(pattern))])


def _without_an_alternative(pattern: str, spans: list[tuple[int, int]]) -> Iterator[str]:
    for start, end in spans if len(spans) > 1 else ():
        first = start == spans[0][0]
        yield pattern[:start] + pattern[end + 1 :] if first else pattern[: start - 1] + pattern[end:]


def _difference(before: str, after: str) -> str:
    """The part that differs, with a little of what stands around it."""
    start = next((at for at, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), len(after))
    start = max(0, start - 20)
    return f"{before[start : start + 60]!r} -> {after[start : start + 60]!r}"
