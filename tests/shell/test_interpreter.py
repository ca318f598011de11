"""What surrounds a command, which shells are read, and text that no shell accepts."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from safepublish.shell import interpreter


def test_the_place_and_the_surroundings_of_a_command() -> None:
    script = "export A=1\n\nif [ x ]; then\n  B=2 npm \\\n    publish --provenance > log\nfi\n"
    (found,) = (one for one in interpreter.parse(script) if "publish" in one.argv)
    assert found.line == 3
    assert found.assigned == (("B", "2"),)
    assert dict(found.exported) == {"A": "1"}
    assert found.redirects == (interpreter.Redirect(">", "log"),)
    assert (found.conditional, found.loop, found.function) == (True, False, None)
    assert [script[start:end] for start, end in filter(None, found.spans)] == ["npm", "publish", "--provenance"]


def test_what_is_piped_in() -> None:
    assert [one.piped_from for one in interpreter.parse("echo a | sort | tee b")] == [None, ("echo", "a"), ("sort",)]


@pytest.mark.parametrize("step_shell", ["python", "python {0}", "node {0}", "perl {0}", "/usr/bin/python3"])
def test_another_languages_script_is_not_read(step_shell: str) -> None:
    assert interpreter.parse("npm publish", shell=step_shell) == ()


@pytest.mark.parametrize(
    "step_shell",
    ["bash", "sh", "/bin/bash", "bash --noprofile --norc -eo pipefail {0}", "zsh", "pwsh", "cmd", "PowerShell"],
)
def test_the_shells_that_are_read(step_shell: str) -> None:
    assert [one.argv for one in interpreter.parse("npm publish", shell=step_shell)] == [("npm", "publish")]


def _pieces(text: str) -> list[str]:
    return [piece.replace("·", " ").replace("¶", "\n") for piece in text.split(" ")]


PIECES = [
    *"'\"`$(){}[]<>|&;#\\ \n\t!=@*?~-+%^",
    *_pieces(
        "$( ${ $(( << <<- <<< && || ;; ${{ }} [[ ]] (( )) $' <( >> 2>&1 @' '@ <# #> \\¶ \r¶ x=1 $x ${x} f() bash·-c"
    ),
    *_pieces(
        "if then elif else fi for in do done while until case esac function time npm publish cd export eval xargs"
    ),
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(["", " "]), st.sampled_from([None, "pwsh", "cmd"])
)
@example([" ", "${{", "'"], "", None)
@example(["f()", "{", "f", ";", "}", ";", "f"], " ", None)
def test_no_text_crashes_the_reader(pieces: list[str], between: str, step_shell: str | None) -> None:
    script = between.join(pieces)
    for one in interpreter.parse(script, shell=step_shell, variables={"x": "1"}):
        assert one.argv
        assert 0 <= one.line <= script.count("\n")
        assert len(one.spans) == len(one.argv)
        for span in filter(None, one.spans):
            assert 0 <= span[0] <= span[1] <= len(script)
