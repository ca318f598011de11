"""The errors that the mutation campaign puts into a module."""

import ast

import pytest

from campaigns.mutants import operators

KNOWN = operators.enums("class Answer(enum.Enum):\n    PASS = 1\n    FAIL = 2\n")


def changed(text: str) -> set[str]:
    """The mutants of *text*, each as Python writes it."""
    return {ast.unparse(ast.parse(mutant.applied(text))) for mutant in operators.mutants(text, KNOWN)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(a, b):\n    return a < b", {"a <= b"}),
        ("def f(a, b):\n    return not (a and b)", {"a and b", "not (a or b)"}),
        ("def f(a):\n    return a is Answer.FAIL", {"a is not Answer.FAIL", "a is Answer.PASS"}),
        ("def f():\n    return True", {"False"}),
        ("def f():\n    'A docstring.'\n    return 'a message with spaces'", set()),
        ("def f(a):\n    return a in {'x', 'y'}", {
            "a not in {'x', 'y'}", "a in {'y'}", "a in {'x'}", "a in {'x~', 'y'}", "a in {'x', 'y~'}",
        }),
    ],
    ids=["comparison", "not", "enum", "boolean", "prose", "set"],
)  # fmt: skip
def test_logic(text: str, expected: set[str]) -> None:
    assert {found.rpartition("return ")[2] for found in changed(text)} == expected


def test_an_entry_of_a_table_is_removed_or_changed() -> None:
    assert changed("ä, T = 1, {'a b': 2, 'c': 3}") >= {"ä, T = (1, {'c': 3})", "ä, T = (1, {'a b': 2, 'c': 4})"}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("ab", set()),
        (r"^a\b", {r"a\b", "^a"}),
        ("a|b|c", {"b|c", "a|c", "a|b"}),
        ("x(?:a|b)(c)[|(]", {"x(?:b)(c)[|(]", "x(?:a)(c)[|(]"}),
        (r"(?P<n>a|\|)[^]$]", {r"(?P<n>\|)[^]$]", r"(?P<n>a)[^]$]", r"(?P<n>a|\|)[]$]"}),
    ],
)
def test_patterns(pattern: str, expected: set[str]) -> None:
    assert set(operators.weaker_patterns(pattern)) == expected
