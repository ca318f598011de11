"""The values of npm's options: variables in them, and their types."""

import re
from collections.abc import Iterator, Mapping

from packaging.version import Version

from safepublish.npm.arguments import BLANKS, Places, Value, number, resolve, text, truthy
from safepublish.npm.floors import Floor

_VARIABLE = re.compile(r"(?<!\\)(\\*)\$\{([^${}]+)\}")


def replace_variables(value: str, env: Mapping[str, str], version: Version) -> str:
    """*value* with each `${VAR}` replaced; one that is not set stays as it stands (lib/env-replace.js)."""
    if "${" not in value:
        return value
    return _VARIABLE.sub(lambda match: _replaced(match, env, version), value)


def _replaced(match: "re.Match[str]", env: Mapping[str, str], version: Version) -> str:
    escapes, name = match[1], match[2]
    if len(escapes) % 2:
        return match[0][(len(escapes) + 1) // 2 :]
    found = env.get(name)
    if version in Floor.OPTIONAL_VARIABLE and "?" in name:
        if name.index("?") != len(name) - 1 or len(name) == 1:
            return match[0]
        found = env.get(name[:-1], "")
    kept = "${" + name + "}" if found is None else found
    return escapes[len(escapes) // 2 :] + kept


def variables(value: Value, version: Version) -> Iterator[tuple[str, bool]]:
    """The variables that *value* names, and whether each stays literal where it is not set."""
    if not isinstance(value, str) or "${" not in value:
        return
    optional = version in Floor.OPTIONAL_VARIABLE
    for match in _VARIABLE.finditer(value):
        if len(match[1]) % 2:
            continue
        if optional and match[2].endswith("?"):
            yield match[2][:-1], False
        else:
            yield match[2], True


def parse_field(
    value: Value, words: str | None, *, env: Mapping[str, str], version: Version, places: Places, element: bool = False
) -> Value:
    """*value* as an option of type *words* (lib/parse-field.js); what is no text stays as it is."""
    kinds = () if words is None else tuple(words.split())
    many = "A" in kinds and not element
    if isinstance(value, list):
        if not many:
            return value
        return [parse_field(each, words, env=env, version=version, places=places, element=True) for each in value]
    if not isinstance(value, str):
        return value
    value = value.strip(BLANKS)
    if many:
        return parse_field(value.split("\n\n"), words, env=env, version=version, places=places)
    stays_text = "P" in kinds or "S" in kinds
    if "B" in kinds and not stays_text and value == "":
        return True
    if not stays_text and "N" not in kinds and value in {"true", "false", "null", "undefined"}:
        return {"true": True, "false": False}.get(value)
    value = replace_variables(value, env, version)
    if "P" in kinds:
        value = resolve(value, places)
    if "N" in kinds:
        amount = number(value)
        return value if amount is None else amount
    return value


def text_or_none(value: Value) -> str | None:
    """*value* as a text; None where JavaScript takes it for false."""
    return text(value) if truthy(value) else None
