"""What starts a workflow, and the inputs that it takes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from safepublish.facts.step import Entry
from safepublish.pipelines.document import Map, strings
from safepublish.pipelines.expressions import UNKNOWN, Chosen

CALLABLE = frozenset({"workflow_call"})
"""The trigger of a workflow that others call."""


class Inputs(NamedTuple):
    """The inputs of a workflow or an action."""

    values: Chosen
    places: Mapping[str, Entry]  # where the defaults stand, by `inputs.name`


def triggers(root: Map) -> frozenset[str]:
    """The events that start the workflow."""
    node = root.node_of("on") or root.node_of("true")
    return frozenset(Map(node, root.source) if node is not None and node.id == "mapping" else strings(node))


def is_for_tags(root: Map) -> bool:
    """Whether `on.push` names tags and no branches: then a push to a branch starts nothing."""
    push = root.map("on").map("push") or root.map("true").map("push")
    return bool(push and "tags" in push and "branches" not in push and "branches-ignore" not in push)


def declared_inputs(
    root: Map, passed: Mapping[str, Any] | None = None, fixed: Mapping[str, Any] | None = None
) -> Inputs:
    """The inputs with their defaults, or with what a caller has *passed*; *fixed* of that are those nobody chooses."""
    values, types, places = Chosen(), {}, {}
    for block, name in _declarations(root):
        declaration = block.map(name)
        default = declaration.text("default")
        types[name] = declaration.text("type")
        values[name] = UNKNOWN if default is None else _typed(default, types[name])
        place = declaration.entry("default")
        if place is not None:
            places[f"inputs.{name.lower()}"] = place
    if passed is not None:
        values.fixed = {**values, **{name: _typed(value, types.get(name)) for name, value in (fixed or {}).items()}}
        values.update({name: _typed(value, types.get(name)) for name, value in passed.items()})
    return Inputs(values, places)


def _declarations(root: Map) -> Iterator[tuple[Map, str]]:
    """The names of all inputs, each with the block that declares it."""
    # The last one counts: what a person may choose goes before what a caller passes.
    blocks = [root.map("on").map(trigger).map("inputs") for trigger in ("workflow_call", "workflow_dispatch")]
    if "jobs" not in root:
        blocks.append(root.map("inputs"))
    return ((block, name) for block in blocks for name in block)


def _typed(value: Any, kind: str | None) -> Any:
    """An input's value in its declared type: `false` of a boolean is no text, which would be true."""
    if isinstance(value, str) and kind == "boolean" and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if isinstance(value, str) and kind == "number" and re.fullmatch(r"-?\d+(?:\.\d+)?", value):
        return float(value)
    return value
