"""The legs of a job's matrix (docs.github.com, "Running variations of jobs in a workflow")."""

import re
from itertools import islice, product
from typing import Any, NamedTuple

from safepublish.facts.step import Entry
from safepublish.pipelines.document import Map, YamlNode, entry, span
from safepublish.pipelines.expressions import UNKNOWN, Open

_MOST_LEGS = 256
"""GitHub runs at most this many jobs of one matrix."""


class Leg(NamedTuple):
    """One combination of a matrix's values."""

    values: dict[str, Any]
    places: dict[str, Entry]  # where the values stand, by `matrix.name`
    alike: int = 1  # how many differ from it in nothing that the job's text mentions


def legs(job: Map) -> list[Leg]:
    """The legs of *job* that differ in what its text mentions.

    One leg with unknown values where the job has no matrix, or an expression makes it.
    """
    matrix = job.map("strategy").map("matrix")
    return _legs(job, matrix) or [Leg(Open(), {})]


def _legs(job: Map, matrix: Map) -> list[Leg]:
    axes = [name for name in matrix if name not in {"include", "exclude"}]
    excluded = [_value(node) for node in matrix.items("exclude")]
    found = [leg for leg in _combinations(matrix, axes) if not any(_matches(leg, item) for item in excluded)]
    include = matrix.node_of("include")
    if include is not None and include.id != "sequence":
        return [*found, Leg({**found[0].values}, {})] if found else []
    _include(found, matrix, axes)
    return _distinct(job, found)


def _combinations(matrix: Map, axes: list[str]) -> list[Leg]:
    """The legs that the axes make, before `include` and `exclude`."""
    choices = [[(name, node) for node in _axis(matrix, name)] for name in axes]
    found = []
    for combination in islice(product(*choices), _MOST_LEGS if axes else 0):
        leg = Leg({}, {})
        for name, node in combination:
            leg.values[name] = UNKNOWN if node is None else _value(node)
            if node is not None and node.id == "scalar":
                leg.places[f"matrix.{name.lower()}"] = entry(name, (node, node), matrix.source)
        for name, node in combination:
            if node is not None and node.id == "mapping":
                leg.places.update(_places(f"matrix.{name.lower()}", Map(node, matrix.source)))
        found.append(leg)
    return found


def _axis(matrix: Map, name: str) -> list[YamlNode | None]:
    """The nodes of one axis; None for values that an expression gives."""
    node = matrix.node_of(name)
    return [*node.value] if node is not None and node.id == "sequence" else [None]


def _include(legs: list[Leg], matrix: Map, axes: list[str]) -> None:
    """Add each item of `include` to every leg that it does not contradict, else as a leg of its own."""
    original = len(legs)
    for node in matrix.items("include"):
        more = _value(node)
        if not isinstance(more, dict):
            continue
        places = _places("matrix", Map(node, matrix.source))
        fitting = [
            leg for leg in legs[:original] if all(leg.values.get(name) == more[name] for name in more if name in axes)
        ]
        for leg in fitting if axes else ():
            leg.values.update(more)
            leg.places.update(places)
        if not fitting or not axes:
            legs.append(Leg(dict(more), places))


def _distinct(job: Map, legs: list[Leg]) -> list[Leg]:
    """The legs that differ in what the job's text mentions."""
    if len(legs) < 2 or job.node is None:
        return legs
    place = span(job.node, job.source.path)
    text = "\n".join(job.source.lines[place.line - 1 : place.end_line])
    if "matrix }}" in text or "(matrix)" in text:
        return legs
    mentioned = re.findall(r"matrix\.([\w-]+)", text) + re.findall(r"matrix\['([\w-]+)'\]", text)
    lower = {name.lower() for name in mentioned}
    found: dict[str, Leg] = {}
    for leg in legs:
        values = sorted((name, repr(value)) for name, value in leg.values.items() if name.lower() in lower)
        same = found.setdefault(repr(values), leg._replace(alike=0))
        found[repr(values)] = same._replace(alike=same.alike + 1)
    return list(found.values())


def _places(prefix: str, block: Map) -> dict[str, Entry]:
    """Where the values of a mapping stand, by their names behind *prefix*."""
    return {f"{prefix}.{name.lower()}": place for name in block if (place := block.entry(name)) is not None}


def _value(node: YamlNode) -> Any:
    """A node of a matrix as an expression sees it."""
    if node.id == "mapping":
        return {key.value: _value(value) for key, value in node.value if key.id == "scalar"}
    if node.id == "sequence":
        return [_value(item) for item in node.value]
    text: str = node.value
    if "${{" in text:
        return UNKNOWN
    if node.style in {None, ""}:
        if text.lower() in {"true", "false"}:
            return text.lower() == "true"
        if text in {"", "~", "null"}:
            return None
    return text


def _matches(leg: Leg, excluded: Any) -> bool:
    return (
        isinstance(excluded, dict)
        and bool(excluded)
        and all(leg.values.get(name) == value for name, value in excluded.items())
    )
