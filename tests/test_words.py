"""The glossary's old words occur in no string that people may read, help included, and on no page of a cause.

docs/causes is written from the pages. A file that still has old words is named in `TO_DO`, which only shrinks: an entry
without old words fails too.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

OLD = re.compile(
    r"""\b(?:
    mend(?:s|ed|ing)? | looking\ around | cannot\ be\ told | (?:is\ )?not\ to\ be\ told
    | (?:is|are)\ out\ already | out\ already | went\ out | (?:version|package|what|it)\ is\ out
    | left\ out | stood\ (?:in|where) | in\ reach
    | hand(?:s|ed|ing)?\ (?:over|back) | ended\ with\ (?:exit\ status\ )?(?:\d|$) | ends\ with\ (?:exit\ status|\d)
    | plays? | played | laid | prediction\ held | as\ the\ registry\ was\ asked | could\ not\ be\ asked
    | may\ not\ request\ an\ id\ token | id\ tokens? | no\ permissions\ are\ written
    | is\ no\ (?:URL|semver|option|directory|regular) | names\ no\ host | holds\ no\ [a-z]+
    | refused\ by\ [a-z-]+; | warned\ of | bug\ of\ ours | un?dress(?:es|ed|ing)? | survey(?:s|ed)?
    | for\ a\ package\ of\ the\ registry | (?:with\ )?the\ second(?:\ command)?[.:] | as\ it\ seems | perhaps
    | without\ a\ word | at\ hand
    )\b | \b(?:Seen|Mend|Ask|Fine|Also|More):\ """,
    re.VERBOSE,
)

TO_DO = frozenset(
    {
        "safepublish/causes/fix_workflow.py",
    }
)
"""The files that still have old words, as paths from the root of the repository. Never add one."""


READERS = frozenset({"compile", "says", "startswith"})
"""Calls whose arguments are the text of another tool."""


def strings(source: str, *, pages: bool) -> list[tuple[int, str]]:
    """Line and text of each string in *source* that people may read; *pages*: a class's docstring is a manual page.

    Other docstrings are not messages, and neither are the texts of other tools that a log is searched for.
    """
    tree = ast.parse(source)
    exempt: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and not (
            pages and isinstance(node, ast.ClassDef)
        ):
            exempt |= {id(each.value) for each in node.body if isinstance(each, ast.Expr)}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS:
            exempt |= {id(part) for argument in node.args for part in ast.walk(argument)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\S\s|\s\S", node.value)
        and id(node) not in exempt
    ]


def old_words(path: Path) -> list[str]:
    """The strings in the file *path* with an old word, each with its line."""
    found = strings(path.read_text(encoding="utf-8"), pages=path.parent.name == "causes")
    return [f"{line}: {match[0]!r} in {text.strip()[:120]!r}" for line, text in found if (match := OLD.search(text))]


def test_no_message_and_no_page_of_a_cause_has_an_old_word() -> None:
    files = {str(path.relative_to(ROOT)): path for path in sorted((ROOT / "safepublish").rglob("*.py"))}
    found = {name: old_words(path) for name, path in files.items() if name not in TO_DO}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("path", sorted(TO_DO))
def test_a_file_that_is_done_is_taken_off_the_list(path: str) -> None:
    assert not (ROOT / path).exists() or old_words(ROOT / path), "delete it from TO_DO"


@pytest.mark.parametrize(
    "text",
    [
        "which npm runs cannot be told",
        "mended in a copy",
        "the token is in reach",
        "npm ended with 1",
        "the job may not request an id token",
        "`registry` is no URL, and npm stops at it",
        "Mend: Raise the version.",
        "what is out is left out",
        "npm takes 'x' for a package of the registry",
        "perhaps the version is published",
    ],
)
def test_old_words_are_found(text: str) -> None:
    assert OLD.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "npm could not determine the version",
        "the job cannot request an ID token",
        "looks as if OIDC worked",
        "npm recommends a display name",
        "`registry` is not a valid URL",
        "npm exited with code 1",
    ],
)
def test_plain_words_are_not(text: str) -> None:
    assert not OLD.search(text)
