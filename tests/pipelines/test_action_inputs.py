"""The values of an action's inputs."""

from safepublish.pipelines.action_inputs import input_text, input_value
from safepublish.pipelines.document import Map, compose, source
from safepublish.pipelines.expressions import UNKNOWN, Open


def mapping(text: str) -> Map:
    file = source(text, "a.yml")
    return Map(compose(text), file)


def test_an_input_is_found_in_any_case_and_unknown_where_the_run_tells() -> None:
    given, contexts = mapping("{Node-Version: 24, token: '${{ secrets.T }}', empty: ''}"), {"github": Open()}
    assert input_value(given, "node-version", contexts) == "24"
    assert input_value(given, "token", contexts) is UNKNOWN
    assert input_value(given, "absent", contexts) is None
    assert [input_text(given, name, contexts) for name in ("node-version", "token", "absent", "empty", None)] == [
        "24",
        "",
        "",
        "",
        "",
    ]
