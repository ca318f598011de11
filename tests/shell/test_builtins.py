"""The commands that change the shell itself."""

import pytest

from safepublish.shell import interpreter


@pytest.mark.parametrize(
    ("script", "directory"),
    [
        ("npm publish", "."),
        ("cd a && npm publish", "a"),
        ("cd a; cd b; npm publish", "a/b"),
        ("cd a/../b/./c/ && npm publish", "b/c"),
        ("cd a && cd .. && npm publish", "."),
        ("cd .. && npm publish", ".."),
        ("cd /x/ && npm publish", "/x"),
        ("cd ~/x && npm publish", "~/x"),
        ("cd && npm publish", "~"),
        ("cd - && npm publish", None),
        ("cd $x && npm publish", None),
        ("cd $x && cd /y && npm publish", "/y"),
        ("cd -- a && npm publish", "a"),
        ("(cd a); npm publish", "."),
        ("(cd a && npm publish)", "a"),
        ("pushd a; npm publish", "a"),
        ("pushd a; pushd b; popd; npm publish", "a"),
        ("pushd a; popd; npm publish", "."),
        ("popd; npm publish", None),
        ("if x; then cd a; fi; npm publish", None),
        ("x=a; cd $x; npm publish", "a"),
        ("env -C a npm publish", "a"),
        ("f() { cd a; }; f; npm publish", "a"),
        ("for d in a; do cd $d; npm publish; done", "a"),
        ("bash -c 'cd a'; npm publish", "."),
        ("bash -c 'cd a; npm publish'", "a"),
    ],
)
def test_the_directory(script: str, directory: str | None) -> None:
    assert [one.directory for one in interpreter.parse(script) if "publish" in one.argv] == [directory]


@pytest.mark.parametrize(
    ("script", "exported"),
    [
        ("export A=1; x", {"A": "1"}),
        ("A=1; export A; x", {"A": "1"}),
        ("A=1; x", {}),
        ("export A=1; A=2; x", {"A": "2"}),
        ("GIVEN=2; x", {"GIVEN": "2"}),
        ("unset GIVEN; x", {"GIVEN": ""}),
        ("export A=$(y); x", {"A": None}),
        ("export A=1 B=2; x", {"A": "1", "B": "2"}),
        ("declare -x A=1; x", {"A": "1"}),
        ("(export A=1); x", {}),
        ("if t; then export A=1; fi; x", {"A": None}),
        ("f() { export A=1; }; f; x", {"A": "1"}),
    ],
)
def test_exports(script: str, exported: dict[str, str | None]) -> None:
    assert dict(interpreter.parse(script, variables={"GIVEN": "1"})[-1].exported) == exported
