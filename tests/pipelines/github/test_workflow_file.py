"""A workflow or action file as a whole."""

from tests.support.steps import COMPOSITE, judged, step, verdict


def test_a_plain_workflow_is_trusted() -> None:
    one = step()
    assert (one.place.job, one.place.position, one.place.at.line, one.invocation.command, one.invocation.tool) == (
        "publish",
        4 - 2,
        13,
        "npm publish",
        "npm",
    )
    assert verdict() == "trusted"


def test_an_action_file_is_read_by_itself() -> None:
    text = f"{COMPOSITE}    - run: npm publish\n      shell: bash\n"
    (one,) = judged(text)
    assert (one.step.place.job, one.step.place.position, one.verdict.value) == ("runs", 1, "unknown")
