"""A Makefile, read for the commands that a target runs (GNU make manual, 4.2 "Rule Syntax" and 5 "Recipes").

Nothing is executed. Both sides of a conditional count; what make itself computes stays unknown to the shell's reader.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

_DEEPEST = 10
_MOST_LINES = 2_000
_LONGEST = 10_000
_RULE = re.compile(r"(?P<targets>[^\s#:=][^:=#]*?)\s*&?::?(?![:=])\s*(?P<needs>[^;#=]*)(?:;(?P<recipe>.*))?(?:#.*)?")
_VARIABLE = re.compile(r"(?:(?:export|override)\s+)*(?P<name>[\w.-]+)\s*(?P<sign>(?::{0,3}|\?|\+)=)\s*(?P<value>.*)")
_TRANSPARENT = re.compile(r"\s*(?:ifeq|ifneq|ifdef|ifndef|else|endif|-?include|sinclude|export|unexport|vpath)\b")
_REFERENCE = re.compile(r"\$(?:\$|\((?P<round>[^()]*)\)|\{(?P<curly>[^{}]*)\}|(?P<one>[@<^?*+%]))")


class _Rule(NamedTuple):
    needs: list[str]
    recipe: list[str]


class _File(NamedTuple):
    rules: Mapping[str, _Rule]
    variables: Mapping[str, str]
    first: str | None  # the target that make makes where it is told none
    values: dict[str, str]  # of the variables that were asked for


def script(text: str, targets: Sequence[str]) -> str | None:
    """What ``make TARGETS`` runs, as a script of sh in which each line of a recipe has a shell of its own.

    None where the file has no rule for one of them.
    """
    file = _read(text)
    wanted = list(targets) or [one for one in (file.first,) if one is not None]
    if not wanted or any(one not in file.rules for one in wanted):
        return None
    return "".join(_lines(file, wanted, set(), _DEEPEST))


def publishing(text: str, publishes: Callable[[str], bool]) -> tuple[str, ...]:
    """The targets with a recipe that *publishes* takes for one, also through others, as ``make dist`` is written."""
    rules = _read(text).rules
    found = {name for name, rule in rules.items() if publishes("\n".join(rule.recipe))}
    while more := {name for name, rule in rules.items() if not found.isdisjoint(rule.needs)} - found:
        found |= more
    return tuple(f"make {name}" for name in found)


def _lines(file: _File, targets: Sequence[str], made: set[str], depth: int) -> Iterator[str]:
    for target in targets:
        rule = file.rules.get(target)
        if rule is None or target in made or depth <= 0:
            continue
        made.add(target)
        yield from _lines(file, rule.needs, made, depth - 1)
        for line in rule.recipe:
            command = line.lstrip("@+- \t")
            heedless = "-" in line[: len(line) - len(command)]
            yield f"(\n{_expanded(command, file, target)}\n){' || true' if heedless else ''}\n"


def _expanded(text: str, file: _File, target: str | None) -> str:
    """*text* as make hands it to the shell; what it does not know is left to the environment, and unknown there."""

    def one(match: re.Match[str]) -> str:
        name = match.group("round") or match.group("curly")
        if name is None:
            own = target if match.group("one") == "@" else None
            return "$" if match.group() == "$$" else own or "$unknown"
        if name == "MAKE":
            return "make"
        if name in file.variables:
            return _value(name, file)
        return f"${{{name}}}" if re.fullmatch(r"[A-Za-z_]\w*", name) else "$unknown"

    return _REFERENCE.sub(one, text[:_LONGEST])[:_LONGEST]


def _value(name: str, file: _File) -> str:
    """The value of a variable, which is worked out once; of one that is made of itself the rest is nothing."""
    if name not in file.values:
        file.values[name] = ""
        file.values[name] = _expanded(file.variables[name], file, None)
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
            current = [name for name in rule.group("targets").split() if "%" not in name]
            for name in current:
                known = rules.setdefault(name, _Rule([], []))
                known.needs.extend(rule.group("needs").replace("|", " ").split())
                known.recipe.extend(filter(None, [rule.group("recipe")]))
    first = next((name for name in rules if not name.startswith(".")), None)
    return _File(rules, variables, first, {})


def _undefined(lines: Iterable[str]) -> Iterator[str]:
    """The lines that say something, without those of `define`."""
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
    """The lines, a line that ends in a backslash with those that go on with it."""
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
