"""What one step hands on to a later one: commands and values through GITHUB_ENV, and outputs."""

import pytest

from tests.support.steps import NODE, PUBLISH, step, verdict

COMPOSITE = """\
name: prepare
description: gives outputs
outputs:
  node: {value: "${{ steps.one.outputs.node }}"}
runs:
  using: composite
  steps:
    - id: one
      run: echo "node=%s" >> "$GITHUB_OUTPUT"
      shell: bash
"""
FROM_OUTPUT = (NODE, "node-version: ${{ steps.one.outputs.node }}")


def then(first: str, later: str) -> tuple[str, str]:
    return PUBLISH, f"      - {first}\n      - run: {later}\n"


def before_node(*lines: str) -> tuple[str, str]:
    body = "".join(f"{line}\n" for line in lines)
    return "      - uses: actions/setup-node", f"      - {body}      - uses: actions/setup-node"


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ('run: echo "CMD=npm publish" >> $GITHUB_ENV', "$CMD"),
        ('run: echo "CMD=npm publish --tag next" >> "$GITHUB_ENV"', "${CMD}"),
        ('run: TAG=next; echo "CMD=npm publish --tag ${TAG}" >> $GITHUB_ENV', 'eval "$CMD"'),
        ('run: TAG=$(node tag.js); echo "CMD=npm publish --tag ${TAG}" >> $GITHUB_ENV', "eval ${CMD}"),
        ('run: echo "CMD=npm publish --tag $TAG" | tee -a $GITHUB_ENV', "$CMD"),
        ('{id: c, run: echo "cmd=npm publish" >> $GITHUB_OUTPUT}', "${{ steps.c.outputs.cmd }}"),
        ("{id: c, run: \"echo '::set-output name=cmd::npm publish'\"}", "${{ steps.c.outputs.cmd }}"),
    ],
)
def test_a_command_that_is_handed_on_publishes(first: str, later: str) -> None:
    assert verdict(then(first, later)) == "trusted"
    assert verdict(then(first, later), (NODE, "node-version: 20")) == "broken"


def test_the_options_of_the_command_are_kept() -> None:
    command = then('run: TAG=$(node tag.js); echo "CMD=npm publish --tag ${TAG}" >> $GITHUB_ENV', "$CMD")
    assert step(command).invocation.argv[:3] == ("npm", "publish", "--tag")
    assert step(command).invocation.opaque


def test_prose_in_a_variable_is_no_publish() -> None:
    assert verdict(then('run: echo "MESSAGE=npm publish is next" >> $GITHUB_ENV', 'echo "$MESSAGE"')) == ""
    assert verdict(then('run: echo "CMD=make docs" >> $GITHUB_ENV', "$CMD")) == ""


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("{id: one, run: echo node=20 >> $GITHUB_OUTPUT}", "broken"),
        ("{id: one, run: echo node=24 >> $GITHUB_OUTPUT}", "trusted"),
        ("{id: one, run: echo node=$(cat v) >> $GITHUB_OUTPUT}", "unknown"),
        ("{id: one, if: inputs.x, run: echo node=20 >> $GITHUB_OUTPUT}", "unknown"),
        ("{id: one, run: if x; then echo node=20 >> $GITHUB_OUTPUT; fi}", "unknown"),
        ("{id: one, run: echo node=20 >> $GITHUB_OUTPUT && echo node=24 >> $GITHUB_OUTPUT}", "unknown"),
        ("{id: other, run: echo node=20 >> $GITHUB_OUTPUT}", "unknown"),
    ],
)
def test_the_output_of_a_step_is_known_where_its_script_fixes_it(first: str, expected: str) -> None:
    assert verdict(FROM_OUTPUT, before_node(first)) == expected


def test_the_output_of_a_composite_action_is_known() -> None:
    use = before_node("{id: one, uses: ./.github/actions/prepare}")
    for node, expected in (("20", "broken"), ("24", "trusted"), ("$(cat v)", "unknown")):
        files = {".github/actions/prepare/action.yml": COMPOSITE % node}
        assert verdict(FROM_OUTPUT, use, files=files) == expected


def test_an_output_decides_no_condition() -> None:
    first = before_node("{id: one, run: echo publish=false >> $GITHUB_OUTPUT}")
    condition = PUBLISH, f"{PUBLISH}        if: github.event_name == 'push' && steps.one.outputs.publish == 'true'\n"
    assert verdict(first, condition) == "trusted"
