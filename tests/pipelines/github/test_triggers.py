"""What starts a workflow, and its inputs."""

import pytest

from tests.support.steps import DISPATCHED, PUBLISH, verdict


@pytest.mark.parametrize("default", ["true", "false"])
@pytest.mark.parametrize(
    "condition",
    [
        "${{ !inputs.trial }}",
        "inputs.trial",
        "inputs.trial == false",
        "inputs.trial != true",
        "${{ !(inputs.trial || false) }}",
        "github.event.inputs.trial != 'true'",
        "env.TRIAL != 'true'",
    ],
)
def test_the_default_of_an_input_drops_no_step(default: str, condition: str) -> None:
    guarded = (PUBLISH, f"{PUBLISH}        if: {condition}\n")
    assert verdict(("on: push\n", DISPATCHED % default), guarded) == "trusted"
