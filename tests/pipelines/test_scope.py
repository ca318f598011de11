"""What holds for a step: directories, variables, and expressions in scripts."""

from collections.abc import Mapping

import pytest

from safepublish.pipelines.document import Map, compose, source
from safepublish.pipelines.expressions import UNKNOWN, Chosen, Open
from safepublish.pipelines.scope import Scope, joined_path, known_text, script_expressions, variables


def mapping(text: str) -> Map:
    file = source(text, "a.yml")
    return Map(compose(text), file)


def scope(env: Mapping[str, str] | None = None, inputs: Mapping[str, str] | None = None) -> Scope:
    nothing = mapping("{}")
    one = Scope("a.yml", {"inputs": Chosen(inputs or {}), "github": Open()}, 0, nothing, nothing, {}, None, ".")
    return one.with_env(variables(mapping(str(dict(env or {}))), one.contexts, "step env"))


@pytest.mark.parametrize(
    ("directory", "more", "expected"),
    [
        (".", None, "."),
        (".", "a", "a"),
        ("a/", "../b", "b"),
        ("a", "$DIR", None),
        (None, "a", None),
        (None, None, None),
        ("a/./b", None, "a/b"),
    ],
)
def test_a_directory_seen_from_another(directory: str | None, more: str | None, expected: str | None) -> None:
    assert joined_path(directory, more) == expected


@pytest.mark.parametrize(("value", "expected"), [(UNKNOWN, None), (True, "true"), ("", ""), (24.0, "24")])
def test_the_text_of_a_value(value: object, expected: str | None) -> None:
    assert known_text(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("env.A", "1"),
        ("env.B", None),
        ("inputs.tag", "next"),
        ("inputs.dry", None),  # a person chooses at the start: the default says nothing
        ("inputs.flag", None),
        ("github.ref", None),
        ("'x'", "x"),
    ],
)
def test_what_stands_for_an_expression_in_a_script(text: str, expected: str | None) -> None:
    there = scope({"A": "1", "B": "${{ secrets.B }}"}, {"tag": "next", "dry": "true", "flag": "--dry-run"})
    assert script_expressions(there)(text) == expected


def test_variables_keep_what_is_written_and_hide_what_the_run_tells() -> None:
    found = variables(mapping("{A: '1', S: '${{ secrets.S }}'}"), {}, "job env")
    assert [(name, one.raw, one.value, one.source) for name, one in found.items()] == [
        ("A", "1", "1", "job env"),
        ("S", "${{ secrets.S }}", None, "job env"),
    ]
