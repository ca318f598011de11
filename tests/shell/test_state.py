"""Variables after branches."""

import pytest

from safepublish.shell.state import ShellState, Value


@pytest.mark.parametrize(
    ("branches", "complete", "value"),
    [
        ([{"x": "1"}], True, "1"),
        ([{"x": "1"}], False, None),
        ([{"x": "0"}], False, "0"),
        ([{"x": "1"}, {"x": "1"}], True, "1"),
        ([{"x": "1"}, {"x": "2"}], True, None),
        ([{"x": "1"}, {}], True, None),
        ([{}, {"x": "1"}], True, None),
        ([{"x": "1"}, {}, {"x": "1"}], True, None),
        ([{"x": "0"}, {}], True, "0"),
    ],
)
def test_a_variable(branches: list[dict[str, Value]], complete: bool, value: str | None) -> None:
    state = ShellState({"x": "0"}, ".", windows=False)
    state.join(branches, complete=complete)
    assert state.values["x"] == value


def test_exports_that_only_some_branches_have_are_unknown() -> None:
    state = ShellState({}, ".", windows=False)
    state.assign("both", "1")
    state.export("both")
    changes = []
    for name in ("a", "b"):
        state.begin_branch()
        state.assign(name, "2")
        state.export(name)
        changes.append(state.end_branch())
    state.join(changes, complete=True)
    assert state.exports == {"both": "1", "a": None, "b": None}


def test_a_directory_that_grows_without_end_is_unknown() -> None:
    state = ShellState({}, "a" * 5_000, windows=False)
    assert state.directory_from_here("b") is None
    assert state.directory_from_here("/b") == "/b"
