"""The commands that a target of a Makefile runs (GNU make manual, 4.2 "Rule Syntax" and 5 "Recipes").

Nothing is executed. Both sides of a conditional count; what make itself computes is unknown to the shell's reader.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

_DEEPEST = 10
_DEEPEST_VARIABLE = 50
_MOST_LINES = 2_000
_MOST_TARGETS = 100  # of one rule
_LONGEST = 10_000
_LONGEST_SCRIPT = 200_000
_RULE = re.compile(r"(?P<targets>[^\s#:=][^:=#]*+)::?(?![:=])(?P<needs>[^;#=]*+)(?:;(?P<recipe>.*))?(?:#.*)?")
_VARIABLE = re.compile(r"(?:(?:export|override)\s+)*(?P<name>[\w.-]+)\s*(?P<sign>(?::{0,3}|\?|\+)=)\s*(?P<value>.*)")
_TRANSPARENT = re.compile(r"\s*(?:ifeq|ifneq|ifdef|ifndef|else|endif|-?include|sinclude|export|unexport|vpath)\b")
_REFERENCE = re.compile(r"\$(?:\$|\((?P<round>[^()]*)\)|\{(?P<curly>[^{}]*)\}|(?P<one>[@<^?*+%]))")


class _Rule(NamedTuple):
    needs: list[str]
    recipe: list[str]


class _File(NamedTuple):
    rules: Mapping[str, _Rule]
    variables: Mapping[str, str]
    first: str | None  # the default target
    values: dict[str, str]  # of the variables that were expanded so far


def script(text: str, targets: Sequence[str]) -> str | None:
    """What ``make TARGETS`` runs, as a script of sh in which each line of a recipe has a shell of its own.

    None where the file has no rule for one of the targets.
    """
    file = _read(text)
    names = list(targets) or [name for name in (file.first,) if name is not None]
    if not names or any(name not in file.rules for name in names):
        return None
    pieces: list[str] = []
    length = 0
    for line in _lines(file, names, set(), _DEEPEST):
        length += len(line)
        if length > _LONGEST_SCRIPT:
            break
        pieces.append(line)
    return "".join(pieces)


def publishing(text: str, publishes: Callable[[str], bool]) -> tuple[str, ...]:
    """The targets with a recipe that *publishes* accepts, and those that need one of them, as ``make dist``."""
    rules = _read(text).rules
    needed_by: dict[str, list[str]] = {}
    for name, rule in rules.items():
        for need in rule.needs:
            needed_by.setdefault(need, []).append(name)
    waiting = [name for name, rule in rules.items() if publishes("\n".join(rule.recipe))]
    found = set(waiting)
    while waiting:
        more = [name for name in needed_by.get(waiting.pop(), []) if name not in found]
        found.update(more)
        waiting += more
    return tuple(f"make {name}" for name in rules if name in found)


def _lines(file: _File, targets: Sequence[str], made: set[str], depth: int) -> Iterator[str]:
    for target in targets:
        rule = file.rules.get(target)
        if rule is None or target in made or depth <= 0:
            continue
        made.add(target)
        yield from _lines(file, rule.needs, made, depth - 1)
        for line in rule.recipe:
            command = line.lstrip("@+- \t")
            ignores_failure = "-" in line[: len(line) - len(command)]
            yield f"(\n{_expanded(command, file, target)}\n){' || true' if ignores_failure else ''}\n"


def _expanded(text: str, file: _File, target: str | None, depth: int = 0) -> str:
    """*text* as make gives it to the shell; a variable of the environment stays, and everything else is unknown."""
    text = text[:_LONGEST]
    pieces: list[str] = []
    length = at = 0
    for match in _REFERENCE.finditer(text):
        pieces += [text[at : match.start()], _replacement(match, file, target, depth)]
        at = match.end()
        length += len(pieces[-1]) + len(pieces[-2])
        if length > _LONGEST:
            break
    return "".join([*pieces, text[at:]])[:_LONGEST]


def _replacement(match: re.Match[str], file: _File, target: str | None, depth: int) -> str:
    name = match.group("round") or match.group("curly")
    if name is None:
        own = target if match.group("one") == "@" else None
        return "$" if match.group() == "$$" else own or "$unknown"
    if name == "MAKE":
        return "make"
    if name in file.variables:
        return _value(name, file, depth)
    return f"${{{name}}}" if re.fullmatch(r"[A-Za-z_]\w*", name) else "$unknown"


def _value(name: str, file: _File, depth: int) -> str:
    """The value of a variable, which is computed once; a reference to itself is empty."""
    if name not in file.values:
        if depth >= _DEEPEST_VARIABLE:
            return "$unknown"
        file.values[name] = ""
        file.values[name] = _expanded(file.variables[name], file, None, depth + 1)
    return file.values[name]


@lru_cache(maxsize=4)
def _read(text: str) -> _File:
    rules: dict[str, _Rule] = {}
    variables: dict[str, str] = {}
    current: list[str] = []
    for line in _undefined(_joined(text)):
        if line.startswith("\t") and current:
            for name in current:
                rules[name].recipe.append(line[1:])
        elif _TRANSPARENT.match(line):
            continue
        elif variable := _VARIABLE.fullmatch(line.strip()):
            _assign(variables, variable)
        elif rule := _RULE.fullmatch(line):
            targets = rule.group("targets").rstrip().removesuffix("&").split()
            current = [name for name in targets if "%" not in name][:_MOST_TARGETS]
            for name in current:
                known = rules.setdefault(name, _Rule([], []))
                known.needs.extend(rule.group("needs").replace("|", " ").split())
                known.recipe.extend(filter(None, [rule.group("recipe")]))
    first = next((name for name in rules if not name.startswith(".")), None)
    return _File(rules, variables, first, {})


def _undefined(lines: Iterable[str]) -> Iterator[str]:
    """The lines that are not empty, comments or inside `define`."""
    defining = False
    for line in lines:
        if defining or line.startswith("define "):
            defining = not line.startswith("endef")
        elif line.strip() and not line.lstrip().startswith("#"):
            yield line


def _assign(variables: dict[str, str], found: re.Match[str]) -> None:
    name, sign, value = found.group("name", "sign", "value")
    if sign == "+=":
        value = f"{variables.get(name, '')} {value}".strip()
    if sign != "?=" or name not in variables:
        variables[name] = value


def _joined(text: str) -> Iterator[str]:
    """The lines, each line that ends in a backslash joined with the next."""
    waiting = ""
    for line in text.splitlines()[:_MOST_LINES]:
        whole = waiting + (line.strip() if waiting and not waiting.startswith("\t") else line)
        if whole.endswith("\\"):
            waiting = whole + "\n" if whole.startswith("\t") else whole[:-1]
            continue
        waiting = ""
        yield whole
    if waiting:
        yield waiting
