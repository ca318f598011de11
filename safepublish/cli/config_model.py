"""What a configuration file may say, and how wrong it may be: unknown keys are errors with the nearest name."""

import datetime as dt
import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from safepublish.causes import BY_ID
from safepublish.facts.waiver import Waiver
from safepublish.shell.own_options import UsageError, shown

LONGEST_WAIT, LONGEST_DEADLINE = 7200, 600


class _Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=lambda name: name.replace("_", "-")
    )


class WaivedCause(_Model):
    """A cause to let pass. The reason is required: whoever finds the waiver later has to know why it is there."""

    cause: str
    reason: Annotated[str, Field(min_length=1)]
    expires: Annotated[dt.date | None, Field(strict=False)] = None  # its last day; in JSON 2027-01-31


class Configuration(_Model):
    """The whole file. What starts another program, as --with does, is no part of it."""

    allow_token: bool | None = None
    strict: bool | None = None
    probe: bool | None = None
    already_published: Literal["skip", "refuse"] | None = None
    deadline: Annotated[float | None, Field(gt=0, le=LONGEST_DEADLINE)] = None
    wait: Annotated[int | None, Field(gt=0, le=LONGEST_WAIT)] = None
    color: Literal["auto", "always", "never"] | None = None
    waive: list[WaivedCause] = []


def read(document: object, place: str) -> tuple[dict[str, str], tuple[Waiver, ...]]:
    """The options and the waivers in *document*, which stands at *place*; raises `UsageError`."""
    try:
        found = Configuration.model_validate(document)
    except ValidationError as error:
        raise UsageError(f"{place}: {_problem(error)}") from None
    waivers = tuple(_waiver(waived, place) for waived in found.waive)
    return _options(found), waivers


def today() -> dt.date:
    """The day by which a waiver expires, in UTC."""
    return dt.datetime.now(dt.UTC).date()


def _options(found: Configuration) -> dict[str, str]:
    """The options that are set, by name, as the command line has them."""
    options = {}
    for name, on in (
        ("--allow-token", found.allow_token),
        ("--strict", found.strict),
        ("--no-probe", found.probe is False),
    ):
        if on:
            options[name] = ""
    for name, value in (
        ("--already-published", found.already_published),
        ("--deadline", found.deadline),
        ("--wait", found.wait),
        ("--color", found.color),
    ):
        if value is not None:
            options[name] = str(value)
    return options


def _waiver(waived: WaivedCause, place: str) -> Waiver:
    cause = waived.cause.lower()
    if cause not in BY_ID:
        raise UsageError(
            f"{place}: waive names {shown(waived.cause)}, which is not the id of a cause; {_nearest(cause, BY_ID)}"
        )
    expired = waived.expires is not None and waived.expires < today()
    return Waiver(cause, waived.reason, place, str(waived.expires) if expired else None)


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return (
        f"did you mean {near[0]}?"
        if near
        else f"there are {', '.join(known)}"
        if len(known) < 20
        else ("`safepublish explain --list` lists the ids")
    )


def _problem(error: ValidationError) -> str:
    """The first thing that is wrong, and how many more there are."""
    first, *others = error.errors(include_url=False, include_context=False, include_input=False)
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
    if first["type"] == "extra_forbidden":
        name = str(first["loc"][-1])
        model = WaivedCause if first["loc"][0] == "waive" else Configuration
        known = {field.alias or key: None for key, field in model.model_fields.items()}
        text = f"unknown key {shown(where)}; {_nearest(name, known)}"
    elif first["type"] == "missing":
        text = f"{where} is required"
    else:
        message = first["msg"]
        text = f"{where}: {message[0].lower()}{message[1:]}" if where else "it is not a table of settings"
    return f"{text} (and {len(others)} more)" if others else text
