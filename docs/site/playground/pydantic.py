"""Stands in for pydantic where the documents are written in a browser: fields, aliases, and nothing checked.

The real one is a megabyte of WebAssembly. The tests compare the documents with those of the command line.
"""

from typing import Any


class _Field:
    def __init__(self, default: Any, alias: str | None) -> None:
        self.default, self.alias = default, alias


def Field(*, default: Any = None, alias: str | None = None) -> Any:  # noqa: N802 - pydantic's name
    """A field with a default and another name in documents."""
    return _Field(default, alias)


def ConfigDict(**settings: Any) -> dict[str, Any]:  # noqa: N802 - pydantic's name
    """Settings, which nothing here reads."""
    return settings


class BaseModel:
    """A model with its fields as attributes."""

    def __init__(self, **values: Any) -> None:
        """Set the fields, those that are not given to their defaults."""
        for name in self._fields():
            default = getattr(type(self), name, None)
            setattr(self, name, values.get(name, default.default if isinstance(default, _Field) else default))

    @classmethod
    def _fields(cls) -> list[str]:
        """The names of the fields, those of the bases first."""
        bases = [base for base in reversed(cls.__mro__) if issubclass(base, BaseModel) and base is not BaseModel]
        return list(dict.fromkeys(name for base in bases for name in base.__annotations__))

    def model_dump(self, *, by_alias: bool) -> dict[str, Any]:
        """The fields and their values, without models in them."""
        found = {}
        for name in self._fields():
            field = getattr(type(self), name, None)
            alias = field.alias if by_alias and isinstance(field, _Field) else None
            found[alias or name] = _dumped(getattr(self, name), by_alias=by_alias)
        return found


def _dumped(value: Any, *, by_alias: bool) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=by_alias)
    return [_dumped(part, by_alias=by_alias) for part in value] if isinstance(value, list | tuple) else value
