"""The values of an action's inputs: the entries of a step's `with`."""

from typing import Any

from safepublish.pipelines.document import Map
from safepublish.pipelines.expressions import UNKNOWN, Contexts, as_text, resolved


def input_value(inputs: Map, name: str, contexts: Contexts) -> Any:
    """The text of the input *name*; `UNKNOWN` where it is unknown, None where it is not set."""
    for key in inputs:
        if key.lower() == name.lower():
            text = inputs.text(key)
            value = UNKNOWN if text is None else resolved(text, contexts)
            return value if value is UNKNOWN else as_text(value)
    return None


def input_text(inputs: Map, name: str | None, contexts: Contexts) -> str:
    """The text of the input *name*; "" where it is not set or unknown."""
    value = input_value(inputs, name, contexts) if name else None
    return value if isinstance(value, str) else ""
