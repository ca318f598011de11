"""Places of words in a script whose expressions are replaced."""

from safepublish.shell import interpreter


def test_places_are_those_of_the_script_also_behind_a_known_expression() -> None:
    script = "echo ${{ long }} 'x'\nnpm publish --provenance"
    found = interpreter.parse(script, expression={"long": "a very long text\nwith a line"}.get)
    publish = found[-1]
    assert publish.line == 1
    assert [script[start:end] for start, end in filter(None, publish.spans)] == ["npm", "publish", "--provenance"]


def test_words_of_a_nested_script_have_no_place() -> None:
    (found,) = interpreter.parse("bash -c 'npm publish'")
    assert found.spans == (None, None)
